/** What the follower knows of a lease. */

import type { Decision, Input, Instant, Lease, Reason, Terms } from '../../engine/index.js';

export { stateOf as leaseState } from '../../simulations/story/lease-state.js';

/** A decision on a lease, where it was logged. `index`: the lease's place in a decision about many. */
export interface LoggedDecision {
  readonly turn: number;
  readonly at: Instant;
  readonly decision: Decision;
  readonly index: number;
}

/** What else was logged of a lease: what was asked and seen of it, and decisions by which others make room for it. */
export type LoggedEvent = { readonly turn: number; readonly at: Instant } & (
  | { readonly input: Input }
  | { readonly decision: Decision }
);

export interface Condition {
  /**
   * `awaiting-approval`, `migrating`, `paused`, `resizing`: only of leases that ever did, or were. `booting`, `ready`: only of those whose VMs must
   * be ready to count as started.
   */
  readonly type:
    | 'reserved'
    | 'running'
    | 'ending'
    | 'degraded'
    | 'awaiting-approval'
    | 'migrating'
    | 'paused'
    | 'resizing'
    | 'booting'
    | 'ready';
  readonly status: boolean;
  readonly since: Instant;
  readonly turn: number;
}

/** All that is known of a lease, also after its end. `lease` is the state's own object: read it only. */
export interface LeaseRecord {
  readonly lease: Lease;
  readonly submittedTurn: number;
  /** What was asked for; the lease's own terms may have changed since. */
  readonly asked: Terms;
  /** The trace that the request belongs to, if it said so. */
  readonly traceparent?: string;
  readonly decisions: LoggedDecision[];
  /** The request itself is left out. */
  readonly around: LoggedEvent[];
  /** Of the last decision that gave any. */
  reasons: readonly Reason[];
  conditions: readonly Condition[];
  /** The turn of its last change. */
  changed: number;
  ended: Instant | null;
}
