/** What `evolve` does with what the cluster saw of VMs, images and orders. What no longer fits changes nothing. */

import { unreachable } from '../kit/assert.js';
import { compact, expand, has, removeAll, type Runs } from '../kit/nodeset.js';
import { FOREVER, type Instant } from '../kit/time.js';
import type {
  ImageTransferred,
  LeaseEnded,
  Observation,
  OrderDecision,
  OrderFailed,
  VmsActed,
  VmsMigrated,
  VmsResized,
  VmsResumed,
  VmsStarted,
  VmsStopped,
  VmsSuspended,
} from '../model/events.js';
import { onNodeLostOf } from '../model/lease.js';
import { type Reason, reason } from '../model/reasons.js';
import { noteAct } from './acts.js';
import { carried, lostOnTheWay, noteLoss } from './carried.js';
import { afterStart } from './dependents.js';
import { shutdownLength } from './ends.js';
import { admit, enqueue, finish, holdUntil, leaveNodes, noteRelease, startOver } from './leases.js';
import { allVms, enter, note, setVms, startClock, stopClock } from './lease-life.js';
import { arm } from './alarms.js';
import { arrived, stayed } from './live-migration.js';
import { leaveAfterFailure, vmsOn } from './moves.js';
import { detach, movedNodes, nodesOf } from './nodes.js';
import { endResize } from './resizes.js';
import { awaitReturn } from './return.js';
import { type Lease, NO_PENDING, type Pending, phaseOfVm } from './live-lease.js';
import type { State } from './state.js';
import { completeTransfer, leaveTransfers, loseImages } from './transfers.js';

/** How long a failed stop waits before it is ordered again. */
const RETRY_MS = 10_000;

/** Of nodes themselves `evolve` takes care. */
export function applyObservation(state: State, event: Extract<Observation, { lease: string }>): void {
  switch (event.type) {
    case 'VmsStarted':
    case 'VmsResumed':
      ready(state, event);
      break;
    case 'VmsSuspended':
      suspended(state, event);
      break;
    case 'ImageTransferred':
      imageTransferred(state, event);
      break;
    case 'VmsMigrated':
      migrated(state, event);
      break;
    case 'VmsLiveMigrated': {
      const lease = answered(state, event.lease, event.order);
      if (lease === null) break;
      const pending = pendingOf(lease, event.order);
      const vms = arrived(state, lease, event);
      loseOnTheWay(state, lease, pending, vms);
      break;
    }
    case 'VmsStopped':
      stopped(state, event);
      break;
    case 'VmsActed':
      acted(state, event);
      break;
    case 'VmsResized':
      resized(state, event);
      break;
    case 'LeaseEnded':
      ended(state, event);
      break;
    case 'OrderFailed':
      failed(state, event);
      break;
    default:
      unreachable(event);
  }
}

/** VMs run: after a start or a resumption. When all do, the lease's clock starts. */
function ready(state: State, event: VmsStarted | VmsResumed): void {
  const lease = answered(state, event.lease, event.order);
  if (lease === null) return;
  const decision = decisionOf(lease, event.order);
  if (decision.type !== 'StartOrdered' && decision.type !== 'ResumeOrdered') return;
  const vms = decision.type === 'ResumeOrdered' ? (event.vms ?? decision.vms) : event.vms;
  setVms(lease, vms, 'running');
  if (decision.type === 'ResumeOrdered') note(lease, 'resumption', issuedAt(lease, event.order), event.at, vms!);
  if (decision.type === 'ResumeOrdered' || allVms(lease, 'running')) settle(lease, event.order);
  if (allVms(lease, 'running')) {
    enter(lease, 'active');
    if (lease.plan?.kind === 'resume') lease.plan = lease.planAfter;
    lease.planAfter = null;
    runs(state, lease, event.at);
    const until = event.at + lease.remaining + shutdownLength(state.policy, lease);
    if (until < lease.until && until >= state.now) {
      holdUntil(state, lease, until);
      noteRelease(state, FOREVER);
      state.calm = false;
    } else if (until > lease.until && lease.plan === null) state.late.add(lease);
  }
  arm(state, lease);
}

/** The lease's clock starts. Others may have waited for that. */
function runs(state: State, lease: Lease, at: Instant): void {
  const first = lease.firstStart === null;
  startClock(lease, at);
  if (first) for (const dependent of afterStart(state, lease)) admit(state, dependent);
}

