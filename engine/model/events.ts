/**
 * The events of the log. A *request* is an accepted command, a *decision* says what was ordered or reserved, an
 * *observation* says what happened. The log's unit is the turn: inputs, the time, and the decisions that followed.
 */

import type { Runs } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { LeaseId, Terms } from './lease.js';
import type { Policy } from './policy.js';
import type { Reason } from './reasons.js';
import type { NodeClass, ResourceType } from './site.js';

/** `turn.index`: the number of the turn and the index of the decision in it. Sending an order again is harmless. */
export type OrderId = string;

/** Which VMs of a lease (numbered from 1); null: all of them. */
export type VmSet = Runs | null;

// ---- requests ----------------------------------------------------------------------------------------------------

/** A writer takes over the log; orders and appends of an earlier epoch are stale. */
export interface EpochClaimed {
  readonly type: 'EpochClaimed';
  readonly epoch: number;
}
export interface PolicyAdopted {
  readonly type: 'PolicyAdopted';
  readonly policy: Policy;
}
/** The resource types, in the order of every capacity vector in this log. Once, before the first node. */
export interface SiteDeclared {
  readonly type: 'SiteDeclared';
  readonly resources: readonly ResourceType[];
}
export interface NodesAdded {
  readonly type: 'NodesAdded';
  readonly nodes: NodeClass;
}
/** The node takes no new VMs and keeps those it has. */
export interface NodeDrained {
  readonly type: 'NodeDrained';
  readonly node: number;
}
/** The opposite of NodeDrained. */
export interface NodeRestored {
  readonly type: 'NodeRestored';
  readonly node: number;
}
/** The node leaves the site at once; what runs on it is treated as on a lost node. */
export interface NodeRemoved {
  readonly type: 'NodeRemoved';
  readonly node: number;
}
export interface LeaseRequested {
  readonly type: 'LeaseRequested';
  readonly lease: LeaseId;
  readonly terms: Terms;
  /** Idempotency key of the client and the hash of its request, so that the first answer can be given again. */
  readonly key: { readonly id: string; readonly hash: string } | null;
}
export interface LeaseCancelled {
  readonly type: 'LeaseCancelled';
  readonly lease: LeaseId;
}
export type Request =
  | EpochClaimed
  | PolicyAdopted
  | SiteDeclared
  | NodesAdded
  | NodeDrained
  | NodeRestored
  | NodeRemoved
  | LeaseRequested
  | LeaseCancelled;

// ---- observations ------------------------------------------------------------------------------------------------

/** VMs of a start order run and are ready. */
export interface VmsStarted {
  readonly type: 'VmsStarted';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly vms: VmSet;
}
/** VMs of a suspension are saved and off their nodes. They stopped running at `stoppedAt`. */
export interface VmsSuspended {
  readonly type: 'VmsSuspended';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly vms: VmSet;
  readonly stoppedAt: Instant;
}
/** VMs of a resumption run again. */
export interface VmsResumed {
  readonly type: 'VmsResumed';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly vms: VmSet;
}
/** Saved memory of these VMs lies on the nodes of the order now. */
export interface VmsMigrated {
  readonly type: 'VmsMigrated';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly vms: VmSet;
}
/** VMs of a stop order are off their nodes. */
export interface VmsStopped {
  readonly type: 'VmsStopped';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly vms: VmSet;
}
/** The lease's VMs ended by themselves. `order` is the start order of that run. */
export interface LeaseEnded {
  readonly type: 'LeaseEnded';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
}
/** An order could not be carried out; its VMs are as they were before it, or (start, resume) off their nodes. */
export interface OrderFailed {
  readonly type: 'OrderFailed';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly detail: string;
}
/** The node does not answer; nothing is known about the VMs on it, and they count as lost. */
export interface NodeLost {
  readonly type: 'NodeLost';
  readonly at: Instant;
  readonly node: number;
}
/** A lost node answers again, and is empty. */
export interface NodeFound {
  readonly type: 'NodeFound';
  readonly at: Instant;
  readonly node: number;
}
export type Observation =
  | VmsStarted
  | VmsSuspended
  | VmsResumed
  | VmsMigrated
  | VmsStopped
  | LeaseEnded
  | OrderFailed
  | NodeLost
  | NodeFound;

