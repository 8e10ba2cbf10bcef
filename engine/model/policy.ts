/** The policy: every knob of the scheduler as data, and the version of the rules that read them. */

import type { Duration } from '../kit/time.js';

/** Raised whenever the same log would lead to other decisions. */
export const RULES = 1;

/**
 * How leases behind the first waiting one are treated (the *recomputed* family).
 * `none`: first come, first served. `easy`: they may start if they do not delay the first (Lifka 1995).
 * `intermediate`: the same, but the first `depth` waiting leases are protected. `conservative`: every lease holds a
 * reservation on arrival, which only ever moves earlier (Mu'alem & Feitelson 2001).
 */
export type Backfilling =
  | { readonly kind: 'none' }
  | { readonly kind: 'easy' }
  | { readonly kind: 'intermediate'; readonly depth: number }
  | { readonly kind: 'conservative' };

/** Policy functions that these rules know, by `name@version`. */
export const NODE_CHOICES = ['greedy@1', 'first@1'] as const;
export const VICTIM_ORDERS = ['least-cost@1', 'oldest-first@1', 'youngest-first@1'] as const;

export interface Policy {
  readonly rules: number;
  readonly backfilling: Backfilling;
  /** Which kinds of lease may preempt preemptible best-effort leases. */
  readonly preemptors: readonly ('advance' | 'immediate')[];
  /** Which preemptible leases go first: a function of the registry, `name@version`. */
  readonly victimOrder: string;
  /** Whether preempted leases are suspended, or stopped and queued again. */
  readonly suspension: 'none' | 'all';
  /** MiB a second that a node writes while suspending, and reads while resuming. Whole numbers > 0. */
  readonly suspendRate: number;
  readonly resumeRate: number;
  /** `local`: VMs of a lease on one node one after another, nodes side by side. `global`: all one after another. */
  readonly suspendExclusion: 'local' | 'global';
  /** Whether a suspended lease may resume on other nodes: `no`, or `no-transfer` (images are on shared storage). */
  readonly migration: 'no' | 'no-transfer';
  /** Which node takes the next VM: a function of the registry, `name@version`. */
  readonly nodeChoice: string;
  /** How often a best-effort lease is queued again after its orders failed before it is given up. */
  readonly attemptsMax: number;
  /** How long the cluster may take over an order beyond its plan before it is called overdue; null: for ever. */
  readonly orderTimeout: Duration | null;
  /** How many waiting leases are tried for backfilling in a turn; null: all. */
  readonly candidatesMax: number | null;
}

export const POLICY_DEFAULT: Policy = {
  rules: RULES,
  backfilling: { kind: 'easy' },
  preemptors: ['advance', 'immediate'],
  victimOrder: 'least-cost@1',
  suspension: 'all',
  suspendRate: 50,
  resumeRate: 50,
  suspendExclusion: 'local',
  migration: 'no',
  nodeChoice: 'greedy@1',
  attemptsMax: 3,
  orderTimeout: null,
  candidatesMax: null,
};
