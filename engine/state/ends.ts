/** When a lease's time is over, and what comes at a fixed time before its end or its beginning. */

import { DURATION_MAX, type Duration, type Instant } from '../kit/time.js';
import type { Warning } from '../model/lease.js';
import type { Policy } from '../model/policy.js';
import type { Lease } from './live-lease.js';

/** How long the lease's VMs take to shut down when its time is over. */
export function shutdownLength(policy: Policy, lease: Lease): Duration {
  return policy.shutdownTime + policy.enactmentOverhead * lease.vms;
}

/** When the lease's VMs must be told to stop, so that its nodes are free at `until`. */
export function stopAt(policy: Policy, lease: Lease): Instant {
  const plan = lease.plan?.kind === 'resume' ? lease.planAfter : lease.plan;
  return plan === null ? lease.until - shutdownLength(policy, lease) : lease.until;
}

/** The longest before the lease's end that has not been given; null: none is left, or it does not run, or makes room. */
export function nextWarning(policy: Policy, lease: Lease, shorterThan: Duration = DURATION_MAX + 1): Warning | null {
  const { warnings } = lease.terms;
  if (warnings === undefined || lease.phase !== 'active' || lease.plan !== null || lease.loads === null) return null;
  const end = stopAt(policy, lease);
  const given = Math.min(shorterThan, lease.warned?.end === end ? lease.warned.before : shorterThan);
  const before = warnings.find((one) => one < given);
  return before === undefined ? null : { end, before };
}

/** By when a lease that is not approved must be, to begin when it has to; null: it may wait on. */
export function approvalDueAt(policy: Policy, lease: Lease): Instant | null {
  const { start } = lease.terms;
  switch (start.kind) {
    case 'best-effort':
      return null; // it expires by itself, approved or not
    case 'immediate':
      return 0;
    case 'advance':
      return start.at;
    case 'deadline':
      return start.by - lease.remaining - shutdownLength(policy, lease);
  }
}
