/**
 * Placing: whether and where a lease's VMs fit, and the earliest instant at which they do. A lease is a gang: all its
 * VMs or none. VMs are packed first-fit, larger groups first, in the order of the policy's node choice.
 */

import { addInto, countFitting, fitsInto, zeros } from '../kit/capacity.js';
import { FOREVER, type Duration, type Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import { type Group, type Terms, vmCount } from '../model/lease.js';
import { loadsInPools, nodeCount, poolsOfNodes, use } from '../state/nodes.js';
import type { Lease, Load, Pool, StateView } from '../state/state.js';
import type { Draft } from './draft.js';
import { NODE_CHOICE } from './node-choice.js';
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
  const pools = staysOnNodes(state, lease)
    ? fitOnItsNodes(draft, lease, at, until)
    : fitAnywhere(draft, lease, at, length);
  return pools === null ? null : { from: at, until, pools, loads: loadsInPools(state, lease.terms, pools) };
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
  return (
    pack(terms, pools, (pool) => {
      const nodes = nodeCount(state, pool);
      return pool.counted ? [nodes] : nodes > 0 ? pool.capacity : zeros(pool.profile.width);
    }) !== null
  );
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
  const free = (pool: Pool) => freeOver(draft, pool, at, at + length);
  const pools = candidates(draft, lease, at, length);
  const packed = pack(lease.terms, pools, free);
  if (packed !== null || lease.terms.groups.length === 1) return packed;
  return pack(
    lease.terms,
    pools.sort((a, b) => a.index - b.index),
    free,
  );
}

function candidates(draft: Draft, lease: Lease, at: Instant, length: Duration): Pool[] {
  const pools = draft.state.pools.filter((pool) => pool.nodes.length > 0 && suits(pool, lease.terms));
  NODE_CHOICE[draft.state.policy.nodeChoice as keyof typeof NODE_CHOICE](draft, pools, at, length);
  return pools;
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

/**
 * Packs all VMs into the pools in their order, or gives null. First fit, groups of larger VMs first (a VM's size is its
 * largest share of the largest demand per resource). Exact for VMs that are alike; a heuristic where they differ, as
 * bin packing is NP-hard. O(groups × pools × resources).
 */
function pack(terms: Terms, pools: readonly Pool[], free: (pool: Pool) => readonly number[]): PoolCounts | null {
  const left = new Map<Pool, number[]>();
  const counts: number[][] = [];
  for (const g of bySize(terms.groups)) {
    const group = terms.groups[g]!;
    const mine: number[] = [];
    let missing = group.vms;
    for (const pool of pools) {
      if (missing === 0) break;
      let room = left.get(pool);
      if (room === undefined) {
        room = [...free(pool)];
        left.set(pool, room);
      }
      const count = countIn(pool, group, room, missing);
      if (count === 0) continue;
      addInto(room, pool.counted ? [1] : use(pool, group.demand), -count);
      mine.push(pool.index, count);
      missing -= count;
    }
    if (missing > 0) return null;
    counts[g] = mine;
  }
  return counts.flat();
}

function countIn(pool: Pool, group: Group, room: readonly number[], max: number): number {
  if (!fitsInto(group.demand, pool.capacity)) return 0;
  return pool.counted ? Math.max(0, Math.min(max, room[0]!)) : countFitting(use(pool, group.demand), room, max);
}

/** Group indices: 1. larger VMs first  2. earlier group. */
function bySize(groups: readonly Group[]): number[] {
  if (groups.length === 1) return [0];
  const most = zeros(groups[0]!.demand.length);
  for (const group of groups) group.demand.forEach((amount, r) => (most[r] = Math.max(most[r]!, amount)));
  const sizes = groups.map((group) =>
    group.demand.reduce((sum, amount, r) => sum + (most[r] === 0 ? 0 : amount / most[r]!), 0),
  );
  return groups.map((_, g) => g).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
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
