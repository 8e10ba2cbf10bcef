/**
 * Free room over time: the spans within which a lease of given terms could lie, beside all that runs, is reserved, and
 * waits as the forecast has it.
 */

import { DURATION_MAX, type Duration, type Instant } from '../kit/time.js';
import { VMS_MAX } from '../model/lease.js';
import type { Profile } from '../state/profile.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';
import { Draft } from './draft.js';
import type { Forecast } from './forecast.js';
import { couldEverFit, fitAt, lengthOf } from './place.js';

export interface SlotSearch {
  /** Leases that begin in [from, until) are looked for. */
  readonly from: Instant;
  readonly until: Instant;
  /** At most so many slots. */
  readonly count: number;
  /** At most so many pools are looked at, each as often as that has to be. */
  readonly looks: number;
}

/** A span of instants at each of which the lease could begin. */
export interface Slot {
  readonly from: Instant;
  /** When it would be over, began it at the last of them; null: nothing that is planned ends it. */
  readonly to: Instant | null;
  /** As many VMs of this size could begin at `from`, for as long. */
  readonly vmsMax: number;
  /** For so long could as many VMs as asked for, from `from` on; null: for as long as a lease may last. */
  readonly longest: Duration | null;
}

export interface FreeSlots {
  /** In order of time, not overlapping where a lease begins. */
  readonly slots: readonly Slot[];
  /** Beginnings before this instant have been looked at: those behind it are not known. */
  readonly searched: Instant;
}

/**
 * `lease` is on trial, of one group, and asks for nothing that must be prepared. Reads the state, which has the pools that
 * it had when `plan` was made. O(breakpoints + looks × breakpoints in between).
 */
export function freeSlots(state: StateView, plan: Forecast, lease: Lease, now: Instant, search: SlotSearch): FreeSlots {
  if (!couldEverFit(state, lease.terms)) return { slots: [], searched: search.until };
  const draft = Draft.of(state, now, plan.left);
  const room = new Rooms(draft, plan, search.looks);
  const slots: Slot[] = [];
  let searched = search.from;
  while (slots.length < search.count && searched < search.until) {
    // 1. The first instant at which it fits.
    const from = room.begin(lease, searched, search.until);
    if (from === null) {
      searched = room.isSpent ? room.reached : search.until;
      break;
    }
    // 2. The last one from there on, and what else would fit.
    const last = room.lastBegin(lease, from);
    const to = last === null ? null : last + lengthOf(state, lease);
    slots.push({ from, to, vmsMax: room.widest(lease, from), longest: room.longest(lease, from) });
    searched = last === null ? search.until : Math.min(search.until, last + 1);
    if (room.isSpent) break;
  }
  draft.finish();
  return { slots, searched };
}

class Rooms {
  /** What all nodes together have: tells most instants at which nothing fits. */
  private readonly sum: Profile;
  /** All nodes are alike, and counted. */
  private readonly isCounted: boolean;
  /** Every instant at which something changes, ascending. */
  private readonly changes: readonly Instant[];
  private looks: number;
  /** How far `begin` has come. */
  reached: Instant = 0;

  constructor(
    private readonly draft: Draft,
    plan: Forecast,
    looks: number,
  ) {
    const { state, now } = draft;
    this.isCounted = plan.sum === null;
    this.sum = plan.sum ?? draft.profile(0);
    this.looks = Math.max(1, Math.floor(looks / Math.max(1, state.pools.length)));
    const changes = new Set<Instant>();
    const profiles = state.pools.map(({ index }) => draft.profile(index));
    for (const profile of [this.sum, ...profiles])
      profile.forEachSegment(now, (at) => {
        if (at > now) changes.add(at);
      });
    this.changes = [...changes].sort((a, b) => a - b);
  }

  /** Nothing more is looked at. */
  get isSpent(): boolean {
    return this.looks <= 0;
  }

  /** The first instant in [after, until) at which the lease fits; null: there is none, or it is not known. */
  begin(lease: Lease, after: Instant, until: Instant): Instant | null {
    for (let at = after; at < until; ) {
      this.reached = at;
      if (this.isSpent) return null;
      const from = this.sum.earliest(at, this.needOf(lease), lengthOf(this.draft.state, lease), until);
      if (from >= until) return null;
      if (this.fits(lease, from)) return from;
      at = this.changes[this.indexAfter(from)] ?? until;
    }
    return null;
  }

  /** The last instant from `from` on up to which it fits at each; null: it always does. */
  lastBegin(lease: Lease, from: Instant): Instant | null {
    const length = lengthOf(this.draft.state, lease);
    let last = from;
    for (let i = this.indexAfter(from + length - 1); i < this.changes.length; i++) {
      // What begins a moment later reaches beyond that change.
      last = this.changes[i]! - length;
      if (this.isSpent || !this.fits(lease, last + 1)) return last;
    }
    return null;
  }

  /** O(log VMs) looks. */
  widest(lease: Lease, at: Instant): number {
    let [low, high] = [lease.vms, this.most(lease, at)];
    while (low < high && !this.isSpent) {
      const middle = (low + high + 1) >>> 1;
      if (this.fits(withVms(lease, middle), at)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** O(log breakpoints) looks. */
  longest(lease: Lease, at: Instant): Duration | null {
    const extra = lengthOf(this.draft.state, lease) - lease.remaining;
    const lasting = (duration: Duration): boolean => this.fits({ ...lease, remaining: duration }, at);
    if (lasting(DURATION_MAX)) return null;
    let found = lease.remaining;
    let low = this.indexAfter(at + lease.remaining + extra);
    for (let high = this.changes.length - 1; low <= high && !this.isSpent; ) {
      const middle = (low + high) >>> 1;
      const duration = Math.min(DURATION_MAX, this.changes[middle]! - at - extra);
      if (lasting(duration)) [found, low] = [duration, middle + 1];
      else high = middle - 1;
    }
    return found;
  }

  private fits(lease: Lease, at: Instant): boolean {
    const length = lengthOf(this.draft.state, lease);
    if (this.sum.earliest(at, this.needOf(lease), length, at + 1) !== at) return false;
    this.looks--;
    return fitAt(this.draft, lease, at) !== null;
  }

  /** No more VMs of this size than all nodes together have room for. */
  private most(lease: Lease, at: Instant): number {
    const least: number[] = [];
    this.sum.minimum(at, at + lengthOf(this.draft.state, lease), least);
    let most = VMS_MAX;
    for (const [r, each] of this.needOf(withVms(lease, 1)).entries())
      if (each > 0) most = Math.min(most, Math.floor(least[r]! / each));
    return most;
  }

  private needOf({ vms, terms }: Lease): number[] {
    if (this.isCounted) return [vms];
    return this.draft.state.resources.map((_, r) => vms * terms.groups[0]!.demand[r]!);
  }

  /** The index of the first change after `at`. */
  private indexAfter(at: Instant): number {
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.changes[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function withVms(lease: Lease, vms: number): Lease {
  return { ...lease, vms, terms: { ...lease.terms, groups: [{ ...lease.terms.groups[0]!, vms }] } };
}
