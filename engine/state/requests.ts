/** Leases asked for and cancelled: how `evolve` folds these two requests. */

import type { Instant } from '../kit/time.js';
import type { LeaseRequested } from '../model/events.js';
import { type LeaseId, type Terms, vmCount } from '../model/lease.js';
import { isReady, outstanding, tie } from './dependents.js';
import { arm } from './alarms.js';
import { enqueue, finish } from './leases.js';
import { type Lease, NO_DEPENDENCIES, NO_PENDING, NO_REASONS, NO_TRANSFERS, NO_VMS } from './live-lease.js';
import type { State, StateView } from './state.js';

/** How long idempotency keys are remembered. */
const KEYS_KEPT_MS = 7 * 24 * 3600 * 1000;

export function request(state: State, event: LeaseRequested, now: Instant): void {
  const { terms } = event;
  const lease = newLease(state, event.lease, terms, now);
  state.nextSequence++;
  state.leases.add(lease);
  state.arrived.push(lease);
  if ((terms.priority ?? 0) > 0) state.prioritised++;
  if (terms.start.kind !== 'best-effort') state.unanswered.push(lease);
  else if (isReady(lease)) enqueue(state, lease);
  else defer(state, lease);
  if (event.key !== null) rememberKey(state, event.key, lease.id, now);
  arm(state, lease);
}

/** A lease that has just been asked for, and is in no table yet. */
export function newLease(state: StateView, id: LeaseId, terms: Terms, now: Instant): Lease {
  return {
    id,
    sequence: state.nextSequence,
    submitted: now,
    terms,
    vms: vmCount(terms),
    slot: 0,
    phase: 'waiting',
    vmPhase: 'absent',
    vmPhases: null,
    from: 0,
    until: 0,
    loads: null,
    pools: null,
    preparation: null,
    soon: false,
    later: null,
    nodes: null,
    arriving: null,
    units: null,
    remaining: terms.duration,
    clockFrom: null,
    firstStart: null,
    run: null,
    pending: NO_PENDING,
    plan: null,
    planAfter: null,
    promised: false,
    attempts: 0,
    preemptions: 0,
    charged: 0,
    offer: null,
    reasons: NO_REASONS,
    trouble: null,
    held: terms.held ?? false,
    waitsFor: terms.after === undefined ? NO_DEPENDENCIES : outstanding(state, terms.after),
    cancelled: false,
    former: null,
    afterStop: null,
    retryAt: null,
    alarm: null,
    spans: [],
    transfers: NO_TRANSFERS,
    outcome: null,
    ended: null,
    unapproved: false,
    warned: null,
    paused: NO_VMS,
  };
}

/** It does not stand in the queue yet. Whether it could ever fit is to be known at once all the same. */
function defer(state: State, lease: Lease): void {
  tie(state, lease);
  state.unproven.push(lease);
  state.calm = false;
}

function rememberKey(state: State, key: { id: string; hash: string }, lease: string, now: Instant): void {
  for (const [old, used] of state.keys) {
    if (used.at + KEYS_KEPT_MS > now) break;
    state.keys.delete(old);
  }
  state.keys.set(key.id, { hash: key.hash, lease, at: now });
}

export function cancel(state: State, id: string, now: Instant): void {
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  lease.cancelled = true;
  if (lease.phase === 'stopping') lease.afterStop = 'over';
  else if (lease.phase === 'waiting' || lease.phase === 'reserved') finish(state, lease, 'cancelled', now);
  else state.attention.add(lease);
}
