/**
 * Which nodes VMs get: the one of a shared pool, the lowest open ones of a counted pool; and whose orders must be done
 * before VMs can be there. Open nodes are copied at first touch, like profiles.
 */

import { invariant } from '../kit/assert.js';
import { empty } from '../kit/lists.js';
import { addAll, expand, intersects, type Runs, removeAll, size, takeLowest } from '../kit/nodeset.js';
import type { OrderId, PoolCounts } from '../model/events.js';
import { nodesTaken, openNodes } from '../state/leases.js';
import type { Instant } from '../kit/time.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';
import { sorted } from './sorted.js';

/** The draft, as far as it matters here. */
interface Plan {
  readonly state: StateView;
  readonly now: Instant;
  heldBy(lease: Lease): { readonly until: Instant } | null;
}

/** Nodes of a lease that were left by this draft: they are free in the plan, but whoever takes them waits for the order. */
interface Left {
  readonly lease: Lease;
  readonly nodes: Runs;
  readonly order: OrderId | null;
}

const NO_ORDERS: readonly OrderId[] = [];

export class OpenNodes {
  private readonly left: Left[] = [];
  /** Copies by pool, and which pools have one. */
  private readonly copies: (number[] | undefined)[] = [];
  private readonly touched: number[] = [];

  constructor(private readonly draft: Plan) {}

  forget(): void {
    for (const pool of this.touched) this.copies[pool] = undefined;
    empty(this.touched);
    empty(this.left);
  }

  /** Chooses nodes, which are open no more. O(pools + nodes taken). */
  bind(pools: PoolCounts): Runs {
    const only = this.draft.state.pools[pools[0]!]!;
    if (pools.length === 2 && only.counted) return joined(this.takeOpen(only, pools[1]!));
    const nodes: number[] = [];
    for (let i = 0; i < pools.length; i += 2) {
      const pool = this.draft.state.pools[pools[i]!]!;
      const count = pools[i + 1]!;
      if (pool.counted) nodes.push(...this.takeOpen(pool, count));
      else for (let k = 0; k < count; k++) nodes.push(pool.nodes[0]!, pool.nodes[0]!);
    }
    return joined(nodes);
  }

  /** Gives nodes back that were bound in vain. */
  unbind(nodes: Runs): void {
    for (const n of expand(nodes)) {
      const open = this.copies[this.draft.state.poolOf[n]!];
      if (open !== undefined) addAll(open, [n, n]);
    }
  }

  /** The lease stays on its nodes beyond its plan: they are not given to others. */
  keep(lease: Lease): void {
    for (const { pool: index } of lease.loads ?? []) {
      const pool = this.draft.state.pools[index]!;
      if (pool.counted) removeAll(this.open(pool), nodesTaken(lease));
    }
  }

  /** The lease, which has nodes, was stopped just now by `order`; null: it has no VMs there. */
  leave(lease: Lease, order: OrderId | null): void {
    const left = { lease, nodes: nodesTaken(lease), order };
    this.left.push(left);
    for (const load of lease.loads!) {
      const open = this.copies[load.pool];
      if (open !== undefined) this.vacate(open, this.draft.state.pools[load.pool]!, left);
    }
  }

  /** By `order`, given just now, the lease leaves one of its nodes, which the plan has counted free already. */
  leaveNode(lease: Lease, { node, order }: { readonly node: number; readonly order: OrderId }): void {
    const pool = this.draft.state.pools[this.draft.state.poolOf[node]!]!;
    if (!pool.counted && this.draft.state.missedSince === null) return; // in logs that do not tell of it nobody waited there
    const left = { lease, nodes: [node, node], order };
    this.left.push(left);
    const open = this.copies[pool.index];
    if (open !== undefined) this.vacate(open, pool, left);
  }

  /** The orders that must be done before VMs can be on these nodes: those of leases that are leaving them. */
  leavers(nodes: Runs): readonly OrderId[] {
    const { draft, left } = this;
    const { leaving } = draft.state;
    if (leaving.size === 0 && left.length === 0) return NO_ORDERS;
    const orders: OrderId[] = [];
    for (const lease of sorted(leaving)) {
      if (left.some((other) => other.lease === lease)) continue;
      if (lease.loads !== null && (draft.heldBy(lease)?.until ?? 0) > draft.now) continue; // what it holds is not given away
      if (intersects(nodesTaken(lease), nodes)) for (const { decision } of lease.pending) orders.push(decision.order);
    }
    for (const other of left) if (other.order !== null && intersects(other.nodes, nodes)) orders.push(other.order);
    return orders;
  }

  private takeOpen(pool: Pool, count: number): number[] {
    const { leaving } = this.draft.state;
    const open = this.open(pool);
    invariant(size(open) >= count, 'the plan never counts on more nodes than are open');
    if (leaving.size === 0 && this.left.length === 0) return takeLowest(open, count);
    // Nodes that are really empty come first: nobody waits without need.
    const vacant = open.slice();
    for (const lease of leaving) removeAll(vacant, nodesTaken(lease));
    for (const { nodes } of this.left) removeAll(vacant, nodes);
    const first = takeLowest(vacant, Math.min(count, size(vacant)));
    removeAll(open, first);
    return first.concat(takeLowest(open, count - size(first)));
  }

  private open(pool: Pool): number[] {
    const known = this.copies[pool.index];
    if (known !== undefined) return known;
    const { now, state } = this.draft;
    // Nodes that somebody should have left by now are open, unless they were given to another since.
    let overstayed = false;
    for (const lease of state.leaving) overstayed ||= lease.loads !== null && lease.until <= now;
    const open = overstayed ? openNodes(pool, now) : pool.open.slice();
    this.copies[pool.index] = open;
    this.touched.push(pool.index);
    for (const left of this.left) this.vacate(open, pool, left);
    return open;
  }

  /** Adds those nodes left just now that are in the pool and take VMs. */
  private vacate(open: number[], pool: Pool, { lease, nodes }: Left): void {
    const { now, state } = this.draft;
    const leaves = lease.phase === 'suspending' || lease.phase === 'stopping';
    if (leaves && lease.until <= now) return; // they were free, and may be another's since
    for (let i = 0; i < nodes.length; i += 2)
      for (let n = nodes[i]!; n <= nodes[i + 1]!; n++)
        if (state.poolOf[n] === pool.index && !state.nodeStatus.has(n)) addAll(open, [n, n]);
  }
}

/** Runs that continue each other, made one. */
function joined(nodes: number[]): number[] {
  let i = 2;
  while (i < nodes.length && nodes[i - 1] !== nodes[i]! - 1) i += 2;
  if (i >= nodes.length) return nodes; // none do, as is usual
  const runs = nodes.slice(0, i);
  for (; i < nodes.length; i += 2) {
    if (runs[runs.length - 1] === nodes[i]! - 1) runs[runs.length - 1] = nodes[i + 1]!;
    else runs.push(nodes[i]!, nodes[i + 1]!);
  }
  return runs;
}
