/** The policy: every knob of the scheduler as data, and the version of the rules that read them. */

import { isDecimal, thousandthsOf } from '../kit/decimal.js';
import type { Duration } from '../kit/time.js';
import type { ApprovalRule } from './approval.js';
import type { FairShare } from './fair-share.js';
import { NO_OVERCOMMIT, type Overcommit } from './overcommit.js';
import { FREE, type Pricing } from './pricing.js';
import { NO_QUOTAS, type Quotas } from './quotas.js';

/** Raised whenever the same log would lead to other decisions. */
export const RULES = 1;

/**
 * How leases behind the first waiting one are treated. *Recomputed* at each turn: `none`: first come, first served.
 * `easy`: they may start if they do not delay the first (Lifka 1995). `intermediate`: the same, but the first `depth`
 * waiting leases are protected. `conservative`: every lease holds a reservation on arrival, which only ever moves earlier
 * (Mu'alem & Feitelson 2001).
 * *Sticky* (Haizea): at most `depth` waiting leases (null: all) hold a reservation, made on concrete nodes when they are
 * tried, which moves only when capacity is released before its time. 0: nobody overtakes anybody.
 */
export type Backfilling =
  | { readonly kind: 'none' }
  | { readonly kind: 'easy' }
  | { readonly kind: 'intermediate'; readonly depth: number }
  | { readonly kind: 'conservative' }
  | { readonly kind: 'sticky'; readonly depth: number | null };

/** Policy functions that these rules know, by `name@version`. */
export const NODE_CHOICES = [
  'greedy@1',
  'first@1',
  'packed@1',
  'striping@1',
  'round-robin@1',
  'n-by-hosts@1',
  'load-aware@1',
  'by-load@1',
  'fixed-priority@1',
  'random@1',
] as const;
export const VICTIM_ORDERS = ['least-cost@1', 'oldest-first@1', 'youngest-first@1', 'lowest-priority@1'] as const;
export const ADMISSIONS = ['accept-all@1', 'no-advance@1'] as const;

export interface Policy {
  readonly rules: number;
  readonly backfilling: Backfilling;
  /** How many waiting leases are tried for backfilling in a turn; null: all. */
  readonly candidatesMax: number | null;

  // ---- who comes first
  /**
   * The order in which waiting leases are served. `arrival`: as they came. `priority`: by 1. the effective priority, which
   * is the sum of what follows, higher first  2. arrival.
   */
  readonly queueOrder: 'arrival' | 'priority';
  /** Points for each step of a lease's own priority (0 to 1000). */
  readonly priorityWeight: number;
  /** Points for a thousandth of `ageMax` that a lease has been here, up to 1000 of them. */
  readonly ageWeight: number;
  readonly ageMax: Duration;
  /** Points for accounts that had less than their share; null: none. */
  readonly fairShare: FairShare | null;

  // ---- who is admitted, and what it costs
  /** Which leases are turned away before they are scheduled: a function of the registry, `name@version`. */
  readonly admission: string;
  /** How long before its start an advance lease must have been asked for. */
  readonly minimumNotice: Duration;
  /** Leases that any of these is true of wait until they are approved. Absent: none do. */
  readonly approval?: readonly ApprovalRule[];
  readonly quotas: Quotas;
  readonly pricing: Pricing;

  // ---- preemption
  /** Which kinds of lease may preempt. */
  readonly preemptors: readonly ('advance' | 'immediate' | 'deadline')[];
  /**
   * Which kinds of preemptible lease may be preempted. An immediate lease cannot be queued again: it makes room only where
   * it can be suspended by then. So does a deadline lease, for other deadline leases only, and only while it runs and
   * where it can come back in time for its deadline. Advance leases never do. Absent, as in older logs: VICTIMS_DEFAULT.
   */
  readonly victims?: readonly ('best-effort' | 'immediate' | 'deadline')[];
  /** Which preemptible leases go first: a function of the registry, `name@version`. */
  readonly victimOrder: string;
  /** `fewest`: one that suffices, else as many as it takes and none that is useless. `in-order`: from the first on. */
  readonly victimChoice: 'fewest' | 'in-order';
  /** Leases that were submitted longer ago are left alone; null: none are. */
  readonly victimAgeMax: Duration | null;

  // ---- deadlines
  /** Deadline leases with at most so much time, in thousandths of their duration, are tried at their earliest start first. */
  readonly deadlineExactSlack: number;

  // ---- suspension
  /** Whether preempted leases are suspended (`serial-only`: those of one VM), or stopped and queued again. */
  readonly suspension: 'none' | 'serial-only' | 'all';
  /** MiB a second that a node writes while suspending, and reads while resuming: above 0, to three decimals. */
  readonly suspendRate: number;
  readonly resumeRate: number;
  /** How long each VM takes, whatever its memory; null: as the rates say. */
  readonly suspendTime: Duration | null;
  readonly resumeTime: Duration | null;
  /** `local`: VMs of a lease on one node one after another, nodes side by side. `global`: all one after another. */
  readonly suspendExclusion: 'local' | 'global';
  /** Whether VMs of different leases exclude each other, too. */
  readonly suspendExclusionAcross: boolean;
  /**
   * `exact`: as long as it takes on the nodes chosen. `haizea`: room is looked for as if all VMs were saved one after
   * another, and every VM had to migrate; VMs with the same times share a step, and steps follow one another.
   */
  readonly estimates: 'exact' | 'haizea';
  /** Whether a lease may begin before a reservation that it must be suspended for. Sticky backfilling only. */
  readonly suspendAhead: boolean;
  /** A lease begins (or is suspended) only where it runs for at least so long; null: for as long as saving takes … */
  readonly suspendThreshold: Duration | null;
  /** … and so many thousandths of that more. */
  readonly suspendThresholdFactor: number;

