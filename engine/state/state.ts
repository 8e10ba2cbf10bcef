/**
 * The state: everything that `schedule` may know, folded from the log. Owned by one loop and changed in place by
 * `evolve` alone; leases that are over leave it.
 */

import { Heap, type Timed } from '../kit/heap.js';
import type { Runs } from '../kit/nodeset.js';
import type { Capacity } from '../kit/capacity.js';
import type { Duration, Instant } from '../kit/time.js';
import type { Act, VmSet } from '../model/events.js';
import type { LeaseId } from '../model/lease.js';
import type { LoadClass } from '../model/load-class.js';
import { POLICY_DEFAULT, type Policy } from '../model/policy.js';
import type { Maintenance, NodeStatus, ResourceType } from '../model/site.js';
import { Asks } from './asks.js';
import { type LeaseSet, LeaseTable } from './lease-table.js';
import { NodeTree } from './node-tree.js';
import { FirstFit } from './first-fit.js';
import { Outlines } from './outlines.js';
import type { Lease, Pending } from './live-lease.js';
import type { Profile } from './profile.js';

export interface State {
  /** The last turn folded; 0: none. */
  turn: number;
  now: Instant;
  epoch: number;
  policy: Policy;
  resources: readonly ResourceType[];
  readonly pools: Pool[];
  /** What is free on shared nodes just now, for those who look for room. It says what the profiles say. */
  readonly tree: NodeTree<Pool>;
  /** Pool of each node by its number; entry 0 is unused. */
  readonly poolOf: number[];
  /** Nodes that are not up, by number. */
  readonly nodeStatus: Map<number, NodeStatus>;
  /** Nodes that do not answer, whether they are drained or not. */
  readonly unreachable: Set<number>;
  /** When nobody is on which nodes. Those that are over stay until the next is planned or cancelled. */
  windows: readonly Maintenance[];
  /** Windows that the current turn has brought: those who are there have yet to leave. */
  newWindows: readonly Maintenance[];
  /** How busy nodes were seen to be last, by number; of others that is unknown. */
  readonly loads: Map<number, LoadClass>;
  readonly leases: LeaseTable<Lease>;
  readonly outlines: Outlines;
  /** What those who wait ask for; it says what their terms say. */
  readonly asks: Asks;
  /** Leases that wait for capacity (waiting, reserved best-effort, suspended without a deadline), in queue order. */
  readonly queue: Lease[];
  /** Who in a long queue of one counted pool is the first to fit. */
  readonly firstFit: FirstFit<Lease>;
  /** Of each resource: no lease in `queue` needs less in all. A bound: it does not rise when leases leave. */
  readonly least: number[];
  /** Advance, immediate and deadline leases not yet answered, or that lost what they were promised, in order of arrival. */
  readonly unanswered: Lease[];
  /** Deadline leases that hold a reservation: those that have not begun, and those that are suspended. */
  readonly deadlines: Set<Lease>;
  /** Leases whose VMs are leaving their nodes: orders that take their capacity over must wait for theirs. */
  readonly leaving: Set<Lease>;
  /** Leases that need a decision: cancelled while they have VMs, or VMs were lost, or an order failed. */
  readonly attention: Set<Lease>;
  /** Leases whose VMs were ready later than planned. */
  readonly late: Set<Lease>;
  /** How many leases hold a reservation for later (not yet ordered to start), or for when they will have been suspended. */
  reservations: number;
  /** Capacity was released while reservations existed, and no compression has followed yet. */
  released: boolean;
  /** Capacity was withdrawn while reservations existed, and they have not been re-planned yet. */
  lost: boolean;
  /** Since when nobody had planned what was due, before the current turn; null: all turns came in time. Null between turns. */
  missedSince: Instant | null;
  /** What the repository sends, or will: one after another, in order of time. */
  readonly transfers: Transfer[];
  nextTransfer: number;
  /** What was sent ahead has failed in the current turn. */
  sendingFailed: boolean;
  /** Copies of images that nodes keep, by node. */
  readonly images: Map<number, CachedImage[]>;
  nextSequence: number;
  nextNode: number;
  /** What others keep in the log, by key; nothing here looks at it. */
  readonly notes: Map<string, string>;
  /** Idempotency keys of the last seven days, oldest first. */
  readonly keys: Map<string, UsedKey>;
  /** So far the current turn has only brought new leases, confirmed starts and loads: nothing was released, nothing changed. */
  calm: boolean;
  /** Leases that may not fit at all: what the current turn has queued, or all that wait when it took a node away. */
  readonly unproven: Lease[];
  /** Running leases that are to be suspended, running and advance leases that are to last longer, not yet answered, in order of asking. Empty between turns. */
  readonly changes: Change[];
  /** What the current turn has brought that is to be done to VMs, in order of asking, one a lease. Empty between turns. */
  readonly acts: ActAsked[];
  /** Running leases whose VMs are to be larger or smaller, not yet answered, in order of asking. Empty between turns. */
  readonly resizes: ResizeAsked[];
  /** Running leases that are to be on other nodes, not yet answered, in order of asking. Empty between turns. */
  readonly moves: Move[];
  /** Who waits for a lease to start or end, by its id, in order of arrival. */
  readonly dependents: Map<LeaseId, readonly Lease[]>;
  /** Leases that the current turn has brought, in order of arrival: whether they are admitted is yet to be said. */
  readonly arrived: Lease[];
  /** How many leases have a priority of their own. */
  prioritised: number;
  /** Cpu-milliseconds by account, decayed up to `usageStep`; see usage.ts. */
  readonly usage: Map<string, number>;
  usageStep: number;
  /** What users have accepted and declined, those seen first first. Adaptive prices only. */
  readonly rates: Map<string, RateBounds>;
  /** Leases that the current turn has ended, in order; emptied when the next turn begins. */
  readonly over: Lease[];
  /** When leases need attention by themselves. Stale entries are passed over: see Lease.alarm. */
  readonly alarms: Heap<Alarm>;
}

