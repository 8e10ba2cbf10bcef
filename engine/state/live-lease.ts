/** A live lease, as the state keeps it: what was asked for, what it holds, and what is planned and under way for it. */

import type { Capacity } from '../kit/capacity.js';
import type { Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { NamedUnits, OrderDecision, OrderId, PoolCounts } from '../model/events.js';
import type { Dependency, LeaseId, Terms, Warning } from '../model/lease.js';
import type { Outcome, Phase, VmPhase } from '../model/lifecycle.js';
import type { Reason } from '../model/reasons.js';

export interface Lease {
  readonly id: LeaseId;
  /** Order of arrival, from 1: the last word of every comparison. */
  readonly sequence: number;
  readonly submitted: Instant;
  /** As asked for, and changed since: see LeaseChangeRequested. */
  terms: Terms;
  readonly vms: number;
  /** Its place in the lease table. */
  slot: number;
  phase: Phase;
  /** The phase of every VM, while they agree (`vmPhases` is null), or of each. */
  vmPhase: VmPhase;
  vmPhases: VmPhase[] | null;
  /** The plan: capacity is held over [from, until). Meaningful while `loads` is not null. */
  from: Instant;
  until: Instant;
  loads: readonly Load[] | null;
  /** Which pools a reservation counts on; null once nodes are bound. */
  pools: PoolCounts | null;
  /** The reservation only waits for preparation. */
  soon: boolean;
  /** What is held, in the profiles alone, for when it has been suspended: its reservation from then on. */
  later: Later | null;
  /** Node of each VM, bound by the start order. Kept while suspended: the images lie there. */
  nodes: Runs | null;
  /** Nodes (a set) that VMs which run are being carried to: the lease holds capacity there, too. Null: none are. */
  arriving: Runs | null;
  units: NamedUnits;
  /** What is prepared for its start: where its images are or will be, and the transfers that are not done. */
  preparation: Preparation | null;
  /** How much of its duration is left, as of the last time the clock stood still. */
  remaining: Duration;
  /** Since when the clock runs: all VMs are ready; null: it stands still. */
  clockFrom: Instant | null;
  firstStart: Instant | null;
  /** The start order of the current run. */
  run: OrderId | null;
  /** Orders that the cluster has not answered. */
  pending: readonly Pending[];
  plan: Plan | null;
  /** What is planned for when it runs again: set while it is being resumed. */
  planAfter: Plan | null;
  /** An advance or deadline lease that has been accepted: it keeps its instant, or deadline, even while nodes are away. */
  promised: boolean;
  /** How often orders for it have failed. */
  attempts: number;
  /** How often it has made room for others: was suspended, or stopped and queued again. */
  preemptions: number;
  /** Cpu-milliseconds that its account was charged for. */
  charged: number;
  /** What it costs, and whether its user pays that; null: it was not priced. */
  offer: Offer | null;
  /** Why it was refused, preempted, moved or given up, oldest first; at most REASONS_MAX, the latest. */
  reasons: readonly Reason[];
  /** What went wrong with its VMs, until a decision has dealt with it. */
  trouble: Reason | null;
  /** It is passed over until it is released. */
  held: boolean;
  /** What must happen to others before it is considered. */
  waitsFor: readonly Dependency[];
  /** It waits until somebody has approved it. */
  unapproved: boolean;
  /** The warning that was given last, and of which end; null: none was. */
  warned: Warning | null;
  cancelled: boolean;
  /** What its VMs had before, while that is kept for them; null: nothing is. */
  former: Former | null;
  /** The set of VMs that are paused. Empty unless the lease is active. */
  paused: Runs;
  /** What happens when its stop has been observed. */
  afterStop: 'over' | 'queue' | null;
  /** A failed stop is ordered again at this instant. */
  retryAt: Instant | null;
  /** When it needs attention by itself: the one valid entry in State.alarms; null: never. */
  alarm: Instant | null;
  /** Images that were sent for it, and arrived. */
  transfers: readonly SentImage[];
  /** What its VMs did, in order of beginning; the last run is open (until: null) while the clock runs. */
  spans: Span[];
  outcome: Outcome | null;
  /** When it was over; null: it is not. */
  ended: Instant | null;
}

/** What a lease holds in one pool: [nodes] of a counted pool, or a capacity of a shared one. */
export interface Load {
  readonly pool: number;
  readonly amounts: Capacity;
  /** At most until then: the nodes are to be worked on, and VMs are on their way off them. Absent: as long as the rest. */
  readonly before?: Instant;
}

/** Capacity held over [from, until) for the return of a deadline lease that is to be suspended. */
export interface Later {
  readonly from: Instant;
  readonly until: Instant;
  readonly loads: readonly Load[];
  readonly pools: PoolCounts;
}

/** A time in which VMs ran (all of them, by the lease's clock), were being saved, moved, brought back, or shut down. */
export interface Span {
  readonly kind: 'run' | 'suspension' | 'migration' | 'resumption' | 'shutdown';
  readonly from: Instant;
  until: Instant | null;
  /** Which VMs; null: all. */
  vms: Runs | null;
  /** Node of each VM of the lease; of a migration: before it. */
  nodes: Runs;
  /** Node of each VM after a migration; null: nothing moved. */
  readonly to: Runs | null;
  /** Of a run: what each group's VMs had, where that is not what the terms say now. */
  demands?: readonly Capacity[];
}

/** See `Priced`. */
export interface Offer {
  readonly rate: number;
  readonly price: number;
  readonly surcharge: number;
  readonly accepted: boolean;
}

/** What VMs go back to, unless what they have now is confirmed before. Their lease holds the larger of both meanwhile. */
export interface Former {
  readonly demands: readonly Capacity[];
  readonly at: Instant;
  /** They were stopped for what they have now, and are for this, too. */
  readonly cold?: true;
}

export interface Preparation {
  /** Node of each VM, 0 where it needs no transfer; null: none does. */
  readonly nodes: Runs | null;
  /** Transfers that are not done. */
  readonly transfers: readonly number[];
}

/** An image that was sent over [from, until) to the nodes of these VMs. */
export interface SentImage {
  readonly image: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly vms: Runs;
  readonly nodes: Runs;
}

export interface Pending {
  readonly decision: OrderDecision;
  readonly issued: Instant;
  readonly overdue: boolean;
  /** Nodes that were lost while VMs were carried to them, or off them; absent: none. */
  readonly lost?: readonly number[];
  /** The node, which is drained, that VMs are to leave at any rate; absent: there is none. */
  readonly off?: number;
}

/** A step of a suspension or resumption: these VMs over [from, until). */
export interface Step {
  readonly vms: Runs;
  readonly from: Instant;
  readonly until: Instant;
}

/** What is planned for a running lease. `next` is the index of the first step not yet ordered. */
export type Plan = StepsPlan | MigrationPlan | { readonly kind: 'stop'; readonly at: Instant };

export interface StepsPlan {
  readonly kind: 'suspend' | 'resume';
  /** It is to leave its nodes, whether others need them or not; absent: it is not. */
  readonly firm?: true;
  readonly steps: readonly Step[];
  readonly next: number;
}

/** Saved memory is carried to `nodes` (of the whole lease). */
export interface MigrationPlan {
  readonly kind: 'migrate';
  readonly steps: readonly Step[];
  readonly nodes: Runs;
  readonly next: number;
}

export const REASONS_MAX = 16;
export const NO_REASONS: readonly Reason[] = [];
export const NO_DEPENDENCIES: readonly Dependency[] = [];
export const NO_TRANSFERS: readonly SentImage[] = [];
export const NO_PENDING: readonly Pending[] = [];
export const NO_VMS: Runs = [];

/** Whether the lease stands in the queue: best-effort, and not running. */
export function isQueued(lease: Lease): boolean {
  return lease.phase === 'waiting' || lease.phase === 'suspended' || lease.phase === 'reserved';
}

/** Whether the lease waits on where it holds no capacity: best-effort ones, and others that are suspended. */
export function waitsInQueue(lease: Lease): boolean {
  return lease.terms.start.kind === 'best-effort' || lease.phase === 'suspended';
}

/** The phase of VM `vm` (from 1). */
export function phaseOfVm(lease: Lease, vm: number): VmPhase {
  return lease.vmPhases === null ? lease.vmPhase : lease.vmPhases[vm - 1]!;
}
