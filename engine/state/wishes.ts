/** What clients change about leases that they have: held and released, and how long they last. The half of `evolve`. */

import { invariant } from '../kit/assert.js';
import type { Duration, Instant } from '../kit/time.js';
import type { DurationChanged, LeaseChangeRequested } from '../model/events.js';
import { shutdownLength } from './ends.js';
import {
  admit,
  answerAct,
  answerChange,
  answerResize,
  dequeue,
  dropReservation,
  hold,
  holdUntil,
  noteRelease,
} from './leases.js';
import { arm } from './alarms.js';
import { enter } from './lease-life.js';
import { loadsInPools } from './nodes.js';
import { reprice } from './offers.js';
import { isQueued, type Lease, waitsInQueue } from './live-lease.js';
import type { State } from './state.js';

/** The lease leaves the queue, and gives up what is reserved for it. */
export function holdBack(state: State, id: string): void {
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  lease.held = true;
  dequeue(state, lease);
  giveUpReservation(state, lease);
  arm(state, lease);
}

/** The lease waits again, with its order of arrival. */
export function release(state: State, id: string): void {
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  lease.held = false;
  if (isQueued(lease)) return admit(state, lease);
  answerChange(state, lease); // it was to be suspended, in this very turn
  arm(state, lease);
}

/** When it is saved, is a decision. From then on it is on hold. */
export function suspensionRequested(state: State, id: string): void {
  const lease = state.leases.get(id);
  if (lease === undefined || lease.phase !== 'active') return;
  lease.held = true;
  state.changes.push({ lease, duration: null });
}

/** It stays as it is. */
export function refuseChange(state: State, lease: Lease): void {
  if (state.changes.some((change) => change.lease === lease && change.duration === null)) lease.held = false;
  answerChange(state, lease);
  answerAct(state, lease);
  answerResize(state, lease);
}

/**
 * Leases that hold no capacity just last longer or shorter, and shorter is always possible. Those that would need more
 * than they hold are answered by a decision.
 */
export function changeRequested(state: State, { lease: id, duration }: LeaseChangeRequested): void {
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  answerChange(state, lease); // what was asked just before counts no more
  const longer = duration - lease.terms.duration;
  if (longer === 0) return;
  if (longer > 0 && needsMore(lease)) {
    state.changes.push({ lease, duration });
    return;
  }
  const before = lease.until;
  setDuration(state, lease, duration);
  if (waitsInQueue(lease)) giveUpReservation(state, lease);
  if (lease.loads !== null && longer < 0) {
    const until = endOf(state, lease, longer);
    if (until <= lease.until) {
      if (lease.plan?.kind === 'suspend' || lease.plan?.kind === 'stop') {
        lease.plan = null; // it is gone by then
        lease.held = false;
      }
      holdUntil(state, lease, until);
      state.late.delete(lease);
      noteRelease(state, before);
    }
  }
  arm(state, lease);
}

/** The decision that it lasts longer. */
export function changeDuration(state: State, lease: Lease, { duration, until, pools }: DurationChanged): void {
  answerChange(state, lease);
  setDuration(state, lease, duration);
  if (pools === null) holdUntil(state, lease, until);
  else {
    const { from } = lease;
    invariant(lease.pools !== null, 'only a reservation moves to other nodes');
    dropReservation(state, lease);
    hold(state, lease, from, until, loadsInPools(state, lease.terms, pools));
    lease.pools = pools;
    state.reservations++;
  }
  arm(state, lease);
}

/** Whether the lease holds capacity that it does not have to leave, or give up, for another. */
function needsMore(lease: Lease): boolean {
  if (lease.loads === null) return false;
  if (lease.pools !== null) return lease.terms.start.kind === 'advance';
  return lease.plan === null || lease.plan.kind === 'resume';
}

function setDuration(state: State, lease: Lease, duration: Duration): void {
  state.firstFit.change(lease, () => {
    lease.remaining = Math.max(0, lease.remaining + duration - lease.terms.duration);
  });
  state.outlines.note(lease);
  lease.terms = { ...lease.terms, duration };
  reprice(lease);
}

/** When the lease, shortened by `-longer`, is off its nodes. One whose VMs are not ready yet has all its time ahead. */
function endOf(state: State, lease: Lease, longer: number): Instant {
  const length = lease.remaining + shutdownLength(state.policy, lease);
  if (lease.pools !== null) return lease.from + length;
  if (lease.clockFrom !== null) return lease.clockFrom + length;
  return Math.max(lease.until + longer, state.now + length);
}

/** What is reserved for a lease that waits. */
export function giveUpReservation(state: State, lease: Lease): void {
  if (lease.pools === null) return;
  const { until } = lease;
  dropReservation(state, lease);
  if (lease.phase === 'reserved') enter(lease, 'waiting');
  noteRelease(state, until);
}
