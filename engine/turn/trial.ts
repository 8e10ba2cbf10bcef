/** What would be decided if a lease were asked for just now. Nothing is asked, and the state stays as it is. */

import type { Instant } from '../kit/time.js';
import type { Rejection } from '../model/commands.js';
import type { Decision } from '../model/events.js';
import { type LeaseId, needOf, type Terms } from '../model/lease.js';
import { judge, schedule } from '../schedule/schedule.js';
import { faultOfTerms } from '../state/decide.js';
import { isReady } from '../state/dependents.js';
import { sweepAlarms } from '../state/alarms.js';
import { newLease } from '../state/requests.js';
import type { Lease } from '../state/live-lease.js';
import type { State, StateView } from '../state/state.js';

/** All decisions of the turn that would be taken, or why there would be none. */
export type Tried =
  | { readonly ok: true; readonly decisions: readonly Decision[] }
  | { readonly ok: false; readonly rejection: Rejection };

/** The decisions of a turn of this one request. The id is not in use. O(schedule). */
export function tryLease(state: State, id: LeaseId, terms: Terms, now: Instant): Tried {
  return asIfAsked(state, id, terms, now, (view) => schedule(view, now));
}

/** As `tryLease`, but only whether it is turned away for other reasons than room, and what it costs. O(arrivals). */
export function judgeLease(state: State, id: LeaseId, terms: Terms, now: Instant): Tried {
  return asIfAsked(state, id, terms, now, (view) => judge(view, now));
}

/** The state as it would be when the request has been folded. For so long the lease is in the table, and in the queue. */
export function asIfAsked(
  state: State,
  id: LeaseId,
  terms: Terms,
  now: Instant,
  decisionsOn: (view: StateView, lease: Lease) => readonly Decision[],
): Tried {
  const rejection = faultOfTerms(state, terms, now);
  if (rejection !== null) return { ok: false, rejection };
  sweepAlarms(state);
  const lease = newLease(state, id, terms, now);
  const joins = terms.start.kind === 'best-effort' && isReady(lease);
  state.leases.add(lease);
  if (joins) {
    state.queue.push(lease);
    state.firstFit.add(lease);
  }
  try {
    return { ok: true, decisions: decisionsOn(viewWith(state, lease, now), lease) };
  } finally {
    if (joins) {
      state.queue.pop();
      state.firstFit.delete(lease);
    }
    state.leases.delete(lease);
  }
}

/** `state` has the lease in its table already, and in its queue if it joins that. */
function viewWith(state: State, lease: Lease, now: Instant): StateView {
  const queued = lease.terms.start.kind === 'best-effort';
  const joins = state.queue.at(-1) === lease;
  const alone = joins && state.queue.length === 1;
  const need = (r: number) => needOf(lease.terms, r);
  return {
    ...state,
    now,
    calm: joins || !queued,
    sendingFailed: false,
    over: [],
    arrived: [lease],
    unproven: queued ? [lease] : [],
    least: joins ? state.resources.map((_, r) => (alone ? need(r) : Math.min(state.least[r]!, need(r)))) : state.least,
    unanswered: queued ? state.unanswered : [...state.unanswered, lease],
    prioritised: state.prioritised + ((lease.terms.priority ?? 0) > 0 ? 1 : 0),
    nextSequence: state.nextSequence + 1,
  };
}
