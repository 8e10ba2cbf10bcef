/** The store file: how it is laid out, how it is created, and how a file that is not ours is told apart. */

import { statSync } from 'node:fs';
import Database, { type Database as Connection } from 'better-sqlite3';
import { failpoint } from '../failpoint.js';
import { StoreError, fileError } from './errors.js';

/** "LEAS", in the header of the file: `file` and SQLite show whose it is. */
const APPLICATION_ID = 0x4c454153;
const FORMAT = 3;
/** Without the table of sealed turns. */
const FORMAT_BEFORE = 2;
/** How long a call waits for another process; meanwhile this one stands still. */
const BUSY_MS = 1000;

/** Name and definition of each table. A file with any other schema is not opened. */
const TABLES: readonly (readonly [string, string])[] = [
  [
    'turns',
    'CREATE TABLE turns (number INTEGER NOT NULL, part INTEGER NOT NULL, "of" INTEGER NOT NULL, text TEXT NOT NULL, ' +
      'hash BLOB NOT NULL, PRIMARY KEY (number, part)) STRICT',
  ],
  [
    'meta',
    'CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), format INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT',
  ],
  [
    'snapshots',
    'CREATE TABLE snapshots (turn INTEGER PRIMARY KEY, version INTEGER NOT NULL, digest TEXT NOT NULL, ' +
      'state TEXT NOT NULL) STRICT',
  ],
];
const SEALED = [
  'sealed',
  'CREATE TABLE sealed (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, hash BLOB NOT NULL, file TEXT NOT NULL) STRICT',
] as const;

/** A connection that may write, to a file that is ours or new; durable at every commit. */
export function connectWriter(path: string): Connection {
  const db = connect(path, false);
  try {
    // 1. Whose file is it? Before anything is changed in it.
    const fresh = isEmpty(db);
    const format = fresh ? FORMAT : checkFormat(db, path);
    // 2. A commit returns when it is on disk. In this order: the journal's mode sets its own, weaker default.
    if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
      throw new StoreError('path', `${path}: this file system does not carry SQLite's write-ahead log`);
    }
    db.pragma('synchronous = FULL');
    // Checkpoints are made by the store, which must hear of a failed sync.
    db.pragma('wal_autocheckpoint = 0');
    // 3. The tables, whole or not at all.
    if (fresh) {
      failpoint('schema-begin');
      db.transaction(() => create(db)).immediate();
      failpoint('schema-made');
    }
    if (format === FORMAT_BEFORE) {
      db.transaction(() => upgrade(db)).immediate();
      failpoint('format-raised');
    }
    db.prepare('SELECT count(*) FROM meta').get();
    // The pragma is only true after the first transaction.
    if (db.pragma('synchronous', { simple: true }) !== 2) {
      throw new StoreError('io', `${path}: SQLite does not accept synchronous=FULL; commits would not be durable`);
    }
    return db;
  } catch (error) {
    db.close();
    throw storeError(path, error);
  }
}

/** A connection that only reads; there may be a writer beside it. */
export function connectReader(path: string): Connection {
  const db = connect(path, true);
  try {
    if (isEmpty(db)) throw new StoreError('corrupt', `${path}: the file is empty; no log was ever written to it`);
    checkFormat(db, path);
    return db;
  } catch (error) {
    db.close();
    throw storeError(path, error);
  }
}

/** What a failed operation on the database means. */
export function storeError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const { code, message } = error as Error & { readonly code?: unknown };
  if (typeof code !== 'string') return error;
  if (/^E[A-Z0-9]+$/.test(code)) return fileError(path, error, 'io');
  if (!code.startsWith('SQLITE_')) return error;
  if (code === 'SQLITE_FULL') return new StoreError('full', `${path}: no space left on the disk (${message})`);
  if (code.startsWith('SQLITE_CORRUPT')) {
    return new StoreError('corrupt', `${path}: the database is damaged (${message}); restore it from a backup`);
  }
  // The statements are ours: what they do not find, somebody has changed.
  if (code === 'SQLITE_ERROR')
    return new StoreError('corrupt', `${path}: the database is not as it was made (${message})`);
  if (code === 'SQLITE_NOTADB') return new StoreError('corrupt', `${path}: not an SQLite database, so not a log`);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreError('locked', `${path}: another process holds the database (${message})`);
  }
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_PERM')) {
    return new StoreError('path', `${path}: cannot be opened (${message})`);
  }
  if (code.startsWith('SQLITE_READONLY') && code !== 'SQLITE_READONLY_DBMOVED') {
    return new StoreError('path', `${path}: the file or its directory cannot be written (${message})`);
  }
  if (code.startsWith('SQLITE_IOERR')) return new StoreError('io', `${path}: the disk failed (${code}: ${message})`);
  return new StoreError('io', `${path}: the database failed (${code}: ${message})`);
}

function connect(path: string, readonly: boolean): Connection {
  let db: Connection;
  try {
    if (!statSync(path).isFile()) throw new Error('it is not a file');
    db = new Database(path, { readonly, fileMustExist: true, timeout: BUSY_MS });
  } catch (error) {
    if (error instanceof Database.SqliteError) throw storeError(path, error);
    throw new StoreError('path', `${path}: cannot be opened (${(error as Error).message})`);
  }
  // What a stranger's file defines is not run.
  db.pragma('trusted_schema = OFF');
  return db;
}

function isEmpty(db: Connection): boolean {
  const objects = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get();
  return objects === 0 && db.pragma('application_id', { simple: true }) === 0;
}

function create(db: Connection): void {
  for (const [, definition] of [...TABLES, SEALED]) db.exec(definition);
  db.prepare('INSERT INTO meta (id, format, epoch) VALUES (1, ?, 0)').run(FORMAT);
  db.pragma(`application_id = ${APPLICATION_ID}`);
}

function upgrade(db: Connection): void {
  db.exec(SEALED[1]);
  db.prepare('UPDATE meta SET format = ?').run(FORMAT);
  failpoint('format-raising');
}

/** Answers the format. */
function checkFormat(db: Connection, path: string): number {
  const id = db.pragma('application_id', { simple: true });
  if (id !== APPLICATION_ID) {
    throw new StoreError('corrupt', `${path}: an SQLite database of another program (application_id ${String(id)})`);
  }
  const format = versionOf(db, path);
  const found = db
    .prepare<[], { name: string; sql: string | null }>('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL')
    .all();
  const expected = new Map(format === FORMAT ? [...TABLES, SEALED] : TABLES);
  for (const { name, sql } of found) {
    if (expected.get(name) !== sql) throw new StoreError('corrupt', `${path}: "${name}" is not part of a log`);
    expected.delete(name);
  }
  for (const name of expected.keys()) throw new StoreError('corrupt', `${path}: the table "${name}" is missing`);
  return format;
}

/** Before anything else is looked at: another version may have other tables. */
function versionOf(db: Connection, path: string): number {
  const exists = db.prepare<[], number>("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'").pluck().get();
  const format = exists === 1 ? db.prepare<[], unknown>('SELECT format FROM meta').pluck().get() : FORMAT;
  if (format === FORMAT || format === FORMAT_BEFORE) return format;
  throw new StoreError('version', `${path}: written in format ${String(format)}; this version reads ${FORMAT}`);
}
