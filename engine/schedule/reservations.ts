/** Reservations that are due, and new ones for advance and deadline leases. */

import type { Instant } from '../kit/time.js';
import { reason } from '../model/reasons.js';
import type { Lease } from '../state/live-lease.js';
import { beginNow, earliestStart, refuse, reserve } from './answers.js';
import { shortage } from './blockers.js';
import { answerOneDeadline, fitBesideDeadlines } from './deadlines.js';
import type { Draft } from './draft.js';
import { sorted } from './sorted.js';
import { type Moves, ROUNDS_MAX } from './moves.js';
import { fitAt } from './place.js';
import { punctual } from './punctual.js';

/** Reservations whose instant has come begin. */
export function startWhatIsReserved(draft: Draft, due: readonly Lease[], moves: Moves): void {
  if (due.length === 0 && moves.size === 0) return;
  const ready = new Set<Lease>();
  for (const lease of due) if (lease.pools !== null && lease.from <= draft.now && !moves.has(lease)) ready.add(lease);
  for (const { lease, from } of moves.all()) if (from <= draft.now) ready.add(lease);
  for (const lease of ready.size > 1 ? sorted(ready) : ready) {
    if (!draft.isReserved(lease) || (draft.settled.has(lease) && !draft.reservations.has(lease))) continue;
    const { from, until } = draft.heldBy(lease)!;
    if (from <= draft.now) beginNow(draft, lease, draft.poolsOf(lease)!, until);
  }
}

/**
 * Advance and deadline leases that hold nothing: a reservation (or a start), after preemption where need be, or a refusal.
 * One that was promised before nodes went away is tried again until its instant, and fails only then.
 */
export function answerPromised(draft: Draft, moves: Moves): void {
  if (unanswered(draft).length > 0) answerAll(draft, moves);
  startWhatIsReserved(draft, [], moves); // what moved earlier to make room
}

function answerAll(draft: Draft, moves: Moves): void {
  untilNothingChanges(draft, (lease) => {
    answerOneAdvance(draft, lease, moves);
    answerOneDeadline(draft, lease, moves);
  });
}

/** Answers leases in order of arrival, and again those that hold a promise, as long as others have moved for some of them. */
export function untilNothingChanges(draft: Draft, answer: (lease: Lease) => void): void {
  let before = -1;
  for (let round = 0; round < ROUNDS_MAX && before !== draft.decisions.length; round++) {
    before = draft.decisions.length;
    for (const lease of unanswered(draft)) answer(lease);
  }
}

/** Leases that are not queued and have no answer, in order of arrival. */
export function unanswered(draft: Draft): readonly Lease[] {
  const { unanswered } = draft.state;
  return draft.endangered.length === 0 ? unanswered : sorted([...unanswered, ...draft.endangered]);
}

export function answerOneAdvance(draft: Draft, lease: Lease, moves: Moves): void {
  const { now } = draft;
  const { start } = lease.terms;
  if (draft.settled.has(lease) || start.kind !== 'advance') return;
  const { at } = start;
  if (at < now) return turnDown(draft, lease, at);
  const free = fitAt(draft, lease, at) ?? fitBesideDeadlines(draft, lease, at, moves);
  const { fit, send } = punctual(draft, lease, at, free);
  if (fit === null) return turnDown(draft, lease, at);
  if (send === null) return turnAwayImages(draft, lease, at);
  draft.place(lease, fit);
  if (fit.from <= now) beginNow(draft, lease, fit.pools, fit.until);
  else {
    reserve(draft, lease, fit, []);
    send();
  }
}

function turnAwayImages(draft: Draft, lease: Lease, at: Instant): void {
  if (!lease.promised) refuse(draft, lease, reason('image-not-in-time'));
  else if (at <= draft.now) draft.fail(lease, [reason('image-not-in-time')]);
}

function turnDown(draft: Draft, lease: Lease, at: Instant): void {
  if (lease.promised) {
    if (at <= draft.now) draft.fail(lease, [reason('node-unavailable'), shortage(draft, lease, at, null)]);
  } else if (at < draft.now) refuse(draft, lease, reason('start-in-past'));
  else refuse(draft, lease, shortage(draft, lease, at, earliestStart(draft, lease, at)));
}
