/** What the routes and whoever knows the past say to each other. */

import type { Readable } from 'node:stream';
import type { Instant, NodeClass, Policy, ResourceType } from '../../engine/index.js';
import type { CallerOptions } from '../access/caller.js';

/** A GET, to be answered as it was after a turn. */
export interface PastQuestion {
  readonly turn: number;
  /** Up to which turn all that was over can be read from the tables. */
  readonly settled: number;
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Who asks, today. */
  readonly caller: CallerOptions;
}

export interface PastAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** The state after a turn, as packed text, and what is needed to ask for something in it. */
export interface PastState {
  readonly packed: string;
  readonly now: Instant;
  readonly policy: Policy;
  readonly resources: readonly ResourceType[];
  readonly nodes: readonly NodeClass[];
}

export interface PastPort {
  answer(question: PastQuestion): Promise<PastAnswer>;
  stateAt(question: Pick<PastQuestion, 'turn' | 'settled'>): Promise<PastState>;
  /** The last turn of time `at` or earlier, of turns up to `head`. */
  turnAt(at: Instant, head: number): Promise<number>;
  /** The log ends with turn `head` now. */
  grown(head: number): void;
  close(): Promise<void>;
}
