/**
 * The log in an SQLite file: the default store of the service. One turn is one transaction and one sync of the disk;
 * requests that arrive meanwhile share the next turn.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Database as Connection } from 'better-sqlite3';
import {
  type Appended,
  type Epoch,
  type EventStore,
  type Head,
  InvariantError,
  type Revision,
  type Snapshot,
  type Turn,
  encodeTurn,
  invariant,
} from '../../engine/index.js';
import { failpoint } from '../failpoint.js';
import { Anchor, type Anchored, NOTHING, readAnchor } from './anchor.js';
import { type ChainedLog, ChainReader, type Hash, type Stored, checkedTurns, hashAfter } from './chain.js';
import { StoreError, closedError } from './errors.js';
import { epochAfter } from './fence.js';
import { type PagedLog, type Pages, Signal, followPages, readPages } from './follow.js';
import { split } from './parts.js';
import { anchorOf, wholeStore } from './sqlite-backup.js';
import { createDirectory, createFile } from './sqlite-files.js';
import { connectReader, connectWriter, storeError } from './sqlite-format.js';
import { type Release, lockStore } from './sqlite-lock.js';
import { checkAnchor, TurnRows } from './sqlite-rows.js';

/** The write-ahead log is brought into the database each time about so much was appended. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
/** What a turn costs in the write-ahead log beside its text: about two pages. */
const TURN_BYTES = 8 * 1024;
/** How often a reader looks for turns of a writer in another process. */
const POLL_MS = 100;
const SNAPSHOTS_KEPT = 2;

export interface SqliteOptions {
  readonly readOnly?: boolean;
  /** Where the anchor is, best on another disk; default: beside the store. Null: the log is read whatever it says. */
  readonly anchor?: string | null;
}

/**
 * Opens the store at `path`. As writer it is created where it is missing (directory 0700, file 0600), and locked until
 * it is closed; `readOnly` opens it beside a writer or without one. A log that ends before its anchor, or not as the
 * anchor says, is not opened. Throws a StoreError.
 */
export function openSqliteStore(path: string, options: SqliteOptions = {}): EventStore & ChainedLog {
  const anchorPath = options.anchor ?? anchorOf(path);
  if (options.readOnly === true) return openReader(path, options.anchor === null ? null : anchorPath);
  createDirectory(path);
  const release = lockStore(path);
  try {
    // A log that was there once, and is not any more, is not begun anew.
    const anchored = readAnchor(anchorPath);
    if (anchored !== null && anchored.turn > 0 && !existsSync(path)) throw missing(path, anchorPath, anchored);
    createFile(path);
    const db = connectWriter(path);
    try {
      const rows = new TurnRows(path, db);
      checkAnchor(path, rows, anchorPath, anchored);
      const anchor = anchored === null ? Anchor.create(anchorPath, NOTHING) : Anchor.open(anchorPath);
      failpoint('store-opened');
      return new SqliteStore(path, db, rows, { release, anchor });
    } catch (error) {
      db.close();
      throw storeError(path, error);
    }
  } catch (error) {
    release();
    throw error;
  }
}

function openReader(path: string, anchorPath: string | null): SqliteStore {
  const anchored = anchorPath === null ? null : readAnchor(anchorPath); // before the log: that may grow meanwhile
  if (anchored !== null && anchored.turn > 0 && !existsSync(path)) throw missing(path, anchorPath!, anchored);
  const db = connectReader(path);
  try {
    const rows = new TurnRows(path, db);
    if (anchored !== null) checkAnchor(path, rows, anchorPath!, anchored);
    return new SqliteStore(path, db, rows, null);
  } catch (error) {
    db.close();
    throw storeError(path, error);
  }
}

function missing(path: string, anchorPath: string, { turn }: Anchored): StoreError {
  return new StoreError('short', `${path} is missing; by its anchor ${anchorPath} it had ${turn} turns`);
}

/** Accepts the log as it is, whole and in order: its anchor is made anew. Returns where it ends. Throws a StoreError. */
export function anchorAnew(path: string, anchorPath = anchorOf(path)): Anchored {
  const release = lockStore(path);
  try {
    const end = wholeStore(path, anchorPath, null);
    Anchor.create(anchorPath, end).close();
    return end;
  } finally {
    release();
  }
}

