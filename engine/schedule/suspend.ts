/**
 * Suspension and resumption: how long each VM takes, and in which order VMs follow one another (Sotomayor 2008; Haizea
 * 1.1). Suspensions are laid out backwards from their common end, resumptions forwards from their common beginning.
 */

import { thousandthsOf } from '../kit/decimal.js';
import { expand, push, type Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import { shutdownLength } from '../state/ends.js';
import type { Lease, Step } from '../state/live-lease.js';
import { resourceIndex, type StateView } from '../state/state.js';
import { type Busy, busyNodes } from './exclusion.js';
import type { Draft } from './draft.js';

/** Steps of a suspension that ends exactly at `end`. The first VM on a node is the last to be saved. */
export function suspensionSteps(draft: Draft, lease: Lease, nodes: Runs, end: Instant): Step[] {
  const lanes = lanesOf(draft.state, expand(nodes));
  const mirror = ({ from, until }: Span): Span => ({ from: end - until, until: end - from });
  const busy = busyNodes(draft, lease, lanes).map((span) => ({ ...span, ...mirror(span) }));
  const slots = layOut(draft.state, lease, lanes, 'suspend', inOrder(busy));
  return inOrder(slots.map((slot) => ({ vms: slot.vms, ...mirror(slot) })));
}

/** Steps of a resumption on `nodes` that begins at `begin`. */
export function resumptionSteps(draft: Draft, lease: Lease, nodes: Runs, begin: Instant): Step[] {
  const lanes = lanesOf(draft.state, expand(nodes));
  const shift = ({ from, until }: Span, by: number): Span => ({ from: from + by, until: until + by });
  const busy = busyNodes(draft, lease, lanes).map((span) => ({ ...span, ...shift(span, -begin) }));
  const slots = layOut(draft.state, lease, lanes, 'resume', inOrder(busy));
  return inOrder(slots.map((slot) => ({ vms: slot.vms, ...shift(slot, begin) })));
}

/** Instants, or durations counted from one. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** How long the lease takes to be saved or to come back where these pools hold it, if nobody else is in its way. */
export function lengthInPools(
  state: StateView,
  lease: Lease,
  pools: PoolCounts,
  operation: 'suspend' | 'resume',
): Duration {
  return lengthOnLanes(state, lease, lanesOf(state, placesInPools(state, pools)), operation);
}

/**
 * How long the lease takes to be saved or to come back, before its nodes are known: all VMs one after another. Where that
 * is known to be too much (its own nodes, or exclusive nodes, which hold one VM each), as long as it takes.
 */
export function lengthAnywhere(state: StateView, lease: Lease, operation: 'suspend' | 'resume'): Duration {
  const { policy } = state;
  if (policy.estimates === 'exact') {
    if (state.pools.every((pool) => pool.exclusive)) {
      const apart = Array.from({ length: lease.vms }, (_, i) => i);
      return lengthOnLanes(state, lease, lanesOf(state, apart), operation);
    }
    if (lease.nodes !== null && (operation === 'suspend' || policy.migration === 'no')) {
      const { groups } = lease.terms;
      if (groups.length === 1 && policy.suspendExclusion === 'local' && areDistinct(lease.nodes))
        return timeOf(state, groups[0]!.demand, operation) + policy.enactmentOverhead; // all at once
      return lengthOnLanes(state, lease, lanesOf(state, expand(lease.nodes)), operation);
    }
  }
  let sum = 0;
  for (const group of lease.terms.groups)
    sum += group.vms * (timeOf(state, group.demand, operation) + policy.enactmentOverhead);
  return sum;
}

/** Whether no node is named twice, told by their ascending. O(pairs). */
function areDistinct(nodes: Runs): boolean {
  for (let i = 2; i < nodes.length; i += 2) if (nodes[i]! <= nodes[i - 1]!) return false;
  return true;
}

/**
 * How long the lease must have its nodes where it must be suspended for another: as the policy says, and at any rate
 * longer than saving it and bringing it back takes.
 */
export function threshold(state: StateView, lease: Lease): Duration {
  const { suspendThreshold, suspendThresholdFactor } = state.policy;
  let safe = lengthAnywhere(state, lease, 'suspend');
  if (lease.phase === 'suspended') safe += lengthAnywhere(state, lease, 'resume');
  return Math.max(suspendThreshold ?? safe + Math.ceil((safe * suspendThresholdFactor) / 1000), safe + 1);
}

/** Whether the policy lets the lease be suspended at all. */
export function maySuspend(state: StateView, lease: Lease): boolean {
  const { suspension } = state.policy;
  return suspension === 'all' || (suspension === 'serial-only' && lease.vms === 1);
}

/** How long the lease needs its nodes, once it is resumed or started on them: what remains, and what it takes to end. */
export function runLength(state: StateView, lease: Lease): Duration {
  return lease.remaining + shutdownLength(state.policy, lease);
}

// ---- layout --------------------------------------------------------------------------------------------------------

/** VMs over [from, until), counted from the common beginning (or backwards from the common end). */
interface Slot {
  readonly vms: number[];
  from: number;
  until: number;
}

/** Which VMs exclude each other: those of one place, or all of them. */
function lanesOf(state: StateView, places: readonly number[]): readonly number[] {
  return state.policy.suspendExclusion === 'global' ? places.map(() => 0) : places;
}

/** A place per VM: the shared node it is on, or one of its own. */
function placesInPools(state: StateView, pools: PoolCounts): number[] {
  const places: number[] = [];
  for (let i = 0; i < pools.length; i += 2) {
    const pool = state.pools[pools[i]!]!;
    for (let k = 0; k < pools[i + 1]!; k++) places.push(pool.counted ? -1 - places.length : pool.index);
  }
  return places;
}

/** O(VMs × busy). */
function layOut(
  state: StateView,
  lease: Lease,
  lanes: readonly number[],
  operation: 'suspend' | 'resume',
  busy: readonly Busy[],
): Slot[] {
  const { policy } = state;
  const apart = policy.estimates === 'haizea' && policy.suspendExclusion === 'local';
  const overhead = apart ? 0 : policy.enactmentOverhead;
  const busyUntil = new Map<number, Duration>();
  const slots: Slot[] = [];
  const bySpan = new Map<string, Slot>();
  let vm = 0;
  for (const group of lease.terms.groups) {
    const time = timeOf(state, group.demand, operation) + overhead;
    for (let k = 0; k < group.vms; k++) {
      const lane = lanes[vm++]!;
      const from = firstFree(busy, lane, busyUntil.get(lane) ?? 0, time);
      const until = from + time;
      busyUntil.set(lane, until);
      const key = `${from} ${until}`;
      const slot = bySpan.get(key);
      if (slot !== undefined) push(slot.vms, vm);
      else {
        const first = { vms: [vm, vm], from, until };
        bySpan.set(key, first);
        slots.push(first);
      }
    }
  }
  return apart ? oneAfterAnother(slots, policy.enactmentOverhead) : slots;
}

/** The earliest beginning from `at` on of `time` on the lane that overlaps nothing. */
function firstFree(busy: readonly Busy[], lane: number, at: Duration, time: Duration): Duration {
  let from = at;
  for (const other of busy) {
    if (other.lane === lane && other.from < from + Math.max(1, time) && other.until > from) from = other.until;
  }
  return from;
}

/** Haizea's steps: each takes the overhead of all its VMs, and no two overlap, even where they are on other nodes. */
function oneAfterAnother(slots: Slot[], overhead: Duration): Slot[] {
  inOrder(slots);
  let before = 0;
  for (const slot of slots) {
    const count = expand(slot.vms).length;
    const length = slot.until - slot.from + count * overhead;
    slot.from = Math.max(slot.from, before);
    slot.until = slot.from + length;
    before = slot.until;
  }
  return slots;
}

/** How long it takes where nobody else is in the way: the lane that takes longest. O(VMs). */
function lengthOnLanes(
  state: StateView,
  lease: Lease,
  lanes: readonly number[],
  operation: 'suspend' | 'resume',
): Duration {
  const { policy } = state;
  if (policy.estimates === 'haizea')
    return layOut(state, lease, lanes, operation, []).reduce((length, { until }) => Math.max(length, until), 0);
  const lengths = new Map<number, Duration>();
  let longest: Duration = 0;
  let vm = 0;
  for (const group of lease.terms.groups) {
    const time = timeOf(state, group.demand, operation) + policy.enactmentOverhead;
    for (let k = 0; k < group.vms; k++) {
      const lane = lanes[vm++]!;
      const length = (lengths.get(lane) ?? 0) + time;
      lengths.set(lane, length);
      if (length > longest) longest = length;
    }
  }
  return longest;
}

/** 1. earlier beginning  2. earlier end; else as they were: of steps none are alike, and lanes do not mind. */
function inOrder<T extends Span>(spans: T[]): T[] {
  return spans.sort((a, b) => a.from - b.from || a.until - b.until);
}

/** Milliseconds to move the memory of one VM, rounded up. */
function timeOf(state: StateView, demand: readonly number[], operation: 'suspend' | 'resume'): Duration {
  const { policy } = state;
  const fixed = operation === 'suspend' ? policy.suspendTime : policy.resumeTime;
  if (fixed !== null) return fixed;
  const memory = resourceIndex(state, 'memory');
  if (memory < 0) return 0;
  const rate = operation === 'suspend' ? policy.suspendRate : policy.resumeRate;
  return rounded(state, (demand[memory]! * 1_000_000) / thousandthsOf(rate));
}

/** A duration that follows from a rate, rounded up as the policy says. */
export function rounded(state: StateView, milliseconds: number): Duration {
  return state.policy.wholeSeconds ? Math.ceil(milliseconds / 1000) * 1000 : Math.ceil(milliseconds);
}
