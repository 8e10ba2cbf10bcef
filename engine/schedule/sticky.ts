/**
 * Sticky backfilling (Haizea, Sotomayor 2010): a waiting lease begins where it disturbs nobody, or else takes a
 * reservation, if fewer than `depth` leases hold one. Reservations stay where they are until capacity is released before
 * its time; then each is made anew, in queue order.
 */

import { FOREVER } from '../kit/time.js';
import type { Lease } from '../state/state.js';
import { shortage } from './blockers.js';
import type { Draft } from './draft.js';
import { answerOneImmediate } from './immediate.js';
import { type Fit, mayBeCut } from './place.js';
import { begin, earliest, reserveAndPrepare, soonest } from './prepare.js';
import { answerOneAdvance, logMoves, type Moves, moveTo, startWhatIsReserved, unanswered } from './reservations.js';

/**
 * Advance and immediate leases in order of arrival, then the queue, until nothing more can be had: what begins may be
 * packed so that others find room, too.
 */
export function serveSticky(draft: Draft, moves: Moves, depth: number): void {
  for (const lease of unanswered(draft)) {
    answerOneAdvance(draft, lease);
    answerOneImmediate(draft, lease);
  }
  const counted = new Set<Lease>();
  for (;;) {
    const began = serveOnce(draft, depth, counted);
    if (draft.freed) {
      moveSticky(draft, moves);
      startWhatIsReserved(draft, [], moves);
    } else if (!began) return;
  }
}

/**
 * One pass. O(queue × fitAt), and × instants for those that take a reservation. True if anything began. `counted`: who took
 * a reservation in earlier passes.
 */
function serveOnce(draft: Draft, depth: number, counted: Set<Lease>): boolean {
  const { now, state } = draft;
  let reserved = 0;
  for (const lease of state.queue) if (counted.has(lease) || (draft.isReserved(lease) && !lease.soon)) reserved++;
  let left = state.policy.candidatesMax ?? Number.POSITIVE_INFINITY;
  let began = false;
  for (const lease of state.queue) {
    if (draft.settled.has(lease) || draft.isReserved(lease)) continue;
    const cut = mayBeCut(state, lease);
    const fit = soonest(draft, lease, cut);
    if (fit !== null) {
      draft.place(lease, fit);
      if (begin(draft, lease, fit)) began = true;
      continue;
    }
    const later = reserved < depth ? earliest(draft, lease, FOREVER, cut) : null;
    if (later !== null) {
      draft.place(lease, later);
      reserveAndPrepare(draft, lease, later, [shortage(draft, lease, now, later.from)], false);
      counted.add(lease);
      reserved++;
    } else if (depth === 0 || --left <= 0) return began;
  }
  return began;
}

/**
 * After capacity was released before its time: every reservation that is not due is lifted and made anew, in queue order.
 * One that would begin later stays. O(reservations × instants × fitAt).
 */
export function moveSticky(draft: Draft, moves: Moves): void {
  const { now, state } = draft;
  if (!draft.freed) return;
  draft.freed = false;
  const moved: Lease[] = [];
  for (const lease of state.queue) {
    if (!draft.isReserved(lease)) continue;
    const held = draft.heldBy(lease)!;
    if (held.from <= now || lease.soon) continue;
    draft.lift(lease);
    const fit = earliest(draft, lease, held.from + 1, mayBeCut(state, lease));
    if (fit === null || sameAs(fit, lease, held.until, moves)) draft.place(lease, held);
    else {
      moveTo(draft, moves, lease, fit);
      moved.push(lease);
    }
  }
  logMoves(
    draft,
    moved.map((lease) => moves.get(lease)!),
    'capacity-released',
  );
}

function sameAs(fit: Fit, lease: Lease, until: number, moves: Moves): boolean {
  const pools = moves.get(lease)?.pools ?? lease.pools!;
  const from = moves.get(lease)?.from ?? lease.from;
  if (fit.from !== from || fit.until !== until || fit.pools.length !== pools.length) return false;
  return fit.pools.every((one, i) => one === pools[i]);
}