/** What a writer holds beside the database. */
interface Writing {
  readonly release: Release;
  readonly anchor: Anchor;
}

class SqliteStore implements EventStore, ChainedLog, Pages {
  closed = false;
  private readonly signal = new Signal();
  private poll: NodeJS.Timeout | null = null;
  private toCheckpoint = 0;
  /** A sync failed: what the disk holds is unknown, and syncing again would hide it. */
  private broken: StoreError | null = null;
  /** The hash of the last turn, once it is known. */
  private ending: Anchored | null = null;

  /** `writing`: null where the store only reads. */
  constructor(
    private readonly path: string,
    private readonly db: Connection,
    private readonly rows: TurnRows,
    private readonly writing: Writing | null,
  ) {}

  async append(turn: Turn, expected: Revision, epoch: Epoch): Promise<Appended> {
    const { anchor } = this.assertWritable();
    const text = encodeTurn(turn);
    const parts = split(text, turn.number);
    let committing = false;
    let end: Anchored;
    try {
      failpoint('append-begin');
      // 1. Is the writer the one that may write?
      this.db.exec('BEGIN IMMEDIATE');
      const head = this.rows.head();
      const after = epochAfter(head.revision, head.epoch, turn, expected, epoch);
      if (after === null) return this.answerToStale(turn.number, text, head);
      // 2. The turn, whole, and the epoch it claims.
      const before = this.ending?.turn === expected ? this.ending.hash : this.rows.hash(expected)!;
      end = { turn: turn.number, hash: hashAfter(before, turn.number, text) };
      this.rows.insert(turn.number, parts ?? [text], end.hash);
      if (after !== head.epoch) this.rows.setEpoch(after);
      // 3. On disk when this returns.
      failpoint('append-inserted');
      committing = true;
      this.db.exec('COMMIT');
      failpoint('append-committed');
    } catch (error) {
      return this.failed(error, committing);
    } finally {
      this.rollBack();
    }
    this.ending = end;
    this.anchored(anchor, end);
    this.signal.fire();
    this.checkpointAfter(text.length);
    return { outcome: 'appended', revision: turn.number };
  }

  read(after: Revision): AsyncIterable<Turn> {
    return readPages(this, after);
  }

  subscribe(after: Revision): AsyncIterable<Turn> {
    return followPages(this, after);
  }

  stored(after: Revision): AsyncIterable<Stored> {
    const isClosed = () => this.closed;
    const pages: PagedLog<Stored> = {
      get closed() {
        return isClosed();
      },
      last: () => this.last(),
      page: (read) =>
        this.rows.isSealed(read) ? this.rows.sealed.page(read) : this.guarded(() => this.rows.stored(read)),
    };
    return readPages(pages, after);
  }

  async hash(turn: Revision): Promise<Hash | null> {
    if (this.closed) throw closedError();
    return this.guarded(() => this.rows.hash(turn));
  }

  async head(): Promise<Head> {
    if (this.closed) throw closedError();
    return this.guarded(() => this.rows.head());
  }

