/** The half of `evolve` that folds decisions: what was ordered or reserved becomes the plan. */

import { invariant, unreachable } from '../kit/assert.js';
import { expand, has, push, type Runs } from '../kit/nodeset.js';
import type { Reason } from '../model/reasons.js';
import type {
  Decision,
  MigrateOrdered,
  OrderDecision,
  PoolCounts,
  ReservationsMoved,
  Reserved,
  ResumeOrdered,
  ResumptionPlanned,
  StartOrdered,
  StopOrdered,
  SuspendOrdered,
} from '../model/events.js';
import { awaitApproval } from './approval.js';
import {
  answerAct,
  answerChange,
  dequeue,
  dropReservation,
  endReservation,
  finish,
  forget,
  hold,
  holdInstead,
  holdUntil,
  leaveNodes,
  noteRelease,
  occupyNodes,
} from './leases.js';
import { arm } from './alarms.js';
import { enter, note, setVms } from './lease-life.js';
import { loadsInPools, nodesInPools, poolsOfNodes } from './nodes.js';
import {
  beginTransfer,
  joinTransfer,
  keepImages,
  leaveTransfers,
  moveTransfers,
  planTransfer,
  useImages,
} from './transfers.js';
import { depart } from './live-migration.js';
import { answerMove } from './moves.js';
import { applyOffer } from './offers.js';
import { beginResize } from './resizes.js';
import { awaitAnswer, dropLater, holdLater } from './return.js';
import { type Lease, type Load, type Plan, REASONS_MAX } from './live-lease.js';
import type { State } from './state.js';
import { changeDuration, refuseChange } from './wishes.js';

