/** The site: which resources it counts, and its nodes. Sites > clusters > nodes are labels on the nodes. */

import type { Capacity } from '../kit/capacity.js';
import type { Instant } from '../kit/time.js';

/** `amount`: so many of it, any part will do. `units`: single named things (GPUs, slots, VLANs), handed out by name. */
export type ResourceKind = 'amount' | 'units';

export interface ResourceType {
  /** Lower-case name: `cpu` (in thousandths), `memory` and `disk` (MiB), `net-in`, `net-out` (Mbit/s), `gpu`, … */
  readonly name: string;
  readonly kind: ResourceKind;
}

/**
 * Nodes that are alike: the same capacity, labels and place. They are numbered `first`, `first + 1`, … .
 * A node that is `exclusive` is given whole to one VM at a time, whatever the VM asked for.
 */
export interface NodeClass {
  readonly first: number;
  readonly count: number;
  readonly capacity: Capacity;
  /** What leases may hold of a node together, where that is more than its capacity: see overcommit.ts. */
  readonly leasable?: Capacity;
  readonly exclusive: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the nodes in order; null: `n1`, `n2`, … by number. */
  readonly names: readonly string[] | null;
  /** For resources of kind `units`: the names of each node's units, by resource name. */
  readonly units: Readonly<Record<string, readonly string[]>>;
}

/** A window in which nobody is on these nodes: their capacity is held from everybody over [from, until). */
export interface Maintenance {
  readonly window: string;
  readonly nodes: readonly number[];
  readonly from: Instant;
  readonly until: Instant;
  readonly reason: string | null;
  /** By when a node that is drained must be empty: the window ends when the node is restored. */
  readonly drain?: boolean;
}

/**
 * `up`: takes VMs. `draining`: keeps those it has. `unreachable`: does not answer, and keeps those it has, as far as anybody
 * knows. `lost`: has none any more. `gone`: has left the site.
 */
export type NodeStatus = 'up' | 'draining' | 'unreachable' | 'lost' | 'gone';

export const NODES_MAX = 1_000_000;
export const RESOURCES_MAX = 16;
/** The largest amount of one resource on a node or in a VM: products with NODES_MAX stay exact. */
export const AMOUNT_MAX = 1_000_000_000;