  // ---- overheads
  /** How long it takes to tell a node to suspend, resume or shut down a VM. */
  readonly enactmentOverhead: Duration;
  /** How long VMs take to shut down when their time is over, beyond that. */
  readonly shutdownTime: Duration;
  /** Durations that follow from rates are rounded up to whole seconds. */
  readonly wholeSeconds: boolean;

  // ---- migration
  /** Whether a suspended lease may resume on other nodes: `no-transfer`: images are on shared storage. */
  readonly migration: 'no' | 'yes' | 'no-transfer';
  /** Mbit/s between two nodes. */
  readonly migrationRate: number;

  /**
   * Whether VMs are carried to other nodes while they run. `asked`: where somebody asks for that. `maintenance`: also off
   * nodes that are to be worked on, where they fit elsewhere. Absent, as in older logs: `asked`.
   */
  readonly liveMigration?: 'no' | 'asked' | 'maintenance';

  // ---- preparation
  /** `transfer`: disk images are sent to the nodes before a lease starts, one transfer at a time. */
  readonly preparation: 'none' | 'transfer';
  /** Mbit/s that the repository sends. */
  readonly imageRate: number;
  /** How long a transfer takes, whatever the size; null: as the rate says. */
  readonly imageTransferTime: Duration | null;
  /** `unicast`: once for every VM. `multicast`: once for all VMs of a lease. */
  readonly imageTransfer: 'unicast' | 'multicast';
  /** Whether a lease may join a multicast of its image that has not begun. */
  readonly imagePiggyback: boolean;
  /** Whether nodes keep copies for later leases, and how many MiB of them; null: without limit. */
  readonly imageReuse: 'none' | 'cache';
  readonly imageCacheMax: number | null;

  /** Whether images are sent ahead, while nothing else is sent, to where waiting leases are expected to begin. Absent: no. */
  readonly imagePrefetch?: boolean;

  // ---- where
  /** Which node takes the next VM: a function of the registry, `name@version`. */
  readonly nodeChoice: string;
  /** What it takes by name: see node-choice-options.ts. Options that are not named have their default. */
  readonly nodeChoiceOptions: Readonly<Record<string, number>>;
  /** How VMs that differ are packed: `search`: several orders, and a short search. `next-fit`: node after node first (Haizea). */
  readonly packing: 'search' | 'next-fit';

  /** How much of shared nodes may be leased; for nodes that join from now on. Absent, as in older logs: NO_OVERCOMMIT. */
  readonly overcommit?: Overcommit;

  /** Shared nodes on which so many VMs are starting take no waiting lease; null, or absent: they do. */
  readonly startsMax?: number | null;

  // ---- trouble
  /** How often a best-effort lease is queued again after its orders failed before it is given up. */
  readonly attemptsMax: number;
  /** How long the cluster may take over an order beyond its plan before it is called overdue; null: for ever. */
  readonly orderTimeout: Duration | null;
}

export const VICTIMS_DEFAULT: NonNullable<Policy['victims']> = ['best-effort'];

/** MiB a second. */
export const SAVING_RATE_MIN = 0.1;
export const SAVING_RATE_MAX = 1_000_000_000;

export function isSavingRate(value: unknown): value is number {
  return isDecimal(value) && value >= SAVING_RATE_MIN && value <= SAVING_RATE_MAX;
}

/** A rate that somebody has written, to three decimals; null: it is none. */
export function savingRateOf(value: unknown): number | null {
  if (typeof value !== 'number' || !(value >= SAVING_RATE_MIN && value <= SAVING_RATE_MAX)) return null;
  return thousandthsOf(value) / 1000;
}

export const POLICY_DEFAULT: Policy = {
  rules: RULES,
  backfilling: { kind: 'easy' },
  candidatesMax: null,
  queueOrder: 'priority',
  priorityWeight: 1,
  ageWeight: 0,
  ageMax: 7 * 24 * 3_600_000,
  fairShare: null,
  admission: 'accept-all@1',
  minimumNotice: 0,
  quotas: NO_QUOTAS,
  pricing: FREE,
  preemptors: ['advance', 'immediate'],
  victims: VICTIMS_DEFAULT,
  victimOrder: 'least-cost@1',
  victimChoice: 'fewest',
  victimAgeMax: null,
  deadlineExactSlack: 2000,
  suspension: 'all',
  suspendRate: 50,
  resumeRate: 50,
  suspendTime: null,
  resumeTime: null,
  suspendExclusion: 'local',
  suspendExclusionAcross: true,
  estimates: 'exact',
  suspendAhead: true,
  suspendThreshold: null,
  suspendThresholdFactor: 1000,
  enactmentOverhead: 0,
  shutdownTime: 0,
  wholeSeconds: false,
  migration: 'no',
  migrationRate: 1000,
  liveMigration: 'asked',
  preparation: 'none',
  imageRate: 1000,
  imageTransferTime: null,
  imageTransfer: 'multicast',
  imagePiggyback: true,
  imageReuse: 'cache',
  imageCacheMax: 20_480,
  imagePrefetch: false,
  nodeChoice: 'greedy@1',
  nodeChoiceOptions: {},
  packing: 'search',
  overcommit: NO_OVERCOMMIT,
  startsMax: null,
  attemptsMax: 3,
  orderTimeout: null,
};
