/** Nodes in the state: pools, and nodes that come, drain, are lost and return. */

import { invariant } from '../kit/assert.js';
import { addAll, compact, expand, has, push, pushRun, removeAll, type Runs, size } from '../kit/nodeset.js';
import { addInto, times, zeros } from '../kit/capacity.js';
import { FOREVER } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import type { Group, Terms } from '../model/lease.js';
import type { LoadClass } from '../model/load-class.js';
import type { Policy } from '../model/policy.js';
import type { NodeClass, NodeStatus } from '../model/site.js';
import { arm } from './alarms.js';
import { noteRelease, reopen } from './leases.js';
import { LeaseSet } from './lease-table.js';
import { Profile } from './profile.js';
import type { Load } from './live-lease.js';
import type { Pool, State, StateView } from './state.js';

/** Adds identical nodes: to the pool of their kind where nodes are counted, else one pool each. */
export function addNodes(state: State, nodes: NodeClass): void {
  invariant(nodes.first === state.nextNode, 'nodes are numbered without gaps');
  const last = nodes.first + nodes.count - 1;
  if (nodes.exclusive && countsNodes(state.policy)) {
    const pool = state.pools.find((other) => sameKind(other, nodes)) ?? newPool(state, nodes, true);
    for (let n = nodes.first; n <= last; n++) state.poolOf[n] = pool.index;
    addAll(pool.nodes, [nodes.first, last]);
    addAll(pool.open, [nodes.first, last]);
    pool.profile.add(0, FOREVER, [nodes.count], 1);
  } else {
    for (let n = nodes.first; n <= last; n++) {
      const pool = newPool(state, nodes, false);
      state.poolOf[n] = pool.index;
      addAll(pool.nodes, [n, n]);
      pool.profile.add(0, FOREVER, pool.leasable, 1);
    }
  }
  state.nextNode = last + 1;
  noteRelease(state, FOREVER);
}

/**
 * Counting nodes forgets which is which until a start is ordered. That is exact as long as a lease may resume on any
 * node: nothing is suspended, or the images are on shared storage; and as long as nothing is sent to nodes beforehand.
 */
export function countsNodes({ suspension, migration, preparation }: Policy): boolean {
  return preparation === 'none' && (suspension === 'none' || migration === 'no-transfer');
}

function sameKind(pool: Pool, nodes: NodeClass): boolean {
  return (
    pool.counted &&
    JSON.stringify([pool.capacity, pool.labels, pool.units]) ===
      JSON.stringify([nodes.capacity, nodes.labels, nodes.units])
  );
}

function newPool(state: State, nodes: NodeClass, counted: boolean): Pool {
  const pool: Pool = {
    index: state.pools.length,
    counted,
    exclusive: nodes.exclusive,
    capacity: nodes.capacity,
    leasable: nodes.leasable ?? nodes.capacity,
    labels: nodes.labels,
    units: nodes.units,
    nodes: [],
    open: [],
    profile: new Profile(zeros(counted ? 1 : nodes.capacity.length)),
    holders: new LeaseSet(),
  };
  state.pools.push(pool);
  state.tree.add(pool);
  return pool;
}

/** The node has other labels. One of a counted pool, which takes no VMs just now, goes to the pool of its new kind. */
export function label(state: State, node: number, patch: Readonly<Record<string, string | null>>): void {
  const pool = state.pools[state.poolOf[node]!]!;
  const labels = labelsAfter(pool.labels, patch);
  if (pool.counted) {
    invariant(state.nodeStatus.has(node), 'a counted node changes its pool while it takes no VMs');
    const { capacity, exclusive, units } = pool;
    const kind = { first: node, count: 1, capacity, exclusive, units, labels, names: null };
    state.poolOf[node] = (state.pools.find((other) => sameKind(other, kind)) ?? newPool(state, kind, true)).index;
  } else pool.labels = labels;
  noteRelease(state, FOREVER); // others may fit there now
}