/** VMs are saved. The clock stands still since the first of them stopped. */
function suspended(state: State, event: VmsSuspended): void {
  const lease = answered(state, event.lease, event.order);
  if (lease === null) return;
  const decision = decisionOf(lease, event.order);
  if (decision.type !== 'SuspendOrdered') return;
  const vms = event.vms ?? decision.vms;
  stopClock(lease, event.stoppedAt);
  setVms(lease, vms, 'suspended');
  note(lease, 'suspension', event.stoppedAt, event.at, vms);
  settle(lease, event.order);
  if (allVms(lease, 'suspended')) {
    state.leaving.delete(lease);
    state.late.delete(lease);
    if (lease.until > state.now) noteRelease(state, lease.until);
    leaveNodes(state, lease);
    lease.plan = null;
    enter(lease, 'suspended');
    if (!lease.held) lease.preemptions++; // it was suspended for others
    if (lease.terms.start.kind === 'deadline') awaitReturn(state, lease);
    else enqueue(state, lease);
    if (lease.remaining === 0) trouble(state, lease, reason('time-over')); // it was done just when it had to leave
  }
  arm(state, lease);
}

/** An image has arrived: the leases that wait for it are one step nearer to their start. */
function imageTransferred(state: State, event: ImageTransferred): void {
  const transfer = state.transfers.find((other) => other.pending?.decision.order === event.order);
  if (transfer === undefined) return;
  const { issued } = transfer.pending!;
  for (const { lease, vms, nodes } of transfer.uses.filter((use) => use.vms.length > 0))
    lease.transfers = [...lease.transfers, { image: transfer.image, from: issued, until: event.at, vms, nodes }];
  completeTransfer(state, transfer);
  for (const { lease } of transfer.uses) arm(state, lease);
}

/** A transfer has failed: what its leases hold is given up, and they wait again, or are given up themselves. */
function transferFailed(state: State, order: string): void {
  const transfer = state.transfers.find((other) => other.pending?.decision.order === order);
  if (transfer === undefined) return;
  for (const { lease, vms } of [...transfer.uses]) {
    leaveTransfers(state, lease);
    if (vms.length === 0) state.sendingFailed = true;
    if (vms.length === 0) continue;
    lease.attempts++;
    trouble(state, lease, reason('order-failed'));
  }
}

/** Saved memory has arrived at other nodes. */
function migrated(state: State, event: VmsMigrated): void {
  const lease = answered(state, event.lease, event.order);
  if (lease === null) return;
  const pending = pendingOf(lease, event.order);
  const { decision } = pending;
  if (decision.type !== 'MigrateOrdered') return;
  const vms = event.vms ?? decision.vms;
  setVms(lease, vms, 'suspended');
  note(lease, 'migration', issuedAt(lease, event.order), event.at, vms, decision.nodes);
  settle(lease, event.order);
  lease.nodes = movedNodes(lease.nodes!, vms, decision.nodes);
  if (lease.plan?.kind === 'migrate' && lease.plan.next === lease.plan.steps.length && lease.pending.length === 0)
    lease.plan = null;
  loseOnTheWay(state, lease, pending, vms);
  arm(state, lease);
}

/** All VMs have left their nodes on our order. */
function stopped(state: State, event: VmsStopped): void {
  const lease = answered(state, event.lease, event.order);
  if (lease === null) return;
  const decision = decisionOf(lease, event.order);
  if (decision.type !== 'StopOrdered') return;
  if (event.vms !== null) {
    setVms(lease, event.vms, 'absent');
    if (lease.vmPhases?.some((phase) => phase !== 'absent' && phase !== 'lost')) return;
  }
  // While VMs shut down, they no longer run.
  const issued = issuedAt(lease, event.order);
  const shutsDown = decision.until > issued && lease.clockFrom !== null;
  stopClock(lease, shutsDown ? issued : event.at);
  if (shutsDown) note(lease, 'shutdown', issued, event.at, [1, lease.vms]);
  state.leaving.delete(lease);
  if (lease.afterStop === 'queue' && !lease.cancelled) startOver(state, lease);
  else if (lease.cancelled) finish(state, lease, 'cancelled', event.at);
  else finish(state, lease, decision.cause === 'time-over' ? 'done' : 'failed', event.at);
}

/** What was ordered has been done to its VMs: they run on, or are paused. */
function acted(state: State, event: VmsActed): void {
  const lease = answered(state, event.lease, event.order);
  if (lease === null) return;
  const decision = decisionOf(lease, event.order);
  if (decision.type !== 'ActOrdered') return;
  settle(lease, event.order);
  noteAct(lease, decision);
  arm(state, lease);
}

/** Its VMs are as large as they were to be: what it held beyond is free. */
function resized(state: State, event: VmsResized): void {
  const lease = answered(state, event.lease, event.order);
  if (lease === null) return;
  const decision = decisionOf(lease, event.order);
  if (decision.type !== 'ResizeOrdered') return;
  settle(lease, event.order);
  endResize(state, lease, decision, event.at);
}

/** The lease ended by itself. */
function ended(state: State, event: LeaseEnded): void {
  const lease = state.leases.get(event.lease);
  if (lease === undefined || lease.run !== event.order) return;
  if (lease.phase === 'starting') {
    // Its start and its end were seen together, the start last or never.
    enter(lease, 'active');
    runs(state, lease, lease.from);
  }
  finish(state, lease, 'done', event.at);
}

