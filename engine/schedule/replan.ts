/**
 * Reservations planned anew: around capacity that was withdrawn, and into capacity that was released. Under conservative
 * backfilling each is lifted in queue order and put back at its earliest hole, which is never later (Mu'alem & Feitelson
 * 2001).
 */

import { FOREVER, type Instant } from '../kit/time.js';
import { reason } from '../model/reasons.js';
import type { Lease, Load } from '../state/live-lease.js';
import { dropReservation } from './answers.js';
import { asap, deadlinesInOrder } from './deadlines.js';
import type { Draft } from './draft.js';
import { sorted } from './sorted.js';
import { imagesInTime, isBeingSent } from './images.js';
import { isPlain, NotBefore } from './in-vain.js';
import { logMoves, type Moved, type Moves, moveTo } from './moves.js';
import { hasMissed } from './missed.js';
import { type Fit, fitAt, lengthOf, mayBeCut, onePool, suitsAll } from './place.js';
import { earliest, earliestAmong, readyAnywhere } from './prepare.js';
import { dropReturn, refitReturn } from './return.js';
import { Rising } from './rising.js';
import { Stretches } from './stretches.js';

/**
 * After capacity was withdrawn, all reservations are placed anew: advance leases at their instant, the others behind
 * them. What fits nowhere gives its reservation up: nodes may come back in time. Where nobody planned when some were due,
 * only those that are not bound to their instant are placed anew.
 */
export function replan(draft: Draft, due: readonly Lease[], moves: Moves): void {
  const { state, now } = draft;
  const { lost } = state;
  const missed = state.missedSince !== null && due.some((lease) => hasMissed(lease, now) && !isAdvance(lease));
  if (!lost && !missed) return;
  const why = lost ? 'node-unavailable' : 'turns-missed';
  const reserved = sorted(reservedLeases(draft)).filter((lease) => lost || !isAdvance(lease));
  const returning = lost ? sorted(state.leases.values().filter((lease) => draft.laterOf(lease) !== null)) : [];
  for (const lease of reserved) draft.lift(lease);
  for (const lease of returning) draft.holdLater(lease, null);
  const homeless: Lease[] = [];
  const returns: Moved[] = [];
  const notBefore = new NotBefore();
  for (const fixed of [true, false]) {
    // Those that make room have begun: after advance leases, which must begin at their instant, and before all others.
    for (const lease of fixed ? [] : returning) {
      const fit = refitReturn(draft, lease);
      if (fit === null) homeless.push(lease);
      else returns.push({ lease, ...fit });
    }
    for (const lease of reserved) {
      if (isAdvance(lease) !== fixed) continue;
      const fit = fixed ? fitAt(draft, lease, Math.max(now, lease.from)) : refit(draft, lease, notBefore);
      const send = fit === null || !fixed ? undefined : imagesInTime(draft, lease, fit.pools, fit.from);
      if (fit === null || send === null) homeless.push(lease);
      else moveTo(draft, moves, lease, fit, send);
    }
  }
  draft.replanned = state.changes.length === 0;
  logMoves(draft, [...moves.all(), ...returns], lost ? 'capacity-lost' : 'turns-missed');
  for (const lease of homeless) {
    if (lease.terms.start.kind !== 'best-effort' && lease.phase === 'reserved') draft.endangered.push(lease);
    if (returning.includes(lease)) dropReturn(draft, lease, reason(why));
    else dropReservation(draft, lease, [reason(why)]);
  }
}

function refit(draft: Draft, lease: Lease, notBefore: NotBefore): Fit | null {
  return lease.terms.start.kind === 'deadline' ? asap(draft, lease) : earliestAmong(draft, lease, notBefore);
}

/**
 * After capacity was released: reservations of waiting leases in queue order (where backfilling makes any), then those of
 * deadline leases, tightest first. One columnar decision.
 */
export function moveReservations(draft: Draft, moves: Moves): void {
  const { replanned } = draft;
  draft.replanned = false;
  if (!draft.freed) return;
  draft.freed = false;
  const { kind } = draft.state.policy.backfilling;
  const moved =
    kind === 'sticky' ? moveSticky(draft, moves) : kind === 'conservative' ? compress(draft, moves, replanned) : [];
  for (const lease of deadlinesInOrder(draft)) {
    const held = draft.heldBy(lease)!;
    draft.lift(lease);
    const fit = asap(draft, lease, held.from);
    if (fit === null) draft.place(lease, held);
    else {
      moved.push(moveTo(draft, moves, lease, fit));
    }
  }
  logMoves(draft, moved, 'capacity-released');
}

/** Of so many breakpoints it pays to know for how long what is free stays so. */
const MANY = 128;

/**
 * Every reservation of a waiting lease, in queue order: lifted and put back at its earliest hole. Right after a loss most are
 * there already: the others were put beside them, and left no more room than there was. VMs that differ may all the same be
 * packed better now, and then leave room for those behind them.
 */
function compress(draft: Draft, moves: Moves, replanned: boolean): Moved[] {
  if (onePool(draft.state) !== null) return compressOnePool(draft, moves);
  const moved: Moved[] = [];
  for (const lease of draft.queue) {
    if (!draft.isReserved(lease)) continue;
    const held = draft.heldBy(lease)!;
    if (held.from <= draft.now || stays(draft, lease)) continue;
    if (replanned && moved.length === 0 && isPlain(draft.state, lease)) continue;
    draft.lift(lease);
    const fit = earliest(draft, lease, held.from);
    if (fit === null) draft.place(lease, held);
    else {
      moved.push(moveTo(draft, moves, lease, fit));
    }
  }
  return moved;
}

/**
 * The same on one counted pool, where only those are touched that can move. O(reservations × log steps), and O(breakpoints)
 * for each that has room before it for so long (where there are few of them: for any time), or moves.
 */
