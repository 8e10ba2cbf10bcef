/**
 * Reservations: new ones for advance leases, those that are due, and their moves. Compression follows every release of
 * capacity (conservative backfilling): each reservation is lifted in queue order and put back at its earliest hole,
 * which is never later (Mu'alem & Feitelson 2001).
 */

import type { Instant } from '../kit/time.js';
import type { PoolCounts, ReservationsMoved } from '../model/events.js';
import { reason } from '../model/reasons.js';
import type { Lease } from '../state/state.js';
import { beginNow, earliestStart, refuse, reserve } from './answers.js';
import { shortage } from './blockers.js';
import { type Draft, sorted } from './draft.js';
import { type Fit, fitAt } from './place.js';
import { preemptFor } from './preempt.js';
import { earliest, prepare } from './prepare.js';

/** A reservation as this call of `schedule` has moved it. */
interface Moved {
  readonly lease: Lease;
  readonly from: Instant;
  readonly until: Instant;
  readonly pools: PoolCounts;
}

/** Moves of this call, so that what is due now is seen where it is now. */
export type Moves = Map<Lease, Moved>;

/**
 * After capacity was withdrawn, all reservations are placed anew: advance leases at their instant, the others behind
 * them. What fits nowhere gives its reservation up: nodes may come back in time.
 */
export function replanAfterLoss(draft: Draft, moves: Moves): void {
  const { state, now } = draft;
  if (!state.lost) return;
  const reserved = sorted(reservedLeases(draft));
  for (const lease of reserved) draft.lift(lease);
  const homeless: Lease[] = [];
  for (const fixed of [true, false])
    for (const lease of reserved) {
      if (isAdvance(lease) !== fixed) continue;
      const fit = fixed ? fitAt(draft, lease, Math.max(now, lease.from)) : earliest(draft, lease);
      if (fit === null) homeless.push(lease);
      else moveTo(draft, moves, lease, fit);
    }
  logMoves(draft, [...moves.values()], 'capacity-lost');
  for (const lease of homeless) {
    draft.unreserved.set(lease, true);
    if (isAdvance(lease)) draft.endangered.push(lease);
    draft.decisions.push({ type: 'ReservationDropped', lease: lease.id, reasons: [reason('node-unavailable')] });
  }
}

/** Every reservation of a waiting lease, in queue order: lifted and put back at its earliest hole. One columnar decision. */
export function compress(draft: Draft, moves: Moves): void {
  const { state } = draft;
  if (state.policy.backfilling.kind !== 'conservative' || !draft.freed) return;
  draft.freed = false;
  const moved: Moved[] = [];
  for (const lease of state.queue) {
    if (!draft.isReserved(lease)) continue;
    const held = draft.heldBy(lease)!;
    if (held.from <= draft.now || lease.soon) continue;
    draft.lift(lease);
    const fit = earliest(draft, lease, held.from);
    if (fit === null) draft.place(lease, held);
    else {
      moveTo(draft, moves, lease, fit);
      moved.push(moves.get(lease)!);
    }
  }
  logMoves(draft, moved, 'capacity-released');
}

/** Reservations whose instant has come begin. */
export function startWhatIsReserved(draft: Draft, due: readonly Lease[], moves: Moves): void {
  const ready = new Set<Lease>();
  for (const lease of due) if (lease.pools !== null && lease.from <= draft.now && !moves.has(lease)) ready.add(lease);
  for (const { lease, from } of moves.values()) if (from <= draft.now) ready.add(lease);
  for (const lease of ready.size > 1 ? sorted(ready) : ready) {
    if (draft.settled.has(lease) || !draft.isReserved(lease)) continue;
    const held = moves.get(lease) ?? { pools: lease.pools!, until: lease.until };
    beginNow(draft, lease, held.pools, held.until);
  }
}

/**
 * Advance leases that hold nothing: a reservation (or a start), after preemption where need be, or a refusal. One that
 * was promised before nodes went away is tried again until its instant, and fails only then.
 */
export function answerAdvance(draft: Draft): void {
  for (const lease of unanswered(draft)) answerOneAdvance(draft, lease);
}

/** Leases that are not queued and have no answer, in order of arrival. */
export function unanswered(draft: Draft): readonly Lease[] {
  const { unanswered } = draft.state;
  return draft.endangered.length === 0 ? unanswered : sorted([...unanswered, ...draft.endangered]);
}

export function answerOneAdvance(draft: Draft, lease: Lease): void {
  const { now } = draft;
  const { start } = lease.terms;
  if (draft.settled.has(lease) || start.kind !== 'advance') return;
  const fit = start.at < now ? null : (fitAt(draft, lease, start.at) ?? preemptFor(draft, lease, start.at));
  if (fit === null) return turnDown(draft, lease, start.at);
  draft.place(lease, fit);
  if (fit.from <= now) beginNow(draft, lease, fit.pools, fit.until);
  else reserve(draft, lease, fit, []);
}

function turnDown(draft: Draft, lease: Lease, at: Instant): void {
  if (lease.promised) {
    if (at <= draft.now) draft.fail(lease, [reason('node-unavailable'), shortage(draft, lease, at, null)]);
  } else if (at < draft.now) refuse(draft, lease, reason('start-in-past'));
  else refuse(draft, lease, shortage(draft, lease, at, earliestStart(draft, lease, at)));
}

/** Holds the lease's reservation there from now on. */
export function moveTo(draft: Draft, moves: Moves, lease: Lease, fit: Fit): void {
  draft.place(lease, fit);
  moves.set(lease, { lease, from: fit.from, until: fit.until, pools: fit.pools });
}

/** One columnar decision; folding it settles the cause. */
export function logMoves(draft: Draft, moved: readonly Moved[], cause: ReservationsMoved['cause']): void {
  draft.decisions.push({
    type: 'ReservationsMoved',
    leases: moved.map((move) => move.lease.id),
    from: moved.map((move) => move.from),
    until: moved.map((move) => move.until),
    pools: moved.map((move) => move.pools),
    cause,
  });
  for (const { lease, pools } of moved) prepare(draft, lease, pools);
}

function* reservedLeases(draft: Draft): Iterable<Lease> {
  for (const lease of draft.state.leases.values()) if (draft.isReserved(lease)) yield lease;
}

function isAdvance(lease: Lease): boolean {
  return lease.terms.start.kind === 'advance';
}
