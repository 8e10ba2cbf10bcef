/** A lease that is stuck: its orders sent again, begun anew, or said to have been carried out. */

import type { Instant } from '../kit/time.js';
import type { Rejection } from '../model/commands.js';
import type { LeaseRecoveryRequested, Observation, OrderDecision, Request } from '../model/events.js';
import { reason } from '../model/reasons.js';
import { applyObservation } from './evolve-observation.js';
import { arm } from './alarms.js';
import type { Lease } from './live-lease.js';
import type { State } from './state.js';

export function recovered(lease: Lease, how: LeaseRecoveryRequested['how']): readonly Request[] | Rejection {
  const fault = faultOf(lease, how);
  if (fault !== null) return { code: 'lease-state', detail: `lease ${lease.id} ${fault}`, pointer: null };
  return [{ type: 'LeaseRecoveryRequested', lease: lease.id, how }];
}

function faultOf(lease: Lease, how: LeaseRecoveryRequested['how']): string | null {
  if (how === 'recreate') {
    if (lease.terms.start.kind !== 'best-effort') return 'was promised its time, and does not wait in the queue again';
    if (lease.cancelled || lease.phase === 'stopping') return 'is being stopped already';
    return lease.run === null ? 'has not begun: there is nothing to begin anew' : null;
  }
  if (lease.pending.length > 0 || (how === 'retry' && lease.retryAt !== null)) return null;
  return 'waits for no order';
}

/** Orders that are sent again need no change of the state: see `ordersOf`. */
export function recover(state: State, { lease: id, how }: LeaseRecoveryRequested, now: Instant): void {
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  switch (how) {
    case 'retry':
      if (lease.retryAt !== null) lease.retryAt = now;
      arm(state, lease);
      return;
    case 'recreate':
      lease.attempts = 0;
      lease.trouble = reason('recovery-requested');
      state.attention.add(lease);
      return;
    case 'force':
      for (const { decision } of lease.pending) applyObservation(state, observationOf(decision, now));
      return;
  }
}

/** As if the cluster had said that it was done. */
function observationOf(decision: OrderDecision, at: Instant): Extract<Observation, { lease: string }> {
  const { lease, order } = decision;
  const all = { at, lease, order, vms: null };
  switch (decision.type) {
    case 'StartOrdered':
      return { type: 'VmsStarted', ...all };
    case 'SuspendOrdered':
      return { type: 'VmsSuspended', ...all, vms: decision.vms, stoppedAt: at };
    case 'ResumeOrdered':
      return { type: 'VmsResumed', ...all, vms: decision.vms };
    case 'MigrateOrdered':
      return { type: 'VmsMigrated', ...all, vms: decision.vms };
    case 'LiveMigrateOrdered':
      return { type: 'VmsLiveMigrated', ...all, vms: decision.vms };
    case 'TransferOrdered':
      return { type: 'ImageTransferred', at, lease, order };
    case 'StopOrdered':
      return { type: 'VmsStopped', ...all };
    case 'ActOrdered':
      return { type: 'VmsActed', ...all, vms: decision.vms };
    case 'ResizeOrdered':
      return { type: 'VmsResized', ...all };
  }
}
