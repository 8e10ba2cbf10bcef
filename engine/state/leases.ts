/** Leases in the state: the queue, what they hold in the profiles, their clocks, VMs, alarms and ends. */

import { invariant } from '../kit/assert.js';
import { added } from '../kit/lists.js';
import { addAll, type Runs, removeAll, toSet } from '../kit/nodeset.js';
import { earlierOf, FOREVER, type Instant } from '../kit/time.js';
import type { VmSet } from '../model/events.js';
import { needOf } from '../model/lease.js';
import { leaseMay, type Outcome, type Phase, type VmPhase, vmMay } from '../model/lifecycle.js';
import type { Policy } from '../model/policy.js';
import { afterEnd, isReady, untie } from './dependents.js';
import { approvalDueAt, nextWarning, shutdownLength, stopAt } from './ends.js';
import { dropLater } from './return.js';
import { leaveTransfers } from './transfers.js';
import {
  NO_PENDING,
  NO_VMS,
  type Lease,
  type Load,
  type Pool,
  type Span,
  type State,
  type StateView,
} from './state.js';
import { chargeUsage } from './usage.js';

// ---- the queue -----------------------------------------------------------------------------------------------------

/** Puts the lease into the queue, if nothing but capacity keeps it waiting: 1. order of arrival (preempted leases keep theirs). O(log n), moves O(n). */
export function enqueue(state: State, lease: Lease): void {
  if (!isReady(lease)) return;
  state.queue.splice(queueIndex(state.queue, lease), 0, lease);
  state.unproven.push(lease);
  boundLeast(state, lease, state.queue.length === 1);
}

/** The bound when the lease has joined the queue; `alone`: nobody else is in it. O(resources × groups). */
export function boundLeast(state: State, lease: Lease, alone: boolean): void {
  const { least, resources } = state;
  for (let r = 0; r < resources.length; r++) {
    const need = needOf(lease.terms, r);
    if (alone || need < least[r]!) least[r] = need;
  }
}

/** Takes the lease out of the queue, if it is there. O(log n), moves O(n). */
export function dequeue(state: State, lease: Lease): void {
  const index = queueIndex(state.queue, lease);
  if (state.queue[index] !== lease) return;
  if (index === 0) state.queue.shift();
  else state.queue.splice(index, 1);
}

