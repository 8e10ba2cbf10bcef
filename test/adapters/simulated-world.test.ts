/** The world whose clock jumps: what comes in which batch, and the real loop in it. */

import { describe, expect, it } from 'vitest';
import { POLICY_DEFAULT, emptyState, run, type Command, type Duration, type Inbox } from '../../engine/index.js';
import type { Instant, Turn } from '../../engine/index.js';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { SimulatedCluster, type ClusterOptions } from '../../adapters/simulated/cluster.js';
import { SeededFaults } from '../../adapters/simulated/faults.js';
import { SimulatedWorld, type Arrival } from '../../adapters/simulated/world.js';
import { exclusiveNodes, group, Orders, terms } from './simulated-orders.js';

const ONE = terms([group(1)]);

function submit(lease: string, given = ONE): Command {
  return { type: 'SubmitLease', lease, terms: given, key: null };
}

function arrival(at: number, lease: string, run: Duration | null = null, given = ONE): Arrival {
  return { at, command: submit(lease, given), run };
}

function sourceOf(arrivals: readonly Arrival[]): { next(): Arrival | null } {
  let read = 0;
  return { next: () => arrivals[read++] ?? null };
}

interface Setup {
  readonly genesis?: readonly Command[];
  readonly options?: ClusterOptions;
}

function world(arrivals: readonly Arrival[], { genesis = [], options = {} }: Setup = {}) {
  const cluster = new SimulatedCluster(options);
  cluster.addNodes(exclusiveNodes(4));
  const made = new SimulatedWorld({ genesis, arrivals: sourceOf(arrivals), cluster });
  return { cluster, world: made, orders: new Orders(cluster) };
}

/** `10: LeaseEnded A, +B` */
function written(batch: { now: Instant; inbox: Inbox } | null): string {
  if (batch === null) return 'over';
  const { observations, commands } = batch.inbox;
  const happened = observations.map((one) => `${one.type} ${'lease' in one ? one.lease : one.node}`);
  const asked = commands.map((one) => ('lease' in one ? `+${one.lease}` : one.type));
  return `${batch.now}: ${[...happened, ...asked].join(', ')}`.trim();
}

describe('batches', () => {
  it('begin with the genesis, alone and at instant 0', async () => {
    const genesis: Command[] = [{ type: 'ClaimEpoch', epoch: 1 }];
    const { world: w } = world([arrival(0, 'A'), arrival(5, 'B')], { genesis });
    expect(written(await w.next(null))).toBe('0: ClaimEpoch');
    expect(written(await w.next(null))).toBe('0: +A');
    expect(written(await w.next(null))).toBe('5: +B');
    expect(written(await w.next(null))).toBe('over');
    expect(written(await w.next(null))).toBe('over');
  });

  it('come at the first of an arrival, an observation and the wake-up', async () => {
    const { world: w, orders } = world([arrival(10, 'A', 20), arrival(40, 'B')]);
    expect(written(await w.next(7))).toBe('7:');
    expect(written(await w.next(12))).toBe('10: +A');
    orders.at(10).start('A', [1, 1], ONE);
    expect(written(await w.next(35))).toBe('30: VmsStarted A, LeaseEnded A');
    expect(written(await w.next(35))).toBe('35:');
    expect(written(await w.next(null))).toBe('40: +B');
    expect(written(await w.next(50))).toBe('50:');
    expect(written(await w.next(null))).toBe('over');
  });

  it('hold ends first, then arrivals in their order, all of one instant together', async () => {
    const { world: w, orders } = world([
      arrival(0, 'A', 30),
      arrival(10, 'B', 20),
      arrival(30, 'C'),
      arrival(30, 'D'),
      arrival(31, 'E'),
    ]);
    await w.next(null);
    orders.at(0).start('A', [1, 1], ONE);
    await w.next(null);
    orders.at(10).start('B', [2, 2], ONE);
    const suspend = orders.suspend('B', [1, 1], 20);
    orders.start('F', [2, 2], ONE, { after: [suspend.id] });
    const all = '30: VmsStarted B, LeaseEnded A, VmsSuspended B, VmsStarted F, +C, +D';
    expect(written(await w.next(30))).toBe(all);
    expect(written(await w.next(null))).toBe('31: +E');
  });

  it('are not made of confirmations that took no time, unless nothing else is left', async () => {
    const { world: w, orders } = world([arrival(0, 'A'), arrival(9, 'B')]);
    await w.next(null);
    orders.at(0).start('A', [1, 1], ONE);
    expect(written(await w.next(null))).toBe('9: VmsStarted A, +B');
    orders.at(9).stop('A');
    orders.start('B', [1, 1], ONE);
    expect(written(await w.next(null))).toBe('9: VmsStopped A, VmsStarted B');
    expect(written(await w.next(null))).toBe('over');
  });

  it('carry the end of a lease that runs for its whole duration at the instant of the wake-up', async () => {
    const { world: w, orders } = world([arrival(0, 'A', 1_000)]);
    await w.next(null);
    orders.at(0).start('A', [1, 1], ONE);
    expect(written(await w.next(1_000))).toBe('1000: VmsStarted A, LeaseEnded A');
  });

  it('wait for arrivals that are still being read', async () => {
    const arrivals = [arrival(0, 'A'), arrival(0, 'B'), arrival(1, 'C')];
    let read = 0;
    const cluster = new SimulatedCluster();
    const next = () => {
      const one = arrivals[read++] ?? null;
      return read === 2 ? one : Promise.resolve(one);
    };
    const w = new SimulatedWorld({ genesis: [], arrivals: { next }, cluster });
    expect(written(await w.next(null))).toBe('0: +A, +B');
    expect(written(await w.next(null))).toBe('1: +C');
    expect(written(await w.next(null))).toBe('over');
  });

  it('are given again after a restart, the rest as it was', async () => {
    const { world: w, orders } = world([arrival(0, 'A', 5), arrival(5, 'B'), arrival(5, 'C'), arrival(6, 'D')]);
    await w.next(null);
    orders.at(0).start('A', [1, 1], ONE);
    const lost = '5: VmsStarted A, LeaseEnded A, +B, +C';
    expect(written(await w.next(null))).toBe(lost);
    w.restart();
    expect(written(await w.next(null))).toBe(lost);
    expect(written(await w.next(null))).toBe('6: +D');
  });

  it('may not follow each other at one instant for ever', async () => {
    const { world: w } = world([]);
    await expect(async () => {
      for (;;) await w.next(0);
    }).rejects.toThrow('time does not advance');
  });

  it('need arrivals in order of time', async () => {
    const { world: w } = world([arrival(5, 'A'), arrival(4, 'B')]);
    await expect(async () => w.next(null)).rejects.toThrow('arrivals come in order of time');
  });

  it('do not end while an order has not been carried out', async () => {
    const { world: w, orders } = world([]);
    const start = orders.at(0).start('A', [1, 1], ONE);
    orders.start('B', [2, 2], ONE);
    const stop = orders.stop('B', 'over');
    orders.start('C', [1, 1], ONE, { after: [start.id, stop.id] });
    await w.next(null);
    await expect(async () => w.next(null)).rejects.toThrow('every order is carried out before the world ends: 1.3');
  });
});