function failed(state: State, event: OrderFailed): void {
  transferFailed(state, event.order);
  const lease = answered(state, event.lease, event.order);
  if (lease === null) return;
  const pending = pendingOf(lease, event.order);
  const { decision } = pending;
  if (decision.type !== 'LiveMigrateOrdered') settle(lease, event.order);
  switch (decision.type) {
    case 'StartOrdered':
      lease.attempts++;
      setVms(lease, null, 'absent');
      gone(state, lease, reason('order-failed'));
      break;
    case 'SuspendOrdered':
      setVms(lease, decision.vms, 'running');
      trouble(state, lease, reason('order-failed'));
      break;
    case 'ResumeOrdered':
      setVms(lease, decision.vms, 'suspended');
      trouble(state, lease, reason('order-failed'));
      break;
    case 'MigrateOrdered':
      lease.attempts++;
      lease.plan = null;
      setVms(lease, decision.vms, 'suspended');
      if (!loseOnTheWay(state, lease, pending, decision.vms)) trouble(state, lease, reason('order-failed'));
      break;
    case 'ActOrdered':
      break; // its VMs are as they were
    case 'ResizeOrdered':
      endResize(state, lease, decision, null);
      break;
    case 'LiveMigrateOrdered':
      stayed(state, lease, decision);
      if (!loseOnTheWay(state, lease, pending, decision.vms)) leaveAfterFailure(state, lease, pending);
      break;
    case 'TransferOrdered':
      break; // it is not the lease's own
    case 'StopOrdered':
      lease.retryAt = state.now + RETRY_MS;
      break;
    default:
      unreachable(decision);
  }
  arm(state, lease);
}

/** The node is away: its VMs and the images on it count as lost. */
export function lose(state: State, node: number, status: 'lost' | 'gone'): void {
  detach(state, node, status);
  loseImages(state, node);
  state.loads.delete(node);
  state.unreachable.delete(node);
  for (const lease of state.leases.values()) {
    noteLoss(lease, node, status === 'lost' && lease.terms.onNodeLost === 'wait');
    if (lease.nodes === null || !has(lease.nodes, node)) continue;
    if (lease.phase === 'suspended' && imagesAreShared(state)) continue;
    // It keeps its place, as on a node that is drained.
    if (status === 'lost' && lease.terms.onNodeLost === 'wait') continue;
    const here = expand(vmsOn(lease, (other) => other === node));
    const hit = compact(here.filter((vm) => phaseOfVm(lease, vm) !== 'absent'));
    // Whether those that are being carried off it got away is said by the answer to their order.
    removeAll(hit, carried(lease));
    if (hit.length > 0) vmsLost(state, lease, hit, node);
  }
}

/** Of these VMs, whose order is answered, those that are on nodes that were lost meanwhile are no more. Are there any? */
function loseOnTheWay(state: State, lease: Lease, pending: Pending, vms: Runs): boolean {
  const lost = lostOnTheWay(lease, pending, vms);
  if (lost.length === 0) return false;
  vmsLost(state, lease, lost, nodesOf(lease.nodes!, lost)[0]!);
  return true;
}

/** These VMs, which were on the node, are no more. */
function vmsLost(state: State, lease: Lease, vms: Runs, node: number): void {
  setVms(lease, vms, 'lost');
  if (lease.phase === 'stopping') return;
  const why = reason('node-unavailable', { blockers: [`node:${node}`] });
  if (allVms(lease, 'lost') && onNodeLostOf(lease.terms) !== 'delete') gone(state, lease, why);
  else trouble(state, lease, why);
}

/** Something is wrong with the lease's VMs, and the next decisions must deal with it. */
function trouble(state: State, lease: Lease, why: Reason): void {
  lease.trouble = why;
  state.attention.add(lease);
}

/** No VM is left. A best-effort lease waits again at once; what becomes of the others is decided. */
function gone(state: State, lease: Lease, why: Reason): void {
  if (lease.terms.start.kind === 'best-effort' && !lease.cancelled) startOver(state, lease);
  trouble(state, lease, why);
}

function imagesAreShared(state: State): boolean {
  return state.policy.migration === 'no-transfer';
}

/** The lease, if it still waits for an answer to this order. */
function answered(state: State, id: string, order: string): Lease | null {
  const lease = state.leases.get(id);
  if (lease === undefined || !lease.pending.some((pending) => pending.decision.order === order)) return null;
  return lease;
}

function pendingOf(lease: Lease, order: string): Pending {
  return lease.pending.find((pending) => pending.decision.order === order)!;
}

function decisionOf(lease: Lease, order: string): OrderDecision {
  return pendingOf(lease, order).decision;
}

function issuedAt(lease: Lease, order: string): Instant {
  return pendingOf(lease, order).issued;
}

/** The order is answered. */
function settle(lease: Lease, order: string): void {
  lease.pending =
    lease.pending.length === 1 ? NO_PENDING : lease.pending.filter((pending) => pending.decision.order !== order);
}