  /** The last two are kept: should the latest be damaged, the one before still saves time. */
  async saveSnapshot({ turn, version, state }: Snapshot): Promise<void> {
    this.assertWritable();
    this.guarded(() => {
      failpoint('snapshot-begin');
      invariant(turn <= this.rows.head().revision, 'a snapshot holds only turns of the log');
      this.db
        .transaction(() => {
          this.db
            .prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)')
            .run(turn, version, sha256(state), state);
          this.db
            .prepare('DELETE FROM snapshots WHERE turn NOT IN (SELECT turn FROM snapshots ORDER BY turn DESC LIMIT ?)')
            .run(SNAPSHOTS_KEPT);
          failpoint('snapshot-inserted');
        })
        .immediate();
      failpoint('snapshot-saved');
    });
    this.checkpointAfter(state.length);
  }

  /** A snapshot that is damaged, or ahead of the log, is passed over: the log can do without it. */
  async latestSnapshot(): Promise<Snapshot | null> {
    if (this.closed) throw closedError();
    return this.guarded(() => {
      const found = this.db
        .prepare<[number], Snapshot & { readonly digest: string }>(
          'SELECT turn, version, digest, state FROM snapshots WHERE turn <= ? ORDER BY turn DESC',
        )
        .iterate(this.rows.head().revision);
      for (const { turn, version, digest, state } of found) {
        // Damage can take a value away altogether.
        if (typeof state === 'string' && sha256(state) === digest) return { turn, version, state };
      }
      return null;
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.wake();
    if (this.writing !== null) failpoint('store-closing');
    await this.rows.sealed.close();
    this.db.close();
    this.writing?.anchor.close();
    if (this.writing !== null) failpoint('store-closed');
    this.writing?.release();
  }

  /** Where damage hides the end of the log, reading goes on until it meets the damage, and names the turn. */
  last(): Revision {
    try {
      return this.guarded(() => this.rows.head().revision);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'corrupt') return Number.MAX_SAFE_INTEGER;
      throw error;
    }
  }

  page(after: Revision): readonly Turn[] | Promise<readonly Turn[]> {
    return this.rows.isSealed(after) ? this.sealedPage(after) : this.guarded(() => this.rows.page(after));
  }

  private async sealedPage(after: Revision): Promise<readonly Turn[]> {
    const damaged = (turn: Revision, detail: string) =>
      new StoreError('corrupt', `${this.path}: turn ${turn}, which is sealed, is damaged: ${detail}`, turn);
    return checkedTurns(await this.rows.sealed.page(after), after, new ChainReader(null), damaged);
  }

  /** A writer knows when it has appended; a reader looks again after a while. */
  more(): Promise<void> {
    if (this.writing === null) this.poll ??= setTimeout(() => this.wake(), POLL_MS);
    return this.signal.wait();
  }

  wake(): void {
    if (this.poll !== null) clearTimeout(this.poll);
    this.poll = null;
    this.signal.fire();
  }

  private assertWritable(): Writing {
    if (this.closed) throw closedError();
    if (this.writing === null) throw new InvariantError('a store opened to read is not written to');
    if (this.broken !== null) throw this.broken;
    return this.writing;
  }

  /** The turn is in the log, but not acknowledged before its anchor is on disk, too. */
  private anchored(anchor: Anchor, end: Anchored): void {
    try {
      anchor.write(end);
      failpoint('anchor-synced');
    } catch (error) {
      this.broken = error as StoreError;
      throw error;
    }
  }

  /** A turn that the log already holds, to the letter, is an append tried again: it is durable. */
  private answerToStale(number: number, text: string, head: Head): Appended {
    if (number <= head.revision && this.rows.text(number) === text) return { outcome: 'appended', revision: number };
    return { outcome: 'refused', head };
  }

  /**
   * Before the commit nothing has been written. A failed write while committing may have left the whole turn in the
   * write-ahead log, or not. After a failed sync nobody knows what the disk holds: the store takes nothing more.
   */
  private failed(error: unknown, committing: boolean): Appended {
    const failure = this.noted(error);
    if (!committing || this.broken !== null) throw failure;
    if (!(failure instanceof StoreError) || failure.code !== 'io') throw failure;
    return { outcome: 'unknown', detail: failure.message };
  }

  /** Leaves a transaction that was not committed. */
  private rollBack(): void {
    if (!this.db.inTransaction) return;
    try {
      this.db.exec('ROLLBACK');
    } catch (error) {
      this.broken = new StoreError(
        'io',
        `${this.path}: a transaction could not be undone: ${(error as Error).message}`,
      );
    }
  }

  /** Brings the write-ahead log into the database now and then. The turn is durable already, whatever happens here. */
  private checkpointAfter(length: number): void {
    this.toCheckpoint += length + TURN_BYTES;
    if (this.toCheckpoint < CHECKPOINT_BYTES) return;
    try {
      failpoint('checkpoint-begin');
      this.db.pragma('wal_checkpoint(PASSIVE)');
      failpoint('checkpoint-done');
      this.toCheckpoint = 0;
    } catch (error) {
      // A full disk may have room again later.
      this.noted(error);
    }
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.noted(error);
    }
  }

  /** What the error means. A failed sync is the last thing that the store does. */
  private noted(error: unknown): unknown {
    const failure = storeError(this.path, error);
    if (failure instanceof StoreError && isFailedSync(error)) this.broken = failure;
    return failure;
  }
}

function isFailedSync(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_IOERR_(DIR_)?FSYNC$/.test(String(error.code));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
