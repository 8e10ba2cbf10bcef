/**
 * Appending to the log in an EventStoreDB: what is asked for while one append is on its way goes with the next, all of it or
 * nothing. Where that fails, each turn is sent by itself, until it is known what has become of it.
 */

import { type Appended, type Epoch, type Head, invariant, type Revision } from '../../engine/index.js';
import type { Linked } from './chained.js';
import { StoreError } from './errors.js';
import type { EsdbEvent, ExpectedEnd, NewEvent } from './esdb-client.js';
import { type Connection, kindOf } from './esdb-connection.js';
import { eventOf } from './esdb-events.js';
import type { EsdbTarget } from './esdb-url.js';
import { epochAfter } from './fence.js';

const WAITING_MAX = 1024;
const TOGETHER_MAX = 256;
/** Half of what a server takes in one append. What is larger goes by itself. */
const TOGETHER_CHARACTERS = 512 * 1024;

interface Waiting {
  readonly linked: Linked;
  readonly expected: Revision;
  readonly epoch: Epoch;
  /** Readings that began before it: it comes later. */
  readonly earlier: readonly Promise<unknown>[];
  readonly answer: (appended: Appended | Promise<Appended>) => void;
}

/** What the store knows of its stream. */
interface Stream {
  headNow(): Promise<Head>;
  eventAt(turn: Revision): Promise<EsdbEvent | null>;
  /** Readings that are finding out where the log ends. */
  beginnings(): readonly Promise<unknown>[];
  assertOpen(): void;
}

export class EsdbAppends {
  private readonly waiting: Waiting[] = [];
  private sending: Promise<void> | null = null;
  /** The head after our last append; somebody else may have appended since. */
  private known: Head | null = null;

  constructor(
    private readonly target: EsdbTarget,
    private readonly connection: Connection,
    private readonly stream: Stream,
  ) {}

  append(linked: Linked, expected: Revision, epoch: Epoch): Promise<Appended> {
    invariant(this.waiting.length < WAITING_MAX, `at most ${WAITING_MAX} appends wait for each other`);
    const earlier = this.stream.beginnings();
    return new Promise((answer) => {
      this.waiting.push({ linked, expected, epoch, earlier, answer });
      this.sending ??= this.sendAll();
    });
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await this.sending;
  }

  private async sendAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      await Promise.allSettled(batch.flatMap(({ earlier }) => earlier));
      if (batch.length > 1 && (await this.sendTogether(batch))) continue;
      for (const one of batch) {
        const appended = this.sendAlone(one);
        one.answer(appended);
        await appended.catch(() => {});
      }
    }
    this.sending = null;
  }

  /** Turns that follow each other, as many as go together. */
  private takeBatch(): Waiting[] {
    let count = 1;
    let characters = this.waiting[0]!.linked.text.length;
    for (; count < this.waiting.length && count < TOGETHER_MAX; count++) {
      const { linked, expected } = this.waiting[count]!;
      characters += linked.text.length;
      if (characters > TOGETHER_CHARACTERS || expected !== this.waiting[count - 1]!.linked.turn.number) break;
    }
    return this.waiting.splice(0, count);
  }

  /** One append of several. False: some may be there or not, and none was answered. */
  private async sendTogether(batch: readonly Waiting[]): Promise<boolean> {
    const { stream } = this.target;
    const first = batch[0]!;
    const last = batch.at(-1)!.linked.turn.number;
    try {
      this.stream.assertOpen();
      let head = await this.headFor(first.expected);
      const events: NewEvent[] = [];
      for (const { linked, expected, epoch } of batch) {
        const after = epochAfter(head.revision, head.epoch, linked.turn, expected, epoch);
        if (after === null) return false;
        events.push(await eventOf(stream, linked, after));
        head = { revision: linked.turn.number, epoch: after };
      }
      this.known = null;
      const revision = await this.connection.append(stream, events, endBefore(first.linked.turn.number));
      if (revision !== BigInt(last - 1)) return false;
      this.known = head;
    } catch {
      // Each by itself finds out what is there, and says what is wrong.
      return false;
    }
    for (const { linked, answer } of batch) answer({ outcome: 'appended', revision: linked.turn.number });
    return true;
  }

  private async sendAlone(one: Waiting): Promise<Appended> {
    this.stream.assertOpen();
    try {
      return await this.sendUntilKnown(one);
    } catch (error) {
      this.known = null;
      if (!(error instanceof StoreError) || error.code === 'corrupt' || error.code === 'too-large') throw error;
      return { outcome: 'unknown', detail: error.message };
    }
  }

  private async sendUntilKnown({ linked, expected, epoch }: Waiting): Promise<Appended> {
    const { turn } = linked;
    // 1. Is the writer the one that may write?
    const head = await this.headFor(expected);
    const after = epochAfter(head.revision, head.epoch, turn, expected, epoch);
    const event = await eventOf(this.target.stream, linked, after ?? epoch);
    if (after === null) return this.answerToStale(turn.number, event.id);
    // 2. The turn, whole, with the epoch after it; again, until it is known whether it is there.
    const pace = this.connection.pace();
    for (;;) {
      const outcome = await this.tryAppend(event, turn.number);
      if (outcome === 'stored') {
        this.known = { revision: turn.number, epoch: after };
        return { outcome: 'appended', revision: turn.number };
      }
      if (outcome === 'conflict') return this.answerToStale(turn.number, event.id);
      if (!(await pace.again())) return { outcome: 'unknown', detail: outcome.detail };
    }
  }

  /**
   * One append. Whatever fails but a conflict may have been carried out, or may yet be: what is there at the turn's
   * place tells. While nothing is, the same event with the same expected revision can be sent again without harm.
   */
  private async tryAppend(event: NewEvent, turn: number): Promise<'stored' | 'conflict' | { detail: string }> {
    const { stream, shown } = this.target;
    let failure: StoreError;
    try {
      const revision = await this.connection.append(stream, [event], endBefore(turn));
      if (revision === BigInt(turn - 1)) return 'stored';
      const detail = `turn ${turn} was stored at revision ${revision}: the stream had been deleted; restore it`;
      throw new StoreError('corrupt', `${shown}: ${detail}`, turn);
    } catch (error) {
      if (kindOf(error) === 'wrong-expected-version') return 'conflict';
      failure = this.connection.failure('append', error);
      if (failure.code === 'corrupt') throw failure;
    }
    try {
      const found = await this.stream.eventAt(turn);
      if (found !== null) return found.id.toLowerCase() === event.id ? 'stored' : 'conflict';
    } catch {
      // It can be read as little as written; the first failure says more.
    }
    return { detail: failure.message };
  }

  /** A turn that the log already holds, to the letter, is an append tried again: it is durable. */
  private async answerToStale(turn: number, id: string): Promise<Appended> {
    const head = await this.stream.headNow();
    this.known = head;
    if (turn <= head.revision) {
      const found = await this.connection.persist('read the log', () => this.stream.eventAt(turn));
      if (found?.id.toLowerCase() === id) return { outcome: 'appended', revision: turn };
    }
    return { outcome: 'refused', head };
  }

  /**
   * The head, for a turn that is to follow `expected`. What the log holds up to there never changes, so a known head that
   * ends there is as good as a new one: the server compares the revision once more.
   */
  private async headFor(expected: Revision): Promise<Head> {
    return this.known?.revision === expected ? this.known : await this.stream.headNow();
  }
}

/** Where the stream ends before the event of a turn. */
function endBefore(turn: Revision): ExpectedEnd {
  return turn === 1 ? 'no_stream' : BigInt(turn - 2);
}
