/** The rows of leases that are over, as they are read: beside their writer, or from another thread. */

import { createHash } from 'node:crypto';
import Database, { type Database as Connection, type Statement } from 'better-sqlite3';
import type { Instant, LeaseId } from '../../engine/index.js';
import type { RecordFilter } from './filter.js';
import type { LeaseRecord } from './lease-record.js';
import type { OverRecords } from './tables.js';

export interface OverRow {
  readonly id: string;
  readonly record: string;
  readonly digest: string;
}

/** The tables are damaged. They have been given up: the next start makes them anew from the log. */
export class ReadTablesError extends Error {
  override readonly name = 'ReadTablesError';
}

/** Of those who have no project. */
const OWN = 'project IS NULL AND user = ?';

export class OverRows implements OverRecords {
  private readonly byId: Statement<[string], OverRow>;

  /** Throws an SqliteError where there are no such tables. */
  constructor(
    private readonly db: Connection,
    private readonly path: string,
  ) {
    this.byId = db.prepare('SELECT id, record, digest FROM over WHERE id = ?');
  }

  /** Beside the tables' writer. */
  static open(path: string): OverRows {
    return new OverRows(new Database(path, { readonly: true }), path);
  }

  /** The record of a lease that is over. O(log leases). */
  record(id: LeaseId): LeaseRecord | undefined {
    return this.read(() => this.byId.all(id))[0];
  }

  latest(before: number, least: number, filter: RecordFilter, count: number): LeaseRecord[] {
    return this.latestUntil(before, least, filter, count, Number.MAX_SAFE_INTEGER);
  }

  within(from: Instant, to: Instant, most: number | null): LeaseRecord[] | null {
    return this.withinUntil(from, to, most, Number.MAX_SAFE_INTEGER);
  }

  changedSince(after: number, from: number, count: number): LeaseRecord[] {
    return this.changedUntil(after, from, count, Number.MAX_SAFE_INTEGER);
  }

  /** What was over after `turn`: a record does not change any more once its lease is over. */
  asOf(turn: number): OverRecords {
    const isOver = (record: LeaseRecord | undefined): boolean => record !== undefined && record.changed <= turn;
    return {
      record: (id) => [this.record(id)].find(isOver),
      latest: (before, least, filter, count) => this.latestUntil(before, least, filter, count, turn),
      within: (from, to, most) => this.withinUntil(from, to, most, turn),
      changedSince: (after, from, count) => this.changedUntil(after, from, count, turn),
    };
  }

  close(): void {
    this.db.close();
  }

  private latestUntil(
    before: number,
    least: number,
    filter: RecordFilter,
    count: number,
    until: number,
  ): LeaseRecord[] {
    // A plus keeps SQLite from an index that would make it sort all that is found.
    const conditions = ['sequence < ?', 'sequence >= ?', '+turn <= ?'];
    const values: (string | number)[] = [before, least, until];
    const { states, kind, user, project, from, to } = filter;
    if (states !== null) {
      conditions.push(`state IN (${[...states].map(() => '?').join(', ')})`);
      values.push(...states);
    }
    for (const [condition, value] of [
      ['kind = ?', kind],
      ['user = ?', user],
      ['project = ?', project],
      ['+ended >= ?', from],
      ['submitted < ?', to],
    ] as const) {
      if (value === null) continue;
      conditions.push(condition);
      values.push(value);
    }
    const { seesAll, projects, subject } = filter.caller;
    if (!seesAll) {
      conditions.push(projects.length > 0 ? `project IN (${projects.map(() => '?').join(', ')})` : OWN);
      values.push(...(projects.length > 0 ? projects : [subject]));
    }
    const where = conditions.join(' AND ');
    const text = `SELECT id, record, digest FROM over WHERE ${where} ORDER BY sequence DESC LIMIT ?`;
    return this.read(() => this.db.prepare<(string | number)[], OverRow>(text).all(...values, count));
  }

  /** O(leases within), also where those are too many: then they are counted, and not read. */
  private withinUntil(from: Instant, to: Instant, most: number | null, until: number): LeaseRecord[] | null {
    const found = 'FROM over WHERE ended >= ? AND submitted < ? AND +turn <= ?';
    if (most !== null) {
      const beyond = `SELECT 1 ${found} LIMIT 1 OFFSET ?`;
      if (this.looked(() => this.db.prepare<number[]>(beyond).get(from, to, until, most)) !== undefined) return null;
    }
    const text = `SELECT id, record, digest ${found}`;
    return this.read(() => this.db.prepare<number[], OverRow>(text).all(from, to, until));
  }

  private changedUntil(after: number, from: number, count: number, until: number): LeaseRecord[] {
    const text =
      'SELECT id, record, digest FROM over WHERE turn > ? AND turn <= ? AND sequence >= ? ORDER BY sequence LIMIT ?';
    return this.read(() => this.db.prepare<number[], OverRow>(text).all(after, until, from, count));
  }

  private read(rows: () => OverRow[]): LeaseRecord[] {
    return this.looked(() => rows().map((row) => decoded(checkedText(row, this.path))));
  }

  private looked<T>(look: () => T): T {
    try {
      return look();
    } catch (error) {
      if (isDamage(error)) throw new ReadTablesError(`${this.path} is damaged (${(error as Error).message})`);
      throw error;
    }
  }
}

/** The text of the row, if it is the one that was written; `place`: what else its digest is of. */
export function checkedText({ id, record, digest }: OverRow, path: string, ...place: readonly number[]): string {
  if (digestOf(...place, id, record) === digest) return record;
  throw new ReadTablesError(`${path} is damaged: lease ${id} does not fit its digest`);
}

/** The statements are always the same: where SQLite does not understand one, the tables are not what they were. */
export function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(error.code);
}

/** Of what was read it may be asked whatever that is: in a damaged file a column that is never null may be. */
export function digestOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n'), 'utf8').digest('base64');
}

function decoded(text: string): LeaseRecord {
  const record = JSON.parse(text) as LeaseRecord & { lease: { slot: number; alarm: null } };
  // Of no use to a lease that is over, and so left out.
  record.lease.slot = -1;
  record.lease.alarm = null;
  return record;
}
