/**
 * The decisions of the log: what `schedule` ordered, reserved, refused or gave up. Orders go to the cluster; the rest is
 * plan and reasons.
 */

import type { Capacity } from '../kit/capacity.js';
import type { Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { LeaseId } from './lease.js';
import type { Reason } from './reasons.js';

/** `turn.index`: the number of the turn and the index of the decision in it. Sending an order again is harmless. */
export type OrderId = string;

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
/**
 * Carry these VMs, which run, to their nodes among `nodes` of the whole lease, and do not stop them; planned to take until
 * `until`. Their capacity is held on both sides until it is answered; where it fails they run on where they were.
 */
export interface LiveMigrateOrdered extends Ordered {
  readonly type: 'LiveMigrateOrdered';
  readonly vms: Runs;
  readonly nodes: Runs;
  readonly until: Instant;
  /** Of the whole lease: those of VMs that move are of their new nodes. */
  readonly units: NamedUnits;
}
/** Send an image to these nodes (a set); planned to take until `until`. `lease` is one of those that need it. */
export interface TransferOrdered extends Ordered {
  readonly type: 'TransferOrdered';
  readonly transfer: number;
  readonly image: string;
  readonly size: number;
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
export type Act = 'reboot' | 'reset' | 'pause' | 'unpause' | 'move-disks';
/** Do this to these VMs of the lease, which run (null: to all): they stay where they are, and the lease goes on. */
export interface ActOrdered extends Ordered {
  readonly type: 'ActOrdered';
  readonly act: Act;
  readonly vms: Runs | null;
  /** Where on their hosts disks are to lie that are moved. Absent: the act needs no such word. */
  readonly to?: string;
}
/**
 * Every VM of the lease, which runs, is to have this much: `demands[g]` those of group g. Until it is answered the lease holds
 * the larger of both; where it fails the VMs are as they were.
 */
export interface ResizeOrdered extends Ordered {
  readonly type: 'ResizeOrdered';
  readonly demands: readonly Capacity[];
  /** They are stopped for it, and begin again on their nodes; absent: they run on. */
  readonly cold?: true;
  /** So long after it is done they go back, unless that is confirmed before; absent: they stay so. */
  readonly revertAfter?: Duration;
}
export type OrderDecision =
  | StartOrdered
  | SuspendOrdered
  | ResumeOrdered
  | MigrateOrdered
  | LiveMigrateOrdered
  | TransferOrdered
  | StopOrdered
  | ActOrdered
  | ResizeOrdered;

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
 * `capacity-lost`: re-planned around lost nodes. Both are logged also when none moved, since folding them settles the
 * cause. `made-room`: deadline leases, which all keep their deadlines. `turns-missed`: planned anew, since nobody planned when
 * some of them were due.
 */
export interface ReservationsMoved {
  readonly type: 'ReservationsMoved';
  readonly leases: readonly LeaseId[];
  readonly from: readonly Instant[];
  readonly until: readonly Instant[];
  readonly pools: readonly PoolCounts[];
  readonly cause: 'capacity-released' | 'capacity-lost' | 'made-room' | 'turns-missed';
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
 * where it only holds a reservation: that ends at `by`, and the steps are planned when it begins. For a deadline lease
 * capacity is held for its return: it still ends by its deadline.
 */
export interface SuspensionPlanned {
  readonly type: 'SuspensionPlanned';
  readonly lease: LeaseId;
  readonly by: Instant;
  readonly vms: readonly Runs[];
  readonly from: readonly Instant[];
  readonly until: readonly Instant[];
  /** Held for when it comes back; deadline leases only. */
  readonly resumption?: { readonly from: Instant; readonly until: Instant; readonly pools: PoolCounts };
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
/**
 * The repository will send an image for VMs of the lease over [from, until): the i-th of `vms` is on the i-th of `nodes`.
 * Without VMs it is sent ahead: `nodes` (a set) are to have a copy before the lease begins.
 */
export interface TransferPlanned {
  readonly type: 'TransferPlanned';
  readonly lease: LeaseId;
  readonly transfer: number;
  readonly image: string;
  readonly size: number;
  readonly from: Instant;
  readonly until: Instant;
  readonly vms: Runs;
  readonly nodes: Runs;
}
/** Images that were sent, or planned to be sent, are not waited for: the lease will start elsewhere. */
export interface PreparationDropped {
  readonly type: 'PreparationDropped';
  readonly lease: LeaseId;
}
/** VMs of the lease start from an image that is sent for another. */
export interface TransferJoined {
  readonly type: 'TransferJoined';
  readonly lease: LeaseId;
  readonly transfer: number;
  readonly vms: Runs;
  readonly nodes: Runs;
}
/** Transfers that have not begun moved, as columns; every lease still gets its images in time. */
export interface TransfersMoved {
  readonly type: 'TransfersMoved';
  readonly transfers: readonly number[];
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
/** The lease lasts longer, as asked: it holds its capacity until `until`. */
export interface DurationChanged {
  readonly type: 'DurationChanged';
  readonly lease: LeaseId;
  readonly duration: Duration;
  readonly until: Instant;
  /** A reservation that only fits elsewhere; null: it stays where it is. */
  readonly pools: PoolCounts | null;
}
/** What was asked of the lease cannot be: it stays as it is. */
export interface ChangeRefused {
  readonly type: 'ChangeRefused';
  readonly lease: LeaseId;
  readonly reasons: readonly Reason[];
}
/**
 * What the lease costs, and whether its user pays that: said when it is admitted, and again where others would have to make
 * room for it. One that is declined is refused.
 */
export interface Priced {
  readonly type: 'Priced';
  readonly lease: LeaseId;
  /** Millionths of a currency unit per VM-hour. */
  readonly rate: number;
  /** Of the whole lease in millionths, `surcharge` included. */
  readonly price: number;
  /** For the leases that are suspended to make room. */
  readonly surcharge: number;
  readonly accepted: boolean;
}
/** The lease is admitted, and waits until it is approved. */
export interface ApprovalAwaited {
  readonly type: 'ApprovalAwaited';
  readonly lease: LeaseId;
  /** It is refused if it is not approved by then; null: it waits on. */
  readonly until: Instant | null;
  readonly reasons: readonly Reason[];
}
/** A warning that was asked for: the lease's time is over at `end`, in `before` or less. */
export interface LeaseEnding {
  readonly type: 'LeaseEnding';
  readonly lease: LeaseId;
  readonly end: Instant;
  readonly before: Duration;
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
  | TransferPlanned
  | PreparationDropped
  | TransferJoined
  | TransfersMoved
  | StopPlanned
  | PreemptionLifted
  | Requeued
  | Failed
  | UntilMoved
  | UntilKept
  | DurationChanged
  | ChangeRefused
  | Priced
  | ApprovalAwaited
  | LeaseEnding
  | OrderOverdue;
