/**
 * What the follower keeps on disk so that it need not read the whole log at its next start, nor hold in memory what is
 * over: an SQLite file that may be deleted at any time, since the log leads to the same again.
 */

import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import Database, { type Database as Connection, type Statement } from 'better-sqlite3';
import type { Instant, LeaseId } from '../../engine/index.js';
import type { RecordFilter } from './filter.js';
import { type LeaseRecord, leaseState } from './lease-record.js';
import { GOING_SCHEMA, GoingRows } from './going-rows.js';
import { digestOf, isDamage, OverRows, ReadTablesError } from './over-rows.js';
import { type Kept, ownPart, type RecordRest, type Tables } from './tables.js';

/** Raised with every change of what is stored, or of how it follows from the log: others are made anew. */
export const TABLES_VERSION = 8;

const SCHEMA = `
  CREATE TABLE kept (id INTEGER PRIMARY KEY CHECK (id = 1), kept TEXT NOT NULL, digest TEXT NOT NULL,
    round INTEGER NOT NULL) STRICT;
  CREATE TABLE over (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, kind TEXT NOT NULL,
    user TEXT, project TEXT, submitted INTEGER NOT NULL, ended INTEGER NOT NULL, turn INTEGER NOT NULL,
    record TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
  CREATE INDEX over_by_state ON over (state, sequence);
  CREATE INDEX over_by_user ON over (user, sequence);
  CREATE INDEX over_by_project ON over (project, sequence);
  CREATE INDEX over_by_end ON over (ended);
  CREATE INDEX over_by_turn ON over (turn);
${GOING_SCHEMA}`;

/** How long a write waits for somebody else who looks into the file; meanwhile the service stands still. */
const BUSY_MS = 100;

export class ReadTables implements Tables {
  /** What they were kept with last; null: nothing. */
  kept: Kept | null;
  /** Leases that went on when they were kept, in order of arrival. */
  readonly going: readonly { readonly id: LeaseId; readonly rest: RecordRest }[];
  private damaged = false;
  private readonly insertOver: Statement;
  private readonly goingRows: GoingRows;
  /** What is over, for those who read. Like all that read, its methods throw a ReadTablesError. */
  readonly over: OverRows;

  private constructor(
    private readonly db: Connection,
    private readonly path: string,
  ) {
    this.insertOver = db.prepare(
      'INSERT OR REPLACE INTO over VALUES (:sequence, :id, :state, :kind, :user, :project, :submitted, :ended, :turn, :record, :digest)',
    );
    this.over = new OverRows(db, path);
    const { kept, round } = this.readKept();
    this.kept = kept;
    // What was written after that is written again when its turns come.
    db.prepare('DELETE FROM over WHERE turn > ?').run(kept?.turn ?? 0);
    this.goingRows = new GoingRows(db, path, round);
    this.going = this.goingRows.read();
  }

  /** Opens the tables at `path`, or makes them anew where they are missing, damaged or of another version. */
  static open(path: string): ReadTables {
    try {
      return ReadTables.connect(path);
    } catch (error) {
      if (!(error instanceof Database.SqliteError) && !(error instanceof ReadTablesError)) throw error;
      removeFiles(path);
      return ReadTables.connect(path);
    }
  }

  /** Tables that are gone with the process: where nothing is to be kept. */
  static inMemory(): ReadTables {
    return ReadTables.connect(':memory:');
  }

