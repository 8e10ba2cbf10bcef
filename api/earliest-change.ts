/**
 * The earliest instant at which a reason can hold no longer, where the log does not say so itself: by what was planned for
 * those that it names when it was given. It follows from the log alone, and is the same whenever it is asked for.
 */

import type { Decision, Instant, LeaseId, Reason } from '../engine/index.js';
import type { LeaseRecord, LoggedEvent } from './records/lease-record.js';

/** For one page of an answer: so many leases that reasons name are looked at, beyond those nothing is added. */
const LOOKED_AT_MAX = 200;

/** Looks each lease up once. O(what was logged of it) a lease. */
export class EarliestChanges {
  private readonly records = new Map<LeaseId, LeaseRecord | undefined>();

  constructor(private readonly find: (id: LeaseId) => LeaseRecord | undefined) {}

  /** The reason why something was decided on the lease of `record`, or why it waited, after `turn`. */
  in(reason: Reason, record: LeaseRecord, turn: number): Reason {
    if (reason.earliestRelease !== null) return reason;
    const earliestRelease = this.changeOf(reason, record, turn);
    return earliestRelease === null ? reason : { ...reason, earliestRelease };
  }

  private changeOf({ code, blockers, more }: Reason, record: LeaseRecord, turn: number): Instant | null {
    switch (code) {
      case 'insufficient-capacity':
      case 'images-on-busy-nodes':
        return earliest(this.plansOf(blockers, turn)); // those that leave first are named first
      case 'preempted':
      case 'displaced':
      case 'suspended-ahead':
      case 'quota-exceeded':
      case 'image-in-use':
        return more > 0 ? null : earliest(this.plansOf(blockers, turn));
      case 'waits-for-lease':
        return this.afterAll(blockers, record, turn);
      case 'maintenance':
        return windowEnd(blockers, record, turn);
      case 'memory-on-the-way':
        return arrival(record, turn);
      default:
        return null; // somebody has to do something, or nothing will change
    }
  }

  /** When the last of those that it follows is planned to have begun, or ended; null: nobody knows of all. */
  private afterAll(blockers: readonly LeaseId[], { asked }: LeaseRecord, turn: number): Instant | null {
    let last: Instant | null = null;
    for (const id of blockers) {
      const [plan] = this.plansOf([id], turn);
      const on = asked.after?.find(({ lease }) => lease === id)?.on ?? 'end';
      const met = plan === undefined ? null : on === 'start' ? plan.from : plan.until;
      if (met === null) return null;
      last = Math.max(last ?? met, met);
    }
    return last;
  }

  private plansOf(blockers: readonly string[], turn: number): readonly Plan[] {
    return blockers.flatMap((id) => {
      if (!this.records.has(id) && this.records.size < LOOKED_AT_MAX) this.records.set(id, this.find(id));
      const record = this.records.get(id);
      const plan = record === undefined ? null : planAfter(record, turn);
      return plan === null ? [] : [plan];
    });
  }
}

/** What a lease holds; its beginning is not told where it has begun. */
interface Plan {
  readonly from: Instant | null;
  readonly until: Instant;
}

function earliest(plans: readonly Plan[]): Instant | null {
  return plans.length === 0 ? null : Math.min(...plans.map(({ until }) => until));
}

/** What was planned for the lease after a turn, as that was logged; null: nothing. */
function planAfter({ asked, around, decisions }: LeaseRecord, turn: number): Plan | null {
  let plan: Plan | null = null;
  let { duration } = asked;
  let next = 0;
  const fold = (until: number) => {
    for (; next < around.length && around[next]!.turn <= until; next++) {
      const shorter = shorterBy(around[next]!, duration);
      if (shorter === 0) continue;
      duration -= shorter;
      if (plan !== null) plan = { ...plan, until: plan.until - shorter };
    }
  };
  for (const { turn: at, decision, index } of decisions) {
    if (at > turn) break;
    fold(at); // what came in comes before what was decided in the same turn
    if (decision.type === 'DurationChanged') ({ duration } = decision);
    plan = planBy(decision, index, plan);
  }
  fold(turn);
  return plan;
}

/** By how much the lease was made shorter; longer is a decision. */
function shorterBy(event: LoggedEvent, duration: number): number {
  if (!('input' in event) || event.input.type !== 'LeaseChangeRequested') return 0;
  return Math.max(0, duration - event.input.duration);
}

function planBy(decision: Decision, index: number, before: Plan | null): Plan | null {
  switch (decision.type) {
    case 'StartOrdered':
    case 'ResumptionPlanned':
    case 'UntilMoved':
    case 'PreemptionLifted':
    case 'StopOrdered':
      return { from: null, until: decision.until };
    case 'Reserved':
      return { from: decision.from, until: decision.until };
    case 'ReservationsMoved':
      return { from: decision.from[index]!, until: decision.until[index]! };
    case 'DurationChanged':
      return { from: before?.from ?? null, until: decision.until };
    case 'SuspensionPlanned':
      return { from: null, until: decision.by };
    case 'StopPlanned':
      return { from: null, until: decision.at };
    case 'ReservationDropped':
    case 'Requeued':
    case 'Failed':
    case 'Refused':
      return null;
    default:
      return before;
  }
}

/** When the window that the turn brought is over; null: it has no end, or is not known. */
function windowEnd(blockers: readonly string[], { around }: LeaseRecord, turn: number): Instant | null {
  for (const event of around) {
    if (event.turn !== turn || !('input' in event) || event.input.type !== 'MaintenancePlanned') continue;
    const { drain, nodes, until } = event.input;
    if (drain !== true && nodes.some((node) => blockers.includes(`node:${node}`))) return until;
  }
  return null;
}

/** When the lease's saved memory is planned to have arrived. */
function arrival({ decisions }: LeaseRecord, turn: number): Instant | null {
  let at: Instant | null = null;
  for (const { turn: logged, decision } of decisions)
    if (logged <= turn && decision.type === 'MigrationPlanned') at = Math.max(...decision.until);
  return at;
}