/** In the order of their names, so that equal labels make equal pools. */
export function labelsAfter(
  labels: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const after = Object.entries({ ...labels, ...patch }).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(after.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** The node takes no more VMs. What runs on it goes on, but no longer counts as use of the pool. */
export function detach(state: State, node: number, status: NodeStatus): void {
  const attached = !state.nodeStatus.has(node);
  state.nodeStatus.set(node, status);
  if (!attached) return;
  const pool = state.pools[state.poolOf[node]!]!;
  removeAll(pool.nodes, [node, node]);
  state.tree.changed(pool.index);
  if (pool.counted) {
    pool.profile.add(state.now, FOREVER, [1], -1);
    shiftLoads(state, pool, node, -1);
    reopen(state, pool);
  }
  if (state.reservations > 0) state.lost = true;
}

/** The node does not answer. One that is drained, lost or gone stays that, too. */
export function isSilent(state: State, node: number): void {
  const status = state.nodeStatus.get(node);
  if (state.poolOf[node] === undefined || node < 1 || status === 'lost' || status === 'gone') return;
  state.unreachable.add(node);
  state.loads.delete(node);
  if (status === undefined) detach(state, node, 'unreachable');
}

/** One that was drained before it fell silent is still drained. */
export function answersAgain(state: State, node: number): void {
  const wasSilent = state.unreachable.delete(node);
  const status = state.nodeStatus.get(node);
  if (status !== 'gone' && !(wasSilent && status === 'draining')) attach(state, node);
}

/** The node takes VMs again, if it answers. */
export function attach(state: State, node: number): void {
  if (!state.nodeStatus.has(node)) return;
  if (state.unreachable.has(node)) {
    state.nodeStatus.set(node, 'unreachable');
    return;
  }
  state.nodeStatus.delete(node);
  const pool = state.pools[state.poolOf[node]!]!;
  addAll(pool.nodes, [node, node]);
  state.tree.changed(pool.index);
  if (pool.counted) {
    pool.profile.add(state.now, FOREVER, [1], 1);
    shiftLoads(state, pool, node, 1);
    reopen(state, pool);
  }
  noteRelease(state, FOREVER);
}

/** A counted node leaves or joins its pool together with the VM on it, so that the plan of the rest stays true. */
function shiftLoads(state: State, pool: Pool, node: number, by: 1 | -1): void {
  for (const lease of state.leases.values()) {
    if (lease.loads === null || lease.pools !== null || lease.nodes === null) continue;
    if (!has(lease.nodes, node) && (lease.arriving === null || !has(lease.arriving, node))) continue;
    pool.profile.add(Math.max(state.now, lease.from), lease.until, [1], -by);
    const loads = lease.loads.map((load) =>
      load.pool === pool.index ? { pool: load.pool, amounts: [load.amounts[0]! + by] } : load,
    );
    lease.loads = loads.some((load) => load.pool === pool.index)
      ? loads
      : [...loads, { pool: pool.index, amounts: [by] }];
    arm(state, lease);
  }
}

/** The node was seen to be so busy. What is said of one that is away, or that there is not, changes nothing. */
export function noteLoad(state: State, node: number, load: LoadClass): void {
  const status = state.nodeStatus.get(node);
  const isAway = status === 'lost' || status === 'gone' || state.unreachable.has(node);
  const isThere = state.poolOf[node] !== undefined && node > 0 && !isAway;
  if (isThere && load !== 'unknown') state.loads.set(node, load);
  else state.loads.delete(node);
}

/** How busy the node of the pool was seen to be last. Which of counted nodes it will be, nobody knows. */
export function loadClassOf(state: StateView, pool: Pool): LoadClass {
  return (pool.counted ? undefined : state.loads.get(pool.nodes[0]!)) ?? 'unknown';
}

/** Every node there has ever been but those that are gone, lost and draining ones included. */
export function nodeCount(state: StateView, pool: Pool): number {
  let away = 0;
  for (const [node, status] of state.nodeStatus) if (status !== 'gone' && state.poolOf[node] === pool.index) away++;
  return size(pool.nodes) + away;
}

/** What VMs in these pools hold: VM order, groups in order. O(pairs + groups). */
export function loadsInPools(state: StateView, terms: Terms, counts: PoolCounts): readonly Load[] {
  if (counts.length === 2 && state.pools[counts[0]!]!.counted) return [{ pool: counts[0]!, amounts: [counts[1]!] }];
  if (terms.groups.length === 1) return loadsOfAlike(state, terms.groups[0]!, counts);
  const sums = new Map<number, number[]>();
  let group = 0;
  let leftInGroup = terms.groups[0]!.vms;
  for (let i = 0; i < counts.length; i += 2) {
    const pool = state.pools[counts[i]!]!;
    const sum = sums.get(pool.index) ?? zeros(pool.profile.width);
    sums.set(pool.index, sum);
    for (let left = counts[i + 1]!; left > 0; ) {
      while (leftInGroup === 0) leftInGroup = terms.groups[++group]!.vms;
      const taken = Math.min(left, leftInGroup);
      addInto(sum, pool.counted ? [1] : use(pool, terms.groups[group]!.demand), taken);
      left -= taken;
      leftInGroup -= taken;
    }
  }
  return [...sums].map(([pool, amounts]) => ({ pool, amounts }));
}

/** As `loadsInPools`, where all VMs are of one group. */
function loadsOfAlike(state: StateView, { demand }: Group, counts: PoolCounts): readonly Load[] {
  const loads: { pool: number; amounts: number[] }[] = [];
  for (let i = 0; i < counts.length; i += 2) {
    const pool = state.pools[counts[i]!]!;
    const each = pool.counted ? ONE : use(pool, demand);
    const at = places[pool.index] ?? -1;
    if (loads[at]?.pool === pool.index) addInto(loads[at].amounts, each, counts[i + 1]!);
    else {
      places[pool.index] = loads.length;
      loads.push({ pool: pool.index, amounts: times(each, counts[i + 1]!) });
    }
  }
  return loads;
}

const ONE = [1];
/** Where the load of a pool stands, by its index. Used again by each call. */
const places: number[] = [];

/** What one VM takes of a shared pool: its demand, or the whole of an exclusive node. */
export function use(pool: Pool, demand: readonly number[]): readonly number[] {
  return pool.exclusive ? pool.capacity : demand;
}

/** The pools in which VMs on these nodes lie, in VM order. O(pairs) where there is only one pool, else O(nodes). */
export function poolsOfNodes(state: StateView, nodes: Runs): PoolCounts {
  if (state.pools.length === 1) return [0, size(nodes)];
  const counts: number[] = [];
  for (let i = 0; i < nodes.length; i += 2) {
    const last = nodes[i + 1]!;
    for (let n = nodes[i]!; n <= last; ) {
      const index = state.poolOf[n]!;
      let m = n;
      if (state.pools[index]!.counted) while (m < last && state.poolOf[m + 1] === index) m++;
      if (counts.length > 0 && counts[counts.length - 2] === index) counts[counts.length - 1]! += m - n + 1;
      else counts.push(index, m - n + 1);
      n = m + 1;
    }
  }
  return counts;
}

/** The node of each VM in these pools; null: some are counted, and their nodes are chosen later. O(VMs). */
export function nodesInPools(state: StateView, pools: PoolCounts): Runs | null {
  const nodes: number[] = [];
  for (let i = 0; i < pools.length; i += 2) {
    const pool = state.pools[pools[i]!]!;
    if (pool.counted) return null;
    for (let k = 0; k < pools[i + 1]!; k++) push(nodes, pool.nodes[0]!);
  }
  return nodes;
}

/** The assignment `from`, with `vms` where `to` has them. O(VMs). */
export function movedNodes(from: Runs, vms: Runs, to: Runs): Runs {
  const nodes = expand(from);
  const targets = expand(to);
  for (const vm of expand(vms)) nodes[vm - 1] = targets[vm - 1]!;
  return compact(nodes);
}

/** The nodes on which the VMs `vms` lie, in VM order, when `all` are those of the whole lease. */
export function nodesOf(all: Runs, vms: Runs): number[] {
  const nodes: number[] = [];
  for (let v = 0; v < vms.length; v += 2) {
    let first = vms[v]!;
    let position = 1;
    for (let i = 0; i < all.length && first <= vms[v + 1]!; i += 2) {
      const length = all[i + 1]! - all[i]! + 1;
      if (first < position + length) {
        const from = all[i]! + (first - position);
        const count = Math.min(vms[v + 1]! - first + 1, position + length - first);
        pushRun(nodes, from, from + count - 1);
        first += count;
      }
      position += length;
    }
  }
  return nodes;
}