/** What `schedule` and `explain` get: they read, and change nothing. */
export type StateView = Readonly<State>;

/**
 * Nodes that are planned together: one shared node, or all identical exclusive nodes, which are counted and chosen when
 * a start is ordered (intervals of which at most N overlap can always be coloured with N nodes in order of start).
 */
export interface Pool {
  readonly index: number;
  readonly counted: boolean;
  /** A VM takes the whole node. */
  readonly exclusive: boolean;
  /** Of one node: no VM is larger. */
  readonly capacity: Capacity;
  /** Of one node: what leases may hold together. */
  readonly leasable: Capacity;
  labels: Readonly<Record<string, string>>;
  readonly units: Readonly<Record<string, readonly string[]>>;
  /** The set of nodes that take VMs: draining, lost and gone nodes are not in it. */
  readonly nodes: number[];
  /** Of `nodes`, those on which nothing runs or is planned to run now. Counted pools only. */
  readonly open: number[];
  /** Free nodes (counted) or free capacity (shared) over time. */
  readonly profile: Profile;
  /** Leases that hold something in `profile`, in no particular order. */
  readonly holders: LeaseSet<Lease>;
}

/** The highest rate that a user accepted, and the lowest one declined, in millionths per VM-hour; null: none. */
export interface RateBounds {
  readonly accepted: number | null;
  readonly declined: number | null;
}

/** How long the lease is to last, all in all; null: it is to be suspended. */
export interface Change {
  readonly lease: Lease;
  readonly duration: Duration | null;
}

/** What is to be done to VMs of a lease that runs. */
export interface ActAsked {
  readonly lease: Lease;
  readonly act: Act;
  readonly vms: VmSet;
  readonly to?: string;
}

/** How large the VMs of a lease that runs are to be, by group. */
export interface ResizeAsked {
  readonly lease: Lease;
  readonly demands: readonly Capacity[];
  /** They may be stopped for it. */
  readonly cold: boolean;
  /** They go back so long after it is done; null: they stay so. */
  readonly revertAfter: Duration | null;
}

/** These VMs are to run on other nodes. */
export interface Move {
  readonly lease: Lease;
  readonly vms: Runs;
  /** The only nodes that will do; null: any but those that they are on. */
  readonly to: readonly number[] | null;
  /** The node that they are to leave, if that is why: where they cannot be carried elsewhere, they are saved. */
  readonly off: number | null;
  /** They are to be saved at once: they were not to be carried elsewhere, or that has failed. */
  readonly saved: boolean;
}

/** An image on its way from the repository to nodes, over [from, until). */
export interface Transfer {
  readonly id: number;
  readonly image: string;
  /** MiB. */
  readonly size: number;
  from: Instant;
  until: Instant;
  /** Which VMs start from it: the i-th of `vms` on the i-th of `nodes`. Without VMs: it is sent ahead for the lease. */
  uses: { readonly lease: Lease; readonly vms: Runs; readonly nodes: Runs }[];
  /** The order, once it is given. */
  pending: Pending | null;
}

/** A copy of an image on a node. */
export interface CachedImage {
  readonly image: string;
  readonly size: number;
  /** The latest end of the leases that use it. */
  until: Instant;
}

export interface UsedKey {
  readonly hash: string;
  readonly lease: LeaseId;
  readonly at: Instant;
}

export interface Alarm extends Timed {
  readonly lease: Lease;
}

/** The state before the first turn: no policy adopted, no site, no leases. */
export function emptyState(): State {
  return {
    turn: 0,
    now: 0,
    epoch: 0,
    policy: POLICY_DEFAULT,
    resources: [],
    pools: [],
    tree: new NodeTree(),
    poolOf: [0],
    nodeStatus: new Map(),
    unreachable: new Set(),
    windows: [],
    newWindows: [],
    loads: new Map(),
    leases: new LeaseTable(),
    outlines: new Outlines(),
    asks: new Asks(),
    queue: [],
    firstFit: new FirstFit(),
    least: [],
    unanswered: [],
    deadlines: new Set(),
    leaving: new Set(),
    attention: new Set(),
    late: new Set(),
    reservations: 0,
    released: false,
    lost: false,
    missedSince: null,
    transfers: [],
    nextTransfer: 1,
    sendingFailed: false,
    images: new Map(),
    nextSequence: 1,
    nextNode: 1,
    notes: new Map(),
    keys: new Map(),
    calm: false,
    unproven: [],
    changes: [],
    acts: [],
    resizes: [],
    moves: [],
    dependents: new Map(),
    arrived: [],
    prioritised: 0,
    usage: new Map(),
    usageStep: 0,
    rates: new Map(),
    over: [],
    alarms: new Heap(),
  };
}

/** The index of resource `name` in every capacity vector, or -1. */
export function resourceIndex(state: StateView, name: string): number {
  return state.resources.findIndex((resource) => resource.name === name);
}