function compressOnePool(draft: Draft, moves: Moves): Moved[] {
  const moved: Moved[] = [];
  const { now, state } = draft;
  const { outlines } = state;
  let profile = draft.profile(0);
  const rising = new Rising(profile, now);
  const stretches = profile.size > MANY ? new Stretches(now) : null;
  const differs = draft.held.size > 0;
  for (const lease of draft.queue) {
    // 1. Most are told by their outlines alone, without a look at the lease.
    const { slot } = lease;
    if (!differs || !draft.held.has(lease)) {
      const from = outlines.from(slot);
      const vms = outlines.vms(slot);
      if (from <= now || rising.first(vms) >= from) continue;
      const since = stretches === null ? now : stretches.first(profile, vms, outlines.length(slot));
      if (since >= from && !profile.isFreeBefore(from, vms)) continue;
    }
    // 2. The others are looked for room for.
    const held = draft.held.get(lease) ?? lease; // nothing is made for each of them: most stay
    const { from, until } = held;
    if (from <= now || rising.first(lease.vms) >= from || !draft.isReserved(lease) || stays(draft, lease)) continue;
    const loads = held.loads!;
    const fit = earlierHole(draft, lease, loads, stretches, from, until);
    if (fit !== null) moved.push(moveTo(draft, moves, lease, fit));
    profile = draft.profile(0); // of what is planned just now there may be a copy
    if (fit === null) continue;
    const left = Math.max(from, fit.until);
    if (left >= until) continue;
    const most = profile.most(left, until);
    rising.raise(left, most);
    stretches?.raise(profile, left, until, loads[0]!.amounts[0]!, most);
  }
  return moved;
}

/**
 * On one counted pool: where the reservation, which holds `loads` over [from, until), could begin instead; null: it stays as
 * it was.
 */
function earlierHole(
  draft: Draft,
  lease: Lease,
  loads: readonly Load[],
  stretches: Stretches | null,
  from: Instant,
  until: Instant,
): Fit | null {
  const { state, now } = draft;
  const length = lengthOf(state, lease);
  const isPlain = lease.phase !== 'suspended' && loads[0]!.before === undefined;
  if (isPlain && until - from >= length && loads[0]!.amounts[0] === lease.vms) {
    // Whoever must be prepared first begins later still.
    const profile = draft.profile(0);
    const { vms } = lease;
    const long = stretches === null ? now : stretches.first(profile, vms, length);
    const since = long === now ? now : Math.min(long, profile.freeSince(from, vms, now));
    if (since >= from) return null;
    const at = profile.earliestInstead(since, vms, length, from);
    if (at === FOREVER) {
      stretches?.lower(vms, length, from);
      return null;
    }
    if (readyAnywhere(draft, lease) === now && suitsAll(state, state.pools[0]!, lease.terms))
      return { from: at, until: at + length, pools: draft.poolsOf(lease)!, loads };
  }
  const held = draft.heldBy(lease)!;
  draft.lift(lease);
  const fit = earliest(draft, lease, from);
  if (fit === null) draft.place(lease, held);
  return fit;
}

/**
 * After capacity was released before its time: every reservation that is not due is lifted and made anew, in queue order.
 * One that would begin later stays. O(reservations × instants × fitAt).
 */
export function moveSticky(draft: Draft, moves: Moves): Moved[] {
  const { now } = draft;
  const moved: Moved[] = [];
  for (const lease of draft.queue) {
    if (!draft.isReserved(lease)) continue;
    const held = draft.heldBy(lease)!;
    if (held.from <= now || stays(draft, lease)) continue;
    draft.lift(lease);
    const fit = earliestAnew(draft, lease, held.from + 1);
    if (fit === null || (!sendsAnew(draft, lease) && sameAs(draft, fit, lease, held))) draft.place(lease, held);
    else {
      moved.push(moveTo(draft, moves, lease, fit));
    }
  }
  return moved;
}

/** Whether the reservation is not moved: it only waits for what is sent, or what is planned just now is not yet in the log. */
function stays(draft: Draft, lease: Lease): boolean {
  return lease.soon || draft.sending.has(lease) || draft.moving.has(lease);
}

/** Where its images lie or go, or elsewhere, where they are sent anew: whichever is earlier. */
function earliestAnew(draft: Draft, lease: Lease, limit: Instant): Fit | null {
  const cut = mayBeCut(draft.state, lease);
  const fit = sendsAnew(draft, lease) ? null : earliest(draft, lease, limit, cut);
  if (draft.preparationOf(lease) === null || isBeingSent(draft, lease)) return fit;
  const undo = draft.forgetPreparation(lease);
  const elsewhere = earliest(draft, lease, fit?.from ?? limit, cut);
  if (elsewhere === null) undo();
  return elsewhere ?? fit;
}

/** Haizea sends images again whenever it plans anew, also to the nodes where they lie. */
function sendsAnew(draft: Draft, lease: Lease): boolean {
  return draft.state.policy.estimates === 'haizea' && lease.preparation !== null && !isBeingSent(draft, lease);
}

function sameAs(draft: Draft, fit: Fit, lease: Lease, held: Pick<Fit, 'from' | 'until'>): boolean {
  const pools = draft.poolsOf(lease)!;
  if (fit.from !== held.from || fit.until !== held.until || fit.pools.length !== pools.length) return false;
  return fit.pools.every((one, i) => one === pools[i]);
}

function* reservedLeases(draft: Draft): Iterable<Lease> {
  for (const lease of draft.state.leases.values()) if (draft.isReserved(lease)) yield lease;
}

function isAdvance(lease: Lease): boolean {
  return lease.terms.start.kind === 'advance';
}
