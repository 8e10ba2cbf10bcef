/** Reasons and decisions in words. The data beside them stay the truth: these are for people. */

import { CURRENCY_PARTS, type Decision, type ReasonCode } from '../engine/index.js';
import { formatDuration } from './formats.js';

/** A reason as it is written in answers. */
interface WrittenReason {
  readonly code: ReasonCode;
  readonly blockers: readonly string[];
  readonly more: number;
  readonly resource: string | null;
  readonly need: number | null;
  readonly have: number | null;
  readonly earliestRelease: string | null;
}

/** One sentence without its full stop: what, who, until when. */
export function reasonSentence(reason: WrittenReason): string {
  const who = blockersOf(reason);
  const until = reason.earliestRelease === null ? '' : `, until ${reason.earliestRelease} as planned`;
  return `${cause(reason, who)}${until}`;
}

function cause(reason: WrittenReason, who: string): string {
  const by = who === '' ? '' : ` by ${who}`;
  const held = who === '' ? '' : `; held by ${who}`;
  switch (reason.code) {
    case 'insufficient-capacity':
      return `${shortage(reason)}${held}`;
    case 'never-fits':
      return `the site is too small for it, even when empty${reason.resource === null ? '' : amounts(reason)}`;
    case 'behind-in-queue':
      return `others come first${who === '' ? '' : `: ${who}`}`;
    case 'would-delay':
      return `it would fit now, but would delay ${who === '' ? 'others' : who}`;
    case 'reserved-for-later':
      return 'its reservation begins later';
    case 'preempted':
      return `its capacity was taken${by}`;
    case 'suspended-ahead':
      return `it began before reservations${who === '' ? '' : ` of ${who}`} and makes room for them in time`;
    case 'displaced':
      return `its reservation was moved to make room for ${who === '' ? 'others' : who}`;
    case 'not-accepted':
      return 'what was asked for is not possible';
    case 'not-admitted':
      return 'leases of its kind are not admitted';
    case 'notice-too-short':
      return `it was asked for too late: ${span(reason.have)} before its start, not ${span(reason.need)}`;
    case 'quota-exceeded':
      return `that would exceed a quota${quota(reason)}${who === '' ? '' : `; it counts ${who}`}`;
    case 'price-too-high':
      return `it costs ${money(reason.need)}, and at most ${money(reason.have)} is paid`;
    case 'too-late':
      return 'it could not be over by its deadline';
    case 'start-in-past':
      return 'the start had passed';
    case 'on-hold':
      return 'it is on hold until it is released';
    case 'waits-for-lease':
      return `it follows ${who === '' ? 'others' : who}`;
    case 'dependency-failed':
      return `what it was to follow did not end well${who === '' ? '' : `: ${who}`}`;
    case 'not-started-in-time':
      return 'it had not begun by the time it was wanted';
    case 'node-unavailable':
      return `nodes are not available${who === '' ? '' : `: ${who}`}`;
    case 'order-failed':
      return `the cluster could not carry out an order${who === '' ? '' : `: ${who}`}`;
    case 'order-overdue':
      return `the cluster has not answered an order in time${who === '' ? '' : `: ${who}`}`;
    case 'late-start-not-extended':
      return `it was ready late, and the capacity after it is taken${by}`;
    case 'cancelled':
      return 'it was cancelled';
    case 'time-over':
      return 'its time is over';
    case 'not-supported':
      return 'this kind of lease is not scheduled yet';
    case 'image-not-in-time':
      return 'its disk images cannot be on its nodes in time';
    case 'memory-on-the-way':
      return 'its saved memory has not arrived yet';
    case 'images-on-busy-nodes':
      return `its saved memory lies on nodes that are busy${who === '' ? '' : `: ${who}`}`;
  }
}

/** Of a resource, or of room for whole VMs. */
function shortage(reason: WrittenReason): string {
  const { resource, need, have } = reason;
  if (resource !== null && resource !== 'nodes') return `not enough ${resource} is free${amounts(reason)}`;
  return need === null || have === null ? 'not enough capacity is free' : `there is room for ${have} of ${need} VMs`;
}

