/** What became of a lease over a part of a log, and how that differs from another course of things. */

import { type Instant, type Lease, type LeaseId, type Runs, format } from '../../engine/index.js';
import { type LeaseState, stateOf } from '../story/lease-state.js';

export interface Course {
  readonly lease: LeaseId;
  readonly submitted: Instant;
  /** When it first ran; null: it never did. */
  readonly start: Instant | null;
  /** When it was over; null: it is not. */
  readonly end: Instant | null;
  readonly state: LeaseState;
  readonly preemptions: number;
  /** The nodes of its runs, VM by VM, one run after another. */
  readonly nodes: string;
}

export function courseOf(lease: Lease): Course {
  const runs: Runs[] = [];
  for (const { kind, nodes } of lease.spans) if (kind === 'run') runs.push(nodes);
  return {
    lease: lease.id,
    submitted: lease.submitted,
    start: lease.firstStart,
    end: lease.ended,
    state: stateOf(lease),
    preemptions: lease.preemptions,
    nodes: runs.map(format).join(', then '),
  };
}

/** A lease that went otherwise. Null: it is not there, or there is nothing to compare. */
export interface Difference {
  readonly lease: LeaseId;
  readonly logged: Course | null;
  readonly otherwise: Course | null;
  /** How much later it began, and was over; less than 0: earlier. In milliseconds. */
  readonly startsLater: number | null;
  readonly endsLater: number | null;
  readonly otherNodes: boolean;
}

/** The leases that went otherwise: 1. earlier submission  2. name */
export function differences(
  logged: ReadonlyMap<LeaseId, Course>,
  otherwise: ReadonlyMap<LeaseId, Course>,
): Difference[] {
  const found: Difference[] = [];
  for (const id of new Set([...logged.keys(), ...otherwise.keys()])) {
    const [one, other] = [logged.get(id) ?? null, otherwise.get(id) ?? null];
    if (one !== null && other !== null && isSame(one, other)) continue;
    found.push({
      lease: id,
      logged: one,
      otherwise: other,
      startsLater: later(one?.start, other?.start),
      endsLater: later(one?.end, other?.end),
      otherNodes: one?.nodes !== other?.nodes,
    });
  }
  return found.sort((a, b) => submitted(a) - submitted(b) || (a.lease < b.lease ? -1 : 1));
}

function isSame(a: Course, b: Course): boolean {
  const { start, end, state, preemptions, nodes } = b;
  return a.start === start && a.end === end && a.state === state && a.preemptions === preemptions && a.nodes === nodes;
}

function later(one: Instant | null | undefined, other: Instant | null | undefined): number | null {
  return one == null || other == null ? null : other - one;
}

function submitted({ logged, otherwise }: Difference): Instant {
  return (logged ?? otherwise)!.submitted;
}
