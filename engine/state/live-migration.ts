/**
 * VMs that are carried to other nodes while they run. Their lease holds what they need on both sides until the order is
 * answered; then it holds what they need where they are. Its clock goes on all the time.
 */

import { invariant } from '../kit/assert.js';
import { addInto, zeros } from '../kit/capacity.js';
import { expand, has, removeAll, type Runs, toSet } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { LiveMigrateOrdered, NamedUnits, VmsLiveMigrated } from '../model/events.js';
import { arm } from './alarms.js';
import { hold, letGo, nodesTaken, noteRelease, reopen } from './leases.js';
import { note } from './lease-life.js';
import { loadsInPools, movedNodes, nodesOf, poolsOfNodes, use } from './nodes.js';
import { answerMove, windowOver } from './moves.js';
import { type Lease, type Load, NO_PENDING } from './live-lease.js';
import type { Pool, State, StateView } from './state.js';

/** The orders by which VMs of the lease are being carried just now. */
export function departures(lease: Lease): readonly LiveMigrateOrdered[] {
  const orders: LiveMigrateOrdered[] = [];
  for (const { decision } of lease.pending) if (decision.type === 'LiveMigrateOrdered') orders.push(decision);
  return orders;
}

/** The order is given: from now on the lease holds capacity on the other side, too. */
export function depart(state: State, lease: Lease, decision: LiveMigrateOrdered): void {
  invariant(lease.loads !== null && lease.pools === null, 'only VMs that are on nodes are carried to others');
  // Those that are carried off a node together were asked for together.
  const before = lease.pending.find(
    (pending) => pending.decision.type === decision.type && pending.issued === state.now,
  );
  const off = answerMove(state, lease)?.off ?? before?.off ?? null;
  const pending = { decision, issued: state.now, overdue: false, ...(off === null ? {} : { off }) };
  lease.pending = [...lease.pending, pending];
  lease.former = null; // what was kept is on the nodes that it leaves
  holdBothSides(state, lease);
}

/** They run on their new nodes. Returns which. */
export function arrived(state: State, lease: Lease, event: VmsLiveMigrated): Runs {
  const { decision, issued } = lease.pending.find((one) => one.decision.order === event.order)!;
  if (decision.type !== 'LiveMigrateOrdered') return [];
  // 1. Where they were, and where they are.
  const vms = event.vms ?? decision.vms;
  note(lease, 'migration', issued, event.at, vms, decision.nodes);
  lease.nodes = movedNodes(lease.nodes!, vms, decision.nodes);
  lease.units = movedUnits(lease.units, vms, decision.units);
  runElsewhere(lease, event.at);
  // 2. What they held before is free.
  settle(state, lease, decision);
  return vms;
}

/** They run on where they were. */
export function stayed(state: State, lease: Lease, decision: LiveMigrateOrdered): void {
  settle(state, lease, decision);
}

/** The order is answered; others may move into what is free now. */
function settle(state: State, lease: Lease, { order }: LiveMigrateOrdered): void {
  const pending = lease.pending.filter(({ decision }) => decision.order !== order);
  lease.pending = pending.length === 0 ? NO_PENDING : pending;
  if (lease.loads === null) lease.arriving = targetsOf(lease);
  if (lease.loads === null) return;
  noteRelease(state, lease.until);
  holdBothSides(state, lease);
}

/** Holds what its VMs need where they are, and where they are carried to. O(VMs + holders of counted pools). */
export function holdBothSides(state: State, lease: Lease): void {
  const { from, until } = lease;
  const before = lease.loads!.map(({ pool }) => pool);
  letGo(state, lease);
  lease.arriving = targetsOf(lease);
  hold(state, lease, state.now, until, loadsOnBothSides(state, lease, departures(lease)));
  lease.from = from;
  for (const index of new Set([...before, ...lease.loads!.map(({ pool }) => pool)])) {
    const pool = state.pools[index]!;
    if (!pool.counted) continue;
    reopen(state, pool);
    removeAll(pool.open, nodesTaken(lease)); // also where it should have left by now
  }
  arm(state, lease);
}

function targetsOf(lease: Lease): Runs | null {
  const orders = departures(lease);
  return orders.length === 0 ? null : toSet(orders.flatMap(({ nodes, vms }) => nodesOf(nodes, vms)));
}

/**
 * What it holds while these orders are under way, in each pool. Counted nodes that take no VMs are not in the plan of their
 * pool, and neither are the VMs on them.
 */
export function loadsOnBothSides(state: StateView, lease: Lease, orders: readonly LiveMigrateOrdered[]): Load[] {
  const sums = new Map<number, number[]>();
  for (const { pool, amounts } of loadsInPools(state, lease.terms, poolsOfNodes(state, lease.nodes!)))
    sums.set(pool, [...amounts]);
  for (const node of expand(lease.nodes!)) {
    const pool = state.pools[state.poolOf[node]!]!;
    if (pool.counted && state.nodeStatus.has(node)) addInto(sums.get(pool.index)!, [1], -1);
  }
  const demands = lease.terms.groups.flatMap(({ vms, demand }) => new Array<readonly number[]>(vms).fill(demand));
  for (const { vms, nodes } of orders) {
    const targets = expand(nodesOf(nodes, vms));
    for (const [i, vm] of expand(vms).entries()) {
      const pool = state.pools[state.poolOf[targets[i]!]!]!;
      if (pool.counted && state.nodeStatus.has(targets[i]!)) continue;
      const sum = sums.get(pool.index) ?? zeros(pool.profile.width);
      addInto(sum, pool.counted ? [1] : use(pool, demands[vm - 1]!), 1);
      sums.set(pool.index, sum);
    }
  }
  return [...sums].map(([pool, amounts]) => {
    const before = leftFor(state, lease, orders, state.pools[pool]!);
    return before === null ? { pool, amounts } : { pool, amounts, before };
  });
}

/** When the node is to be worked on that all its VMs there are on their way off; null: there is no such time. */
function leftFor(state: StateView, lease: Lease, orders: readonly LiveMigrateOrdered[], pool: Pool): Instant | null {
  if (pool.counted || orders.length === 0) return null;
  const node = pool.nodes[0] ?? state.poolOf.indexOf(pool.index, 1);
  const window = windowOver(state, lease, node);
  if (window === null || has(nodesAfter(lease, orders), node)) return null;
  return Math.max(state.now, window.from);
}

/** Where its VMs are once these orders are carried out. */
export function nodesAfter(lease: Lease, orders: readonly LiveMigrateOrdered[]): Runs {
  return orders.reduce<Runs>((nodes, order) => movedNodes(nodes, order.vms, order.nodes), lease.nodes!);
}

/** The run goes on elsewhere. */
function runElsewhere(lease: Lease, at: Instant): void {
  const run = lease.spans.find((span) => span.until === null);
  if (run === undefined) return;
  if (run.from >= at) run.nodes = lease.nodes!;
  else {
    run.until = at;
    lease.spans.push({ ...run, from: at, until: null, nodes: lease.nodes! });
  }
}

function movedUnits(from: NamedUnits, vms: Runs, to: NamedUnits): NamedUnits {
  if (from === null || to === null) return to;
  return Object.fromEntries(
    Object.entries(from).map(([resource, lists]) => [
      resource,
      lists.map((names, i) => (has(vms, i + 1) ? to[resource]![i]! : names)),
    ]),
  );
}
