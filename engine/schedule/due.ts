/** What is due by itself: trouble to deal with, stops, steps of suspensions and resumptions, overdue orders, late VMs. */

import type { Instant } from '../kit/time.js';
import type { StopCause } from '../model/events.js';
import { onNodeLostOf, type Warning } from '../model/lease.js';
import { reason } from '../model/reasons.js';
import { nextWarning, shutdownLength, stopAt } from '../state/ends.js';
import { type Lease, type MigrationPlan, type Plan, type StepsPlan, waitsInQueue } from '../state/live-lease.js';
import type { Draft } from './draft.js';
import { sorted } from './sorted.js';
import { dropReservation, refuse } from './answers.js';
import { orderTransfers } from './images.js';
import { extend } from './place.js';
import { dropReturn } from './return.js';
import { orderMoves, orderSteps } from './steps.js';
import { runLength } from './suspend.js';

/** Leases whose alarm has rung, in order of arrival. O(due log due). */
export function dueLeases(draft: Draft): readonly Lease[] {
  const first = draft.state.alarms.peek();
  if (first === undefined || first.time > draft.now) return NONE;
  const due = new Set<Lease>();
  draft.state.alarms.forEachUntil(draft.now, (alarm) => {
    if (alarm.lease.alarm === alarm.time) due.add(alarm.lease);
  });
  return sorted(due);
}

const NONE: readonly Lease[] = [];

/** Cancelled leases that have VMs are stopped; leases that lost VMs or whose orders failed queue again or are given up. */
export function dealWithTrouble(draft: Draft): void {
  const { state } = draft;
  if (state.attention.size === 0) return;
  for (const lease of sorted(state.attention)) {
    if (lease.cancelled) {
      if (hasVms(lease)) draft.stop(lease, 'cancelled', 'over', [reason('cancelled')]);
      else draft.fail(lease, [reason('cancelled')]);
      continue;
    }
    const why = lease.trouble!;
    if (why.code === 'dependency-failed' || why.code === 'not-approved') {
      refuse(draft, lease, why);
      continue;
    }
    if (why.code === 'time-over') {
      draft.stop(lease, 'time-over', 'over', [why]);
      continue;
    }
    if (why.code === 'recovery-requested' && hasVms(lease)) {
      draft.stop(lease, 'failed', 'queue', [why]);
      continue;
    }
    const isLost = why.code === 'node-unavailable';
    const retry = mayRetry(draft, lease) && !(isLost && onNodeLostOf(lease.terms) === 'delete');
    if (why.code === 'order-failed' && mayWaitOn(draft, lease)) {
      // Its memory is where it was, or where it arrived; or images did not reach it: it waits on.
      if (draft.isReserved(lease)) dropReservation(draft, lease, [why]);
      draft.decisions.push({ type: 'Requeued', lease: lease.id, reasons: [why] });
    } else if (lease.phase === 'waiting' || !hasVms(lease)) {
      const again = retry && lease.phase === 'waiting';
      if (again) draft.decisions.push({ type: 'Requeued', lease: lease.id, reasons: [why] });
      else draft.fail(lease, [why]);
    } else {
      const cause: StopCause = isLost ? 'node-lost' : lease.phase === 'suspending' ? 'preempted' : 'failed';
      draft.stop(lease, cause, retry ? 'queue' : 'over', [why]);
    }
  }
}

/** Stops and steps whose time has come, of the leases that are due. */
export function orderWhatIsDue(draft: Draft, due: readonly Lease[]): void {
  if (draft.sends) orderTransfers(draft);
  for (const lease of due) {
    if (draft.settled.has(lease)) continue;
    if (lease.later !== null && lease.later.from <= draft.now) dropReturn(draft, lease, reason('order-overdue'));
    if (lease.retryAt !== null && lease.retryAt <= draft.now) stopAgain(draft, lease);
    else if (isOver(draft, lease)) stopOnTime(draft, lease);
    else {
      reportOverdue(draft, lease);
      goOnWithPlan(draft, lease);
      if (lease.terms.warnings !== undefined) warn(draft, lease);
    }
  }
}

/** Of warnings whose instants have passed only the last is given: the others would say the same. */
function warn({ decisions, now, state }: Draft, lease: Lease): void {
  let due: Warning | null = null;
  for (let next = nextWarning(state.policy, lease); next !== null && next.end - next.before <= now; ) {
    due = next;
    next = nextWarning(state.policy, lease, next.before);
  }
  if (due !== null) decisions.push({ type: 'LeaseEnding', lease: lease.id, end: due.end, before: due.before });
}

/** VMs that were ready late: the lease's end moves with them where the capacity is free, else it stays. */
export function settleLateStarts(draft: Draft): void {
  const { state } = draft;
  if (state.late.size === 0) return;
  for (const lease of sorted(state.late)) {
    if (draft.settled.has(lease) || lease.clockFrom === null || lease.loads === null) continue;
    const until = lease.clockFrom + runLength(state, lease);
    if (lease.plan === null && extend(draft, lease, until)) {
      draft.decisions.push({ type: 'UntilMoved', lease: lease.id, until });
    } else {
      const reasons = [reason('late-start-not-extended', { need: until, have: lease.until })];
      draft.decisions.push({ type: 'UntilKept', lease: lease.id, reasons });
    }
  }
}

