/**
 * Placing: whether and where a lease's VMs fit, and the earliest instant at which they do. A lease is a gang: all its
 * VMs or none. VMs are packed first-fit, larger groups first, in the order of the policy's node choice.
 */

import { fitsInto, zeros } from '../kit/capacity.js';
import type { Duration, Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import { needOf, type Terms, vmCount } from '../model/lease.js';
import { endOf } from '../state/leases.js';
import { loadsInPools, nodeCount, nodesInPools, poolsOfNodes, use } from '../state/nodes.js';
import type { Lease, Load } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';
import type { Draft } from './draft.js';
import { packAlike } from './alike.js';
import { deal } from './deal.js';
import { likelyInstants } from './instants.js';
import { migrates, migrationBound } from './migrate.js';
import { nextFit } from './next-fit.js';
import { NODE_CHOICE, vmsPerRound } from './node-choice/index.js';
import { countIn, pack, type Room } from './pack.js';
import { isNamed, meets, poolsNamed, rankPools } from './requirements.js';
import { lengthAnywhere, lengthInPools, maySuspend, runLength, suspensionSteps, threshold } from './suspend.js';

/** Which pools may be used, beside those that do not suit the lease. */
export type Allowed = (pool: Pool) => boolean;
const ANY: Allowed = () => true;

/** Where a lease would run. */
export interface Fit {
  readonly from: Instant;
  readonly until: Instant;
  readonly pools: PoolCounts;
  readonly loads: readonly Load[];
}

/**
 * How long the lease needs capacity once it begins: what remains, the resumption of saved VMs before it, and the shutdown
 * behind it. The resumption is a bound until the nodes are known.
 */
export function lengthOf(state: StateView, lease: Lease): Duration {
  const length = runLength(state, lease);
  return lease.phase === 'suspended' ? length + lengthAnywhere(state, lease, 'resume') : length;
}

/** Whether the lease may begin where it must be suspended before it is done. */
export function mayBeCut(state: StateView, lease: Lease): boolean {
  const { policy } = state;
  if (policy.backfilling.kind !== 'sticky' || !policy.suspendAhead) return false;
  return lease.terms.start.kind === 'best-effort' && maySuspend(state, lease);
}

/**
 * Where the lease fits over the whole of [at, at + length), or null. A lease that may be cut also fits where it runs for
 * long enough before it must be suspended: then `until` is earlier. O(eligible pools × breakpoints in between).
 */
export function fitAt(draft: Draft, lease: Lease, at: Instant, cut = false, allowed: Allowed = ANY): Fit | null {
  const { state } = draft;
  const length = lengthOf(state, lease);
  const until = at + length;
  const only = onePool(state);
  if (only !== null && !cut && allowed === ANY) {
    least1[0] = 0;
    draft.profile(0).minimum(at, until, least1);
    if (least1[0]! < lease.vms || !suitsAll(state, only, lease.terms)) return null;
    return exact(state, lease, inOnePool(lease.vms, at, until));
  }
  // What is free altogether is kept up for one instant; elsewhere VMs that are alike are as soon looked for themselves.
  const isQuick = at === draft.now || lease.terms.groups.length > 1;
  if (isQuick && !couldFitAt(draft, lease, at)) return null;
  if (comesTooSoon(draft, lease, at)) return null;
  const found = staysOnNodes(draft, lease, at)
    ? fitOnItsNodes(draft, lease, at, until, cut)
    : fitAnywhere(draft, lease, at, length, cut, allowed);
  if (found === null) return null;
  const fit = { from: at, ...found, loads: loadsInPools(state, lease.terms, found.pools) };
  if (fit.until === until) return exact(state, lease, fit);
  return fit.until - at >= threshold(state, lease) && canBeSaved(draft, lease, fit) ? fit : null;
}

/** Whether it can be saved by the end of the fit, beside what others do on its nodes. */
function canBeSaved(draft: Draft, lease: Lease, fit: Fit): boolean {
  const { state } = draft;
  const nodes = state.policy.suspendExclusionAcross ? nodesInPools(state, fit.pools) : null;
  if (nodes === null) return true;
  const resumption = lease.phase === 'suspended' ? lengthInPools(state, lease, fit.pools, 'resume') : 0;
  return suspensionSteps(draft, lease, nodes, fit.until)[0]!.from > fit.from + resumption;
}

/** A fit as long as it takes: where saved VMs come back sooner than was allowed for, it ends sooner. */
function exact(state: StateView, lease: Lease, fit: Fit): Fit {
  if (lease.phase !== 'suspended') return fit;
  const until = fit.from + lengthInPools(state, lease, fit.pools, 'resume') + runLength(state, lease);
  return until < fit.until ? { ...fit, until } : fit;
}

/** Whether all nodes together have enough at `at` alone: most that do not fit are told by this. O(resources) if known. */
function couldFitAt(draft: Draft, lease: Lease, at: Instant): boolean {
  return fitsAltogether(lease.terms, draft.freeAltogether(at));
}

/** Whether what the lease needs in all is not more than `free`. O(groups × resources). */
export function fitsAltogether(terms: Terms, free: readonly number[]): boolean {
  for (let r = 0; r < free.length; r++) if (needOf(terms, r) > free[r]!) return false;
  return true;
}

/** The earliest fit that begins in [after, limit), or null. One counted pool: O(breakpoints). Else O(pools with room + releases × log pools), and a fitAt for each that is likely. */
export function earliestFit(draft: Draft, lease: Lease, after: Instant, limit: Instant, cut = false): Fit | null {
  const { state } = draft;
  const only = onePool(state);
  if (only !== null && !cut) {
    if (!suitsAll(state, only, lease.terms)) return null;
    const length = lengthOf(state, lease);
    need1[0] = lease.vms;
    const from = draft.profile(0).earliest(after, need1, length, limit);
    return from >= limit ? null : exact(state, lease, inOnePool(lease.vms, from, from + length));
  }
  if (!cut && isBound(draft, lease)) return earliestOnItsNodes(draft, lease, after, limit);
  for (const at of likelyInstants(draft, lease, after, limit)) {
    const fit = fitAt(draft, lease, at, cut);
    if (fit !== null) return fit;
  }
  return null;
}

/**
 * Whether the lease begins on its nodes, whenever that is: its memory lies there, and stays there. Where it does not fit now,
 * it does not with less free either.
 */
export function isBound(draft: Draft, lease: Lease): boolean {
  return lease.phase === 'suspended' && draft.state.policy.migration === 'no' && draft.preparationOf(lease) === null;
}

/** The earliest fit on the nodes where its memory lies: each says when it has room, until all agree. */
function earliestOnItsNodes(draft: Draft, lease: Lease, after: Instant, limit: Instant): Fit | null {
  const { state } = draft;
  const length = lengthOf(state, lease);
  const loads = loadsInPools(state, lease.terms, poolsOfNodes(state, lease.nodes!));
  let at = after;
  for (let i = 0, agreed = 0; agreed < loads.length; i = (i + 1) % loads.length) {
    const { pool, amounts } = loads[i]!;
    const from = draft.profile(pool).earliest(at, amounts, length, limit);
    if (from >= limit) return null;
    agreed = from === at ? agreed + 1 : 1;
    at = from;
  }
  return fitAt(draft, lease, at);
}

/** Holds what the lease holds until `until`, if that is free; else nothing is changed. */
export function extend(draft: Draft, lease: Lease, until: Instant): boolean {
  const { loads, from, until: end } = draft.heldBy(lease)!;
  const free = loads.every((load) => {
    const least = zeros(load.amounts.length);
    const [from, to] = [Math.max(endOf(load, end), draft.now), endOf(load, until)];
    if (load.before !== undefined && from >= to) return true;
    draft.profile(load.pool).minimum(from, to, least);
    return fitsInto(load.amounts, least);
  });
  if (!free) return false;
  draft.lift(lease);
  draft.place(lease, { loads, from, until });
  if (end <= draft.now && lease.nodes !== null && lease.pools === null) draft.openNodes.keep(lease);
  return true;
}

/**
 * Whether the site could ever hold the lease, with all its nodes up and empty. O(pools) where they are too few, mostly of
 * few of them.
 */
export function couldEverFit(state: StateView, terms: Terms): boolean {
  const only = onePool(state);
  if (only !== null) return vmCount(terms) <= nodeCount(state, only) && suitsAll(state, only, terms);
  const named = poolsNamed(state, terms) ?? state.pools;
  if (terms.groups.length === 1) return couldAlikeEverFit(state, terms, named);
  const pools = named.filter((pool) => suits(state, pool, terms));
  const rooms = pools.map((pool) => emptyRoom(state, pool));
  return pack(terms.groups, rooms) !== null;
}

/** Whether VMs that are alike would fit: nodes are asked until there are enough of them. */
function couldAlikeEverFit(state: StateView, terms: Terms, pools: readonly Pool[]): boolean {
  const group = terms.groups[0]!;
  let missing = group.vms;
  for (const pool of pools) {
    if (!suits(state, pool, terms)) continue;
    missing -= countIn(pool, group, emptyRoom(state, pool).free, missing);
    if (missing === 0) return true;
  }
  return false;
}

/** What the pool has with all its nodes up and empty. */
function emptyRoom(state: StateView, pool: Pool): Room {
  const nodes = nodeCount(state, pool);
  return { pool, free: pool.counted ? [nodes] : nodes > 0 ? pool.leasable : zeros(pool.profile.width) };
}

/** The site's only pool, if it is counted: then a count is all there is to plan. */
export function onePool(state: StateView): Pool | null {
  const pool = state.pools[0];
  return state.pools.length === 1 && pool!.counted ? pool! : null;
}

/** Used again by each call. */
const least1 = [0];
const need1 = [0];

export function inOnePool(vms: number, from: Instant, until: Instant): Fit {
  return { from, until, pools: [0, vms], loads: [{ pool: 0, amounts: [vms] }] };
}

/** Whether VMs of some group could lie in the pool, and it is what the lease asks of its nodes. */
export function suits(state: StateView, pool: Pool, terms: Terms): boolean {
  const { where } = terms;
  if (where !== null)
    for (const [label, value] of Object.entries(where.labels)) if (pool.labels[label] !== value) return false;
  return fitting(pool, terms) > 0 && isNamed(state, pool, terms) && meets(state, pool, terms);
}

/** Whether VMs of every group could lie in the pool. */
export function suitsAll(state: StateView, pool: Pool, terms: Terms): boolean {
  return suits(state, pool, terms) && fitting(pool, terms) === terms.groups.length;
}

/** VMs of how many groups could lie in the pool. O(groups × resources). */
function fitting(pool: Pool, terms: Terms): number {
  let count = 0;
  for (const group of terms.groups) if (fitsInto(group.demand, pool.capacity)) count++;
  return count;
}

/** Pools, and until when they hold the lease. */
type Found = Pick<Fit, 'pools' | 'until'>;

/** In the order of the nodes named, or of the node choice; where VMs differ and that packs badly, in the order of `couldEverFit`. */
function fitAnywhere(
  draft: Draft,
  lease: Lease,
  at: Instant,
  length: Duration,
  cut: boolean,
  allowed: Allowed,
): Found | null {
  const { state } = draft;
  const { policy, pools } = state;
  const { groups } = lease.terms;
  const until = at + length;
  const named = poolsNamed(state, lease.terms);
  const perRound = vmsPerRound(policy);
  if (groups.length === 1 && named === null && perRound === null && !cut && policy.packing !== 'next-fit') {
    const mayUse = (pool: Pool) => allowed(pool) && suits(state, pool, lease.terms);
    const alike = packAlike(draft, lease, groups[0]!, at, length, mayUse);
    return alike === null ? null : { pools: alike, until };
  }
  const suitable = (named ?? pools).filter(
    (pool) => pool.nodes.length > 0 && allowed(pool) && suits(state, pool, lease.terms),
  );
  const inOrder = [...suitable];
  if (named === null) NODE_CHOICE[policy.nodeChoice as keyof typeof NODE_CHOICE](draft, inOrder, at, length, lease);
  rankPools(draft, inOrder, at, lease);
  const next = policy.packing === 'next-fit' ? nextFit(draft, groups, inOrder, at, until, cut) : null;
  if (next !== null) return next;
  const rooms = new Map<Pool, Room>();
  for (const pool of suitable) rooms.set(pool, { pool, free: freeOver(draft, pool, at, until) });
  const offered = inOrder.map((pool) => rooms.get(pool)!);
  const packed =
    (perRound === null ? null : deal(groups, offered, perRound)) ??
    pack(groups, offered) ??
    (groups.length === 1 ? null : pack(groups, [...rooms.values()]));
  if (packed !== null) return { pools: packed, until };
  return cut ? nextFit(draft, groups, inOrder, at, until, true) : null;
}

function freeOver(draft: Draft, pool: Pool, from: Instant, until: Instant): number[] {
  const least = zeros(pool.profile.width);
  draft.profile(pool.index).minimum(from, until, least);
  return least;
}

/** A suspended lease whose memory lies on its nodes returns to just these, until it can have travelled elsewhere. */
export function staysOnNodes(draft: Draft, lease: Lease, at: Instant): boolean {
  const { state, now } = draft;
  if (draft.preparationOf(lease) !== null && lease.pools !== null) return true; // its images are sent there
  if (lease.phase !== 'suspended' || state.policy.migration === 'no-transfer') return false;
  return state.policy.migration === 'no' || at < now + migrationBound(state, lease);
}

/** Haizea counts a migration whether it is needed or not. */
function comesTooSoon({ state, now }: Draft, lease: Lease, at: Instant): boolean {
  return state.policy.estimates === 'haizea' && migrates(state, lease) && at < now + migrationBound(state, lease);
}

function fitOnItsNodes(draft: Draft, lease: Lease, at: Instant, until: Instant, cut: boolean): Found | null {
  const sent = draft.preparationOf(lease) !== null && lease.pools !== null;
  const pools = sent ? lease.pools! : poolsOfNodes(draft.state, lease.nodes!);
  if (!hasRoomOnEach(draft, lease.terms, pools, at)) return null;
  let end = until;
  for (const load of loadsInPools(draft.state, lease.terms, pools)) {
    if (draft.state.pools[load.pool]!.nodes.length === 0) return null;
    end = Math.min(end, draft.profile(load.pool).holdsUntil(at, load.amounts));
    if (cut ? end <= at : end < until) return null;
  }
  return { pools, until: end };
}

/** Whether each of the pools has room for one VM at `at`, where all are alike: most that do not fit are told by this. */
function hasRoomOnEach(draft: Draft, { groups }: Terms, pools: PoolCounts, at: Instant): boolean {
  if (groups.length > 1) return true;
  for (let i = 0; i < pools.length; i += 2) {
    const pool = draft.state.pools[pools[i]!]!;
    const each = pool.counted ? ONE : use(pool, groups[0]!.demand);
    if (draft.profile(pool.index).countOver(at, at + 1, each, 1) === 0) return false;
  }
  return true;
}

const ONE = [1];
