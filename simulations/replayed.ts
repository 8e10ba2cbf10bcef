/** A log replayed through today's scheduler, turn by turn, while somebody else reads it. */

import { createHash } from 'node:crypto';
import {
  type Divergence,
  emptyState,
  encodeState,
  RecordedTurn,
  RecordWriter,
  replayTurn,
  type State,
} from '../engine/index.js';
import type { Checkpoint } from './log-source.js';

const PIECE_BYTES = 64 * 1024;

/** Takes the entries of a log one by one, and compares its digests with the state that the replay has reached. */
export class Replayed {
  decisions = 0;
  events = 0;
  /** Null: every decision is as recorded, as far as it went. */
  divergence: Divergence | null = null;
  /** The first digest that does not agree, where no decision differs: some input was altered before it. */
  disagreement: { readonly turn: number; readonly after: number } | null = null;
  readonly state: State = emptyState();
  private agreed = 0;
  private readonly records = new RecordWriter();
  private readonly hash = createHash('sha256');

  /** The next turn as text. Throws UnknownRulesError, and CodecError where the text is no turn. */
  turn(text: string): void {
    const turn = RecordedTurn.decode(text);
    this.divergence = replayTurn(this.state, turn);
    for (const decision of turn.decisions) this.records.decision(turn.number, decision);
    if (this.records.length >= PIECE_BYTES) this.flush();
    this.decisions += turn.decisions.length;
    this.events += turn.inputs.length + turn.decisions.length;
  }

  checkpoint(noted: Checkpoint): void {
    if (this.agrees(noted)) this.agreed = noted.turn;
    else this.disagreement = { turn: noted.turn, after: this.agreed };
  }

  digest(): string {
    this.flush();
    return this.hash.copy().digest('hex');
  }

  private agrees(checkpoint: Checkpoint): boolean {
    const state = createHash('sha256').update(encodeState(this.state), 'utf8').digest('hex');
    return checkpoint.state === state && checkpoint.decisions === this.digest();
  }

  private flush(): void {
    this.hash.update(this.records.bytes.subarray(0, this.records.length));
    this.records.reset();
  }
}
