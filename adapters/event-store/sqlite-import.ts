/** A log that comes from elsewhere as a new store: written beside its place, read whole, and only then given its name. */

import { existsSync, rmSync } from 'node:fs';
import { encodeTurn, type Turn } from '../../engine/index.js';
import type { Anchored } from './anchor.js';
import { epochOf } from './append-all.js';
import { GENESIS, hashAfter } from './chain.js';
import { fileError, StoreError } from './errors.js';
import { split } from './parts.js';
import { anchorOf, mustBeNew, putInPlace, wholeStore } from './sqlite-backup.js';
import { createDirectory, createFile } from './sqlite-files.js';
import { connectWriter, storeError } from './sqlite-format.js';
import { lockStore } from './sqlite-lock.js';
import { TurnRows } from './sqlite-rows.js';

/** Turns are committed in pieces of about this size. */
const PIECE_UNITS = 4 * 1024 * 1024;

/**
 * Makes a store at `to`, which must not be there, nor an anchor of one. A store appears whole or not at all; an earlier
 * attempt that was broken off leaves nothing behind. O(size of the log). Throws a StoreError, and what `turns` throws.
 */
export async function importTurns(
  turns: AsyncIterable<Turn>,
  to: string,
  anchorPath: string = anchorOf(to),
): Promise<Anchored> {
  createDirectory(to);
  const release = lockStore(to);
  const part = `${to}.part`;
  try {
    mustBeNew(to, 'choose another name');
    if (existsSync(anchorPath))
      throw new StoreError('path', `${anchorPath} is there already: the anchor of another log; choose another name`);
    removeFiles(part);
    createFile(part);
    await write(turns, part);
    const end = wholeStore(part, anchorPath, null);
    putInPlace(part, to, end, anchorPath);
    return end;
  } catch (error) {
    throw error instanceof Error && 'errno' in error ? fileError(to, error, 'io') : error;
  } finally {
    removeFiles(part);
    release();
  }
}

async function write(turns: AsyncIterable<Turn>, part: string): Promise<void> {
  const db = connectWriter(part);
  try {
    // Nobody reads the part before it is synced as a whole.
    db.pragma('synchronous = OFF');
    const rows = new TurnRows(part, db);
    let revision = 0;
    let epoch = 0;
    let hash = GENESIS;
    let units = 0;
    db.exec('BEGIN IMMEDIATE');
    for await (const turn of turns) {
      const after = epochOf(turn, revision, epoch);
      const text = encodeTurn(turn);
      hash = hashAfter(hash, turn.number, text);
      rows.insert(turn.number, split(text, turn.number) ?? [text], hash);
      if (after !== epoch) rows.setEpoch(after);
      revision = turn.number;
      epoch = after;
      units += text.length;
      if (units < PIECE_UNITS) continue;
      db.exec('COMMIT');
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.exec('BEGIN IMMEDIATE');
      units = 0;
    }
    db.exec('COMMIT');
    db.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    throw storeError(part, error);
  } finally {
    db.close();
  }
}

function removeFiles(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
}
