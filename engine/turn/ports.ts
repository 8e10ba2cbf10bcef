/** What the loop needs from outside. Adapters implement these ports; the engine knows no adapter. */

import type { Answer, Command } from '../model/commands.js';
import type { Observation, OrderDecision, OrderId, Turn } from '../model/events.js';
import type { Instant } from '../kit/time.js';
import type { Terms } from '../model/lease.js';

/** The number of the last turn in the log; 0: the log is empty. The expected revision of an append is its fence. */
export type Revision = number;
/** Counts the writers of a log; a writer whose epoch is not the latest is stale. */
export type Epoch = number;

export interface Head {
  readonly revision: Revision;
  readonly epoch: Epoch;
}

/**
 * `appended`: durable. `refused`: somebody else has written; the turn is not in the log. `unknown`: it may or may not
 * be; read the log to find out.
 */
export type Appended =
  | { readonly outcome: 'appended'; readonly revision: Revision }
  | { readonly outcome: 'refused'; readonly head: Head }
  | { readonly outcome: 'unknown'; readonly detail: string };

export interface Snapshot {
  /** The last turn folded into it. */
  readonly turn: number;
  /** The version of the shape of `state`. */
  readonly version: number;
  readonly state: string;
}

/** The log. One turn is one append: atomic, fenced, and durable before it is answered. */
export interface EventStore {
  append(turn: Turn, expected: Revision, epoch: Epoch): Appended | Promise<Appended>;
  /** Turns with number > `after`, in order. */
  read(after: Revision): AsyncIterable<Turn>;
  head(): Promise<Head>;
  /** As `read`, then every later turn as it is appended; ends when the store is closed. */
  subscribe(after: Revision): AsyncIterable<Turn>;
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  latestSnapshot(): Promise<Snapshot | null>;
  close(): Promise<void>;
  /** Only where several services can share the log. */
  readonly beats?: Beats;
}

/** Signs of life beside the log: a hint of whether its writer still lives. Who may write is decided by the log alone. */
export interface Beats {
  /** Puts `text` (at most 4 KiB) in place of the last one, unless the log's epoch is later than `epoch`. */
  beat(text: string, epoch: Epoch): Promise<Head>;
  /** The last one, null where there was none, and where the log ends. */
  last(): Promise<{ readonly text: string | null; readonly head: Head }>;
}

/** A decision that the cluster is to carry out. Carrying it out twice is harmless: the id is the same. */
export interface Order {
  readonly id: OrderId;
  readonly epoch: Epoch;
  readonly issued: Instant;
  readonly decision: OrderDecision;
  /** The lease's terms: what the VMs need. */
  readonly terms: Terms;
}

/** The machines. `enact` returns at once; how it went comes back as an observation through the world. */
export interface Cluster {
  enact(order: Order): void;
  /** What is true now, as observations: after a restart, to make up for what was missed. */
  survey(): Promise<readonly Observation[]>;
}

export interface Inbox {
  readonly observations: readonly Observation[];
  readonly commands: readonly Command[];
}

/** What a turn begins with. */
export interface Batch {
  readonly now: Instant;
  readonly inbox: Inbox;
}

/** Where time and input come from. */
export interface World {
  /** Waits for input or for `wakeup`, whichever is first; null: the world is over. `now` never goes back. */
  next(wakeup: Instant | null): Batch | null | Promise<Batch | null>;
  /** The turn is durable (or none was needed): the answers to its commands, in order. */
  answer(answers: readonly Answer[]): void;
}
