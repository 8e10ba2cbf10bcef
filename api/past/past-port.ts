/** What the routes and whoever knows the past say to each other. */

import type { Readable } from 'node:stream';
import type { Instant } from '../../engine/index.js';
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

export interface PastPort {
  answer(question: PastQuestion): Promise<PastAnswer>;
  /** The last turn of time `at` or earlier, of turns up to `head`. */
  turnAt(at: Instant, head: number): Promise<number>;
  /** The log ends with turn `head` now. */
  grown(head: number): void;
  close(): Promise<void>;
}
