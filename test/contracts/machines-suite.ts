/** What machines promise to whoever leads, as tests that run on those in this process and on those in one of their own. */

import { describe, expect, onTestFinished, test } from 'vitest';
import type { NodeClass, Observation, Order } from '../../engine/index.js';
import { exclusiveNodes, group, terms } from '../adapters/simulated-orders.js';
import { eventually } from '../support/eventually.js';

export interface MachinesLife {
  enact(order: Order): void;
  survey(): Promise<readonly Observation[]>;
  addNodes(nodes: NodeClass): void;
  removeNode(node: number): void;
  listen(listener: { next(observation: Observation): void; error(error: unknown): void }): () => void;
  /** The end of this life; the machines themselves go on. */
  end(): Promise<void>;
}

/** `begin`: a life that leads with `epoch`, of machines that are kept in `directory`. */
export function machinesContract(
  name: string,
  directory: () => string,
  begin: (directory: string, epoch: number) => Promise<MachinesLife>,
): void {
  async function life(place: string, epoch = 1) {
    const machines = await begin(place, epoch);
    const heard: Observation[] = [];
    machines.listen({
      next: (observation) => heard.push(observation),
      error: (error) => {
        throw error;
      },
    });
    let ended = false;
    const end = async (): Promise<void> => {
      if (!ended) await machines.end();
      ended = true;
    };
    onTestFinished(end);
    const hears = (expected: readonly string[]) => eventually(() => heard.map(written)).toEqual(expected);
    return { machines, heard, hears, end };
  }

  describe(`${name}: machines`, () => {
    test('carry orders out, each once, and say so whenever they are asked again', async () => {
      const { machines, hears } = await life(directory());
      machines.enact(startOrder('1.0', 'A', 1, 2));
      await hears(['VmsStarted A 1.0']);
      machines.enact(startOrder('1.0', 'A', 1, 2));
      await hears(['VmsStarted A 1.0', 'VmsStarted A 1.0']);
      expect((await machines.survey()).map(written)).toEqual(['VmsStarted A 1.0']);
    });

    test('keep their VMs when whoever leads ends, and tell the next one what is true', async () => {
      const place = directory();
      const before = await life(place);
      for (const order of [startOrder('1.0', 'A', 1, 2), startOrder('1.1', 'B', 3), stopOrder('2.0', 'B')])
        before.machines.enact(order);
      await before.hears(['VmsStarted A 1.0', 'VmsStarted B 1.1', 'VmsStopped B 2.0']);
      await before.end();
      const after = await life(place, 2);
      expect((await after.machines.survey()).map(written)).toEqual(['VmsStarted A 1.0']);
      // What was answered before is answered again, and B's node is free.
      after.machines.enact(stopOrder('2.0', 'B', 2));
      after.machines.enact(startOrder('3.0', 'C', 3, 4, { epoch: 2 }));
      await after.hears(['VmsStopped B 2.0', 'VmsStarted C 3.0']);
    });

    test('let an order wait for those that it names', async () => {
      const { machines, hears } = await life(directory());
      machines.enact(startOrder('1.0', 'A', 1, 4));
      machines.enact(startOrder('2.0', 'B', 1, 1, { after: ['1.1'] }));
      machines.enact(stopOrder('1.1', 'A'));
      await hears(['VmsStarted A 1.0', 'VmsStopped A 1.1', 'VmsStarted B 2.0']);
    });

    test('come and go', async () => {
      const { machines, hears } = await life(directory());
      machines.addNodes({ ...exclusiveNodes(2), first: 5 });
      machines.enact(startOrder('1.0', 'A', 5, 6));
      await hears(['VmsStarted A 1.0']);
      machines.removeNode(6);
      machines.enact(startOrder('2.0', 'B', 6));
      await hears(['VmsStarted A 1.0', 'OrderFailed B 2.0']);
    });
  });
}

export function written(one: Observation): string {
  return 'lease' in one ? `${one.type} ${one.lease} ${one.order}` : `${one.type} ${one.node}`;
}

interface More {
  readonly epoch?: number;
  readonly after?: readonly string[];
}

/** An order to start a lease of as many VMs as nodes, each on its own. */
export function startOrder(id: string, lease: string, first: number, last = first, more: More = {}): Order {
  const { epoch = 1, after = [] } = more;
  const decision = { order: id, lease, deadline: null, after, until: 1e15, nodes: [first, last], units: null };
  const given = terms([group(last - first + 1)], 1_000);
  return { id, epoch, issued: 0, decision: { type: 'StartOrdered', ...decision }, terms: given };
}

export function stopOrder(id: string, lease: string, epoch = 1): Order {
  const then = 'over';
  const rest = { cause: 'time-over', then, reasons: [], until: 0 } as const;
  const decision = { type: 'StopOrdered', order: id, lease, deadline: null, after: [], ...rest } as const;
  return { id, epoch, issued: 0, decision, terms: terms([group(1)]) };
}
