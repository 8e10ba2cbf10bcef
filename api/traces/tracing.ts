/** What the service wants of traces. How they are made and sent is in open-telemetry.ts, which is read only where it is needed. */

import type { Answer, Command } from '../../engine/index.js';
import type { TurnListener } from '../follower.js';
import type { TurnTimes } from '../loop-messages.js';
import type { TraceContext } from './trace-context.js';

export type Submit = (command: Command) => Promise<Answer>;

/** What a command is submitted for. */
export interface Origin {
  submit(command: Command, submit: Submit): Promise<Answer>;
}

/** The span of a request that somebody waits for. */
export interface RequestSpan extends Origin {
  readonly context: TraceContext;
  /** It is recorded, and so will be what follows from it. */
  readonly recorded: boolean;
  /** `status` null: whoever asked is gone, unless it has ended before. */
  end(status: number | null): void;
}

export interface Asked {
  readonly id: string;
  readonly method: string;
  /** Null: there is none. */
  readonly route: string | null;
  /** The trace that it goes on with. */
  readonly from: TraceContext | null;
}

export interface Tracing {
  begin(asked: Asked): RequestSpan;
  /** Hears of every turn, and then, where it was taken here, how long it took. */
  readonly turns: TurnListener & { took(times: TurnTimes): void };
  /** Sends what is left, unless that takes long. */
  close(): Promise<void>;
}

/** What became of spans: see `leasehold_trace_spans_total`. */
export type SpanOutcome = 'exported' | 'failed' | 'dropped';
export const SPAN_OUTCOMES: readonly SpanOutcome[] = ['exported', 'failed', 'dropped'];