function amounts({ need, have }: WrittenReason): string {
  if (need === null) return '';
  return have === null ? ` (${need} needed)` : ` (${need} needed, ${have} there)`;
}

const QUOTAS: Readonly<Record<string, string>> = { vms: 'VMs', cpu: 'cpus', advance: 'advance leases' };

/** ` (12 cpus, 8 allowed)` */
function quota({ resource, need, have }: WrittenReason): string {
  if (resource === null || need === null || have === null) return '';
  return ` (${need} ${QUOTAS[resource] ?? resource}, ${have} allowed)`;
}

function span(milliseconds: number | null): string {
  return milliseconds === null ? 'nothing' : formatDuration(milliseconds);
}

/** Of millionths of a currency unit. */
function money(parts: number | null): string {
  return parts === null ? 'nothing' : String(parts / CURRENCY_PARTS);
}

/** `L1, L2, node 3 and 2 more`. */
function blockersOf({ blockers, more }: WrittenReason): string {
  const names = blockers.map((blocker) => (blocker.startsWith('node:') ? `node ${blocker.slice(5)}` : blocker));
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return names.join(', ');
}

/** What was decided, as the predicate of a sentence about the lease. */
export function decisionPhrase(decision: Decision, time: (instant: number) => string): string {
  switch (decision.type) {
    case 'StartOrdered':
      return `ordered to start, until ${time(decision.until)}`;
    case 'SuspendOrdered':
      return `VMs ordered to suspend, until ${time(decision.until)}`;
    case 'ResumeOrdered':
      return `VMs ordered to resume, until ${time(decision.until)}`;
    case 'TransferOrdered':
      return `image ${decision.image} ordered to be sent, until ${time(decision.until)}`;
    case 'TransferPlanned':
      return `image ${decision.image} to be sent${decision.vms.length === 0 ? ' ahead' : ''} from ${time(decision.from)} until ${time(decision.until)}`;
    case 'PreparationDropped':
      return 'its images are to be sent elsewhere';
    case 'TransferJoined':
      return 'its image comes with that of another lease';
    case 'TransfersMoved':
      return 'image transfers moved';
    case 'MigrateOrdered':
      return `saved memory ordered to move, until ${time(decision.until)}`;
    case 'StopOrdered':
      return `ordered to stop (${decision.cause})${decision.then === 'queue' ? ', to wait again' : ''}`;
    case 'Reserved':
      return `reserved from ${time(decision.from)} until ${time(decision.until)}`;
    case 'ReservationsMoved':
      return `reservation moved (${decision.cause})`;
    case 'ReservationDropped':
      return 'reservation given up';
    case 'Refused':
      return decision.outcome === 'expired' ? 'expired' : 'refused';
    case 'SuspensionPlanned':
      return decision.resumption === undefined
        ? `suspension planned, done by ${time(decision.by)}`
        : `suspension planned, done by ${time(decision.by)}, to come back at ${time(decision.resumption.from)}`;
    case 'ResumptionPlanned':
      return `resumption planned, to run until ${time(decision.until)}`;
    case 'MigrationPlanned':
      return `its saved memory moves to other nodes, until ${time(Math.max(...decision.until))}`;
    case 'StopPlanned':
      return `stop planned at ${time(decision.at)}`;
    case 'PreemptionLifted':
      return `runs on after all, until ${time(decision.until)}`;
    case 'Requeued':
      return 'put back into the queue';
    case 'Failed':
      return 'given up';
    case 'UntilMoved':
      return `end moved to ${time(decision.until)}`;
    case 'UntilKept':
      return 'end kept although it began late';
    case 'DurationChanged':
      return `lasts longer, until ${time(decision.until)}`;
    case 'ChangeRefused':
      return 'cannot last longer';
    case 'Priced': {
      const { price, surcharge, accepted } = decision;
      const more = surcharge > 0 ? `, ${money(surcharge)} of it for others that make room` : '';
      return `priced at ${money(price)}${more}${accepted ? '' : ', which is more than is paid'}`;
    }
    case 'OrderOverdue':
      return `order ${decision.order} is overdue`;
  }
}
