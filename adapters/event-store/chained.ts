/**
 * Writing to a log on a server so that it is chained and anchored: each turn is given the hash that follows from the turns
 * before it, and is acknowledged when the anchor, a file on this machine, says so, too. The server never makes a hash.
 */

import {
  type Appended,
  type Epoch,
  type Head,
  type Revision,
  type Turn,
  encodeTurn,
  invariant,
} from '../../engine/index.js';
import { Anchor, type Anchored, assertAnchored, readAnchor } from './anchor.js';
import { GENESIS, type Hash, hashAfter } from './chain.js';
import type { StoreError } from './errors.js';
import { createDirectory } from './sqlite-files.js';

/** A turn and its place in the chain. */
export interface Linked {
  readonly turn: Turn;
  readonly text: string;
  readonly before: Hash;
  readonly hash: Hash;
}

/** What a chain is kept in. */
export interface LinkedLog {
  /** Appends the turn with its hash. Calls are taken in their order. */
  keep(linked: Linked, expected: Revision, epoch: Epoch): Promise<Appended>;
  hash(turn: Revision): Promise<Hash | null>;
  head(): Promise<Head>;
}

export interface AnchorOptions {
  /** The file of the anchor; null: none is kept. */
  readonly anchor: string | null;
  readonly readOnly: boolean;
  /** The log, as it may be shown. */
  readonly shown: string;
}

export class ChainWriter {
  /** The last turn that was appended, where it is known. */
  private ending: Anchored | null = null;
  /** Turns that were handed on and not answered, whatever becomes of them: others build on them. By number, the latest. */
  private readonly handed = new Map<Revision, Hash>();
  private line: Promise<unknown> = Promise.resolve();
  private anchors: AnchorLine | null = null;
  /** Not yet answered. */
  private readonly pending = new Set<Promise<Appended>>();

  constructor(private readonly log: LinkedLog) {}

  /**
   * Holds the log against its anchor: one that ends before it, or not as it says, is not opened. Where there is no anchor
   * yet, it begins where the log ends: other services, with anchors of their own, may have written it. Throws a StoreError.
   */
  async open({ anchor: path, readOnly, shown }: AnchorOptions): Promise<void> {
    if (path === null) return;
    const anchored = readAnchor(path); // before the log: that may grow meanwhile
    const { revision } = await this.log.head();
    const turn = anchored?.turn ?? revision;
    const hash = await this.log.hash(turn);
    if (anchored !== null) assertAnchored(shown, anchored, revision, hash);
    if (readOnly) return;
    if (anchored !== null) {
      this.anchors = new AnchorLine(Anchor.open(path), anchored);
      return;
    }
    invariant(hash !== null, 'the log holds its last turn');
    createDirectory(path);
    this.anchors = new AnchorLine(Anchor.create(path, { turn, hash }), { turn, hash });
  }

  append(turn: Turn, expected: Revision, epoch: Epoch): Promise<Appended> {
    const appended = this.appendOne(turn, expected, epoch).finally(() => this.pending.delete(appended));
    this.pending.add(appended);
    return appended;
  }

  /** Waits for what was begun. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.pending]);
    const { anchors } = this;
    this.anchors = null;
    await anchors?.close();
  }

  private async appendOne(turn: Turn, expected: Revision, epoch: Epoch): Promise<Appended> {
    invariant(turn.number === expected + 1, 'the turn appended is the one after the expected revision');
    this.anchors?.mustWork();
    const handed = this.line.then(() => this.handOn(turn, expected, epoch));
    this.line = handed.catch(() => {});
    const { answer, hash } = await handed;
    const appended = await answer.finally(() => {
      if (this.handed.get(turn.number) === hash) this.handed.delete(turn.number);
    });
    this.ending = appended.outcome === 'appended' ? { turn: turn.number, hash } : null;
    if (appended.outcome === 'appended') await this.anchors?.hold({ turn: turn.number, hash });
    return appended;
  }

  /** Gives the turn to the log, and does not wait for what becomes of it: others may go with it. */
  private async handOn(
    turn: Turn,
    expected: Revision,
    epoch: Epoch,
  ): Promise<{ readonly answer: Promise<Appended>; readonly hash: Hash }> {
    const ending = this.ending?.turn === expected ? this.ending.hash : null;
    const before = this.handed.get(expected) ?? ending ?? (await this.log.hash(expected));
    // The log ends before the turn that this one is to follow.
    if (before === null) return { answer: this.refused(), hash: GENESIS };
    const text = encodeTurn(turn);
    const hash = hashAfter(before, turn.number, text);
    this.handed.set(turn.number, hash);
    return { answer: this.log.keep({ turn, text, before, hash }, expected, epoch), hash };
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
