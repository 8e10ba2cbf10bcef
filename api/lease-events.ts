/** What the log holds of one lease: its own events, as they were logged. */

import type { Event } from '../engine/index.js';
import type { LeaseRecord } from './records/lease-record.js';
import { ownPart } from './records/tables.js';

export interface LeaseEvent {
  readonly turn: number;
  readonly at: number;
  readonly event: Event;
}

/** Oldest first; within a turn what came in, then what was decided. O(what was logged of it). */
export function eventsOf({ lease, asked: terms, submittedTurn, decisions, around }: LeaseRecord): LeaseEvent[] {
  const request = { type: 'LeaseRequested', lease: lease.id, terms, key: null } as const;
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
  return [...events, ...inputs.slice(next)];
}