describe('the real loop in a simulated world', () => {
  const SITE: Command[] = [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy: POLICY_DEFAULT },
    { type: 'DeclareSite', resources: [{ name: 'cpu', kind: 'amount' }] },
    {
      type: 'AddNodes',
      nodes: { count: 4, capacity: [1], exclusive: true, labels: {}, names: null, units: {} },
    },
  ];

  /** Leases of 1 to 4 VMs, one every 50 ms; some end early, some on time, some are stopped. */
  const LEASES = Array.from({ length: 60 }, (_, i) => {
    const given = terms([group(1 + ((i * 7) % 4))], 100 + ((i * 37) % 150));
    return arrival(50 * i, `L${i}`, [40, given.duration, 10_000, null][i % 4]!, given);
  });

  async function play(options: ClusterOptions): Promise<{ turns: readonly Turn[]; cluster: SimulatedCluster }> {
    const cluster = new SimulatedCluster(options);
    const log = new MemoryLog();
    const w = new SimulatedWorld({ genesis: SITE, arrivals: sourceOf(LEASES), cluster });
    const state = await run(emptyState(), { store: new MemoryStore(log), cluster, world: w });
    expect(state.leases.values()).toEqual([]);
    return { turns: log.turns, cluster };
  }

  it('sees every lease end on nodes that are never over capacity', async () => {
    const { turns, cluster } = await play({});
    const inputs = turns.flatMap((turn) => turn.inputs);
    const started = inputs.filter((input) => input.type === 'VmsStarted').map((input) => input.lease);
    const over = inputs.filter((input) => input.type === 'LeaseEnded' || input.type === 'VmsStopped');
    expect(started.sort()).toEqual(LEASES.map(({ command }) => 'lease' in command && command.lease).sort());
    expect(over.filter((input) => input.type === 'LeaseEnded').length).toBe(30);
    expect(over.length).toBe(60);
    expect([...cluster.machines.gangs.keys()]).toEqual([]);
  });

  it('ends with empty nodes though orders fail, are slow, and nodes are lost for a while', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const faults = new SeededFaults({
        seed,
        until: 2_000,
        failedPerMille: 100,
        slowPerMille: 100,
        slowMsMax: 100,
        latePerMille: 100,
        twicePerMille: 100,
        lateMsMax: 100,
        lossEveryMs: 300,
        lossMsMax: 200,
      });
      const { cluster } = await play({ faults });
      expect(cluster.machines.leasesOnNodes).toEqual([]);
    }
  });
});
