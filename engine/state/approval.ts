/** Leases that wait for an approval: which do, until when, and what becomes of them. */

import type { Duration } from '../kit/time.js';
import { type ApprovalRule, APPROVER_MAX, REJECTION_TEXT_MAX } from '../model/approval.js';
import type { Command, Rejection } from '../model/commands.js';
import type { ApprovalRefused, LeaseApproved, Request } from '../model/events.js';
import { reason } from '../model/reasons.js';
import { admit, dequeue, forget } from './leases.js';
import { arm } from './alarms.js';
import { awaitAnswer } from './return.js';
import type { Lease } from './live-lease.js';
import type { State, StateView } from './state.js';
import { cpuOf } from './usage.js';

// ---- which -----------------------------------------------------------------------------------------------------------

/** Whether the policy wants an approval of the lease, were it to last so long. O(rules). */
export function needsApproval(state: StateView, lease: Lease, duration: Duration): boolean {
  const { approval = [] } = state.policy;
  return approval.some((rule) => isTrueOf(rule, state, lease, duration));
}

function isTrueOf(rule: ApprovalRule, state: StateView, lease: Lease, duration: Duration): boolean {
  const { kinds, projects, vmsOver, cpuOver, durationOver } = rule;
  const { start, project } = lease.terms;
  if (kinds !== undefined && !kinds.includes(start.kind)) return false;
  if (projects !== undefined && (project === null || !projects.includes(project))) return false;
  if (vmsOver !== undefined && lease.vms <= vmsOver) return false;
  if (cpuOver !== undefined && cpuOf(state, lease.terms) <= cpuOver) return false;
  return durationOver === undefined || duration > durationOver;
}

// ---- what is asked ---------------------------------------------------------------------------------------------------

/** A lease that waits for no approval stays as it is. */
export function approved(lease: Lease, by: string): readonly Request[] | Rejection {
  if (by.length > APPROVER_MAX) return invalid(`a name has at most ${APPROVER_MAX} letters`, '/by');
  return lease.unapproved && !lease.cancelled ? [{ type: 'LeaseApproved', lease: lease.id, by }] : [];
}

export function refusedApproval(
  lease: Lease,
  { by, text }: Command & { type: 'RejectLease' },
): readonly Request[] | Rejection {
  if (by.length > APPROVER_MAX) return invalid(`a name has at most ${APPROVER_MAX} letters`, '/by');
  if ((text ?? '').length > REJECTION_TEXT_MAX)
    return invalid(`a reason has at most ${REJECTION_TEXT_MAX} letters`, '/reason');
  if (lease.unapproved) return [{ type: 'ApprovalRefused', lease: lease.id, by, text }];
  const detail = `lease ${lease.id} does not wait for an approval; cancel it, if it is not to be`;
  return { code: 'lease-state', detail, pointer: null };
}

// ---- what becomes of them --------------------------------------------------------------------------------------------

/** It is considered when it has been approved. */
export function awaitApproval(state: State, lease: Lease): void {
  lease.unapproved = true;
  dequeue(state, lease);
  forget(state.unanswered, lease);
  arm(state, lease);
}

/** It is considered from now on, in its order of arrival. */
export function approve(state: State, { lease: id }: LeaseApproved): void {
  const lease = state.leases.get(id);
  if (lease === undefined || !lease.unapproved) return;
  lease.unapproved = false;
  if (lease.terms.start.kind === 'best-effort') admit(state, lease);
  else awaitAnswer(state, lease);
  arm(state, lease);
}

/** That it is refused, is a decision: it says why. */
export function refuseApproval(state: State, { lease: id, text }: ApprovalRefused): void {
  const lease = state.leases.get(id);
  if (lease === undefined || !lease.unapproved) return;
  lease.trouble ??= { ...reason('not-approved'), ...(text === null ? {} : { detail: text }) };
  state.attention.add(lease);
}

function invalid(detail: string, pointer: string): Rejection {
  return { code: 'terms-invalid', detail, pointer };
}
