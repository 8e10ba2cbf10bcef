/** Leases in the state: the queue, what they hold in the profiles and on nodes, and their ends. */

import { invariant } from '../kit/assert.js';
import { addAll, type Runs, removeAll, toSet } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import { needOf } from '../model/lease.js';
import type { Outcome } from '../model/lifecycle.js';
import { enter, stopClock } from './lease-life.js';
import { arm } from './alarms.js';
import { afterEnd, isReady, untie } from './dependents.js';
import { dropLater } from './return.js';
import { leaveTransfers } from './transfers.js';
import { NO_PENDING, type Lease, type Load } from './live-lease.js';
import type { Pool, State, StateView } from './state.js';
import { chargeUsage } from './usage.js';

// ---- the queue -----------------------------------------------------------------------------------------------------

/** Puts the lease into the queue, if nothing but capacity keeps it waiting: 1. order of arrival (preempted leases keep theirs). O(log n), moves O(n). */
export function enqueue(state: State, lease: Lease): void {
  if (!isReady(lease)) return;
  state.queue.splice(queueIndex(state.queue, lease), 0, lease);
  state.firstFit.add(lease);
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
  state.firstFit.delete(lease);
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
  dequeue(state, lease);
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
  enqueue(state, lease);
  arm(state, lease);
}

export function forget(list: Lease[], lease: Lease): void {
  const index = list.indexOf(lease);
  if (index >= 0) list.splice(index, 1);
}
