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
  readonly image: string | null;
}

/** Where VMs may run. Empty fields do not constrain. */
export interface Where {
  /** Labels that a node must carry. */
  readonly labels: Readonly<Record<string, string>>;
  /** An expression that must be true of a node, by what stays as it is: capacity and labels (docs/requirements.md). */
  readonly requirements: string | null;
  /** An expression by which nodes are ranked, higher first, before the policy's node choice. */
  readonly rank: string | null;
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
}

/** At most this many VMs in one lease, over all groups. */
export const VMS_MAX = 1_000_000;
export const GROUPS_MAX = 64;

export function vmCount(terms: Terms): number {
  let count = 0;
  for (const group of terms.groups) count += group.vms;
  return count;
}
