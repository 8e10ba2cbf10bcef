/** Which leases an event is about, and whether it still says anything new. */

import type { Event, LeaseId, Observation, StateView, TurnsMissed } from '../../engine/index.js';

/** The leases that an event names as its own, in its order; of a decision about many, all of them. */
export function leasesOf(event: Event): readonly LeaseId[] {
  if ('leases' in event) return event.leases;
  return 'lease' in event ? [event.lease] : NONE;
}

const NONE: readonly LeaseId[] = [];

/** The leases for which others make room, by this decision. */
export function preemptorsOf(event: Event): readonly LeaseId[] {
  if (!('reasons' in event)) return NONE;
  return event.reasons.filter(({ code }) => MAKES_ROOM.has(code)).flatMap(({ blockers }) => blockers);
}

const MAKES_ROOM: ReadonlySet<string> = new Set(['preempted', 'suspended-ahead', 'displaced']);

/** Whether the state waits for what was observed: late and repeated observations change nothing, and are no news. */
export function isNews(state: StateView, observation: Observation | TurnsMissed): boolean {
  if (!('order' in observation)) return true;
  const { lease: id, order } = observation;
  const lease = state.leases.get(id);
  if (observation.type === 'LeaseEnded') return lease !== undefined && lease.run === order;
  if (lease?.pending.some(({ decision }) => decision.order === order) === true) return true;
  return state.transfers.some(({ pending }) => pending?.decision.order === order);
}
