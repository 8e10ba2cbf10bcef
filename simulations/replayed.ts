/** A log replayed through today's scheduler, turn by turn, while somebody else reads it. */

import { createHash } from 'node:crypto';
import {
  audit,
  type Divergence,
  emptyState,
  encodeState,
  RecordWriter,
  type State,
  type Turn,
} from '../engine/index.js';
import type { TurnEntry } from './log-source.js';

const PIECE_BYTES = 64 * 1024;

/** Passes turns on to the audit, and compares the log's digests with the state that the audit has reached. */
export class Replayed {
  decisions = 0;
  events = 0;
  /** The first digest that does not agree, where no decision differs: some input was altered before it. */
  disagreement: { readonly turn: number; readonly after: number } | null = null;
  readonly state: State = emptyState();
  private agreed = 0;
  private readonly records = new RecordWriter();
  private readonly hash = createHash('sha256');

  /** Null: every decision is as recorded. Reads no further than the first that is not. */
  run(entries: AsyncIterable<TurnEntry>): Promise<Divergence | null> {
    return audit(this.state, this.turns(entries));
  }

  digest(): string {
    this.flush();
    return this.hash.copy().digest('hex');
  }

  private async *turns(entries: AsyncIterable<TurnEntry>): AsyncIterable<Turn> {
    for await (const entry of entries) {
      if ('checkpoint' in entry) {
        if (!this.agrees(entry.checkpoint)) {
          this.disagreement = { turn: entry.checkpoint.turn, after: this.agreed };
          return;
        }
        this.agreed = entry.checkpoint.turn;
        continue;
      }
      const { turn } = entry;
      for (const decision of turn.decisions) this.records.decision(turn.number, decision);
      if (this.records.length >= PIECE_BYTES) this.flush();
      this.decisions += turn.decisions.length;
      this.events += turn.inputs.length + turn.decisions.length;
      yield turn;
    }
  }

  private agrees(checkpoint: Extract<TurnEntry, { checkpoint: unknown }>['checkpoint']): boolean {
    const state = createHash('sha256').update(encodeState(this.state), 'utf8').digest('hex');
    return checkpoint.state === state && checkpoint.decisions === this.digest();
  }

  private flush(): void {
    this.hash.update(this.records.bytes.subarray(0, this.records.length));
    this.records.reset();
  }
}
