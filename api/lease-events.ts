/** What the log holds of one lease: its own events, as they were logged. */

import type { Event } from '../engine/index.js';
import { leasesOf } from '../simulations/story/mentions.js';
import { reasonWithin, type Sight } from './access/sight.js';
import type { LeaseRecord } from './records/lease-record.js';
import { ownPart } from './records/tables.js';

export interface LeaseEvent {
  readonly turn: number;
  readonly at: number;
  readonly event: Event;
}

/** Oldest first; within a turn what came in, then what was decided. O(what was logged of it). */
export function eventsOf(record: LeaseRecord, sight: Sight): LeaseEvent[] {
  const { lease, asked: terms, traceparent, submittedTurn, decisions, around } = record;
  const trace = traceparent === undefined ? {} : { traceparent };
  const request = { type: 'LeaseRequested', lease: lease.id, terms, key: null, ...trace } as const;
  const inputs = around.map((logged) => ({
    turn: logged.turn,
    at: logged.at,
    event: 'input' in logged ? logged.input : logged.decision,
  }));
  // Of a decision about many leases the part about this one.
  const decided = decisions.map(ownPart).map(({ turn, at, decision }) => ({ turn, at, event: decision }));
  const events: LeaseEvent[] = [{ turn: submittedTurn, at: lease.submitted, event: request }];
  let next = 0;
  for (const logged of decided) {
    for (; next < inputs.length && inputs[next]!.turn <= logged.turn; next++) events.push(inputs[next]!);
    events.push(logged);
  }
  return [...events, ...inputs.slice(next)].flatMap(({ event, ...where }) => {
    const told = eventWithin(event, sight);
    return told === null ? [] : [{ ...where, event: told }];
  });
}

/** Without names of leases that are foreign; null: it is about one. */
function eventWithin(event: Event, sight: Sight): Event | null {
  if (leasesOf(event).some((lease) => !sight.sees(lease))) return null;
  return 'reasons' in event ? { ...event, reasons: event.reasons.map((reason) => reasonWithin(reason, sight)) } : event;
}