// ---- decisions ---------------------------------------------------------------------------------------------------

/** Fields of the decisions that are orders to the cluster. */
interface Ordered {
  readonly order: OrderId;
  readonly lease: LeaseId;
  /** When the cluster should have answered; null: no limit. */
  readonly deadline: Instant | null;
  /** Orders whose capacity this one takes over: the cluster waits for them. */
  readonly after: readonly OrderId[];
}

/** Named units by resource: one list of names per VM of the lease; null where the site counts nothing in units. */
export type NamedUnits = Readonly<Record<string, readonly (readonly string[])[]>> | null;

/** Run the lease's VMs: VM i on the i-th node of `nodes`, planned until `until`. */
export interface StartOrdered extends Ordered {
  readonly type: 'StartOrdered';
  readonly until: Instant;
  readonly nodes: Runs;
  readonly units: NamedUnits;
}
/** Save these VMs to disk; planned to take until `until`. */
export interface SuspendOrdered extends Ordered {
  readonly type: 'SuspendOrdered';
  readonly vms: Runs;
  readonly until: Instant;
}
/** Bring these VMs back; planned to take until `until`. VM i returns on the i-th node of `nodes` of the whole lease. */
export interface ResumeOrdered extends Ordered {
  readonly type: 'ResumeOrdered';
  readonly vms: Runs;
  readonly nodes: Runs;
  readonly until: Instant;
  /** Of the whole lease: named units may be others than before. */
  readonly units: NamedUnits;
}
/** Carry the saved memory of these VMs to their nodes among `nodes` of the whole lease; planned to take until `until`. */
export interface MigrateOrdered extends Ordered {
  readonly type: 'MigrateOrdered';
  readonly vms: Runs;
  readonly nodes: Runs;
  readonly until: Instant;
}
export type StopCause = 'time-over' | 'cancelled' | 'preempted' | 'failed' | 'node-lost';
/** Stop all VMs of the lease, whatever they are doing, and discard their saved memory. */
export interface StopOrdered extends Ordered {
  readonly type: 'StopOrdered';
  /** Planned to take until then: VMs whose time is over are shut down, all others are gone at once. */
  readonly until: Instant;
  readonly cause: StopCause;
  /** What follows when the stop has been observed: the lease is over, or waits again with its submit order. */
  readonly then: 'over' | 'queue';
  readonly reasons: readonly Reason[];
}
export type OrderDecision = StartOrdered | SuspendOrdered | ResumeOrdered | MigrateOrdered | StopOrdered;

/** Which pool holds how many of the lease's VMs, in VM order: pairs of pool index and count. */
export type PoolCounts = readonly number[];

/** Capacity is held for the lease over [from, until). Answers an advance lease, or promises a waiting one its start. */
export interface Reserved {
  readonly type: 'Reserved';
  readonly lease: LeaseId;
  readonly from: Instant;
  readonly until: Instant;
  readonly pools: PoolCounts;
  /** It only waits for its preparation: not one of those that backfilling counts, and it stays where it is. */
  readonly soon: boolean;
  /** Why not now; empty for an advance lease. */
  readonly reasons: readonly Reason[];
}
/**
 * Reservations that moved, as columns; all share one cause. `capacity-released`: compression, only ever earlier.
 * `capacity-lost`: re-planned around lost nodes. Logged also when none moved, since folding it settles the cause.
 */
