/**
 * The forecast: when each waiting lease is expected to begin. The whole queue is planned in the order in which it is
 * served, each lease at its earliest fit beside reservations and those before it, as conservative backfilling would.
 */

import { FOREVER, type Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import type { LeaseId } from '../model/lease.js';
import { Profile } from '../state/profile.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';
import { Draft } from './draft.js';
import { EarliestFits } from './earliest.js';
import { earliestFit, type Fit, onePool } from './place.js';
import { readyAnywhere, reserveAndPrepare, soonest } from './prepare.js';

export interface ForecastLimits {
  /** So many leases are planned; those behind begin later than can be said. */
  readonly leases: number;
  /** Leases × nodes planned one by one. Behind them only what is free over all nodes together counts. */
  readonly fits: number;
}

/** When a lease is expected to begin, and on which pools; null: only that all nodes together have enough for it then. */
export interface Expected {
  readonly start: Instant;
  readonly pools: PoolCounts | null;
}

export interface Forecast {
  readonly turn: number;
  readonly now: Instant;
  /** Leases that wait for capacity, in the order in which they are served. Null: beyond what is planned, or nowhere yet. */
  readonly starts: ReadonlyMap<LeaseId, Expected | null>;
  /** What is left in each pool beside those that are planned node by node, and over all pools beside all. */
  readonly left: readonly Profile[];
  readonly sum: Profile | null;
  /** The latest of the starts: nobody overtakes where there is no backfilling. */
  readonly latest: Instant;
  /** Some leases are not planned node by node. */
  readonly rough: boolean;
}

/**
 * Reads the state. With w waiting leases and b breakpoints O(w × b) steps of a few nanoseconds, since b grows with w, and
 * O(pools × instants tried) for each of those planned node by node.
 */
export function forecast(state: StateView, now: Instant, limits: ForecastLimits): Forecast {
  const draft = Draft.of(state, now);
  const plan = new Plan(draft, limits);
  for (const lease of draft.queue) plan.add(lease);
  const { starts, latest, rough } = plan;
  const left = state.pools.map((pool) => copyOf(draft.profile(pool.index)));
  const sum = plan.fits?.sum ?? null;
  draft.finish();
  return { turn: state.turn, now, starts, left, sum, latest, rough };
}

/**
 * When `lease` would begin behind all that wait, as `plan` has them; null: that cannot be said, or not before `limit`. Reads the state, which may
 * have gone on since, but has the pools that it had. O(breakpoints + instants tried × pools).
 */
export function expectedBehind(
  state: StateView,
  plan: Forecast,
  lease: Lease,
  now: Instant,
  limit: Instant = FOREVER,
): Expected | null {
  const draft = Draft.of(state, now, plan.left);
  const after = Math.max(readyAnywhere(draft, lease), inOrder(state) ? plan.latest : now);
  const expected =
    plan.sum === null
      ? asExpected(earliestFit(draft, lease, after, limit), true)
      : besideAll(new EarliestFits(draft, plan.sum), plan, lease, { after, limit });
  draft.finish();
  return expected;
}

function besideAll(
  fits: EarliestFits,
  plan: Forecast,
  lease: Lease,
  { after, limit }: { readonly after: Instant; readonly limit: Instant },
): Expected | null {
  const fit = fits.find(lease, after, limit, plan.rough ? TRIES_MAX : FOREVER);
  if (fit !== null || !plan.rough) return asExpected(fit, !plan.rough);
  const start = limit < FOREVER ? null : fits.roughly(lease, after);
  return start === null ? null : { start, pools: null };
}

/** Where the plan is rough, so many instants are tried before what is free over all nodes together has to do. */
const TRIES_MAX = 64;

class Plan {
  readonly starts = new Map<LeaseId, Expected | null>();
  /** Null: all nodes are alike, and counted. */
  readonly fits: EarliestFits | null;
  latest: Instant;
  rough = false;
  private planned = 0;

  constructor(
    private readonly draft: Draft,
    private readonly limits: ForecastLimits,
  ) {
    this.latest = draft.now;
    this.fits = onePool(draft.state) === null ? new EarliestFits(draft) : null;
  }

  add(lease: Lease): void {
    const expected = lease.pools === null ? this.place(lease) : { start: lease.from, pools: lease.pools };
    this.starts.set(lease.id, expected);
    if (expected !== null) this.latest = Math.max(this.latest, expected.start);
  }

  private place(lease: Lease): Expected | null {
    const { draft, fits, limits } = this;
    if (++this.planned > limits.leases) return null;
    const after = Math.max(readyAnywhere(draft, lease), inOrder(draft.state) ? this.latest : draft.now);
    // 1. Nodes that are counted.
    if (fits === null) {
      const fit = earliestFit(draft, lease, after, FOREVER);
      if (fit !== null) draft.take(fit.loads, fit.from, fit.until);
      return asExpected(fit, true);
    }
    // 2. The first ones node by node, as a decision would place them.
    this.rough ||= this.planned * draft.state.pools.length > limits.fits;
    if (!this.rough) {
      const fit = this.soonest(lease) ?? fits.find(lease, after);
      if (fit !== null) this.hold(lease, fit);
      return asExpected(fit, true);
    }
    // 3. The others by what is free over all nodes.
    const start = fits.roughly(lease, after);
    if (start !== null) fits.takeRoughly(lease, start);
    return start === null ? null : { start, pools: null };
  }

  /** What must be prepared begins where it can be. */
  private soonest(lease: Lease): Fit | null {
    return prepares(this.draft.state) && !inOrder(this.draft.state) ? soonest(this.draft, lease) : null;
  }

  private hold(lease: Lease, fit: Fit): void {
    this.draft.place(lease, fit);
    this.fits!.take(fit.loads, fit.from, fit.until);
    if (prepares(this.draft.state)) reserveAndPrepare(this.draft, lease, fit, [], false);
  }
}

function prepares({ policy }: StateView): boolean {
  return policy.preparation !== 'none' || policy.migration === 'yes';
}

/** Whether nobody begins before those ahead of him. */
function inOrder({ policy }: StateView): boolean {
  return policy.backfilling.kind === 'none';
}

function asExpected(fit: Fit | null, placed: boolean): Expected | null {
  return fit === null ? null : { start: fit.from, pools: placed ? fit.pools : null };
}

function copyOf(profile: Profile): Profile {
  const copy = new Profile(new Array<number>(profile.width).fill(0));
  copy.copyFrom(profile);
  return copy;
}
