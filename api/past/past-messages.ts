/** What the service and the thread of the past say to each other. */

import type { Instant } from '../../engine/index.js';
import type { LogLevel } from '../settings/table.js';
import type { StorePlace } from '../store.js';
import type { PastQuestion, PastState } from './past-port.js';

export interface PastSettings {
  readonly store: StorePlace;
  /** The file of milestones, and the tables of leases that are over. */
  readonly pastPath: string;
  readonly tablesPath: string;
  readonly personalKeys: string | null;
  readonly logLevel: LogLevel;
  readonly everyTurns: number;
  readonly bytesMax: number;
  /** The thread takes no more memory. */
  readonly memoryMiB: number;
}

export type ToPast =
  | { readonly type: 'answer'; readonly ticket: number; readonly question: PastQuestion }
  | {
      readonly type: 'state-at';
      readonly ticket: number;
      readonly question: Pick<PastQuestion, 'turn' | 'settled'>;
    }
  /** The next part of a body is wanted. */
  | { readonly type: 'more'; readonly ticket: number }
  /** Nobody waits for the rest. */
  | { readonly type: 'leave'; readonly ticket: number }
  | { readonly type: 'turn-at'; readonly ticket: number; readonly at: Instant; readonly head: number }
  | { readonly type: 'grown'; readonly head: number };

export type FromPast =
  | {
      readonly type: 'head';
      readonly ticket: number;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly type: 'chunk'; readonly ticket: number; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly ticket: number }
  | { readonly type: 'turn'; readonly ticket: number; readonly turn: number }
  | { readonly type: 'state'; readonly ticket: number; readonly state: PastState }
  | { readonly type: 'failed'; readonly ticket: number; readonly detail: string };
