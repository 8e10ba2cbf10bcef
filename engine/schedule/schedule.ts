/**
 * `schedule`: what is to be done now, given the state. Pure: it reads, and what it returns is all that remains.
 * Calling it again after its own decisions decides nothing.
 */

import type { Instant } from '../kit/time.js';
import type { Decision } from '../model/events.js';
import { reason } from '../model/reasons.js';
import { approvalDueAt } from '../state/ends.js';
import { isQueued, type Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';
import { refuse } from './answers.js';
import { orderActs } from './acts.js';
import { answerChanges } from './changes.js';
import { refuseDependents } from './dependents.js';
import { admitArrivals } from './admission/admit.js';
import { Draft } from './draft.js';
import { dealWithTrouble, dueLeases, orderWhatIsDue, settleLateStarts } from './due.js';
import { answerMoves } from './answer-moves.js';
import { leaveForMaintenance } from './maintenance.js';
import { couldEverFit } from './place.js';
import { orderTransfers } from './images.js';
import { giveUpMissed } from './missed.js';
import { prefetch } from './prefetch.js';
import { serveQueue } from './queue.js';
import { answerResizes } from './resize.js';
import { Marks, type Stamp } from './marks.js';
import { type Moves, ROUNDS_MAX } from './moves.js';
import { moveReservations, replan } from './replan.js';
import { answerPromised, startWhatIsReserved, unanswered } from './reservations.js';

const NOTHING: readonly Decision[] = [];
/** Used again by each call. */
const stamp: Stamp = { stamp: 1 };
const moves: Moves = new Marks(stamp);

/** Reads `state`, changes nothing, allocates only its decisions. */
export function schedule(state: StateView, now: Instant): readonly Decision[] {
  if (isQuiet(state, now)) return NOTHING;
  const draft = Draft.of(state, now);
  stamp.stamp++;
  const due = dueLeases(draft);
  const sticky = state.policy.backfilling.kind === 'sticky';
  dealWithTrouble(draft); //                   1. cancelled with VMs, VMs lost, orders failed
  orderWhatIsDue(draft, due); //               2. stops, steps of suspensions and resumptions, transfers
  settleLateStarts(draft); //                  3. ends move with VMs that were ready late
  turnAway(draft, due); //                     4. what can never be had, or waited too long, or is not admitted
  answerMoves(draft); //                          leases that are to be on other nodes
  leaveForMaintenance(draft); //                  who is on nodes that are to be worked on
  giveUpMissed(draft, due); //                    leases whose time has passed while nobody planned
  replan(draft, due, moves); //                5. reservations around lost nodes, and those that are late
  answerChanges(draft, moves); //                 running and advance leases that are to last longer
  moveReservations(draft, moves); //           6. reservations into released capacity
  startWhatIsReserved(draft, due, moves); //   7. reservations whose instant has come
  if (!sticky) answerPromised(draft, moves); // 8. advance and deadline leases: a reservation or a refusal
  serveQueue(draft, moves, due.length === 0); // 9. the front, immediate leases, backfilling
  for (let round = 0; round < ROUNDS_MAX && (draft.freed || hasMoreToOffer(draft) || prefetch(draft)); round++) {
    moveReservations(draft, moves); //         10. what leases stopped just now have left over, what is sent ahead
    startWhatIsReserved(draft, [], moves);
    if (!sticky) answerPromised(draft, moves);
    serveQueue(draft, moves, false);
  }
  refuseDependents(draft); //                 11. those that were to follow who cannot be had
  if (draft.sends) orderTransfers(draft); // 12. image transfers that moved to just now
  answerResizes(draft, due); //               13. VMs that are to be larger or smaller, in what room is left
  orderActs(draft); //                        14. what is done to VMs of leases that still run on
  return draft.finish();
}

/**
 * Preparing one lease changes when others could be prepared, and whatever happens may help those that lost what they were
 * promised: they are tried again until nothing changes.
 */
function hasMoreToOffer(draft: Draft): boolean {
  const { policy } = draft.state;
  const prepares = policy.preparation === 'transfer' || policy.migration === 'yes';
  if (!prepares && !isTriedAgain(draft)) return false;
  const grown = draft.decisions.length > draft.seen;
  draft.seen = draft.decisions.length;
  return grown;
}

function isTriedAgain(draft: Draft): boolean {
  for (const lease of unanswered(draft)) if (lease.promised && !draft.settled.has(lease)) return true;
  return false;
}

/** As `schedule`, but only who is turned away, and what it costs: the part that does not ask for room. O(arrivals). */
export function judge(state: StateView, now: Instant): readonly Decision[] {
  const draft = Draft.of(state, now);
  turnAway(draft, []);
  return draft.finish();
}

function isQuiet(state: StateView, now: Instant): boolean {
  if (state.queue.length > 0 || state.unanswered.length > 0 || state.attention.size > 0) return false;
  if (state.late.size > 0 || state.lost || state.released) return false;
  if (state.unproven.length > 0 || state.changes.length > 0 || state.newWindows.length > 0) return false;
  if (state.acts.length > 0 || state.resizes.length > 0) return false;
  if (state.moves.length > 0) return false;
  const first = state.alarms.peek();
  return first === undefined || first.time > now;
}

/** Refuses what could never fit, what these rules do not know, and what has waited longer than it wanted to. */
function turnAway(draft: Draft, due: readonly Lease[]): void {
  const { state, now } = draft;
  for (const lease of due) {
    const { start } = lease.terms;
    const impatient = start.kind === 'best-effort' && start.before !== null && start.before <= now;
    if (!isQueued(lease) || lease.firstStart !== null || draft.settled.has(lease)) continue;
    if (impatient) refuse(draft, lease, reason('not-started-in-time'), 'expired');
    else if (lease.unapproved && isTooLate(draft, lease)) refuse(draft, lease, reason('not-approved'));
  }
  for (const lease of state.unanswered) if (!lease.promised) refuseIfTooLarge(draft, lease);
  for (const lease of state.unproven) if (isQueued(lease)) refuseIfTooLarge(draft, lease);
  admitArrivals(draft);
}

/** Whether it would begin too late if it were approved now. */
function isTooLate({ state, now }: Draft, lease: Lease): boolean {
  const latest = approvalDueAt(state.policy, lease);
  return latest !== null && latest <= now;
}

function refuseIfTooLarge(draft: Draft, lease: Lease): void {
  if (draft.settled.has(lease) || couldEverFit(draft.state, lease.terms)) return;
  refuse(draft, lease, reason('never-fits', { need: lease.vms }));
}