export interface ReservationsMoved {
  readonly type: 'ReservationsMoved';
  readonly leases: readonly LeaseId[];
  readonly from: readonly Instant[];
  readonly until: readonly Instant[];
  readonly pools: readonly PoolCounts[];
  readonly cause: 'capacity-released' | 'capacity-lost';
}
/** A reservation is given up; the lease waits without one. */
export interface ReservationDropped {
  readonly type: 'ReservationDropped';
  readonly lease: LeaseId;
  readonly reasons: readonly Reason[];
}
/** The lease cannot be had. */
export interface Refused {
  readonly type: 'Refused';
  readonly lease: LeaseId;
  readonly outcome: 'rejected' | 'expired';
  readonly reasons: readonly Reason[];
}
/**
 * The lease will be suspended for another: VM groups `vms[i]` over [from[i], until[i]), all done by `by`. None are named
 * where it only holds a reservation: that ends at `by`, and the steps are planned when it begins.
 */
export interface SuspensionPlanned {
  readonly type: 'SuspensionPlanned';
  readonly lease: LeaseId;
  readonly by: Instant;
  readonly vms: readonly Runs[];
  readonly from: readonly Instant[];
  readonly until: readonly Instant[];
  readonly reasons: readonly Reason[];
}
/** A suspended lease comes back on `nodes`, planned until `until`: VM groups `vms[i]` over [from[i], ready[i]). */
export interface ResumptionPlanned {
  readonly type: 'ResumptionPlanned';
  readonly lease: LeaseId;
  readonly until: Instant;
  readonly nodes: Runs;
  readonly vms: readonly Runs[];
  readonly from: readonly Instant[];
  readonly ready: readonly Instant[];
  readonly units: NamedUnits;
}
/** The lease's saved memory is carried to `nodes`: VM groups `vms[i]` over [from[i], until[i]). */
export interface MigrationPlanned {
  readonly type: 'MigrationPlanned';
  readonly lease: LeaseId;
  readonly nodes: Runs;
  readonly vms: readonly Runs[];
  readonly from: readonly Instant[];
  readonly until: readonly Instant[];
}
/** The lease will be stopped at `at` for another, and queued again. */
export interface StopPlanned {
  readonly type: 'StopPlanned';
  readonly lease: LeaseId;
  readonly at: Instant;
  readonly reasons: readonly Reason[];
}
/** The lease need not make room after all (whoever needed it was cancelled, or found room elsewhere): it runs on. */
export interface PreemptionLifted {
  readonly type: 'PreemptionLifted';
  readonly lease: LeaseId;
  readonly until: Instant;
}
/** Why a lease whose VMs are all gone waits again, with its order of arrival. */
export interface Requeued {
  readonly type: 'Requeued';
  readonly lease: LeaseId;
  readonly reasons: readonly Reason[];
}
/** A lease is given up. */
export interface Failed {
  readonly type: 'Failed';
  readonly lease: LeaseId;
  readonly reasons: readonly Reason[];
}
/** VMs were ready late: the lease's end moves with them. */
export interface UntilMoved {
  readonly type: 'UntilMoved';
  readonly lease: LeaseId;
  readonly until: Instant;
}
/** VMs were ready late, but the lease ends as planned. */
export interface UntilKept {
  readonly type: 'UntilKept';
  readonly lease: LeaseId;
  readonly reasons: readonly Reason[];
}
/** The cluster has not answered an order in time. Its capacity stays taken. */
export interface OrderOverdue {
  readonly type: 'OrderOverdue';
  readonly lease: LeaseId;
  readonly order: OrderId;
}
export type Decision =
  | OrderDecision
  | Reserved
  | ReservationsMoved
  | ReservationDropped
  | Refused
  | SuspensionPlanned
  | ResumptionPlanned
  | MigrationPlanned
  | StopPlanned
  | PreemptionLifted
  | Requeued
  | Failed
  | UntilMoved
  | UntilKept
  | OrderOverdue;

export type Event = Request | Observation | Decision;

/** The unit of the log: inputs taken together, the time, and the decisions that followed. Numbered from 1. */
export interface Turn {
  readonly number: number;
  readonly now: Instant;
  readonly inputs: readonly (Request | Observation)[];
  readonly decisions: readonly Decision[];
}