export function applyDecision(state: State, decision: Decision): void {
  if (tellsWhy(decision)) remember(leaseOf(state, decision.lease), decision);
  switch (decision.type) {
    case 'StartOrdered':
      start(state, decision);
      return;
    case 'SuspendOrdered':
    case 'ResumeOrdered':
    case 'MigrateOrdered':
      step(state, decision);
      return;
    case 'LiveMigrateOrdered':
      depart(state, leaseOf(state, decision.lease), decision);
      return;
    case 'StopOrdered':
      stop(state, decision);
      return;
    case 'ActOrdered': {
      const lease = leaseOf(state, decision.lease);
      answerAct(state, lease);
      ordered(state, lease, decision);
      return;
    }
    case 'ResizeOrdered': {
      const lease = leaseOf(state, decision.lease);
      ordered(state, lease, decision);
      beginResize(state, lease);
      return;
    }
    case 'Reserved':
      reserve(state, decision);
      return;
    case 'ReservationsMoved':
      move(state, decision);
      return;
    case 'ReservationDropped': {
      const lease = leaseOf(state, decision.lease);
      if (lease.later !== null) dropLater(state, lease);
      else giveUp(state, lease);
      arm(state, lease);
      return;
    }
    case 'Refused':
      finish(state, leaseOf(state, decision.lease), decision.outcome, state.now);
      return;
    case 'SuspensionPlanned': {
      const lease = leaseOf(state, decision.lease);
      const steps = decision.vms.map((vms, i) => ({ vms, from: decision.from[i]!, until: decision.until[i]! }));
      const { resumption } = decision;
      if (resumption !== undefined)
        holdLater(state, lease, { ...resumption, loads: loadsInPools(state, lease.terms, resumption.pools) });
      if (state.changes.some((change) => change.lease === lease)) {
        answerChange(state, lease); // it was asked for, and nobody waits for what it leaves
        noteRelease(state, lease.until);
      }
      const move = answerMove(state, lease);
      const leaves = move !== null && !state.newWindows.some(({ nodes }) => nodes.includes(move.off ?? 0));
      if (leaves) noteRelease(state, lease.until); // as above
      const firm = leaves ? { firm: true as const } : {};
      curtail(state, lease, decision.by, steps.length === 0 ? null : { kind: 'suspend', ...firm, steps, next: 0 });
      return;
    }
    case 'TransferPlanned':
      planTransfer(state, decision);
      arm(state, leaseOf(state, decision.lease));
      return;
    case 'PreparationDropped': {
      const lease = leaseOf(state, decision.lease);
      leaveTransfers(state, lease);
      arm(state, lease);
      return;
    }
    case 'TransferJoined':
      joinTransfer(state, decision);
      return;
    case 'TransfersMoved':
      moveTransfers(state, decision);
      for (const transfer of state.transfers) for (const { lease } of transfer.uses) arm(state, lease);
      return;
    case 'TransferOrdered':
      beginTransfer(state, decision);
      for (const transfer of state.transfers) for (const { lease } of transfer.uses) arm(state, lease);
      return;
    case 'MigrationPlanned': {
      const { nodes, vms, from, until } = decision;
      const lease = leaseOf(state, decision.lease);
      const steps = vms.map((some, i) => ({ vms: some, from: from[i]!, until: until[i]! }));
      lease.plan = { kind: 'migrate', steps, nodes, next: 0 };
      arm(state, lease);
      return;
    }
    case 'StopPlanned':
      answerMove(state, leaseOf(state, decision.lease));
      curtail(state, leaseOf(state, decision.lease), decision.at, { kind: 'stop', at: decision.at });
      return;
    case 'ResumptionPlanned':
      resume(state, decision);
      return;
    case 'Requeued': {
      const lease = leaseOf(state, decision.lease);
      state.attention.delete(lease);
      lease.trouble = null;
      return;
    }
    case 'Failed': {
      const lease = leaseOf(state, decision.lease);
      finish(state, lease, lease.cancelled ? 'cancelled' : 'failed', state.now);
      return;
    }
    case 'PreemptionLifted': {
      const lease = leaseOf(state, decision.lease);
      lease.plan = null;
      const later = dropLater(state, lease);
      if (later > 0) noteRelease(state, later);
      holdUntil(state, lease, decision.until);
      occupyNodes(state, lease);
      arm(state, lease);
      return;
    }
    case 'UntilMoved': {
      const lease = leaseOf(state, decision.lease);
      holdUntil(state, lease, decision.until);
      occupyNodes(state, lease);
      state.late.delete(lease);
      arm(state, lease);
      return;
    }
    case 'UntilKept':
      state.late.delete(leaseOf(state, decision.lease));
      return;
    case 'DurationChanged':
      changeDuration(state, leaseOf(state, decision.lease), decision);
      return;
    case 'ChangeRefused':
      refuseChange(state, leaseOf(state, decision.lease));
      answerMove(state, leaseOf(state, decision.lease));
      return;
    case 'Priced':
      applyOffer(state, leaseOf(state, decision.lease), decision);
      return;
    case 'ApprovalAwaited':
      awaitApproval(state, leaseOf(state, decision.lease));
      return;
    case 'LeaseEnding': {
      const lease = leaseOf(state, decision.lease);
      lease.warned = { end: decision.end, before: decision.before };
      arm(state, lease);
      return;
    }
    case 'OrderOverdue': {
      const lease = leaseOf(state, decision.lease);
      lease.pending = lease.pending.map((pending) =>
        pending.decision.order === decision.order ? { ...pending, overdue: true } : pending,
      );
      arm(state, lease);
      return;
    }
    default:
      unreachable(decision);
  }
}

/** Whether its reasons are kept with the lease: not why it waits, nor why it stays as it is. */
function tellsWhy(decision: Decision): decision is Extract<Decision, { reasons: readonly Reason[]; lease: string }> {
  if (['Reserved', 'ChangeRefused', 'ApprovalAwaited'].includes(decision.type)) return false;
  return 'reasons' in decision && decision.reasons.length > 0;
}

/** Keeps why the lease was refused, preempted, moved or given up; that its time is over needs no reason. */
function remember(lease: Lease, decision: { readonly reasons: readonly Reason[] }): void {
  const told = decision.reasons.filter((reason) => reason.code !== 'time-over');
  if (told.length > 0) lease.reasons = [...lease.reasons, ...told].slice(-REASONS_MAX);
}

