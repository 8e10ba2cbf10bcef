/**
 * `schedule`: what is to be done now, given the state. Pure: it reads, and what it returns is all that remains.
 * Calling it again after its own decisions decides nothing.
 */

import type { Instant } from '../kit/time.js';
import type { Decision } from '../model/events.js';
import { reason } from '../model/reasons.js';
import { isQueued, type Lease, type StateView } from '../state/state.js';
import { refuse } from './answers.js';
import { Draft } from './draft.js';
import { dealWithTrouble, dueLeases, orderWhatIsDue, settleLateStarts } from './due.js';
import { couldEverFit } from './place.js';
import { serveQueue } from './queue.js';
import { answerAdvance, compress, type Moves, replanAfterLoss, startWhatIsReserved } from './reservations.js';
import { moveSticky } from './sticky.js';

const NOTHING: readonly Decision[] = [];

/** Reads `state`, changes nothing, allocates only its decisions. */
export function schedule(state: StateView, now: Instant): readonly Decision[] {
  if (isQuiet(state, now)) return NOTHING;
  const draft = Draft.of(state, now);
  const moves: Moves = new Map();
  const due = dueLeases(draft);
  const sticky = state.policy.backfilling.kind === 'sticky';
  dealWithTrouble(draft); //                   1. cancelled with VMs, VMs lost, orders failed
  orderWhatIsDue(draft, due); //               2. stops, steps of suspensions and resumptions
  settleLateStarts(draft); //                  3. ends move with VMs that were ready late
  turnAway(draft, due); //                     4. what can never be had, or waited too long
  replanAfterLoss(draft, moves); //            5. reservations around lost nodes
  moveReservations(draft, moves); //           6. reservations into released capacity
  startWhatIsReserved(draft, due, moves); //   7. reservations whose instant has come
  if (!sticky) answerAdvance(draft); //        8. advance leases: a reservation or a refusal
  serveQueue(draft, moves, due.length === 0); // 9. the front, immediate leases, backfilling
  return draft.finish();
}

function moveReservations(draft: Draft, moves: Moves): void {
  if (draft.state.policy.backfilling.kind === 'sticky') moveSticky(draft, moves);
  else compress(draft, moves);
}

function isQuiet(state: StateView, now: Instant): boolean {
  if (state.queue.length > 0 || state.unanswered.length > 0 || state.attention.size > 0) return false;
  if (state.late.size > 0 || state.lost || state.released) return false;
  const first = state.alarms.peek();
  return first === undefined || first.time > now;
}

/** Refuses what could never fit, what these rules do not know, and what has waited longer than it wanted to. */
function turnAway(draft: Draft, due: readonly Lease[]): void {
  const { state, now } = draft;
  for (const lease of due) {
    const { start } = lease.terms;
    const impatient = start.kind === 'best-effort' && start.before !== null && start.before <= now;
    if (!impatient || !isQueued(lease) || lease.firstStart !== null || draft.settled.has(lease)) continue;
    refuse(draft, lease, reason('not-started-in-time'), 'expired');
  }
  for (const lease of state.unanswered)
    if (lease.terms.start.kind === 'deadline') refuse(draft, lease, reason('not-supported'));
    else if (!lease.promised) refuseIfTooLarge(draft, lease);
  for (const lease of state.unproven) if (isQueued(lease)) refuseIfTooLarge(draft, lease);
}

function refuseIfTooLarge(draft: Draft, lease: Lease): void {
  if (draft.settled.has(lease) || couldEverFit(draft.state, lease.terms)) return;
  refuse(draft, lease, reason('never-fits', { need: lease.vms }));
}
