/**
 * Where an audit reads a log from: a file of turns, a service's store, or a service that is running. This file chooses the
 * adapters.
 */

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { type Anchored, readAnchor } from '../adapters/event-store/anchor.js';
import { isStoreUrl, storeAt } from '../adapters/event-store/by-url.js';
import type { ChainedLog, Hash, Stored } from '../adapters/event-store/chain.js';
import { StoreError } from '../adapters/event-store/errors.js';
import { type Checkpoint, LogError, type RawEntry, readRawLots } from '../adapters/event-store/log-file.js';
import { openSqliteStore } from '../adapters/event-store/sqlite.js';
import { type EventStore, type Turn, decodeTurn } from '../engine/index.js';
import { InputError } from './input-error.js';

export type { Checkpoint };

export interface SourceOptions {
  /** `turns.ndjson[.gz]`, a store file or its URL, or the URL of a service. */
  readonly source: string;
  /** For a URL: the token of the service. */
  readonly token?: string | undefined;
  /** For a store: its anchor; default: beside a store file. */
  readonly anchor?: string | undefined;
}

/** A turn, not decoded, with the hash that is kept beside it, and its line in a file. */
export type StoredTurn = Stored & { readonly line?: number };

/** A turn, or what else a log has. */
export type SourceEntry = StoredTurn | Exclude<RawEntry, { readonly number: number }>;

/** Something that says which hash the log has after a turn. */
export interface Claim extends Anchored {
  readonly where: string;
}

export interface LogSource {
  /** What says where the log ends, without being asked for: the anchor of a store, the head of a service. */
  readonly claims: readonly Claim[];
  /** In lots, as they are read together. */
  entries(after: number): AsyncIterable<readonly SourceEntry[]>;
  /** What the reader is told of a turn that is none. */
  damage(stored: StoredTurn, error: Error): Error;
  /** The hash that is kept for a turn; null: none is, or it is not known before the log is read. */
  hash(turn: number): Promise<Hash | null>;
  close(): Promise<void>;
}

