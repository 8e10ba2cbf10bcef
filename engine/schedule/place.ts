/**
 * Placing: whether and where a lease's VMs fit, and the earliest instant at which they do. A lease is a gang: all its
 * VMs or none. VMs are packed first-fit, larger groups first, in the order of the policy's node choice.
 */

import { fitsInto, zeros } from '../kit/capacity.js';
import { FOREVER, type Duration, type Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import { type Terms, vmCount } from '../model/lease.js';
import { loadsInPools, nodeCount, poolsOfNodes } from '../state/nodes.js';
import type { Lease, Load, Pool, StateView } from '../state/state.js';
import type { Draft } from './draft.js';
import { NODE_CHOICE } from './node-choice.js';
import { pack, type Room } from './pack.js';
import { resumeLength } from './suspend.js';

/** Where a lease would run. */
export interface Fit {
  readonly from: Instant;
  readonly until: Instant;
  readonly pools: PoolCounts;
  readonly loads: readonly Load[];
}

/** How long the lease needs capacity once it begins: what remains, and the resumption of saved VMs before it. */
export function lengthOf(state: StateView, lease: Lease): Duration {
  return lease.phase === 'suspended' ? lease.remaining + resumeLength(state, lease, lease.nodes!) : lease.remaining;
}

/** Where the lease fits over the whole of [at, at + length), or null. O(eligible pools × breakpoints in between). */
export function fitAt(draft: Draft, lease: Lease, at: Instant): Fit | null {
  const { state } = draft;
  const length = lengthOf(state, lease);
  const until = at + length;
  const only = onePool(state);
  if (only !== null) {
    least1[0] = 0;
    draft.profile(0).minimum(at, until, least1);
    return least1[0]! >= lease.vms && suitsAll(only, lease.terms) ? inOnePool(lease.vms, at, until) : null;
  }
  if (!couldFitAt(draft, lease, at)) return null;
  const pools = staysOnNodes(state, lease)
    ? fitOnItsNodes(draft, lease, at, until)
    : fitAnywhere(draft, lease, at, length);
  return pools === null ? null : { from: at, until, pools, loads: loadsInPools(state, lease.terms, pools) };
}

/** Whether all nodes together have enough at `at` alone: most that do not fit are told by this. O(resources) if known. */
function couldFitAt(draft: Draft, lease: Lease, at: Instant): boolean {
  const free = draft.freeAltogether(at);
  const { groups } = lease.terms;
  for (let r = 0; r < free.length; r++) {
    let need = 0;
    for (const group of groups) need += group.vms * group.demand[r]!;
    if (need > free[r]!) return false;
  }
  return true;
}

/** The earliest fit that begins in [after, limit), or null. One counted pool: O(breakpoints). Else that × fitAt. */
export function earliestFit(draft: Draft, lease: Lease, after: Instant, limit: Instant): Fit | null {
  const { state } = draft;
  const only = onePool(state);
  if (only !== null) {
    if (!suitsAll(only, lease.terms)) return null;
    const length = lengthOf(state, lease);
    const from = draft.profile(0).earliest(after, [lease.vms], length, limit);
    return from >= limit ? null : inOnePool(lease.vms, from, from + length);
  }
  for (const at of instants(draft, after, limit)) {
    const fit = fitAt(draft, lease, at);
    if (fit !== null) return fit;
  }
  return null;
}

/** Whether the site could ever hold the lease, with all its nodes up and empty. */
export function couldEverFit(state: StateView, terms: Terms): boolean {
  const only = onePool(state);
  if (only !== null) return vmCount(terms) <= nodeCount(state, only) && suitsAll(only, terms);
  const pools = state.pools.filter((pool) => suits(pool, terms));
  const rooms = pools.map((pool) => {
    const nodes = nodeCount(state, pool);
    return { pool, free: pool.counted ? [nodes] : nodes > 0 ? pool.capacity : zeros(pool.profile.width) };
  });
  return pack(terms.groups, rooms) !== null;
}

/** The site's only pool, if it is counted: then a count is all there is to plan. */
export function onePool(state: StateView): Pool | null {
  const pool = state.pools[0];
  return state.pools.length === 1 && pool!.counted ? pool! : null;
}

const least1 = [0];

function inOnePool(vms: number, from: Instant, until: Instant): Fit {
  return { from, until, pools: [0, vms], loads: [{ pool: 0, amounts: [vms] }] };
}

/** Whether VMs of some group could lie in the pool, and the labels asked for are there. */
export function suits(pool: Pool, terms: Terms): boolean {
  const { where } = terms;
  if (where !== null)
    for (const [label, value] of Object.entries(where.labels)) if (pool.labels[label] !== value) return false;
  return terms.groups.some((group) => fitsInto(group.demand, pool.capacity));
}

/** Whether VMs of every group could lie in the pool. */
function suitsAll(pool: Pool, terms: Terms): boolean {
  return suits(pool, terms) && terms.groups.every((group) => fitsInto(group.demand, pool.capacity));
}

/** In the order of the node choice; where VMs differ and that packs badly, in the order of `couldEverFit`. */
function fitAnywhere(draft: Draft, lease: Lease, at: Instant, length: Duration): PoolCounts | null {
  const { policy, pools } = draft.state;
  const { groups } = lease.terms;
  const suitable = pools.filter((pool) => pool.nodes.length > 0 && suits(pool, lease.terms));
  const rooms = new Map<Pool, Room>();
  for (const pool of suitable) rooms.set(pool, { pool, free: freeOver(draft, pool, at, at + length) });
  const inOrder = [...suitable];
  NODE_CHOICE[policy.nodeChoice as keyof typeof NODE_CHOICE](draft, inOrder, at, length);
  const packed = pack(
    groups,
    inOrder.map((pool) => rooms.get(pool)!),
  );
  return packed !== null || groups.length === 1 ? packed : pack(groups, [...rooms.values()]);
}

function freeOver(draft: Draft, pool: Pool, from: Instant, until: Instant): number[] {
  const least = zeros(pool.profile.width);
  draft.profile(pool.index).minimum(from, until, least);
  return least;
}

/** A suspended lease whose images lie on its nodes returns to just these. */
export function staysOnNodes(state: StateView, lease: Lease): boolean {
  return lease.phase === 'suspended' && state.policy.migration === 'no';
}

function fitOnItsNodes(draft: Draft, lease: Lease, at: Instant, until: Instant): PoolCounts | null {
  const counts = poolsOfNodes(draft.state, lease.nodes!);
  for (const load of loadsInPools(draft.state, lease.terms, counts)) {
    const pool = draft.state.pools[load.pool]!;
    if (pool.nodes.length === 0 || !fitsInto(load.amounts, freeOver(draft, pool, at, until))) return null;
  }
  return counts;
}

/** The instants in [after, limit) at which anything changes, and `after` itself, ascending. */
function instants(draft: Draft, after: Instant, limit: Instant): number[] {
  const found = new Set<number>();
  for (const pool of draft.state.pools)
    draft.profile(pool.index).forEachSegment(after, (from) => {
      if (from > after && from < limit) found.add(from);
    });
  const ascending = [...found].sort((a, b) => a - b);
  if (after < limit && after < FOREVER) ascending.unshift(after);
  return ascending;
}
