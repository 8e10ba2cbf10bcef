/**
 * Deadline leases: begun not before one instant, over by another. Those that have not begun may be planned anew to make
 * room, tightest first, as long as every one keeps its deadline (Sotomayor 2010).
 */

import type { Instant } from '../kit/time.js';
import { reason } from '../model/reasons.js';
import type { Lease } from '../state/live-lease.js';
import { dropReservation, earliestStart, refuse } from './answers.js';
import { shortage } from './blockers.js';
import type { Draft } from './draft.js';
import { sorted } from './sorted.js';
import { earliestFit, type Fit, fitAt, lengthOf } from './place.js';
import { preemptFor } from './preempt.js';
import { begin, readyAnywhere, reserveAndPrepare } from './prepare.js';
import { isMigrating } from './migrate.js';
import { deadlineOf } from './return.js';
import { logMoves, type Moves, moveTo } from './moves.js';

/**
 * A reservation (or a start, or a resumption) that ends by the deadline, or a refusal. One that was promised is tried while
 * there is time.
 */
export function answerOneDeadline(draft: Draft, lease: Lease, moves: Moves): void {
  const { start } = lease.terms;
  if (draft.settled.has(lease) || start.kind !== 'deadline') return;
  const fit = isMigrating(draft, lease) ? null : fitByDeadline(draft, lease, moves);
  if (fit === null) return turnDown(draft, lease, start.by);
  draft.place(lease, fit);
  if (fit.from <= draft.now) begin(draft, lease, fit);
  else {
    reserveAndPrepare(draft, lease, fit, [], false);
    draft.newDeadlines.push(lease);
  }
}

function fitByDeadline(draft: Draft, lease: Lease, moves: Moves): Fit | null {
  const { state } = draft;
  const { preemptors, deadlineExactSlack } = state.policy;
  const earliest = readyByThen(draft, lease);
  const latest = latestStartOf(draft, lease);
  if (latest < earliest) return null;
  const tight = slackOf(lease) <= deadlineExactSlack;
  const preempt = preemptors.includes('deadline');
  return (
    (tight ? fitAt(draft, lease, earliest) : null) ??
    (tight && preempt ? preemptFor(draft, lease, earliest) : null) ??
    asap(draft, lease) ??
    fitByMoving(draft, lease, moves, bySlack(draft, [...movable(draft), lease]), () => asap(draft, lease)) ??
    fitByDisplacing(draft, lease) ??
    (preempt ? (preemptFor(draft, lease, earliest) ?? preemptFor(draft, lease, latest)) : null)
  );
}

/** Where a lease fits at `at` if deadline leases that have not begun make room; null, and nothing is changed. */
export function fitBesideDeadlines(draft: Draft, lease: Lease, at: Instant, moves: Moves): Fit | null {
  const others = movable(draft);
  if (others.length === 0) return null;
  return fitByMoving(draft, lease, moves, [lease, ...bySlack(draft, others)], () => fitAt(draft, lease, at));
}

/** Deadline leases whose reservation lies ahead, tightest first: by now, and what remains. */
export function deadlinesInOrder(draft: Draft): readonly Lease[] {
  return bySlack(draft, movable(draft));
}

/** The earliest fit by the deadline, or null. */
export function asap(draft: Draft, lease: Lease, limit = Number.POSITIVE_INFINITY): Fit | null {
  const before = Math.min(limit, latestStartOf(draft, lease) + 1);
  return earliestFit(draft, lease, readyByThen(draft, lease), before);
}

/**
 * All leases of `order` but `lease` hold a reservation: they are lifted, and all are placed in this order; behind `lease`,
 * those whose place is still free keep it. O(leases × instants × fitAt).
 */
function fitByMoving(
  draft: Draft,
  lease: Lease,
  moves: Moves,
  order: readonly Lease[],
  find: () => Fit | null,
): Fit | null {
  const others = order.filter((other) => other !== lease);
  if (others.length === 0) return null;
  const before = new Map(others.map((other) => [other, draft.heldBy(other)!]));
  for (const other of others) draft.lift(other);
  const placed = new Map<Lease, Fit>();
  for (const one of order) {
    const behind = placed.has(lease);
    const fit = one === lease ? find() : ((behind ? keep(draft, one, before.get(one)!) : null) ?? asap(draft, one));
    if (fit === null) {
      for (const other of placed.keys()) draft.lift(other);
      for (const [other, held] of before) draft.place(other, held);
      return null;
    }
    draft.place(one, fit);
    placed.set(one, fit);
  }
  draft.lift(lease);
  const fit = placed.get(lease)!;
  const moved = others.filter((other) => placed.get(other)!.loads !== before.get(other)!.loads);
  for (const other of moved) {
    draft.lift(other);
    moveTo(draft, moves, other, placed.get(other)!);
  }
  if (moved.length > 0)
    logMoves(
      draft,
      moved.map((other) => moves.get(other)!),
      'made-room',
    );
  return fit;
}