function start(state: State, decision: StartOrdered): void {
  const lease = leaseOf(state, decision.lease);
  leaveWaiting(state, lease);
  lease.nodes = decision.nodes;
  lease.units = decision.units;
  lease.run = decision.order;
  const counts = poolsOfNodes(state, decision.nodes);
  hold(state, lease, state.now, decision.until, loadsInPools(state, lease.terms, counts));
  occupyNodes(state, lease);
  useImages(state, lease);
  enter(lease, 'starting');
  setVms(lease, null, 'starting');
  ordered(state, lease, decision);
}

/** A suspended lease takes its nodes again; its VMs come back step by step. */
function resume(state: State, decision: ResumptionPlanned): void {
  const lease = leaseOf(state, decision.lease);
  leaveWaiting(state, lease);
  reappear(state, lease, decision.nodes);
  lease.nodes = decision.nodes;
  lease.units = decision.units;
  const counts = poolsOfNodes(state, decision.nodes);
  hold(state, lease, state.now, decision.until, loadsInPools(state, lease.terms, counts));
  occupyNodes(state, lease);
  enter(lease, 'resuming');
  lease.plan = {
    kind: 'resume',
    steps: decision.vms.map((vms, i) => ({ vms, from: decision.from[i]!, until: decision.ready[i]! })),
    next: 0,
  };
  arm(state, lease);
}

const STEPS = { SuspendOrdered: 'suspending', ResumeOrdered: 'resuming', MigrateOrdered: 'migrating' } as const;

/** A step of a planned suspension, resumption or migration is ordered. */
function step(state: State, decision: SuspendOrdered | ResumeOrdered | MigrateOrdered): void {
  const lease = leaseOf(state, decision.lease);
  const suspending = decision.type === 'SuspendOrdered';
  if (suspending && lease.phase === 'active') enter(lease, 'suspending');
  if (suspending) {
    state.leaving.add(lease);
    answerChange(state, lease); // that it be suspended, if anything
    lease.pending = lease.pending.filter((pending) => pending.decision.type !== 'ActOrdered');
  }
  setVms(lease, decision.vms, STEPS[decision.type]);
  const { plan } = lease;
  invariant(plan !== null && plan.kind !== 'stop', 'a step belongs to a plan');
  const done = plan.steps.findIndex((planned) => has(planned.vms, decision.vms[0]!));
  if (done >= plan.next) lease.plan = { ...plan, next: done + 1 };
  ordered(state, lease, decision);
}

function stop(state: State, decision: StopOrdered): void {
  const lease = leaseOf(state, decision.lease);
  const later = dropLater(state, lease);
  if (later > 0) noteRelease(state, later);
  if (decision.until > state.now) {
    if (decision.until < lease.until) noteRelease(state, lease.until);
    holdUntil(state, lease, decision.until);
  } else {
    if (lease.loads !== null) noteRelease(state, lease.until);
    leaveNodes(state, lease);
  }
  if (lease.phase === 'suspended') {
    dequeue(state, lease);
    forget(state.unanswered, lease);
    dropReservation(state, lease);
  }
  if (lease.phase !== 'stopping') enter(lease, 'stopping');
  setVms(lease, null, 'stopping');
  answerMove(state, lease);
  lease.afterStop = decision.then;
  lease.trouble = null;
  if (decision.cause === 'failed') lease.attempts++;
  if (decision.cause === 'preempted') lease.preemptions++;
  lease.retryAt = null;
  lease.plan = null;
  lease.planAfter = null;
  lease.pending = [];
  state.leaving.add(lease);
  state.attention.delete(lease);
  state.late.delete(lease);
  ordered(state, lease, decision);
}

function reserve(state: State, decision: Reserved): void {
  const lease = leaseOf(state, decision.lease);
  forget(state.unanswered, lease);
  hold(state, lease, decision.from, decision.until, loadsInPools(state, lease.terms, decision.pools));
  lease.pools = decision.pools;
  lease.soon = decision.soon;
  state.reservations++;
  if (lease.terms.start.kind === 'deadline') state.deadlines.add(lease);
  reappear(state, lease, nodesInPools(state, decision.pools));
  lease.promised = true;
  keepImagesInPools(state, lease, decision.pools);
  if (lease.phase === 'waiting') enter(lease, 'reserved');
  arm(state, lease);
}

