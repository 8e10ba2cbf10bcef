/**
 * Sticky backfilling (Haizea, Sotomayor 2010): a waiting lease begins where it disturbs nobody, or else takes a
 * reservation, if fewer than `depth` leases hold one. Reservations stay where they are until capacity is released before
 * its time; then each is made anew (replan.ts).
 */

import { FOREVER } from '../kit/time.js';
import type { Lease } from '../state/live-lease.js';
import { shortage } from './blockers.js';
import { answerOneDeadline } from './deadlines.js';
import type { Draft } from './draft.js';
import { answerOneImmediate } from './immediate.js';
import { type Moves, ROUNDS_MAX } from './moves.js';
import { earliestFit, type Fit, mayBeCut } from './place.js';
import { begin, earliest, reserveAndPrepare, soonest } from './prepare.js';
import { moveReservations } from './replan.js';
import { answerOneAdvance, startWhatIsReserved, untilNothingChanges } from './reservations.js';

/**
 * Advance and immediate leases in order of arrival, then the queue, until nothing more can be had: what begins may be
 * packed so that others find room, too.
 */
export function serveSticky(draft: Draft, moves: Moves, depth: number): void {
  untilNothingChanges(draft, (lease) => {
    answerOneAdvance(draft, lease, moves);
    answerOneDeadline(draft, lease, moves);
    answerOneImmediate(draft, lease);
  });
  startWhatIsReserved(draft, [], moves); // what moved earlier to make room
  const counted = new Set<Lease>();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const began = serveOnce(draft, depth, counted);
    if (draft.freed) {
      moveReservations(draft, moves);
      startWhatIsReserved(draft, [], moves);
    } else if (!began) return;
  }
}

/** The earliest fit, or (where it could not begin at `tried`) the next one. */
function earliestAfter(draft: Draft, lease: Lease, tried: Fit | null, cut: boolean): Fit | null {
  return tried === null
    ? earliest(draft, lease, FOREVER, cut)
    : earliestFit(draft, lease, tried.from + 1, FOREVER, cut);
}

/**
 * One pass. O(queue × fitAt), and × instants for those that take a reservation. True if anything began. `counted`: who took
 * a reservation in earlier passes.
 */
function serveOnce(draft: Draft, depth: number, counted: Set<Lease>): boolean {
  const { now, state } = draft;
  let reserved = 0;
  for (const lease of draft.queue)
    if (draft.isReserved(lease) && (counted.has(lease) || (lease.pools !== null && !lease.soon))) reserved++;
  let left = state.policy.candidatesMax ?? Number.POSITIVE_INFINITY;
  let began = false;
  for (const lease of draft.queue) {
    if (draft.settled.has(lease) || draft.isReserved(lease)) continue;
    const cut = mayBeCut(state, lease);
    const fit = soonest(draft, lease, cut);
    if (fit !== null) {
      draft.place(lease, fit);
      if (begin(draft, lease, fit)) {
        began = true;
        continue;
      }
    }
    const later = reserved < depth ? earliestAfter(draft, lease, fit, cut) : null;
    if (later !== null) {
      draft.place(lease, later);
      reserveAndPrepare(draft, lease, later, [shortage(draft, lease, now, later.from)], false);
      counted.add(lease);
      reserved++;
    } else if (depth === 0 || --left <= 0) return began;
  }
  return began;
}