/** Sticky reservations of best-effort leases give way, since they were not asked for: those in the way are given up. */
function fitByDisplacing(draft: Draft, lease: Lease): Fit | null {
  const { state, now } = draft;
  if (state.policy.backfilling.kind !== 'sticky') return null;
  const yielding = draft.queue.filter(
    (other) =>
      draft.isReserved(other) &&
      other.terms.preemptible &&
      !other.soon &&
      !isPrepared(draft, other) &&
      draft.heldBy(other)!.from > now,
  );
  const before = new Map(yielding.map((other) => [other, draft.heldBy(other)!]));
  for (const other of yielding) draft.lift(other);
  const fit = asap(draft, lease);
  if (fit !== null) draft.place(lease, fit);
  for (const [other, held] of before)
    if (fit === null || keep(draft, other, held) !== null) draft.place(other, held);
    else dropReservation(draft, other, [reason('displaced', { blockers: [lease.id] })]);
  if (fit !== null) draft.lift(lease);
  return fit;
}

/** Its old place, if that is still free. */
function keep(
  draft: Draft,
  lease: Lease,
  held: { readonly loads: Fit['loads']; from: Instant; until: Instant },
): Fit | null {
  const free = held.loads.every((load) => draft.profile(load.pool).holdsUntil(held.from, load.amounts) >= held.until);
  return free ? { ...held, pools: draft.poolsOf(lease)! } : null;
}

function movable(draft: Draft): Lease[] {
  const { deadlines } = draft.state;
  if (deadlines.size === 0 && draft.newDeadlines.length === 0) return [];
  return sorted(new Set([...deadlines, ...draft.newDeadlines])).filter(
    (lease) => draft.isReserved(lease) && draft.heldBy(lease)!.from > draft.now && !isPrepared(draft, lease),
  );
}

/** Its images or its memory lie, or are sent, where it is: it stays. */
function isPrepared(draft: Draft, lease: Lease): boolean {
  return draft.preparationOf(lease) !== null || draft.sending.has(lease) || isMigrating(draft, lease);
}

/** 1. less time for what remains, relative to it  2. earlier arrival. */
function bySlack(draft: Draft, leases: Lease[]): Lease[] {
  const ratio = (lease: Lease) => (deadlineOf(lease) - draft.now) / lease.remaining;
  return leases.sort((a, b) => ratio(a) - ratio(b) || a.sequence - b.sequence);
}

/** How much longer than its duration a lease has, in thousandths of it: 1000 is not at all. */
function slackOf(lease: Lease): number {
  const { start, duration } = lease.terms;
  return start.kind === 'deadline' ? ((start.by - start.notBefore) * 1000) / duration : 0;
}

function earliestStartOf(draft: Draft, lease: Lease): Instant {
  const { start } = lease.terms;
  return start.kind === 'deadline' ? Math.max(draft.now, start.notBefore) : draft.now;
}

/** Its earliest start, if it is prepared for from now on. */
function readyByThen(draft: Draft, lease: Lease): Instant {
  return Math.max(earliestStartOf(draft, lease), readyAnywhere(draft, lease));
}

function latestStartOf(draft: Draft, lease: Lease): Instant {
  return deadlineOf(lease) - lengthOf(draft.state, lease);
}

function turnDown(draft: Draft, lease: Lease, by: Instant): void {
  const latest = latestStartOf(draft, lease);
  if (lease.promised) {
    if (latest > draft.now) return;
    const why = [reason('node-unavailable'), shortage(draft, lease, by, null)];
    if (lease.phase === 'suspended') draft.stop(lease, 'failed', 'over', why);
    else draft.fail(lease, why);
  } else if (latest < earliestStartOf(draft, lease)) refuse(draft, lease, reason('too-late'));
  else refuse(draft, lease, shortage(draft, lease, latest, earliestStart(draft, lease, earliestStartOf(draft, lease))));
}
