/** What the service and the process that is asked say to each other. */

import type {
  Answer,
  Command,
  FreeSlots,
  Instant,
  Lease,
  LeaseId,
  Reason,
  Rejection,
  Runs,
  Start,
  Terms,
  Turn,
} from '../../engine/index.js';

/** What would become of a lease. Times are instants, money is in millionths of a currency unit. */
export interface Quoting {
  /** The turn that it is based on. */
  readonly turn: number;
  readonly now: Instant;
  readonly feasible: boolean;
  /** When it would begin; null: nobody knows, or never. */
  readonly start: Instant | null;
  /** By when it begins at the latest; null: nothing is promised. */
  readonly latest: Instant | null;
  /** The node of each VM; null: it is chosen later. */
  readonly nodes: Runs | null;
  /** Leases that would make room. */
  readonly preempts: readonly LeaseId[];
  readonly price: number | null;
  /** It would wait for an approval first; all else is as if it had that at once. */
  readonly approval: boolean;
  /** Why it cannot be had, or waits. */
  readonly reasons: readonly Reason[];
  readonly alternatives: readonly CounterOffer[];
  /** The terms are at fault. */
  readonly rejection: Rejection | null;
}

/** What could be had instead, at that turn. What is not named is as it was asked for. */
export interface CounterOffer {
  readonly kind: 'less' | 'shorter' | 'later' | 'elsewhere';
  readonly vms?: number;
  readonly duration?: number;
  readonly start?: Start;
  /** Without what was asked of its nodes. */
  readonly anywhere?: true;
  /** When it would begin. */
  readonly begins: Instant;
}

/** What would follow from a command. */
export interface DryRun {
  readonly answer: Answer;
  /** The turn that would be logged; null: nothing would. */
  readonly turn: Turn | null;
  /** The command's lease as it would be then; null: it is about none. */
  readonly lease: Lease | null;
}

/** When there would be room. */
export interface SlotsFound extends FreeSlots {
  /** The turn that it is based on. */
  readonly turn: number;
  readonly now: Instant;
  /** The terms are at fault. */
  readonly rejection: Rejection | null;
}

/** Which slots are wanted: of leases that begin in [from, until), at most so many. */
export interface SlotsWanted {
  readonly terms: Terms;
  readonly from: Instant;
  readonly until: Instant;
  readonly count: number;
}

/** The state as text, packed. */
export interface SnapshotTaken {
  readonly packed: string;
  readonly turn: number;
  /** The present, not earlier than the state. */
  readonly now: Instant;
}

export type Question =
  | { readonly type: 'quote'; readonly terms: Terms; readonly offers: boolean }
  | { readonly type: 'dry-run'; readonly command: Command }
  | ({ readonly type: 'slots' } & SlotsWanted)
  | { readonly type: 'snapshot' };

export type AnyAnswer = Quoting | DryRun | SlotsFound | SnapshotTaken;

export type Answered<Q extends Question> = Q extends { type: 'quote' }
  ? Quoting
  : Q extends { type: 'dry-run' }
    ? DryRun
    : Q extends { type: 'slots' }
      ? SlotsFound
      : SnapshotTaken;

export type ToAsking =
  /** How the log begins, or goes on from a snapshot. */
  | { readonly type: 'begin'; readonly snapshot: string | null }
  /** As they were logged. */
  | { readonly type: 'turns'; readonly texts: readonly string[] }
  /** The history is over: what follows is the present. */
  | { readonly type: 'ready' }
  | { readonly type: 'ask'; readonly ticket: number; readonly now: Instant; readonly question: Question };

export type FromAsking =
  | { readonly type: 'answer'; readonly ticket: number; readonly answer: AnyAnswer }
  /** It cannot be answered: a bug. */
  | { readonly type: 'failed'; readonly ticket: number; readonly detail: string }
  | ExpectedStarts
  /** A lease that was quoted runs: so many milliseconds later than it was told; less than nothing: earlier. */
  | { readonly type: 'begun'; readonly late: number };

/** Waiting leases by their order of arrival, and when each is expected to begin. */
export interface ExpectedStarts {
  readonly type: 'expected';
  readonly turn: number;
  readonly sequences: Float64Array;
  readonly starts: Float64Array;
}
