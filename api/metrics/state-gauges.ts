/** How things stand, as metrics: read from the state when somebody looks. No look costs as much as there are leases. */

import { Gauge, type Registry } from 'prom-client';
import { has, size, type StateView, zeros } from '../../engine/index.js';
import type { Follower } from '../follower.js';
import { writtenCapacity } from '../formats.js';
import type { LeaseTally } from './lease-tally.js';

/** Single nodes are told of up to this number: more make a scrape too large. */
const NODES_MAX = 2_000;

type Pool = StateView['pools'][number];

/** Defines gauges whose values are looked up anew at every scrape. */
export class Looks {
  constructor(private readonly registers: Registry[]) {}

  gauge<L extends string>(name: string, help: string, labelNames: L[], look: (one: Gauge<L>) => void): void {
    new Gauge({
      name: `leasehold_${name}`,
      help,
      labelNames,
      registers: this.registers,
      collect() {
        this.reset();
        look(this);
      },
    });
  }
}

export function stateGauges(looks: Looks, follower: Follower, tally: LeaseTally, perNode: boolean): void {
  // 1. Leases.
  looks.gauge('leases', 'Leases that are not over, by kind and state.', ['kind', 'state'], (one) => {
    for (const [key, count] of tally.states) {
      const [kind, state] = key.split('|') as [string, string];
      one.set({ kind, state }, count);
    }
  });
  looks.gauge('leases_unplaced', 'Leases that wait and hold nothing, by reason.', ['reason'], (one) => {
    for (const [reason, count] of tally.unplaced) one.set({ reason }, count);
  });
  looks.gauge('schedule_queue_depth', 'Leases in the queue.', [], (one) => one.set(follower.state.queue.length));
  // 2. The log.
  looks.gauge('log_turn', 'The last turn of the log that reads know of.', [], (one) => one.set(follower.head));
  looks.gauge('epoch', 'How often the log has been taken over.', [], (one) => one.set(follower.state.epoch));
  // 3. Nodes.
  looks.gauge('nodes', 'Nodes, by status.', ['status'], (one) => {
    for (const [status, count] of nodesByStatus(follower.state)) one.set({ status }, count);
  });
  const ofSite = (name: string, help: string, amounts: () => readonly number[]): void =>
    looks.gauge(name, help, ['resource'], (one) => {
      for (const [resource, amount] of written(follower.state, amounts())) one.set({ resource }, amount);
    });
  ofSite('node_capacity', 'Of all nodes that take VMs.', () => capacityOf(follower.state));
  ofSite('node_allocated', 'What leases hold that are on their nodes.', () => tally.held.allocated);
  ofSite('node_planned', 'What is held for leases that come later.', () => tally.held.planned);
  if (perNode) nodeGauges(looks, follower);
}

function nodeGauges(looks: Looks, follower: Follower): void {
  const ofNodes = (name: string, help: string, amounts: (pool: Pool, node: number) => readonly number[]): void =>
    looks.gauge(name, help, ['node', 'resource'], (one) => {
      const { state } = follower;
      for (let node = 1; node < Math.min(state.nextNode, NODES_MAX + 1); node++) {
        const pool = state.pools[state.poolOf[node]!]!;
        for (const [resource, amount] of written(state, amounts(pool, node))) one.set({ node, resource }, amount);
      }
    });
  ofNodes('single_node_capacity', 'Of each node.', ({ capacity }) => capacity);
  ofNodes('single_node_allocated', 'What is held on each node now.', (pool, node) => {
    const { state } = follower;
    // Nodes that are counted are taken whole.
    if (pool.counted) return isOpen(pool, node) ? zeros(pool.capacity.length) : pool.capacity;
    return pool.leasable.map((all, r) => all - pool.profile.freeAt(state.now, r));
  });
}

function isOpen({ nodes, open }: Pool, node: number): boolean {
  // Those that are away hold nothing.
  return has(open, node) || !has(nodes, node);
}

function written(state: StateView, amounts: readonly number[]): [string, number][] {
  return Object.entries(writtenCapacity(state.resources, amounts));
}

/** O(nodes that are not up). */
function nodesByStatus({ nodeStatus, nextNode }: StateView): Map<string, number> {
  const counts = new Map([['up', nextNode - 1 - nodeStatus.size]]);
  for (const status of nodeStatus.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

/** O(pools). */
function capacityOf({ pools, resources }: StateView): readonly number[] {
  const sum = zeros(resources.length);
  for (const { capacity, nodes } of pools) {
    const count = size(nodes);
    for (let r = 0; r < sum.length; r++) sum[r]! += capacity[r]! * count;
  }
  return sum;
}
