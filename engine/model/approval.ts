/** Approval: which leases wait until somebody who may has approved them. */

import type { Duration } from '../kit/time.js';
import type { Start } from './lease.js';

/** A lease that all of this is true of needs an approval; what is left out is true of every lease. */
export interface ApprovalRule {
  readonly kinds?: readonly Start['kind'][];
  readonly projects?: readonly string[];
  /** More VMs than this, thousandths of a cpu over all its VMs, or time. */
  readonly vmsOver?: number;
  readonly cpuOver?: number;
  readonly durationOver?: Duration;
}

export const APPROVAL_RULES_MAX = 16;
export const APPROVAL_PROJECTS_MAX = 64;
/** Letters of the name of whoever approves, and of why somebody does not. */
export const APPROVER_MAX = 256;
export const REJECTION_TEXT_MAX = 200;