function queueIndex(queue: readonly Lease[], lease: Lease): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (queue[middle]!.sequence < lease.sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

// ---- what a lease holds --------------------------------------------------------------------------------------------

/** Holds `loads` over [from, until) for the lease. */
export function hold(state: State, lease: Lease, from: Instant, until: Instant, loads: readonly Load[]): void {
  invariant(lease.loads === null, 'a lease holds capacity once');
  for (const load of loads) {
    const pool = state.pools[load.pool]!;
    pool.profile.advance(state.now);
    pool.profile.add(from, endOf(load, until), load.amounts, -1);
    pool.holders.add(lease);
  }
  lease.loads = loads;
  lease.from = from;
  lease.until = until;
  state.outlines.note(lease);
}

/** A reservation moves: the same as to let go what it holds, if anything, and to hold `loads` over [from, until). */
export function holdInstead(state: State, lease: Lease, from: Instant, until: Instant, loads: readonly Load[]): void {
  const before = lease.pools === null ? null : lease.loads;
  const stays =
    before === loads || (before?.length === loads.length && before.every((load, i) => load.pool === loads[i]!.pool));
  if (!stays) {
    if (before !== null) letGo(state, lease);
    return hold(state, lease, from, until, loads);
  }
  const begun = Math.max(state.now, lease.from);
  for (let i = 0; i < loads.length; i++) {
    const load = loads[i]!;
    const { profile, holders } = state.pools[load.pool]!;
    const end = endOf(before[i]!, lease.until);
    holders.moved();
    profile.advance(state.now);
    if (load === before[i] || load.amounts.every((amount, r) => amount === before[i]!.amounts[r]))
      profile.shift(load.amounts, begun, end, from, endOf(load, until));
    else {
      profile.add(begun, end, before[i]!.amounts, 1);
      profile.add(from, endOf(load, until), load.amounts, -1);
    }
  }
  lease.loads = loads;
  lease.from = from;
  lease.until = until;
  state.outlines.note(lease);
}

/** Until when a load is held of which the rest is held until `until`. */
export function endOf({ before }: Load, until: Instant): Instant {
  return before === undefined || until < before ? until : before;
}

/** Gives up what the lease holds from now on. */
export function letGo(state: State, lease: Lease): void {
  if (lease.loads === null) return;
  const from = Math.max(state.now, lease.from);
  for (const load of lease.loads) {
    const pool = state.pools[load.pool]!;
    pool.profile.advance(state.now);
    pool.profile.add(from, endOf(load, lease.until), load.amounts, 1);
    pool.holders.delete(lease);
  }
  lease.loads = null;
  state.outlines.note(lease);
}

/** Moves the end of what the lease holds. */
export function holdUntil(state: State, lease: Lease, until: Instant): void {
  for (const load of lease.loads ?? []) {
    const { profile, holders } = state.pools[load.pool]!;
    const [before, after] = [endOf(load, lease.until), endOf(load, until)];
    holders.moved();
    if (after < before) profile.add(Math.max(after, state.now), before, load.amounts, 1);
    else profile.add(Math.max(before, state.now), after, load.amounts, -1);
  }
  lease.until = until;
}

/** Gives up a reservation for later, if the lease has one, and what is prepared for it. */
export function dropReservation(state: State, lease: Lease): void {
  endReservation(state, lease);
  leaveTransfers(state, lease);
}

/** The reservation is taken up, or moves: what is prepared for it stays. */
export function endReservation(state: State, lease: Lease): void {
  if (lease.pools === null) return;
  letGo(state, lease);
  lease.pools = null;
  lease.soon = false;
  state.reservations--;
  state.deadlines.delete(lease);
}

/**
 * Notes that capacity held until `until` became free, where leases hold reservations that may move into it: sticky ones
 * and those of deadline leases only when it came before its time.
 */
export function noteRelease(state: State, until: Instant): void {
  if (state.reservations > 0 && movesReservations(state, until, state.now)) state.released = true;
}

/** Whether reservations are planned anew when what was held until `until` is free now. */
export function movesReservations(state: StateView, until: Instant, now: Instant): boolean {
  const { kind } = state.policy.backfilling;
  return kind === 'conservative' || ((kind === 'sticky' || state.deadlines.size > 0) && until > now);
}

// ---- nodes of counted pools ----------------------------------------------------------------------------------------

/** Takes the lease's nodes out of the open nodes of counted pools. */
export function occupyNodes(state: State, lease: Lease): void {
  for (const load of lease.loads ?? []) {
    const pool = state.pools[load.pool]!;
    if (pool.counted) removeAll(pool.open, lease.nodes!);
  }
}

/** Gives the lease's nodes back: those that still take VMs are open again. Call after `letGo`. */
export function vacateNodes(state: State, lease: Lease, loads: readonly Load[]): void {
  for (const load of loads) {
    const pool = state.pools[load.pool]!;
    if (!pool.counted) continue;
    // A lease that overstayed its plan may have been followed by another on the same nodes: then look, do not assume.
    const overstayed =
      lease.arriving !== null || lease.phase === 'suspending' || lease.phase === 'stopping' || lease.until < state.now;
    if (overstayed || state.nodeStatus.size > 0 || state.leaving.size > 0 || loads.length > 1) reopen(state, pool);
    else addAll(pool.open, lease.nodes!);
  }
}

/** Works out the open nodes of a counted pool anew. */
export function reopen(state: State, pool: Pool): void {
  const open = openNodes(pool, state.now);
  pool.open.length = 0;
  for (const n of open) pool.open.push(n);
}

/** The nodes of a counted pool on which, by the plan, nobody is at `now`. O(holders × pairs). */
export function openNodes(pool: Pool, now: Instant): number[] {
  const open = pool.nodes.slice();
  for (const holder of pool.holders)
    if (holder.pools === null && holder.until > now) removeAll(open, nodesTaken(holder));
  return open;
}

/** The set of nodes that the lease has VMs on, or brings some to. */
export function nodesTaken(lease: Lease): Runs {
  const nodes = toSet(lease.nodes!);
  if (lease.arriving !== null) addAll(nodes, lease.arriving);
  return nodes;
}

// ---- phases --------------------------------------------------------------------------------------------------------

/** The only place where a lease's phase changes. */
export function enter(lease: Lease, phase: Phase): void {
  invariant(leaseMay(lease.phase, phase), `a lease does not go from ${lease.phase} to ${phase}`);
  lease.phase = phase;
  if (phase !== 'active') lease.paused = NO_VMS; // whatever comes next is done to VMs that run
}

/** The only place where VMs change phase. VMs that are `lost` or already there are passed over. */
export function setVms(lease: Lease, vms: VmSet, phase: VmPhase): void {
  if (vms === null && lease.vmPhases === null) {
    if (lease.vmPhase === phase || (lease.vmPhase === 'lost' && phase !== 'absent')) return;
    invariant(vmMay(lease.vmPhase, phase), `a VM does not go from ${lease.vmPhase} to ${phase}`);
    lease.vmPhase = phase;
  } else setEach(lease, vms, phase);
}

function setEach(lease: Lease, vms: VmSet, phase: VmPhase): void {
  const each = lease.vmPhases ?? new Array<VmPhase>(lease.vms).fill(lease.vmPhase);
  forEachVm(lease, vms, (vm) => {
    const before = each[vm - 1]!;
    if (before === phase || (before === 'lost' && phase !== 'absent')) return;
    invariant(vmMay(before, phase), `a VM does not go from ${before} to ${phase}`);
    each[vm - 1] = phase;
  });
  const first = each[0]!;
  if (each.every((one) => one === first)) {
    lease.vmPhases = null;
    lease.vmPhase = first;
  } else lease.vmPhases = each;
}

/** Whether every VM is in `phase`. */
export function allVms(lease: Lease, phase: VmPhase): boolean {
  return lease.vmPhases === null && lease.vmPhase === phase;
}

/** Whether all its VMs run, and nothing else is under way for it. */
export function runsFreely(lease: Lease): boolean {
  return (
    lease.phase === 'active' &&
    allVms(lease, 'running') &&
    lease.plan === null &&
    lease.pending.length === 0 &&
    lease.paused.length === 0 &&
    lease.trouble === null &&
    !lease.cancelled
  );
}

export function forEachVm(lease: Lease, vms: VmSet, visit: (vm: number) => void): void {
  const runs: Runs = vms ?? [1, lease.vms];
  for (let i = 0; i < runs.length; i += 2)
    for (let vm = Math.max(1, runs[i]!); vm <= Math.min(lease.vms, runs[i + 1]!); vm++) visit(vm);
}

// ---- the clock -----------------------------------------------------------------------------------------------------

export function startClock(lease: Lease, at: Instant): void {
  lease.clockFrom = at;
  if (lease.firstStart === null) lease.firstStart = at;
  lease.spans = added(lease.spans, { kind: 'run', from: at, until: null, vms: null, nodes: lease.nodes!, to: null });
}

/** Stops the clock at `at`; what has run is taken off what remains. */
export function stopClock(lease: Lease, at: Instant): void {
  if (lease.clockFrom === null) return;
  const stopped = Math.max(at, lease.clockFrom);
  lease.remaining = Math.max(0, lease.remaining - (stopped - lease.clockFrom));
  lease.clockFrom = null;
  for (const span of lease.spans) if (span.until === null) span.until = stopped;
}

/** Notes what VMs did; those that did the same at the same time share a span. */
export function note(
  lease: Lease,
  kind: Span['kind'],
  from: Instant,
  until: Instant,
  vms: readonly number[],
  to: Runs | null = null,
): void {
  const same = lease.spans.find((span) => span.kind === kind && span.from === from && span.until === until);
  if (same === undefined) lease.spans.push({ kind, from, until, vms, nodes: lease.nodes!, to });
  else if (same.vms !== null) same.vms = toSet([...same.vms, ...vms]);
}

// ---- alarms --------------------------------------------------------------------------------------------------------

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

// ---- the end -------------------------------------------------------------------------------------------------------

/** Takes the lease out of everything: it is over. */
export function finish(state: State, lease: Lease, outcome: Outcome, at: Instant): void {
  const held = Math.max(lease.loads === null ? 0 : lease.until, dropLater(state, lease));
  stopClock(lease, at);
  const { fairShare } = state.policy;
  if (fairShare !== null) chargeUsage(state, fairShare, lease, state.now);
  if ((lease.terms.priority ?? 0) > 0) state.prioritised--;
  leaveNodes(state, lease);
  dropReservation(state, lease);
  if (held > 0) noteRelease(state, held);
  dequeue(state, lease);
  forget(state.unanswered, lease);
  state.leaving.delete(lease);
  state.attention.delete(lease);
  state.late.delete(lease);
  state.leases.delete(lease);
  enter(lease, 'over');
  untie(state, lease);
  answerChange(state, lease);
  answerAct(state, lease);
  answerResize(state, lease);
  lease.outcome = outcome;
  lease.arriving = null;
  leaveTransfers(state, lease);
  lease.ended = at;
  lease.pending = NO_PENDING;
  lease.plan = null;
  lease.planAfter = null;
  lease.alarm = null;
  state.over.push(lease);
  for (const dependent of afterEnd(state, lease, outcome)) admit(state, dependent);
}

/** The change asked of the lease, if any, has its answer. */
export function answerChange(state: State, lease: Lease): void {
  dropFirstOf(state.changes, lease);
}

/** What was to be done to VMs of the lease, if anything, has its answer. */
export function answerAct(state: State, lease: Lease): void {
  dropFirstOf(state.acts, lease);
}

/** How large its VMs were to be, if that was asked, has its answer. */
export function answerResize(state: State, lease: Lease): void {
  dropFirstOf(state.resizes, lease);
}

function dropFirstOf(list: { readonly lease: Lease }[], lease: Lease): void {
  for (let i = 0; i < list.length; i++)
    if (list[i]!.lease === lease) {
      list.splice(i, 1);
      return;
    }
}

/** Others have done what the lease waited for. */
export function admit(state: State, lease: Lease): void {
  enqueue(state, lease);
  state.calm = false; // it may have come before others that wait
}

/** Frees what a bound lease holds, in the plan and of its nodes. */
export function leaveNodes(state: State, lease: Lease): void {
  lease.former = null; // what was kept is on the nodes that it leaves
  if (lease.loads === null || lease.pools !== null) return;
  const { loads } = lease;
  letGo(state, lease);
  vacateNodes(state, lease, loads);
}

/** Back to the queue with its order of arrival; what it has done is lost. */
export function startOver(state: State, lease: Lease): void {
  stopClock(lease, state.now);
  const held = lease.loads !== null;
  leaveNodes(state, lease);
  dropReservation(state, lease);
  if (held) noteRelease(state, lease.until);
  state.leaving.delete(lease);
  state.attention.delete(lease);
  state.late.delete(lease);
  lease.vmPhases = null;
  lease.vmPhase = 'absent';
  lease.nodes = null;
  lease.arriving = null;
  lease.units = null;
  lease.run = null;
  lease.pending = NO_PENDING;
  leaveTransfers(state, lease);
  lease.plan = null;
  lease.planAfter = null;
  lease.afterStop = null;
  lease.retryAt = null;
  lease.remaining = lease.terms.duration;
  enter(lease, 'waiting');
  dequeue(state, lease);
  enqueue(state, lease);
  arm(state, lease);
}

export function forget(list: Lease[], lease: Lease): void {
  const index = list.indexOf(lease);
  if (index >= 0) list.splice(index, 1);
}
