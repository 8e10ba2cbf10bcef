/** What is done to VMs that run while their lease goes on: asked for, ordered, and seen to be done. */

import { addAll, type Runs, removeAll, size } from '../kit/nodeset.js';
import type { Command, Rejection } from '../model/commands.js';
import type { Act, ActOrdered, LeaseActRequested, Request } from '../model/events.js';
import { allVms } from './lease-life.js';
import { isMoving } from './moves.js';
import { isResizing } from './sizes.js';
import type { Lease } from './live-lease.js';
import type { State, StateView } from './state.js';

/** What is asked for, as it is logged: nothing where it is so already. Or why it is not accepted. */
export function acted(
  state: StateView,
  lease: Lease,
  { act, vms, to }: Command & { type: 'ActOnLease' },
): readonly Request[] | Rejection {
  if (vms !== null && !areItsVms(lease, vms))
    return { code: 'terms-invalid', detail: `VMs are named by their numbers, 1 to ${lease.vms}`, pointer: '/vms' };
  if ((act === 'move-disks') !== (to !== undefined) || to === '' || (to?.length ?? 0) > TO_MAX)
    return { code: 'terms-invalid', detail: 'disks, and nothing else, are moved to a place', pointer: '/to' };
  if (act === 'move-disks' && lease.terms.onNodeLost === 'migrate')
    return inState(lease, 'begins from its disks where a node is lost: they stay where they are found then');
  if (lease.cancelled) return inState(lease, 'is cancelled');
  if (lease.phase !== 'active' || !allVms(lease, 'running'))
    return inState(lease, `is ${lease.phase}; ${VERBS[act]} is for leases whose VMs all run`);
  const asked = state.acts.find((one) => one.lease === lease) ?? null;
  if (asked !== null && asked.act === act && asked.to === to && String(asked.vms) === String(vms)) return NOTHING;
  if (asked !== null || lease.pending.length > 0 || isMoving(state, lease) || isResizing(state, lease))
    return inState(lease, 'is busy with what was asked before; try again');
  if (state.changes.some((change) => change.lease === lease && change.duration === null))
    return inState(lease, 'is to be suspended');
  const meant = vms ?? [1, lease.vms];
  const paused = size(lease.paused) === 0 ? 0 : pausedAmong(lease, meant);
  if (act === 'pause' && paused === size(meant)) return NOTHING;
  if (act === 'unpause' && paused === 0) return NOTHING;
  if ((act === 'reboot' || act === 'reset') && paused > 0)
    return inState(lease, 'has paused VMs among these: unpause them first');
  return [{ type: 'LeaseActRequested', lease: lease.id, act, vms, ...(to === undefined ? {} : { to }) }];
}

/** Whether it is ordered, is a decision of the same turn. */
export function actRequested(state: State, { lease: id, act, vms, to }: LeaseActRequested): void {
  const lease = state.leases.get(id);
  if (lease === undefined || lease.phase !== 'active') return;
  state.acts.push({ lease, act, vms, ...(to === undefined ? {} : { to }) });
}

/** It was done. */
export function noteAct(lease: Lease, { act, vms }: ActOrdered): void {
  if (act !== 'pause' && act !== 'unpause') return;
  const paused = [...lease.paused];
  const meant = vms ?? [1, lease.vms];
  if (act === 'pause') addAll(paused, meant);
  else removeAll(paused, meant);
  lease.paused = paused;
}

const NOTHING: readonly Request[] = [];
/** A path on a host. */
const TO_MAX = 512;
const VERBS: Readonly<Record<Act, string>> = {
  reboot: 'rebooting',
  reset: 'resetting',
  pause: 'pausing',
  unpause: 'unpausing',
  'move-disks': 'moving disks',
};

/** A set of numbers of VMs that the lease has. */
function areItsVms(lease: Lease, vms: Runs): boolean {
  if (vms.length === 0 || vms.length % 2 !== 0) return false;
  let last = 0;
  for (let i = 0; i < vms.length; i += 2) {
    const [first, end] = [vms[i]!, vms[i + 1]!];
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(end) || first <= last || end < first) return false;
    last = end;
  }
  return last <= lease.vms;
}

function pausedAmong(lease: Lease, vms: Runs): number {
  const among = [...vms];
  removeAll(among, lease.paused);
  return size(vms) - size(among);
}

function inState(lease: Lease, what: string): Rejection {
  return { code: 'lease-state', detail: `lease ${lease.id} ${what}`, pointer: null };
}