/** One after another: on the way more may be held than there is, at the end never. */
function move(state: State, decision: ReservationsMoved): void {
  decision.leases.forEach((id, i) => {
    const lease = leaseOf(state, id);
    const pools = decision.pools[i]!;
    const loads = loadsAgain(state, lease, pools);
    if (lease.later !== null) {
      dropLater(state, lease);
      holdLater(state, lease, { from: decision.from[i]!, until: decision.until[i]!, loads, pools });
      arm(state, lease);
      return;
    }
    holdInstead(state, lease, decision.from[i]!, decision.until[i]!, loads);
    if (lease.pools === null) state.reservations++;
    lease.pools = pools;
    lease.soon = false;
    if (state.deadlines.size > 0) state.deadlines.delete(lease);
    if (lease.terms.start.kind === 'deadline') state.deadlines.add(lease);
    if (lease.phase === 'suspended') reappear(state, lease, nodesInPools(state, pools));
    keepImagesInPools(state, lease, pools);
    arm(state, lease);
  });
  if (decision.cause === 'capacity-released') state.released = false;
  else if (decision.cause === 'capacity-lost') state.lost = false;
}

/** As `loadsInPools`; on counted nodes mostly what the lease holds already. */
function loadsAgain(state: State, lease: Lease, pools: PoolCounts): readonly Load[] {
  const held = lease.loads?.length === 1 && lease.later === null ? lease.loads[0]! : null;
  if (held !== null && held.before === undefined && pools.length === 2 && held.pool === pools[0])
    if (state.pools[held.pool]!.counted && held.amounts[0] === pools[1]) return lease.loads!;
  return loadsInPools(state, lease.terms, pools);
}

function keepImagesInPools(state: State, lease: Lease, pools: PoolCounts): void {
  const nodes = state.policy.preparation === 'none' ? null : nodesInPools(state, pools);
  if (nodes !== null) keepImages(state, lease, nodes);
}

/** Where saved memory is on storage that all nodes reach, it is on other nodes as soon as they are chosen. */
function reappear(state: State, lease: Lease, nodes: Runs | null): void {
  if (lease.phase !== 'suspended' || state.policy.migration !== 'no-transfer' || nodes === null) return;
  const from = expand(lease.nodes!);
  const moved: number[] = [];
  for (const [i, node] of expand(nodes).entries()) if (node !== from[i]) push(moved, i + 1);
  if (moved.length === 0) return;
  note(lease, 'migration', state.now, state.now, moved, nodes);
  lease.nodes = nodes;
}

/** The lease waits without its reservation; one that was promised it is to be answered anew. */
function giveUp(state: State, lease: Lease): void {
  dropReservation(state, lease);
  if (lease.phase === 'reserved') enter(lease, 'waiting');
  const { kind } = lease.terms.start;
  if (kind !== 'best-effort' && (kind === 'deadline' || lease.phase === 'waiting')) awaitAnswer(state, lease);
}

/** The lease is to leave at `at`; what it held beyond is free. A reservation is shortened, and planned when it begins. */
function curtail(state: State, lease: Lease, at: number, plan: Plan | null): void {
  if (at < lease.until) holdUntil(state, lease, at);
  if (lease.phase === 'resuming') lease.planAfter = plan;
  else if (plan !== null) lease.plan = plan;
  arm(state, lease);
}

/** Out of the queue, or of those not yet answered, with the reservation given up. */
function leaveWaiting(state: State, lease: Lease): void {
  endReservation(state, lease);
  dequeue(state, lease);
  if (lease.phase === 'waiting' || lease.terms.start.kind === 'deadline') forget(state.unanswered, lease);
}

function ordered(state: State, lease: Lease, decision: OrderDecision): void {
  const pending = { decision, issued: state.now, overdue: false };
  lease.pending = lease.pending.length === 0 ? [pending] : [...lease.pending, pending];
  arm(state, lease);
}

function leaseOf(state: State, id: string): Lease {
  const lease = state.leases.get(id);
  invariant(lease !== undefined, 'a decision names a lease that is not over');
  return lease;
}
