/** Which rule a decision follows from: knobs of the policy as they are written in policy files, or a rule that is always so. */

import type { Decision, Policy, Reason, Terms } from '../../engine/index.js';
import { writtenBackfilling } from '../backfilling.js';

/** How a waiting lease came to start: in its turn, or before others that wait; null: not known. */
export type Place = 'front' | 'overtaking' | null;

/** What is known of the lease when it is decided on. */
export interface Decided {
  readonly terms: Terms;
  /** It held a reservation before. */
  readonly reserved: boolean;
  readonly place: Place;
}

export function ruleOf(decision: Decision, policy: Policy, decided: Decided): string {
  switch (decision.type) {
    case 'StartOrdered':
      return `${startRule(policy, decided)}, node-choice ${policy.nodeChoice}`;
    case 'ResumptionPlanned':
      return startRule(policy, decided);
    case 'Reserved':
      return reservationRule(decision.soon, policy, decided.terms);
    case 'ReservationsMoved':
      return decision.cause === 'made-room' ? 'deadline' : `backfilling ${writtenBackfilling(policy.backfilling)}`;
    case 'ReservationDropped':
    case 'Requeued':
    case 'Failed':
    case 'Refused':
      return refusalRule(decision.reasons, policy, decided.terms);
    case 'SuspensionPlanned':
      return decision.reasons.some(({ code }) => code === 'suspended-ahead')
        ? 'suspend-ahead'
        : `victim-order ${policy.victimOrder}, suspension ${policy.suspension}`;
    case 'StopPlanned':
      return `victim-order ${policy.victimOrder}, suspension ${policy.suspension}`;
    case 'StopOrdered':
      return STOPS[decision.cause];
    case 'SuspendOrdered':
      return `suspension ${policy.suspension}`;
    case 'ActOrdered':
    case 'ResizeOrdered':
      return 'as asked';
    case 'LiveMigrateOrdered':
      return `live-migration ${policy.liveMigration ?? 'asked'}`;
    case 'ResumeOrdered':
      return 'as planned';
    case 'MigrationPlanned':
    case 'MigrateOrdered':
      return `migration ${policy.migration}`;
    case 'TransferPlanned':
      return decision.vms.length === 0 ? 'image-prefetch' : `image-transfer ${policy.imageTransfer}`;
    case 'TransferOrdered':
    case 'TransfersMoved':
    case 'PreparationDropped':
      return `preparation ${policy.preparation}`;
    case 'TransferJoined':
      return 'image-piggyback';
    case 'PreemptionLifted':
      return 'nobody needs its place';
    case 'UntilMoved':
    case 'UntilKept':
      return 'late start';
    case 'DurationChanged':
    case 'ChangeRefused':
      return 'change of duration';
    case 'Priced':
      return `pricing ${policy.pricing.kind}`;
    case 'ApprovalAwaited':
      return 'approval';
    case 'LeaseEnding':
      return 'warnings';
    case 'OrderOverdue':
      return 'order-timeout';
  }
}

function startRule(policy: Policy, { terms, reserved, place }: Decided): string {
  if (reserved) return 'reservation';
  if (terms.start.kind !== 'best-effort') return terms.start.kind;
  const order = `queue-order ${policy.queueOrder}`;
  const backfilling = `backfilling ${writtenBackfilling(policy.backfilling)}`;
  return place === 'front' ? order : place === 'overtaking' ? backfilling : `${order}, ${backfilling}`;
}

function reservationRule(soon: boolean, policy: Policy, { start }: Terms): string {
  if (soon) return `preparation ${policy.preparation}`;
  return start.kind === 'best-effort' ? `backfilling ${writtenBackfilling(policy.backfilling)}` : start.kind;
}

const STOPS = {
  'time-over': 'duration',
  cancelled: 'cancellation',
  preempted: 'preemption',
  failed: 'attempts-max',
  'node-lost': 'lost nodes',
} as const;

/** Of the first reason. */
function refusalRule(reasons: readonly Reason[], policy: Policy, { start }: Terms): string {
  switch (reasons[0]?.code) {
    case 'not-admitted':
      return `admission ${policy.admission}`;
    case 'notice-too-short':
      return 'minimum-notice';
    case 'quota-exceeded':
      return 'quotas';
    case 'image-in-use':
      return 'images that are written';
    case 'not-approved':
      return 'approval';
    case 'price-too-high':
      return `pricing ${policy.pricing.kind}`;
    case 'never-fits':
      return 'size of the site';
    case 'order-failed':
      return 'attempts-max';
    case 'node-unavailable':
      return 'lost nodes';
    case 'displaced':
      return 'preemption';
    case 'dependency-failed':
      return 'dependency';
    default:
      return start.kind;
  }
}
