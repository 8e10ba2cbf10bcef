/**
 * One writer per store. The lock is a second SQLite file held in an exclusive transaction for life: the operating
 * system lets go of it when the process dies, and readers can still open the log itself.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import Database, { type Database as Connection } from 'better-sqlite3';
import { failpoint } from '../failpoint.js';
import { StoreError } from './errors.js';
import { createFile } from './sqlite-files.js';

/** Lets go of the lock. */
export type Release = () => void;

/** Takes the lock of the store at `path`, or throws a StoreError that names its holder. */
export function lockStore(path: string): Release {
  const lockPath = `${path}.lock`;
  const holderPath = `${path}.holder`;
  // Nothing else may open and close this file: that would release the lock (POSIX locks belong to the process).
  createFile(lockPath);
  let lock: Connection | null = null;
  try {
    lock = new Database(lockPath, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    const { code, message } = error as Error & { code?: string };
    if (code?.startsWith('SQLITE_BUSY')) throw new StoreError('locked', `${path} is in use by ${holder(holderPath)}`);
    throw new StoreError('path', `${lockPath}: cannot be locked: ${message}`);
  }
  const held = lock;
  failpoint('lock-taken');
  noteHolder(holderPath);
  return () => {
    forgetHolder(holderPath);
    held.close();
  };
}

/** For people only: the lock itself decides. Missing on a full disk, and nothing is wrong then. */
function noteHolder(path: string): void {
  const about = { pid: process.pid, hostname: hostname(), since: new Date().toISOString() };
  try {
    writeFileSync(path, `${JSON.stringify(about)}\n`, { mode: 0o600 });
  } catch {
    forgetHolder(path);
  }
}

/** On a disk that is read only it stays, and is out of date. */
function forgetHolder(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The lock itself decides.
  }
}

/** Who holds the lock, as far as its note says. */
function holder(path: string): string {
  try {
    const { pid, hostname: host, since } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    return `process ${String(pid)} on ${String(host)} since ${String(since)}; stop it first`;
  } catch {
    return 'another process; stop it first';
  }
}