  private static connect(path: string): ReadTables {
    // It tells as much as the log: nobody else reads it.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    const db = new Database(path, { timeout: BUSY_MS });
    try {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = NORMAL');
      const version = db.pragma('user_version', { simple: true });
      if (version === 0) {
        db.exec(SCHEMA);
        db.pragma(`user_version = ${TABLES_VERSION}`);
      } else if (version !== TABLES_VERSION) throw new ReadTablesError(`${path} is of another version`);
      return new ReadTables(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Empties them: they do not belong to this log. */
  clear(): void {
    this.kept = null;
    this.goingRows.clear();
    this.db.exec('BEGIN; DELETE FROM kept; DELETE FROM going; DELETE FROM over; COMMIT');
  }

  record(id: LeaseId): LeaseRecord | undefined {
    return this.read(() => this.over.record(id));
  }

  latest(before: number, least: number, filter: RecordFilter, count: number): LeaseRecord[] {
    return this.read(() => this.over.latest(before, least, filter, count));
  }

  within(from: Instant, to: Instant, most: number | null): LeaseRecord[] | null {
    return this.read(() => this.over.within(from, to, most));
  }

  changedSince(after: number, from: number, count: number): LeaseRecord[] {
    return this.read(() => this.over.changedSince(after, from, count));
  }

  /** Adds leases that are over. False: the disk does not take them now, and nothing was added. */
  write(over: readonly LeaseRecord[]): boolean {
    return this.attempt(() => {
      for (const record of over) this.insertOver.run(rowOfOver(record));
    });
  }

  /** O(records): what `keep` would otherwise do at once, while the service stands still. */
  layReady(going: readonly LeaseRecord[]): boolean {
    let added = (): void => {};
    const done = this.attempt(() => {
      added = this.goingRows.add(going);
    });
    if (done) added();
    return done;
  }

  /** See Tables. O(over + going + gone), however many rows lie ready. */
  keep(kept: Kept, over: readonly LeaseRecord[], going: readonly LeaseRecord[], gone: readonly number[]): boolean {
    let added = (): void => {};
    const done = this.attempt(() => {
      for (const record of over) this.insertOver.run(rowOfOver(record));
      added = this.goingRows.add(going);
      const text = JSON.stringify(kept);
      const { next } = this.goingRows;
      this.db.prepare('INSERT OR REPLACE INTO kept VALUES (1, ?, ?, ?)').run(text, digestOf(next, text), next);
    });
    if (!done) return false;
    added();
    for (const sequence of gone) this.goingRows.leave(sequence);
    for (const { lease } of over) this.goingRows.leave(lease.sequence);
    this.goingRows.advance();
    this.kept = kept;
    return true;
  }

  giveUp(why: string): never {
    this.abandon();
    throw new ReadTablesError(`${this.path} does not fit the log: ${why}`);
  }

  close(): void {
    this.db.close();
  }

  private readKept(): { kept: Kept | null; round: number } {
    const row = this.db
      .prepare<[], { kept: string; digest: string; round: number }>('SELECT kept, digest, round FROM kept')
      .get();
    if (row === undefined) return { kept: null, round: 0 };
    if (digestOf(row.round, row.kept) !== row.digest) throw new ReadTablesError(`${this.path} is damaged`);
    return { kept: JSON.parse(row.kept) as Kept, round: row.round };
  }

  private read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof ReadTablesError) this.abandon();
      throw error;
    }
  }

  /** False where the disk is full or fails: then the tables are as they were. */
  private attempt(work: () => void): boolean {
    if (this.damaged || !this.db.open) return false;
    try {
      this.db.transaction(work)();
      return true;
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      if (isDamage(error)) this.abandon();
      else if (!/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY)/.test(error.code)) throw error;
      return false;
    }
  }

  /** The next start finds no tables. What is open stays open, for those who read what is not damaged. */
  private abandon(): void {
    this.damaged = true;
    removeFiles(this.path);
  }
}

function removeFiles(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}

function rowOfOver(record: LeaseRecord): Record<string, string | number | null> {
  const { lease } = record;
  const { id, sequence, submitted, terms } = lease;
  const text = JSON.stringify({
    ...record,
    lease: { ...lease, slot: undefined, alarm: undefined },
    decisions: record.decisions.map(ownPart),
  });
  return {
    sequence,
    id,
    state: leaseState(lease),
    kind: terms.start.kind,
    user: terms.user,
    project: terms.project,
    submitted,
    ended: record.ended!,
    turn: record.changed,
    record: text,
    digest: digestOf(id, text),
  };
}

/** By which one log is told from another at the same turn: ids in it are random. */
export function turnDigest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
