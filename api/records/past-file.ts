/**
 * Where to go back to: what was known after some turns of the log, in an SQLite file that may be deleted at any time,
 * since the log leads to the same again. It is bounded: what is long past lies further apart.
 */

import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import Database, { type Database as Connection } from 'better-sqlite3';
import { type Instant, type LeaseId, type NodeClass, STATE_VERSION } from '../../engine/index.js';
import { TABLES_VERSION } from './read-tables.js';
import type { AdoptedPolicy, RecordRest } from './tables.js';

/** Raised with every change of what is kept. Files of other versions, of any of the three, are made anew. */
const FORMAT = 1;
const PAST_VERSION = (FORMAT * 1000 + TABLES_VERSION) * 1000 + STATE_VERSION;
const BUSY_MS = 1_000;
const LEVEL = 1;
/** What a milestone takes at most when it is read: against a file that somebody has put there. */
const UNPACKED_MAX = 1024 * 1024 * 1024;

/** All that is known after a turn, but for leases that were over by then. */
export interface Milestone {
  readonly turn: number;
  readonly now: Instant;
  /** See turnDigest. */
  readonly digest: string;
  /** See encodeState. */
  readonly state: string;
  readonly nodeClasses: readonly NodeClass[];
  readonly policies: readonly AdoptedPolicy[];
  /** Leases that go on, in order of arrival. */
  readonly going: readonly { readonly id: LeaseId; readonly rest: RecordRest }[];
}

/** Which milestone it is. */
export type MilestoneMark = Pick<Milestone, 'turn' | 'now' | 'digest'>;

const SCHEMA = `
  CREATE TABLE milestone (turn INTEGER PRIMARY KEY, now INTEGER NOT NULL, digest TEXT NOT NULL,
    bytes INTEGER NOT NULL, body BLOB NOT NULL, check_digest TEXT NOT NULL) STRICT;
  CREATE INDEX milestone_by_time ON milestone (now, turn);
`;

const deflated = promisify(deflateRaw);
const inflated = promisify(inflateRaw);

export class PastFile {
  private constructor(
    private readonly db: Connection,
    private readonly bytesMax: number,
  ) {}

  /** Opens the file, or makes it anew where it is missing, damaged or of another version. */
  static open(path: string, bytesMax: number): PastFile {
    try {
      return PastFile.connect(path, bytesMax);
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
      return PastFile.connect(path, bytesMax);
    }
  }

  private static connect(path: string, bytesMax: number): PastFile {
    // It tells as much as the log: nobody else reads it.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    const db = new Database(path, { timeout: BUSY_MS });
    try {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = NORMAL');
      const version = db.pragma('user_version', { simple: true });
      if (version !== PAST_VERSION) {
        db.exec('DROP TABLE IF EXISTS milestone');
        db.exec(SCHEMA);
        db.pragma(`user_version = ${PAST_VERSION}`);
      }
      return new PastFile(db, bytesMax);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** The last milestone that is not later than turn `turn`; null: the beginning of the log. */
  before(turn: number): MilestoneMark | null {
    return (
      this.db
        .prepare<[number], MilestoneMark>(
          'SELECT turn, now, digest FROM milestone WHERE turn <= ? ORDER BY turn DESC LIMIT 1',
        )
        .get(turn) ?? null
    );
  }

  /** The last milestone that is not later than `at`; null: the beginning of the log. */
  beforeTime(at: Instant): MilestoneMark | null {
    return (
      this.db
        .prepare<[number], MilestoneMark>(
          'SELECT turn, now, digest FROM milestone WHERE now <= ? ORDER BY now DESC, turn DESC LIMIT 1',
        )
        .get(at) ?? null
    );
  }

  /** Null: it is not there any more, or is damaged, and then it is gone. */
  async read(turn: number): Promise<Milestone | null> {
    const row = this.db
      .prepare<[number], MilestoneMark & { body: Buffer; check_digest: string }>(
        'SELECT turn, now, digest, body, check_digest FROM milestone WHERE turn = ?',
      )
      .get(turn);
    if (row === undefined) return null;
    if (digestOf(row.body) !== row.check_digest) {
      this.db.prepare('DELETE FROM milestone WHERE turn = ?').run(turn);
      return null;
    }
    const text = (await inflated(row.body, { maxOutputLength: UNPACKED_MAX })).toString('utf8');
    const { now, digest } = row;
    return {
      turn,
      now,
      digest,
      ...(JSON.parse(text) as Pick<Milestone, 'state' | 'nodeClasses' | 'policies' | 'going'>),
    };
  }

  /** Keeps it, and makes room for it where need be. False: the disk does not take it now. */
  async write({ turn, now, digest, ...known }: Milestone): Promise<boolean> {
    const body = await deflated(JSON.stringify(known), { level: LEVEL });
    try {
      this.db
        .prepare('INSERT OR REPLACE INTO milestone VALUES (?, ?, ?, ?, ?, ?)')
        .run(turn, now, digest, body.length, body, digestOf(body));
      this.makeRoom(turn);
      return true;
    } catch (error) {
      if (error instanceof Database.SqliteError) return false;
      throw error;
    }
  }

  /** Forgets all of them: they are of another log, or one that went on differently. */
  forget(): void {
    this.db.exec('DELETE FROM milestone');
  }

  close(): void {
    this.db.close();
  }

  /**
   * Leaves out milestones until the rest has room. That one goes first whose gap, once it is gone, is the smallest for its
   * age: so distances grow with age, and any turn stays as near as the size allows. O(milestones) for each that goes.
   */
  private makeRoom(head: number): void {
    const all = this.db.prepare<[], { turn: number; bytes: number }>('SELECT turn, bytes FROM milestone ORDER BY turn');
    const marks = all.all();
    let sum = marks.reduce((bytes, mark) => bytes + mark.bytes, 0);
    while (sum > this.bytesMax && marks.length > 1) {
      let least = 0;
      let index = 0;
      for (let i = 0; i < marks.length - 1; i++) {
        const gap = marks[i + 1]!.turn - (marks[i - 1]?.turn ?? 0);
        const cost = gap / (head - marks[i]!.turn + 1);
        if (i > 0 && cost >= least) continue;
        least = cost;
        index = i;
      }
      const [gone] = marks.splice(index, 1);
      this.db.prepare('DELETE FROM milestone WHERE turn = ?').run(gone!.turn);
      sum -= gone!.bytes;
    }
  }
}

function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64');
}
