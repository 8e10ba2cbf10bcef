/**
 * The chain as the follower sees it: the hash after each turn, worked out once, beside the loop. What clients get as a
 * receipt and what is signed comes from here, whatever the store.
 */

import { type Anchored, NOTHING } from '../adapters/event-store/anchor.js';
import { type Hash, hashAfter } from '../adapters/event-store/chain.js';

/** Where the follower does not read the log from its beginning. Hashes in hex: they come from another thread. */
export interface ProofBegin {
  readonly turn: number;
  readonly hash: string;
  /** That of the first turn. */
  readonly first: string;
}

export class LogProof {
  private last: Anchored = NOTHING;
  private first: Hash | null = null;

  /** Where the log is. */
  get head(): Anchored {
    return this.last;
  }

  /** Which log it is: the hash of its first turn, in hex; null: it has none yet. */
  get log(): string | null {
    return this.first?.toString('hex') ?? null;
  }

  /** `Receipt`: who has it can show that the log held everything up to that turn. */
  get receipt(): string {
    return `pos=${this.last.turn};hash=${this.last.hash.toString('hex')}`;
  }

  /** Goes on after a turn whose hash is known. */
  begin({ turn, hash, first }: ProofBegin): void {
    this.first = Buffer.from(first, 'hex');
    this.last = { turn, hash: Buffer.from(hash, 'hex') };
  }

  /** The next turn, as it was logged. O(length). */
  take(number: number, text: string): void {
    const hash = hashAfter(this.last.hash, number, text);
    this.first ??= hash;
    this.last = { turn: number, hash };
  }
}