/** Whether the lease, which is due to make room, may run on: nobody holds what it would leave. */
function mayStay(draft: Draft, lease: Lease): boolean {
  if (lease.held) return false; // its owner wants it suspended
  if (lease.plan?.kind === 'suspend' && lease.plan.firm) return false; // it is to leave its node
  const begun = lease.plan === null || (lease.plan.kind !== 'stop' && lease.plan.next > 0);
  if (begun || lease.plan?.kind === 'resume' || lease.phase !== 'active' || lease.clockFrom === null) return false;
  const until = lease.clockFrom + runLength(draft.state, lease);
  const later = draft.laterOf(lease);
  if (later !== null) draft.holdLater(lease, null); // it may be in its own way
  if (until <= draft.now || !extend(draft, lease, until)) {
    if (later !== null) draft.holdLater(lease, later);
    return false;
  }
  if (later !== null) draft.noteFreed(later.until);
  draft.decisions.push({ type: 'PreemptionLifted', lease: lease.id, until });
  draft.planned.set(lease, []);
  return true;
}

function mayRetry(draft: Draft, lease: Lease): boolean {
  return lease.terms.start.kind === 'best-effort' && lease.attempts < draft.state.policy.attemptsMax;
}

/** Whether the lease, which has nothing on nodes but saved memory, may wait for another try. */
function mayWaitOn(draft: Draft, lease: Lease): boolean {
  if (lease.phase !== 'suspended' && lease.phase !== 'reserved') return false;
  return waitsInQueue(lease) && lease.attempts < draft.state.policy.attemptsMax;
}

/** Whether the cluster may still have something of the lease: VMs, or saved images. */
function hasVms(lease: Lease): boolean {
  const gone = (phase: string) => phase === 'absent' || phase === 'lost';
  return lease.vmPhases === null ? !gone(lease.vmPhase) : lease.vmPhases.some((phase) => !gone(phase));
}

function isOver(draft: Draft, lease: Lease): boolean {
  if (lease.loads === null || lease.pools !== null || stopAt(draft.state.policy, lease) > draft.now) return false;
  return lease.phase === 'active' || lease.phase === 'starting' || lease.phase === 'resuming';
}

function stopOnTime(draft: Draft, lease: Lease): void {
  const kind = lease.plan?.kind ?? null;
  const then = lease.terms.start.kind === 'best-effort' ? 'queue' : 'over';
  const isDone = lease.clockFrom !== null && lease.clockFrom + lease.remaining <= draft.now;
  if (kind === 'stop' && mayStay(draft, lease)) {
    if (isDone) shutDown(draft, lease);
  } else if (kind === 'stop' && isDone) draft.stop(lease, 'time-over', 'over', [reason('time-over')]);
  else if (kind === 'stop') draft.stop(lease, 'preempted', then, [reason('preempted')]);
  else if (lease.phase === 'active' && kind === null) shutDown(draft, lease);
  else if (lease.phase === 'active') goOnWithPlan(draft, lease);
  // Its VMs were never all ready.
  else draft.stop(lease, 'failed', mayRetry(draft, lease) ? 'queue' : 'over', [reason('order-overdue')]);
}

/** For as long as shutting down takes, or until its capacity is another's: a new policy may have made it longer. */
function shutDown(draft: Draft, lease: Lease): void {
  const until = draft.now + shutdownLength(draft.state.policy, lease);
  const held = draft.heldBy(lease)?.until ?? draft.now;
  draft.shutDown(lease, until <= held || extend(draft, lease, until) ? until : Math.max(held, draft.now));
}

function stopAgain(draft: Draft, lease: Lease): void {
  draft.stop(lease, 'failed', lease.afterStop ?? 'over', [reason('order-failed')]);
}

function reportOverdue(draft: Draft, lease: Lease): void {
  for (const { decision, overdue } of lease.pending)
    if (!overdue && decision.deadline !== null && decision.deadline <= draft.now)
      draft.decisions.push({ type: 'OrderOverdue', lease: lease.id, order: decision.order });
}

function goOnWithPlan(draft: Draft, lease: Lease): void {
  const { plan, planAfter, phase } = lease;
  if (isDue(planAfter, draft.now) || (phase === 'starting' && isDue(plan, draft.now))) {
    // Not ready by the time it should be saved: it is stopped when the other begins.
    draft.decisions.push({ type: 'StopPlanned', lease: lease.id, at: lease.until, reasons: [reason('preempted')] });
    draft.planned.set(lease, []);
  } else if (isDue(plan, draft.now)) {
    if (plan.kind === 'migrate') orderMoves(draft, lease, plan);
    else if (!mayStay(draft, lease)) orderSteps(draft, lease, plan, lease.nodes!, lease.units);
  }
}

/** Whether the plan's next step begins by `now`. */
function isDue(plan: Plan | null, now: Instant): plan is StepsPlan | MigrationPlan {
  if (plan === null || plan.kind === 'stop') return false;
  const step = plan.steps[plan.next];
  return step !== undefined && step.from <= now;
}
