/** When leases need attention by themselves: the earliest such instant of each is in the heap of alarms. */

import { earlierOf, FOREVER, type Instant } from '../kit/time.js';
import type { Policy } from '../model/policy.js';
import { approvalDueAt, nextWarning, shutdownLength, stopAt } from './ends.js';
import { runsFreely } from './lease-life.js';
import type { Lease } from './live-lease.js';
import type { State, StateView } from './state.js';

/** Sets the lease's alarm to the earliest instant at which it needs attention by itself. */
export function arm(state: State, lease: Lease): void {
  const due = earlierOf(dueAt(state.policy, lease), transferDueAt(state, lease));
  const time = lease.terms.warnings === undefined ? due : earlierOf(due, warningDueAt(state, lease));
  if (time === lease.alarm) return;
  lease.alarm = time;
  if (time === null) return;
  state.alarms.push({ time, sequence: lease.sequence, lease });
  // Entries outlive what they were set for; when most of them have, they are swept out (amortised O(log n)).
  if (state.alarms.size > 1024 && state.alarms.size > 4 * state.leases.size)
    state.alarms.filter((alarm) => alarm.lease.alarm === alarm.time);
}

/** Drops alarms at the head that have outlived what they were set for. Amortised O(log n). */
export function sweepAlarms(state: State): void {
  for (let first = state.alarms.peek(); first !== undefined; first = state.alarms.peek()) {
    if (first.lease.alarm === first.time) return;
    state.alarms.pop();
  }
}

/** When the first transfer that the lease waits for is to be ordered. */
function transferDueAt(state: StateView, { preparation }: Lease): Instant | null {
  if (preparation === null || preparation.transfers.length === 0) return null;
  let due: Instant | null = null;
  for (const { id, from, pending } of state.transfers)
    if (pending === null && preparation.transfers.includes(id)) due = earlierOf(due, from);
  return due;
}

/** When the next warning is to be given. One whose instant has passed, since the end has moved, is given right afterwards. */
function warningDueAt(state: StateView, lease: Lease): Instant | null {
  const next = nextWarning(state.policy, lease);
  return next === null ? null : Math.max(next.end - next.before, state.now + 1);
}

function dueAt(policy: Policy, lease: Lease): Instant | null {
  let due: Instant = FOREVER;
  for (const pending of lease.pending) {
    const { deadline } = pending.decision;
    if (deadline !== null && !pending.overdue && deadline < due) due = deadline;
  }
  if (lease.retryAt !== null && lease.retryAt < due) due = lease.retryAt;
  if (lease.former !== null && lease.former.at < due && runsFreely(lease)) due = lease.former.at;
  for (const plan of [lease.plan, lease.planAfter])
    if (plan !== null && plan.kind !== 'stop' && plan.next < plan.steps.length)
      due = Math.min(due, plan.steps[plan.next]!.from);
  if (lease.pools !== null && lease.from < due) due = lease.from;
  if (lease.later !== null && lease.later.from < due) due = lease.later.from;
  switch (lease.phase) {
    case 'starting':
    case 'active':
    case 'resuming':
      if (lease.loads !== null) due = Math.min(due, stopAt(policy, lease));
      break;
    case 'suspended':
    case 'reserved':
    case 'waiting': {
      const { start } = lease.terms;
      if (start.kind === 'best-effort' && start.before !== null && lease.firstStart === null && start.before < due)
        due = start.before;
      if (lease.unapproved) due = earlierOf(due, approvalDueAt(policy, lease))!;
      if (start.kind === 'advance' && lease.promised && start.at < due) due = start.at;
      if (start.kind === 'deadline' && lease.promised && lease.pools === null)
        due = Math.min(due, start.by - lease.remaining - shutdownLength(policy, lease));
      break;
    }
    default:
  }
  return due === FOREVER ? null : due;
}
