/**
 * A policy adopted while leases wait and run: what is only planned is planned anew by it, what was promised or has begun
 * stays.
 */

import type { Instant } from '../kit/time.js';
import type { Policy } from '../model/policy.js';
import { shutdownLength } from './ends.js';
import { arm } from './alarms.js';
import { dropReservation, holdUntil, noteRelease } from './leases.js';
import { enter } from './lease-life.js';
import { awaitAnswer } from './return.js';
import type { Lease } from './live-lease.js';
import type { State } from './state.js';
import { adoptUsage } from './usage.js';

/** O(leases): every lease's next instant may follow from the policy. */
export function adopt(state: State, policy: Policy, now: Instant): void {
  const before = state.policy;
  adoptUsage(state, policy, now);
  state.policy = policy;
  state.firstFit.forget();
  if (state.leases.size === 0) return;
  // 1. Reservations of those that wait are a plan: it is made again, in today's order.
  for (const lease of [...state.queue]) giveUpReservation(state, lease);
  // 2. Saved memory may have to go another way: deadline leases that are suspended are answered anew, before others.
  if (before.migration !== policy.migration)
    for (const lease of [...state.deadlines])
      if (lease.phase === 'suspended' && giveUpReservation(state, lease)) awaitAnswer(state, lease);
  // 3. Shutting down takes longer or shorter: ends move, where that is possible.
  for (const lease of state.leases.values()) {
    moveEnd(state, lease);
    arm(state, lease);
  }
}

function giveUpReservation(state: State, lease: Lease): boolean {
  if (lease.pools === null) return false;
  const { until } = lease;
  dropReservation(state, lease);
  if (lease.phase === 'reserved') enter(lease, 'waiting');
  noteRelease(state, until);
  return true;
}

/** A running lease keeps all its time. Where its VMs take longer to shut down, whether they may is a decision. */
function moveEnd(state: State, lease: Lease): void {
  if (lease.loads === null || lease.phase !== 'active' || lease.plan !== null || lease.clockFrom === null) return;
  const until = lease.clockFrom + lease.remaining + shutdownLength(state.policy, lease);
  if (until > lease.until) state.late.add(lease);
  else if (until < lease.until && until >= state.now) {
    const { until: before } = lease;
    holdUntil(state, lease, until);
    state.late.delete(lease);
    noteRelease(state, before);
  }
}
