/** The log in memory: for tests, and for whoever needs a log only as long as the process lives. */

import {
  type Appended,
  type Beats,
  type Epoch,
  type EventStore,
  type Head,
  type Revision,
  type Snapshot,
  type Turn,
  encodeTurn,
  invariant,
} from '../../engine/index.js';
import { type ChainedLog, GENESIS, type Hash, type Stored, hashAfter } from './chain.js';
import { closedError } from './errors.js';
import { epochAfter } from './fence.js';
import { type Pages, Signal, followPages, readPages } from './follow.js';

const PAGE_TURNS = 256;

/** What a memory store keeps, apart from the store: a second store on it is a second writer, or a restart. */
export class MemoryLog {
  readonly turns: Turn[] = [];
  readonly appended = new Signal();
  epoch: Epoch = 0;
  snapshot: Snapshot | null = null;
  beat: string | null = null;
}

export class MemoryStore implements EventStore, ChainedLog, Pages {
  closed = false;
  readonly beats: Beats = {
    beat: async (text, epoch) => {
      const head = await this.head();
      if (epoch >= head.epoch) this.log.beat = text;
      return head;
    },
    last: async () => ({ text: this.log.beat, head: await this.head() }),
  };

  constructor(private readonly log: MemoryLog = new MemoryLog()) {}

  async append(turn: Turn, expected: Revision, epoch: Epoch): Promise<Appended> {
    if (this.closed) throw closedError();
    const { log } = this;
    const after = epochAfter(log.turns.length, log.epoch, turn, expected, epoch);
    if (after === null) return this.answerToStale(turn);
    log.turns.push(turn);
    log.epoch = after;
    log.appended.fire();
    return { outcome: 'appended', revision: turn.number };
  }

  read(after: Revision): AsyncIterable<Turn> {
    return readPages(this, after);
  }

  subscribe(after: Revision): AsyncIterable<Turn> {
    return followPages(this, after);
  }

  /** Worked out from the turns: O(turn). */
  async hash(turn: Revision): Promise<Hash | null> {
    if (turn > this.log.turns.length) return null;
    let hash = GENESIS;
    for (const each of this.log.turns.slice(0, turn)) hash = hashAfter(hash, each.number, encodeTurn(each));
    return hash;
  }

  async *stored(after: Revision): AsyncGenerator<Stored> {
    let hash = (await this.hash(after)) ?? GENESIS;
    for await (const turn of this.read(after)) {
      const text = encodeTurn(turn);
      hash = hashAfter(hash, turn.number, text);
      yield { number: turn.number, text, hash };
    }
  }

  async head(): Promise<Head> {
    if (this.closed) throw closedError();
    return { revision: this.log.turns.length, epoch: this.log.epoch };
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    if (this.closed) throw closedError();
    invariant(snapshot.turn <= this.log.turns.length, 'a snapshot holds only turns of the log');
    if (this.log.snapshot === null || snapshot.turn >= this.log.snapshot.turn) this.log.snapshot = snapshot;
  }

  async latestSnapshot(): Promise<Snapshot | null> {
    if (this.closed) throw closedError();
    return this.log.snapshot;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
  }

  last(): Revision {
    return this.log.turns.length;
  }

  page(after: Revision): readonly Turn[] {
    return this.log.turns.slice(after, after + PAGE_TURNS);
  }

  more(): Promise<void> {
    return this.log.appended.wait();
  }

  wake(): void {
    this.log.appended.fire();
  }

  /** A turn that the log already holds, to the letter, is an append tried again: it is durable. */
  private answerToStale(turn: Turn): Appended {
    const { log } = this;
    const stored = log.turns[turn.number - 1];
    if (stored !== undefined && encodeTurn(stored) === encodeTurn(turn)) {
      return { outcome: 'appended', revision: turn.number };
    }
    return { outcome: 'refused', head: { revision: log.turns.length, epoch: log.epoch } };
  }
}
