/**
 * The events of the log. A *request* is an accepted command, a *decision* says what was ordered or reserved, an
 * *observation* says what happened. The log's unit is the turn: inputs, the time, and the decisions that followed.
 */

import type { Capacity } from '../kit/capacity.js';
import type { Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { Act, Decision, OrderId } from './decisions.js';
import type { LeaseId, Terms } from './lease.js';
import type { LoadClass } from './load-class.js';
import type { Policy } from './policy.js';
import type { Maintenance, NodeClass, ResourceType } from './site.js';

export type * from './decisions.js';

/** Which VMs of a lease (numbered from 1); null: all of them. */
export type VmSet = Runs | null;

// ---- requests ----------------------------------------------------------------------------------------------------

/** A writer takes over the log; orders and appends of an earlier epoch are stale. */
export interface EpochClaimed extends Claimant {
  readonly type: 'EpochClaimed';
  readonly epoch: number;
}
/** Who takes the log over, where several services share it. */
export interface Claimant {
  /** Tells one process from another. */
  readonly by?: string;
  /** Where its clients reach it. */
  readonly url?: string;
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
/**
 * The node takes no new VMs and keeps those it has. `migrate`: those that fit elsewhere are to be carried there while they
 * run, and others saved; `suspend`: all are to be saved. Those that may not be stay.
 */
export interface NodeDrained {
  readonly type: 'NodeDrained';
  readonly node: number;
  readonly how?: 'migrate' | 'suspend';
}
/** Labels of the node that are other from now on; null: it has them no more. */
export interface NodeLabelled {
  readonly type: 'NodeLabelled';
  readonly node: number;
  readonly labels: Readonly<Record<string, string | null>>;
}
/** Whoever is planned there then is moved, saved or stopped by `from`. Afterwards the nodes are back by themselves. */
export interface MaintenancePlanned extends Maintenance {
  readonly type: 'MaintenancePlanned';
}
/** The window is no more, or over as of now. */
export interface MaintenanceCancelled {
  readonly type: 'MaintenanceCancelled';
  readonly window: string;
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
/** Its host is off for certain, as somebody says: it is a lost node, until it answers again. */
export interface NodeGivenUp {
  readonly type: 'NodeGivenUp';
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
/** A waiting lease is passed over from now on, and gives up its reservation. It keeps its order of arrival. */
export interface LeaseHeld {
  readonly type: 'LeaseHeld';
  readonly lease: LeaseId;
}
export interface LeaseReleased {
  readonly type: 'LeaseReleased';
  readonly lease: LeaseId;
}
/** A lease that waits for an approval has it; one that runs, or is promised its start, may last longer. */
export interface LeaseApproved {
  readonly type: 'LeaseApproved';
  readonly lease: LeaseId;
  /** Who approved it. */
  readonly by: string;
}
/** A lease that waits for an approval will not have it: that it is refused is a decision. */
export interface ApprovalRefused {
  readonly type: 'ApprovalRefused';
  readonly lease: LeaseId;
  readonly by: string;
  readonly text: string | null;
}
/** A lease that runs is to be saved, and then is on hold. When that begins, or why it cannot be, is a decision. */
export interface LeaseSuspensionRequested {
  readonly type: 'LeaseSuspensionRequested';
  readonly lease: LeaseId;
}
/**
 * VMs of a lease that runs are to be carried to other nodes, and not stopped. Whether they can be, is a decision.
 */
export interface LeaseMigrationRequested {
  readonly type: 'LeaseMigrationRequested';
  readonly lease: LeaseId;
  /** Absent: all of them. */
  readonly vms?: Runs;
  /** They are to be on these nodes then; null: on others than those that they are on. */
  readonly nodes: readonly number[] | null;
}
/** The lease is to last so long, all in all. Where it would need more than it holds, the answer is a decision. */
export interface LeaseChangeRequested {
  readonly type: 'LeaseChangeRequested';
  readonly lease: LeaseId;
  readonly duration: Duration;
}
/** This is to be done to VMs of a lease that runs. That it is ordered, or why it cannot be just now, is a decision. */
export interface LeaseActRequested {
  readonly type: 'LeaseActRequested';
  readonly lease: LeaseId;
  readonly act: Act;
  readonly vms: VmSet;
  /** As in the order. */
  readonly to?: string;
}
/**
 * Every VM of the lease is to have this much: `demands[g]` those of group g. One that waits is considered so from now on; of
 * one that runs it is a decision.
 */
export interface LeaseResizeRequested {
  readonly type: 'LeaseResizeRequested';
  readonly lease: LeaseId;
  readonly demands: readonly Capacity[];
  /** Its VMs have to be stopped for that, and may be; absent: they run on. */
  readonly cold?: true;
  /** They go back after so long, unless that is confirmed before; absent: they stay so. */
  readonly revertAfter?: Duration;
}
/** VMs that were to go back to what they had stay as they are (`confirm`), or go back as soon as they can (`revert`). */
export interface LeaseResizeSettled {
  readonly type: 'LeaseResizeSettled';
  readonly lease: LeaseId;
  readonly how: 'confirm' | 'revert';
}
/**
 * A lease whose orders are not answered, or fail. `retry`: they are sent again; `recreate`: it is stopped, and begins anew
 * at its place in the queue; `force`: somebody who has looked says that they were carried out.
 */
export interface LeaseRecoveryRequested {
  readonly type: 'LeaseRecoveryRequested';
  readonly lease: LeaseId;
  readonly how: 'retry' | 'recreate' | 'force';
}
/**
 * Text that is kept under a key from now on; null: no longer. The scheduler never looks at it: whoever stands around it
 * keeps there what must be as durable as the schedule, and known wherever the log is.
 */
export interface NoteKept {
  readonly type: 'NoteKept';
  readonly key: string;
  readonly value: string | null;
}
/** What every request may say of itself. */
export interface Traced {
  /** The trace that it belongs to (W3C Trace Context), for those who look into it later. No decision depends on it. */
  readonly traceparent?: string;
}
export type Request = Traced & Asked;
type Asked =
  | EpochClaimed
  | PolicyAdopted
  | SiteDeclared
  | NodesAdded
  | NodeLabelled
  | MaintenancePlanned
  | MaintenanceCancelled
  | NodeDrained
  | NodeRestored
  | NodeRemoved
  | NodeGivenUp
  | LeaseRequested
  | LeaseCancelled
  | LeaseHeld
  | LeaseReleased
  | LeaseApproved
  | ApprovalRefused
  | LeaseSuspensionRequested
  | LeaseMigrationRequested
  | LeaseChangeRequested
  | LeaseActRequested
  | LeaseResizeRequested
  | LeaseResizeSettled
  | LeaseRecoveryRequested
  | NoteKept;

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
/** These VMs, which never stopped, run on the nodes of the order now. */
export interface VmsLiveMigrated {
  readonly type: 'VmsLiveMigrated';
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
/** What was ordered has been done to all of the order's VMs. A guest that was to reboot has been asked to. */
export interface VmsActed {
  readonly type: 'VmsActed';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly vms: VmSet;
}
/** All VMs of the order are as large as it says. */
export interface VmsResized {
  readonly type: 'VmsResized';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly vms: VmSet;
}
/** An image has arrived on the nodes of the order. */
export interface ImageTransferred {
  readonly type: 'ImageTransferred';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
}
/** The lease's VMs ended by themselves. `order` is the start order of that run. */
export interface LeaseEnded {
  readonly type: 'LeaseEnded';
  readonly at: Instant;
  readonly lease: LeaseId;
  readonly order: OrderId;
}
/**
 * An order could not be carried out; its VMs are as they were before it (those that were to move while they run, run on
 * where they were), or (start, resume) off their nodes.
 */
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
/** The node has not answered for a while, and nobody knows why: it keeps the VMs it has, and gets no others. */
export interface NodeUnreachable {
  readonly type: 'NodeUnreachable';
  readonly at: Instant;
  readonly node: number;
}
/** A node that was lost answers again, and is empty; or one that was unreachable, and has what it had. */
export interface NodeFound {
  readonly type: 'NodeFound';
  readonly at: Instant;
  readonly node: number;
}
/** How busy the node is from now on; told when that changes. A node that is lost or removed is unknown again. */
export interface NodeLoadObserved {
  readonly type: 'NodeLoadObserved';
  readonly at: Instant;
  readonly node: number;
  readonly load: LoadClass;
}
export type Observation =
  | VmsStarted
  | VmsSuspended
  | VmsResumed
  | VmsMigrated
  | VmsLiveMigrated
  | VmsStopped
  | VmsActed
  | VmsResized
  | ImageTransferred
  | LeaseEnded
  | OrderFailed
  | NodeLost
  | NodeUnreachable
  | NodeFound
  | NodeLoadObserved;

/** What a turn finds itself: nobody planned when something was due, at `since`. The scheduler was away, or its clock jumped. */
export interface TurnsMissed {
  readonly type: 'TurnsMissed';
  readonly at: Instant;
  readonly since: Instant;
}

export type Input = Request | Observation | TurnsMissed;

export type Event = Input | Decision;

/** The unit of the log: inputs taken together, the time, and the decisions that followed. Numbered from 1. */
export interface Turn {
  readonly number: number;
  readonly now: Instant;
  readonly inputs: readonly Input[];
  readonly decisions: readonly Decision[];
}
