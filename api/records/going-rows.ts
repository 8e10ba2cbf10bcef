/**
 * The rows of leases that go on. What has changed is added as rows of the next round, a few at a time, beside those that
 * are in force; that a round is in force is one number, so that keeping the tables costs the same however many there are.
 */

import type { Database as Connection, Statement } from 'better-sqlite3';
import type { LeaseId } from '../../engine/index.js';
import type { LeaseRecord } from './lease-record.js';
import { checkedText, digestOf, type OverRow } from './over-rows.js';
import { type RecordRest, restOf } from './tables.js';

export const GOING_SCHEMA = `
  CREATE TABLE going (row INTEGER PRIMARY KEY, round INTEGER NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL,
    record TEXT NOT NULL, digest TEXT NOT NULL) STRICT;
`;
/** Rows that nobody needs any more are removed with others that are written, at most so many at a time. */
const REMOVED = 200;

interface GoingRow extends OverRow {
  readonly row: number;
  readonly round: number;
  readonly sequence: number;
}

export class GoingRows {
  /** The last row of each lease, by its number. */
  private readonly last = new Map<number, number>();
  /** Rows that are in force, and will not be when the next round is. */
  private leaving: number[] = [];
  /** Rows that are not in force any more. */
  private void: number[] = [];
  private readonly insert: Statement;
  private readonly remove: Statement;

  /** `round`: the one in force. What was written after it is written again when its turns come. */
  constructor(
    private readonly db: Connection,
    private readonly path: string,
    private round: number,
  ) {
    this.insert = db.prepare('INSERT INTO going VALUES (NULL, :round, :sequence, :id, :record, :digest)');
    this.remove = db.prepare('DELETE FROM going WHERE row = ?');
    db.prepare('DELETE FROM going WHERE round > ?').run(round);
    db.exec('DELETE FROM going WHERE sequence IN (SELECT sequence FROM over)');
    db.exec('DELETE FROM going WHERE row NOT IN (SELECT max(row) FROM going GROUP BY sequence)');
  }

  /** Those in force, in order of arrival. To be called before anything is added. */
  read(): { id: LeaseId; rest: RecordRest }[] {
    const rows = this.db.prepare<[], GoingRow>('SELECT * FROM going ORDER BY sequence').all();
    return rows.map((row) => {
      this.last.set(row.sequence, row.row);
      return { id: row.id, rest: JSON.parse(checkedText(row, this.path, row.round, row.sequence)) as RecordRest };
    });
  }

  /** To be called in a transaction; what it returns when that is committed. O(records). */
  add(records: readonly LeaseRecord[]): () => void {
    const removed = this.void.slice(-REMOVED);
    for (const row of removed) this.remove.run(row);
    const added = records.map((record) => {
      const { id, sequence } = record.lease;
      const text = JSON.stringify(restOf(record));
      const digest = digestOf(this.next, sequence, id, text);
      const row = { round: this.next, sequence, id, record: text, digest };
      return [sequence, Number(this.insert.run(row).lastInsertRowid)] as const;
    });
    return () => {
      this.void.length -= removed.length;
      for (const [sequence, row] of added) {
        this.leave(sequence);
        this.last.set(sequence, row);
      }
    };
  }

  /** These have ended. */
  leave(sequence: number): void {
    const row = this.last.get(sequence);
    if (row === undefined) return;
    this.leaving.push(row);
    this.last.delete(sequence);
  }

  get next(): number {
    return this.round + 1;
  }

  /** The next round is in force. */
  advance(): void {
    this.round++;
    this.void = this.void.concat(this.leaving);
    this.leaving = [];
  }

  clear(): void {
    this.last.clear();
    this.leaving = [];
    this.void = [];
  }
}