/** `plain`: the claims of a store are not looked for, since others are given. */
export async function openSource(options: SourceOptions, plain = false): Promise<LogSource> {
  const { source, token, anchor } = options;
  if (/^https?:\/\//.test(source)) return serviceSource(source, token);
  if (isStoreUrl(source)) {
    const claims = anchor === undefined ? [] : claimOf(anchor);
    const at = await storeAt(source);
    return storeSource(await reached(at.shown, () => at.open(true)), claims, at.shown);
  }
  const path = anchor ?? `${source}.anchor`;
  if (!existsSync(source) && existsSync(path)) throw goneFrom(source, claimOf(path));
  if (!isSqlite(source)) return fileSource(source);
  const claims = plain || (anchor === undefined && !existsSync(path)) ? [] : claimOf(path);
  return storeSource(openSqliteStore(source, { readOnly: true, anchor: null }), claims, source);
}

/** A turn, or a digest of the state that a simulation has noted. */
export type TurnEntry = { readonly turn: Turn } | { readonly checkpoint: Checkpoint };

/** The turns and digests of the log, in order; the chain and the anchor of a store are held against it. */
export async function* entriesOf(options: SourceOptions): AsyncGenerator<TurnEntry> {
  const { source, anchor } = options;
  if (/^https?:\/\//.test(source) || !(isStoreUrl(source) || isSqlite(source))) {
    const log = await openSource(options);
    for await (const lot of log.entries(0))
      for (const entry of lot) {
        if ('text' in entry) yield { turn: decodedFrom(log, entry) };
        else if ('checkpoint' in entry) yield entry;
      }
    return;
  }
  const where = anchor === undefined ? {} : { anchor };
  const store = isStoreUrl(source)
    ? await (await storeAt(source)).open(true, anchor)
    : openSqliteStore(source, { readOnly: true, ...where });
  try {
    for await (const turn of store.read(0)) yield { turn };
  } finally {
    await store.close();
  }
}

/** Throws what the source says of a turn that is none. */
export function decodedFrom(log: LogSource, stored: StoredTurn): Turn {
  try {
    return decodeTurn(stored.text);
  } catch (error) {
    throw log.damage(stored, error as Error);
  }
}

/** What the anchor at `path` says. */
export function claimOf(path: string): Claim[] {
  const anchored = readAnchor(path);
  if (anchored === null) throw new InputError('there is no such file', { file: path }, 'Is it the anchor of a log?', 3);
  return [{ ...anchored, where: `the anchor ${path}` }];
}

function goneFrom(path: string, [claim]: readonly Claim[]): StoreError {
  return new StoreError('short', `${path} is missing; by ${claim!.where} it had ${claim!.turn} turns`);
}

function storeSource(store: EventStore & ChainedLog, claims: readonly Claim[], shown: string): LogSource {
  return {
    claims,
    entries: (after) => inLots(store.stored(after)),
    damage: ({ number }, error) =>
      new StoreError('corrupt', `${shown}: turn ${number} is damaged: ${error.message}`, number),
    hash: (turn) => store.hash(turn),
    close: () => store.close(),
  };
}

const LOT = 256;

async function* inLots<T>(items: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let lot: T[] = [];
  try {
    for await (const item of items) {
      lot.push(item);
      if (lot.length < LOT) continue;
      const full = lot;
      lot = [];
      yield full;
    }
  } finally {
    // Also where the next cannot be read.
    if (lot.length > 0) yield lot;
  }
}

function fileSource(path: string): LogSource {
  return {
    claims: [],
    entries: () => readRawLots(path),
    damage: ({ line = 0 }, error) => new LogError('malformed', path, line, error.message),
    hash: async () => null,
    close: async () => {},
  };
}

const SQLITE_MAGIC = 'SQLite format 3\0';

function isSqlite(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const hint = 'Give a turns.ndjson.gz, the store file of a service, or its URL.';
    throw new InputError((error as Error).message, { file: path }, hint, 3);
  }
  try {
    const head = Buffer.alloc(SQLITE_MAGIC.length);
    readSync(file, head, 0, head.length, 0);
    return head.toString('latin1') === SQLITE_MAGIC;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') return false;
    const hint = 'The log of a data directory is leasehold.db in it.';
    throw new InputError('it is a directory', { file: path }, hint, 3);
  } finally {
    closeSync(file);
  }
}

const UNREACHABLE = 7;

/** A server that cannot be reached proves nothing, and is no failure of a disk. */
async function reached<T>(shown: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'io') throw error;
    throw new InputError(error.message, { file: shown }, 'Is the server there, and is the address right?', UNREACHABLE);
  }
}

/** The turns of a running service, as it has them now. */
async function serviceSource(url: string, token: string | undefined): Promise<LogSource> {
  const head = await ask(url, token, '/v1/audit/head', 'application/json');
  const { position, hash } = (await head.json()) as { position: number; hash: string };
  return {
    claims: [{ turn: position, hash: Buffer.from(hash, 'hex'), where: 'the head that the service gives' }],
    entries: () => turnsOf(url, token),
    damage: (_stored, error) => error,
    hash: async () => null,
    close: async () => {},
  };
}

async function* turnsOf(url: string, token: string | undefined): AsyncGenerator<readonly Stored[]> {
  const response = await ask(url, token, '/v1/events', 'application/x-ndjson');
  let rest = '';
  let number = 0;
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    const lines = (rest + decoder.decode(piece as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield lines.filter((text) => text !== '').map((text) => ({ number: ++number, text, hash: null }));
  }
}

async function ask(url: string, token: string | undefined, path: string, accept: string): Promise<Response> {
  const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  let response: Response;
  try {
    response = await fetch(new URL(path, url), { headers });
  } catch {
    const hint = 'Is it running, and is the address right?';
    throw new InputError('the service does not answer', { file: url }, hint, UNREACHABLE);
  }
  if (response.status === 401 || response.status === 403)
    throw new InputError('the service does not let this client in', { file: url }, 'Give its token.', 6);
  if (!response.ok || response.body === null)
    throw new InputError(`the service answers ${response.status}`, { file: url }, 'Is this a Leasehold service?', 1);
  return response;
}
