/**
 * A log on a server, chained and anchored: each turn is given the hash that follows from the turns before it, and is
 * acknowledged when the anchor, a file on this machine, says so, too. The server keeps the hashes; it never makes them.
 */

import {
  type Appended,
  type Epoch,
  type EventStore,
  type Revision,
  type Turn,
  encodeTurn,
  invariant,
} from '../../engine/index.js';
import { Anchor, type Anchored, assertAnchored, readAnchor } from './anchor.js';
import { type ChainedLog, type Hash, hashAfter } from './chain.js';
import type { StoreError } from './errors.js';
import { createDirectory } from './sqlite-files.js';

/** A turn and its place in the chain. */
export interface Linked {
  readonly turn: Turn;
  readonly text: string;
  readonly before: Hash;
  readonly hash: Hash;
}

/** A log that keeps with each turn the hash that it is given. Appends are taken in the order of the calls. */
export interface LinkedLog extends Omit<EventStore, 'append'>, ChainedLog {
  append(linked: Linked, expected: Revision, epoch: Epoch): Promise<Appended>;
}

export interface ChainOptions {
  /** The file of the anchor; null: this process only reads, or keeps none. */
  readonly anchor: string | null;
  readonly readOnly: boolean;
  /** The log, as it may be shown. */
  readonly shown: string;
}

/**
 * The log as a store. One that ends before its anchor, or not as that says, is not opened. Where there is no anchor yet, it
 * begins where the log ends: other services, with anchors of their own, may have written it. Throws a StoreError.
 */
export async function chained(log: LinkedLog, options: ChainOptions): Promise<EventStore & ChainedLog> {
  const { anchor: path, readOnly, shown } = options;
  if (path === null) return new ChainedStore(log, null);
  const anchored = readAnchor(path);
  const { revision } = await log.head();
  const end = { turn: anchored?.turn ?? revision, hash: await log.hash(anchored?.turn ?? revision) };
  if (anchored !== null) assertAnchored(shown, anchored, revision, end.hash);
  if (readOnly) return new ChainedStore(log, null);
  if (anchored !== null) return new ChainedStore(log, new AnchorLine(Anchor.open(path), anchored));
  invariant(end.hash !== null, 'the log holds its last turn');
  const first = { turn: end.turn, hash: end.hash };
  createDirectory(path);
  return new ChainedStore(log, new AnchorLine(Anchor.create(path, first), first));
}

class ChainedStore implements EventStore, ChainedLog {
  /** The last turn that was handed on, whatever becomes of it. */
  private ending: Anchored | null = null;
  private line: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly log: LinkedLog,
    private readonly anchors: AnchorLine | null,
  ) {}

  async append(turn: Turn, expected: Revision, epoch: Epoch): Promise<Appended> {
    invariant(turn.number === expected + 1, 'the turn appended is the one after the expected revision');
    this.anchors?.mustWork();
    const handed = this.line.then(() => this.handOn(turn, expected, epoch));
    this.line = handed.catch(() => {});
    const { answer, hash } = await handed;
    const appended = await answer;
    if (appended.outcome !== 'appended') this.ending = null;
    else await this.anchors?.hold({ turn: turn.number, hash: hash! });
    return appended;
  }

  read(after: Revision): AsyncIterable<Turn> {
    return this.log.read(after);
  }

  subscribe(after: Revision): AsyncIterable<Turn> {
    return this.log.subscribe(after);
  }

  stored(after: Revision): ReturnType<ChainedLog['stored']> {
    return this.log.stored(after);
  }

  hash(turn: Revision): Promise<Hash | null> {
    return this.log.hash(turn);
  }

  head(): ReturnType<EventStore['head']> {
    return this.log.head();
  }

  saveSnapshot(...snapshot: Parameters<EventStore['saveSnapshot']>): Promise<void> {
    return this.log.saveSnapshot(...snapshot);
  }

  latestSnapshot(): ReturnType<EventStore['latestSnapshot']> {
    return this.log.latestSnapshot();
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.anchors?.close();
  }

  /** Gives the turn to the log, and does not wait for what becomes of it: others may go with it. */
  private async handOn(
    turn: Turn,
    expected: Revision,
    epoch: Epoch,
  ): Promise<{ readonly answer: Promise<Appended>; readonly hash: Hash | null }> {
    const before = this.ending?.turn === expected ? this.ending.hash : await this.log.hash(expected);
    // The log ends before the turn that this one is to follow.
    if (before === null) return { answer: this.refused(), hash: null };
    const text = encodeTurn(turn);
    const hash = hashAfter(before, turn.number, text);
    this.ending = { turn: turn.number, hash };
    const answer = this.log.append({ turn, text, before, hash }, expected, epoch);
    answer.catch(() => {
      this.ending = null;
    });
    return { answer, hash };
  }

  private async refused(): Promise<Appended> {
    return { outcome: 'refused', head: await this.log.head() };
  }
}

/** Writes the anchor: turns that are acknowledged together share a write. */
class AnchorLine {
  private failure: StoreError | null = null;
  private wanted: Anchored;
  private writing: Promise<void> | null = null;

  constructor(
    private readonly anchor: Anchor,
    private written: Anchored,
  ) {
    this.wanted = written;
  }

  /** Throws where an earlier write failed: what the disk holds is unknown then. */
  mustWork(): void {
    if (this.failure !== null) throw this.failure;
  }

  /** Resolves when the anchor is at `end` or later, on disk. Rejects with a StoreError. */
  async hold(end: Anchored): Promise<void> {
    this.mustWork();
    if (end.turn <= this.written.turn) return;
    if (end.turn > this.wanted.turn) this.wanted = end;
    this.writing ??= new Promise((resolve) => setImmediate(() => resolve(this.write())));
    await this.writing;
    this.mustWork();
  }

  async close(): Promise<void> {
    await this.writing;
    this.anchor.close();
  }

  private write(): void {
    this.writing = null;
    try {
      this.anchor.write(this.wanted);
      this.written = this.wanted;
    } catch (error) {
      this.failure = error as StoreError;
    }
  }
}
