/** Orders written short, for driving a simulated cluster by hand. Times are plain milliseconds. */

import type { Group, NodeClass, Order, OrderDecision, Runs, Terms } from '../../engine/index.js';
import type { SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { termsWith } from '../../simulations/workload-tools/lease-source.js';

export function group(vms: number, demand: readonly number[] = [1]): Group {
  return { name: null, vms, demand, image: null };
}

export function terms(groups: readonly Group[], duration = 1_000): Terms {
  return termsWith({ groups, duration });
}

export function exclusiveNodes(count: number, first = 1): NodeClass {
  return { first, count, capacity: [1], exclusive: true, labels: {}, names: null, units: {} };
}

export function sharedNodes(count: number, capacity: readonly number[], first = 1): NodeClass {
  return { first, count, capacity, exclusive: false, labels: {}, names: null, units: {} };
}

/** Gives orders at the instant it was told last, with ids `1.0`, `1.1`, … unless told otherwise. */
export class Orders {
  private issued = 0;
  private count = 0;
  epoch = 1;

  constructor(private readonly cluster: SimulatedCluster) {}

  at(now: number): this {
    this.issued = now;
    this.cluster.advance(now);
    return this;
  }

  start(lease: string, nodes: Runs, given: Terms, more: { after?: string[]; units?: OrderUnits } = {}): Order {
    const order = this.next();
    const { after = [], units = null } = more;
    const until = this.issued + given.duration;
    return this.give({ type: 'StartOrdered', order, lease, deadline: null, after, until, nodes, units }, given);
  }

  suspend(lease: string, vms: Runs, takes: number, after: string[] = []): Order {
    const until = this.issued + takes;
    return this.give({ type: 'SuspendOrdered', order: this.next(), lease, deadline: null, after, vms, until });
  }

  resume(lease: string, vms: Runs, nodes: Runs, takes: number, after: string[] = []): Order {
    const until = this.issued + takes;
    const order = this.next();
    return this.give({ type: 'ResumeOrdered', order, lease, deadline: null, after, vms, nodes, until, units: null });
  }

  carry(lease: string, vms: Runs, nodes: Runs, takes: number, more: { units?: OrderUnits } = {}): Order {
    const until = this.issued + takes;
    const common = { order: this.next(), lease, deadline: null, after: [], vms, nodes, until };
    return this.give({ type: 'LiveMigrateOrdered', ...common, units: more.units ?? null });
  }

  stop(lease: string, then: 'over' | 'queue' = 'over', after: string[] = []): Order {
    const order = this.next();
    const cause = then === 'over' ? 'time-over' : 'preempted';
    return this.give({ type: 'StopOrdered', order, lease, deadline: null, after, until: 0, cause, then, reasons: [] });
  }

  again(order: Order): void {
    this.cluster.enact(order);
  }

  private next(): string {
    return `1.${this.count++}`;
  }

  private give(decision: OrderDecision, given: Terms = terms([group(1)])): Order {
    const order = { id: decision.order, epoch: this.epoch, issued: this.issued, decision, terms: given };
    this.cluster.enact(order);
    return order;
  }
}

type OrderUnits = Record<string, readonly (readonly string[])[]>;

/** What the cluster has to say, a line each: `VmsStarted A @10`. */
export function news(cluster: SimulatedCluster): string[] {
  return cluster.take().map((observation) => {
    const { type, at } = observation;
    const about = 'lease' in observation ? observation.lease : `node ${observation.node}`;
    const rest = observation.type === 'VmsSuspended' ? ` stopped ${observation.stoppedAt}` : '';
    return `${type} ${about} @${at}${rest}`;
  });
}

/** Lets everything happen that will, one instant after another, and returns all that was said. */
export function playOut(cluster: SimulatedCluster): string[] {
  const said = news(cluster);
  for (let next = cluster.next(); next !== null; next = cluster.next()) {
    cluster.advance(next);
    said.push(...news(cluster));
  }
  return said;
}
