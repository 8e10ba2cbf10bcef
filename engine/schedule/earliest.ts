/**
 * The earliest fit of many leases, one after another, while capacity only becomes less: what is free over all nodes
 * together tells most instants at which a lease cannot begin, and those before which none like it can are not looked at
 * again.
 */

import { countFitting, fitsInto, times, zeros } from '../kit/capacity.js';
import { FOREVER, type Duration, type Instant } from '../kit/time.js';
import { needOf } from '../model/lease.js';
import { use } from '../state/nodes.js';
import { Profile } from '../state/profile.js';
import type { Lease, Load } from '../state/live-lease.js';
import type { Pool } from '../state/state.js';
import type { Draft } from './draft.js';
import { type Fit, fitAt, lengthOf, suits } from './place.js';

export class EarliestFits {
  /** What is free over all pools that take VMs, of each resource. */
  readonly sum: Profile;
  /** Before then, no lease that needs as much for as long can begin: by powers of two of both. */
  private readonly bounds = new Map<string, Instant>();
  private readonly least: number[] = [];

  /** O(pools × breakpoints) where `sum` is to be worked out. Less than nothing may be free only where no VMs are taken. */
  constructor(
    private readonly draft: Draft,
    sum: Profile | null = null,
  ) {
    this.sum = sum ?? sumOf(draft);
  }

  /**
   * Where the lease fits first in [after, limit); null: nowhere. The same as `earliestFit`, sooner found: O(instants at
   * which all nodes together have enough × pools). Null, too, after so many `tries`.
   */
  find(lease: Lease, after: Instant, limit: Instant = FOREVER, tries = FOREVER): Fit | null {
    const { draft } = this;
    const length = lengthOf(draft.state, lease);
    const pools = draft.state.pools.filter((pool) => pool.nodes.length > 0 && suits(draft.state, pool, lease.terms));
    for (let at = after, tried = 0; tried < tries; tried++) {
      const from = this.roughly(lease, at, limit);
      if (from === null) return null;
      const fit = this.couldFit(lease, pools, from, length) ? fitAt(draft, lease, from) : null;
      if (fit !== null) return fit;
      at = this.nextRelease(from);
      if (at >= limit) return null;
    }
    return null;
  }

  /** When all nodes together have enough for it in [after, limit); null: never. O(breakpoints), mostly of few of them. */
  roughly(lease: Lease, after: Instant, limit: Instant = FOREVER): Instant | null {
    const need = this.needOf(lease);
    const length = lengthOf(this.draft.state, lease);
    const from = limit === FOREVER ? this.bound(need, length, after) : after;
    const found = this.sum.earliest(from, need, length, limit);
    return found === FOREVER ? null : found;
  }

  /** The loads are held over [from, until) from now on. */
  take(loads: readonly Load[], from: Instant, until: Instant): void {
    for (const { pool, amounts } of loads)
      this.sum.add(from, until, inAmounts(this.draft.state.pools[pool]!, amounts), -1);
  }

  /** As much as the lease needs is held, wherever that is: whole nodes where those that suit it are given whole. */
  takeRoughly(lease: Lease, from: Instant): void {
    const { state } = this.draft;
    const pool = state.pools.find((one) => one.nodes.length > 0 && suits(state, one, lease.terms));
    const amounts = pool?.exclusive === true ? times(pool.capacity, lease.vms) : this.needOf(lease);
    this.sum.add(from, from + lengthOf(state, lease), amounts, -1);
  }

  /** Whether each of its groups would fit by itself: most instants that do not do are told by this. O(groups × pools). */
  private couldFit(lease: Lease, pools: readonly Pool[], at: Instant, length: Duration): boolean {
    return lease.terms.groups.every(({ vms, demand }) => {
      let missing = vms;
      for (const pool of pools) {
        if (!fitsInto(demand, pool.capacity)) continue;
        this.draft.profile(pool.index).minimum(at, at + length, this.least);
        if (pool.counted) missing -= Math.max(0, this.least[0]!);
        else missing -= countFitting(use(pool, demand), this.least.slice(0, demand.length), missing);
        if (missing <= 0) return true;
      }
      return false;
    });
  }

  /** Before this instant the lease cannot begin, as no lease of at least its powers of two can. Amortised O(1). */
  private bound(need: readonly number[], length: Duration, after: Instant): Instant {
    const least = need.map(powerOfTwo);
    const shortest = powerOfTwo(length);
    const key = `${least.join(' ')} ${shortest}`;
    const found = this.sum.earliest(this.bounds.get(key) ?? this.draft.now, least, shortest, FOREVER);
    this.bounds.set(key, found);
    return Math.max(after, found);
  }

  private nextRelease(at: Instant): Instant {
    let next = FOREVER;
    for (const pool of this.draft.state.pools) {
      const release = this.draft.profile(pool.index).nextRelease(at);
      if (release < next) next = release;
    }
    return next;
  }

  private needOf({ terms }: Lease): number[] {
    return this.draft.state.resources.map((_, r) => needOf(terms, r));
  }
}

function sumOf(draft: Draft): Profile {
  const { state, now } = draft;
  const sum = new Profile(zeros(state.resources.length));
  for (const pool of state.pools) {
    if (pool.nodes.length === 0) continue;
    const profile = draft.profile(pool.index);
    const from: Instant[] = [];
    const amounts: (readonly number[])[] = [];
    profile.forEachSegment(now, (begin, segment) => {
      from.push(begin);
      amounts.push(
        inAmounts(
          pool,
          zeros(profile.width).map((_, r) => profile.amount(segment, r)),
        ),
      );
    });
    for (const [i, begin] of from.entries()) sum.add(Math.max(now, begin), from[i + 1] ?? FOREVER, amounts[i]!, 1);
  }
  return sum;
}

/** Counted nodes as what they have. */
function inAmounts(pool: Pool, amounts: readonly number[]): readonly number[] {
  return pool.counted ? times(pool.capacity, amounts[0]!) : amounts;
}

/** The largest power of two that is not larger; 0 of 0. */
function powerOfTwo(amount: number): number {
  if (amount <= 0) return 0;
  let power = 1;
  while (power * 2 <= amount) power *= 2;
  return power;
}
