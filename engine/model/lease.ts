/** Leases as asked for (Terms) and as planned (Placement). */

import type { Capacity } from '../kit/capacity.js';
import type { Duration, Instant } from '../kit/time.js';

export type LeaseId = string;

/** When the lease is to begin. Times are instants, already resolved by whoever sent the command. */
export type Start =
  /** Queued; refused as `expired` when it has not begun by `before`. */
  | { readonly kind: 'best-effort'; readonly before: Instant | null }
  /** Now or refused. */
  | { readonly kind: 'immediate' }
  /** Exactly at an instant (advance reservation, AR), or refused. */
  | { readonly kind: 'advance'; readonly at: Instant }
  /** Not before one instant, over by another. */
  | { readonly kind: 'deadline'; readonly notBefore: Instant; readonly by: Instant };

/** VMs that are alike. VMs are numbered from 1 through the groups in order. */
export interface Group {
  readonly name: string | null;
  readonly vms: number;
  /** Per VM, in the order of the site's resources. */
  readonly demand: Capacity;
  /** How large a VM may become without being stopped; absent: no larger than it begins. */
  readonly max?: Capacity;
  readonly image: string | null;
  /** It is one VM that writes its image: no other lease has that at the same time. Absent: images are only read. */
  readonly writesImage?: boolean;
}

/** Where VMs may run. Empty fields do not constrain. */
export interface Where {
  /** Labels that a node must carry. */
  readonly labels: Readonly<Record<string, string>>;
  /** An expression that must be true of a node, by what stays as it is: capacity and labels (docs/requirements.md). */
  readonly requirements: string | null;
  /** An expression by which nodes are ranked, higher first, before the policy's node choice. */
  readonly rank: string | null;
  /** Only these nodes, and in this order unless `rank` says otherwise: 1 to NODES_NAMED_MAX numbers; absent: any. */
  readonly nodes?: readonly number[];
}

/** What was asked. A lease is a gang: all its VMs run together or none does. */
export interface Terms {
  readonly groups: readonly Group[];
  readonly duration: Duration;
  readonly start: Start;
  readonly preemptible: boolean;
  readonly where: Where | null;
  readonly name: string | null;
  readonly user: string | null;
  readonly project: string | null;
  readonly labels: Readonly<Record<string, string>> | null;
  /** Of each disk image that its groups name, in MiB; absent: of no account. */
  readonly imageSize?: number;
  /** It is not considered until it is released. Best-effort only, as is `after`; absent: no. */
  readonly held?: boolean;
  /** It is not considered before these have started, or ended well. At most DEPENDENCIES_MAX; absent: none. */
  readonly after?: readonly Dependency[];
  /** 0 to PRIORITY_MAX, more is served first; absent: 0. Best-effort leases only: the others are answered as they come. */
  readonly priority?: number;
  /** What its user pays at most, in millionths of a currency unit per VM-hour; absent: whatever it costs. */
  readonly maxRate?: number;
  /** What becomes of it when a node that it has VMs on is lost; absent: `restart` of best-effort leases, `delete` of others. */
  readonly onNodeLost?: OnNodeLost;
  /** How long before its end to say that it ends: at most WARNINGS_MAX, longest first; absent: never. */
  readonly warnings?: readonly Duration[];
  /**
   * What is said of the VMs to whoever makes them, at most MACHINE_LENGTH_MAX letters: of no account to the scheduler.
   * Absent: nothing.
   */
  readonly machine?: string;
  /** Its VMs may take so long to be ready once they are started: no order is overdue before. Absent: nothing is known of that. */
  readonly readyWithin?: Duration;
  /** What a quote said before it was asked for, to be held against what came of it: of no account; absent: there was none. */
  readonly quoted?: Quoted;
}

/**
 * `wait`: it keeps its place until the node is back or its time is over. `restart`: it waits again, with its order of
 * arrival; best-effort only. `migrate`: as `restart`, and its VMs begin from the disks that they had; only where it asks for nodes
 * of one storage. `delete`: it is over.
 */
export const ON_NODE_LOST = ['wait', 'restart', 'migrate', 'delete'] as const;
/** What a node says of the storage that disks of its VMs lie on: nodes that say the same share it. */
export const STORAGE_LABEL = 'storage';
export type OnNodeLost = (typeof ON_NODE_LOST)[number];

export function onNodeLostOf({ onNodeLost, start }: Pick<Terms, 'onNodeLost' | 'start'>): OnNodeLost {
  return onNodeLost ?? (start.kind === 'best-effort' ? 'restart' : 'delete');
}

/** When it would begin, and what it would cost in millionths of a currency unit; null: nothing was said of that. */
export interface Quoted {
  readonly start: Instant;
  readonly price: number | null;
}

/** Another lease must have begun to run, or be done. It must not be over when it is named: so there are no cycles. */
export interface Dependency {
  readonly lease: LeaseId;
  readonly on: 'start' | 'end';
}

/** The lease's time is over at `end`; said so long before, or a little later. */
export interface Warning {
  readonly end: Instant;
  readonly before: Duration;
}

/** At most this many VMs in one lease, over all groups. */
export const VMS_MAX = 1_000_000;
export const GROUPS_MAX = 64;
export const DEPENDENCIES_MAX = 16;
export const WARNINGS_MAX = 8;
export const NODES_NAMED_MAX = 256;
export const PRIORITY_MAX = 1000;
export const MACHINE_LENGTH_MAX = 128 * 1024;

/** How much of a resource all VMs need together. O(groups). */
export function needOf({ groups }: Terms, resource: number): number {
  let need = 0;
  for (const group of groups) need += group.vms * group.demand[resource]!;
  return need;
}

export function vmCount(terms: Terms): number {
  let count = 0;
  for (const group of terms.groups) count += group.vms;
  return count;
}
