/**
 * Sealing: the beginning of a log leaves its store for a file of its own. The file is read back before anything is removed,
 * and a process that ends in between leaves the log whole.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import { type Revision, decodeTurn } from '../../engine/index.js';
import { failpoint } from '../failpoint.js';
import { readAnchor } from './anchor.js';
import { StoreError } from './errors.js';
import { exportTurns } from './export.js';
import { readPages } from './follow.js';
import { LogWriter } from './log-writer.js';
import { anchorOf } from './sqlite-backup.js';
import { createDirectory } from './sqlite-files.js';
import { connectWriter, storeError } from './sqlite-format.js';
import { lockStore } from './sqlite-lock.js';
import { checkAnchor, TurnRows } from './sqlite-rows.js';
import { readSegment, sealedDirectory, type Segment, segmentFile } from './sqlite-sealed.js';

/** Up to which turn: a number, or all that are earlier than an instant. */
export type Until = { readonly turn: Revision } | { readonly before: number };

/**
 * Seals the turns up to `until` of the store at `path`, which nobody may hold, or as many as its snapshot has: a service must
 * be able to start without them. Null: there was nothing to seal. O(turns sealed). Throws a StoreError.
 */
export async function seal(path: string, until: Until, anchorPath = anchorOf(path)): Promise<Segment | null> {
  const release = lockStore(path);
  try {
    const db = connectWriter(path);
    try {
      const rows = new TurnRows(path, db);
      checkAnchor(path, rows, anchorPath, readAnchor(anchorPath));
      const last = Math.min(lastOf(rows, until), lastBeforeSnapshot(db));
      return last <= rows.sealed.end.turn ? null : await sealed(path, db, rows, last);
    } catch (error) {
      throw storeError(path, error);
    } finally {
      db.close();
    }
  } finally {
    release();
  }
}

async function sealed(path: string, db: Connection, rows: TurnRows, last: Revision): Promise<Segment> {
  const before = rows.sealed.end;
  const first = before.turn + 1;
  // 1. The file, whole and on disk.
  const segment: Segment = { first, last, hash: rows.hash(last)!, file: segmentFile(first, last) };
  const file = join(sealedDirectory(path), segment.file);
  createDirectory(file);
  const writer = new LogWriter(file);
  try {
    const pages = { closed: false, last: () => last, page: (after: Revision) => rows.stored(after) };
    await exportTurns({ stored: (after) => readPages(pages, after) }, path, last, [], writer, before);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.finish();
  // 2. Read back, it ends with the hash that the store has: it says what the store says.
  try {
    for await (const _ of readSegment(path, segment, before.hash));
  } catch (error) {
    rmSync(file);
    throw error;
  }
  failpoint('seal-written');
  // 3. Only now they leave the store. The first turn stays: it says how the log began.
  db.transaction(() => {
    db.prepare('INSERT INTO sealed (first, last, hash, file) VALUES (:first, :last, :hash, :file)').run(segment);
    db.prepare('DELETE FROM turns WHERE number > 1 AND number <= ?').run(last);
  }).immediate();
  failpoint('seal-removed');
  giveBack(path, db);
  return segment;
}

/** The room of what was removed. Where there is none to do it in, the file stays as large as it is. */
function giveBack(path: string, db: Connection): void {
  try {
    db.exec('VACUUM');
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    const failure = storeError(path, error);
    if (!(failure instanceof StoreError) || failure.code !== 'full') throw failure;
  }
}

function lastOf(rows: TurnRows, until: Until): Revision {
  if ('turn' in until) return until.turn;
  // Times never go back, so that the last turn before an instant is found by halving.
  let low = rows.sealed.end.turn;
  let high = rows.head().revision;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (decodeTurn(rows.text(middle)).now < until.before) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The tables of a service may be as old as the snapshot, and it looks at the turn that they were kept with. */
function lastBeforeSnapshot(db: Connection): Revision {
  const snapshot = db.prepare<[], number | null>('SELECT min(turn) FROM snapshots').pluck().get() ?? null;
  return snapshot === null ? 0 : snapshot - 1;
}
