/** Copies of a store: made while it is written, read whole before they count, and put back in its place. */

import { closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../durable-files.js';
import { failpoint } from '../failpoint.js';
import { Anchor, type Anchored, readAnchor } from './anchor.js';
import { fileError, StoreError } from './errors.js';
import { createDirectory, createFile } from './sqlite-files.js';
import { connectReader } from './sqlite-format.js';
import { lockStore } from './sqlite-lock.js';
import { checkAnchor, TurnRows } from './sqlite-rows.js';

export interface Copied extends Anchored {
  /** Turns that were acknowledged after the copy was made, and are given up with it. */
  readonly lost: number;
}

/**
 * Copies the store at `path`, also beside its writer, to `to`, which must not be there, with an anchor of its own. The copy
 * has every turn that was acknowledged when it began. O(size of the store). Throws a StoreError.
 */
export async function backUp(path: string, to: string, anchorPath = anchorOf(path)): Promise<Anchored> {
  mustBeNew(to, 'choose another name for the copy');
  const anchored = readAnchor(anchorPath);
  const part = `${to}.part`;
  try {
    const db = connectReader(path);
    try {
      createFile(part);
      await db.backup(part);
    } finally {
      db.close();
    }
    const end = wholeStore(part, anchorPath, anchored);
    putInPlace(part, to, end, anchorOf(to));
    return end;
  } finally {
    for (const leftOver of [part, `${part}-wal`, `${part}-shm`]) rmSync(leftOver, { force: true });
  }
}

/**
 * Puts the copy `from` in the place of the store `path`, which must be gone. Where its anchor says that later turns were
 * acknowledged, they are lost: that must be accepted. Throws a StoreError, and nothing is changed.
 */
export function restore(from: string, path: string, acceptLoss: boolean, anchorPath = anchorOf(path)): Copied {
  createDirectory(path);
  const release = lockStore(path);
  const part = `${path}.part`;
  try {
    mustBeNew(path, 'move it away first');
    const end = wholeStore(from, anchorOf(from), readAnchor(anchorOf(from)));
    const lost = lostWith(from, end, readAnchor(anchorPath), anchorPath);
    if (lost > 0 && !acceptLoss) {
      const what = `${from} ends with turn ${end.turn}; ${lost} turns that were acknowledged after it would be lost`;
      throw new StoreError('short', `${what}; use a later copy, or accept that: --accept-loss`);
    }
    copyFileSync(from, part);
    putInPlace(part, path, end, anchorPath);
    return { ...end, lost };
  } catch (error) {
    throw error instanceof StoreError ? error : fileError(path, error, 'io');
  } finally {
    rmSync(part, { force: true });
    release();
  }
}

/** Reads a store whole; every turn fits its hash, and what its anchor says is there. Returns where it ends. */
export function wholeStore(path: string, anchorPath: string, anchored: Anchored | null): Anchored {
  const db = connectReader(path);
  try {
    const rows = new TurnRows(path, db);
    const { revision } = rows.head();
    for (let read = rows.sealed.end.turn; read < revision; ) read = rows.page(read).at(-1)!.number;
    if (anchored !== null) checkAnchor(path, rows, anchorPath, anchored);
    return { turn: revision, hash: rows.hash(revision)! };
  } finally {
    db.close();
  }
}

export function anchorOf(path: string): string {
  return `${path}.anchor`;
}

export function mustBeNew(path: string, hint: string): void {
  if (existsSync(path)) throw new StoreError('path', `${path} is there already; ${hint}`);
}

/** How many acknowledged turns the copy has not. Throws where it is a copy of another log. */
function lostWith(from: string, end: Anchored, anchored: Anchored | null, anchorPath: string): number {
  if (anchored === null) return 0;
  if (anchored.turn > end.turn) return anchored.turn - end.turn;
  wholeStore(from, anchorPath, anchored);
  return 0;
}

export function putInPlace(part: string, to: string, end: Anchored, anchorPath: string): void {
  const file = openSync(part, 'r');
  fsyncSync(file);
  closeSync(file);
  failpoint('copy-written');
  Anchor.create(anchorPath, end).close();
  failpoint('copy-anchored');
  renameSync(part, to);
  failpoint('copy-named');
  syncDirectory(dirname(to));
}
