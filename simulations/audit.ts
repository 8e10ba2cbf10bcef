/**
 * `leasehold audit`: a log replayed through today's scheduler. The log is a file of turns, a service's store, or a
 * service that is running. This file chooses the adapters.
 */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { isStoreUrl, storeAt } from '../adapters/event-store/by-url.js';
import { type Checkpoint, readLog } from '../adapters/event-store/log-file.js';
import { openSqliteStore } from '../adapters/event-store/sqlite.js';
import {
  audit,
  type Divergence,
  decodeTurn,
  emptyState,
  encodeState,
  RecordWriter,
  type State,
  type Turn,
} from '../engine/index.js';
import { InputError } from './input-error.js';

export interface AuditOptions {
  /** `turns.ndjson[.gz]`, a store file, or the URL of a service. */
  readonly source: string;
  /** For a URL: the token of the service. */
  readonly token?: string | undefined;
  /** For a store: its anchor; default: beside it. */
  readonly anchor?: string | undefined;
}

/** What the audit found. `divergence` null and `checkpoint` null: today's scheduler decides as the log says. */
export interface AuditResult {
  readonly turns: number;
  readonly decisions: number;
  readonly leases: number;
  readonly seconds: number;
  readonly turnsPerSecond: number;
  /** SHA-256 over the decisions recorded: the `digest` of the simulation that wrote the log. */
  readonly digest: string;
  readonly divergence: Divergence | null;
  /** The first checkpoint of the log that does not agree, where no decision differs: some input was altered before it. */
  readonly checkpoint: { readonly turn: number; readonly after: number } | null;
}

/** Replays the whole log. Throws what the reader of the log throws, and UnknownRulesError. */
export async function auditLog(
  options: AuditOptions,
  onProgress: ((turns: number) => void) | null = null,
): Promise<AuditResult> {
  const begin = performance.now();
  const state = emptyState();
  const log = new Replayed(state, onProgress);
  const divergence = await audit(state, log.turns(entriesOf(options)));
  const seconds = (performance.now() - begin) / 1000;
  return {
    turns: state.turn,
    decisions: log.decisions,
    leases: state.nextSequence - 1,
    seconds,
    turnsPerSecond: state.turn / seconds,
    digest: log.digest(),
    divergence,
    checkpoint: log.disagreement,
  };
}

type Entry = { readonly turn: Turn } | { readonly checkpoint: Checkpoint };

const PROGRESS_EVERY = 4096;
const PIECE_BYTES = 64 * 1024;

/** Passes turns on to the audit, and compares the log's checkpoints with the state that the audit has reached. */
class Replayed {
  decisions = 0;
  disagreement: { readonly turn: number; readonly after: number } | null = null;
  private agreed = 0;
  private readonly records = new RecordWriter();
  private readonly hash = createHash('sha256');

  constructor(
    private readonly state: State,
    private readonly onProgress: ((turns: number) => void) | null,
  ) {}

  async *turns(entries: AsyncIterable<Entry>): AsyncIterable<Turn> {
    for await (const entry of entries) {
      if ('checkpoint' in entry) {
        if (!this.agrees(entry.checkpoint)) {
          this.disagreement = { turn: entry.checkpoint.turn, after: this.agreed };
          return;
        }
        this.agreed = entry.checkpoint.turn;
        continue;
      }
      const { turn } = entry;
      for (const decision of turn.decisions) this.records.decision(turn.number, decision);
      if (this.records.length >= PIECE_BYTES) this.flush();
      this.decisions += turn.decisions.length;
      if (turn.number % PROGRESS_EVERY === 0) this.onProgress?.(turn.number);
      yield turn;
    }
  }

  digest(): string {
    this.flush();
    return this.hash.copy().digest('hex');
  }

  private agrees(checkpoint: Checkpoint): boolean {
    const state = createHash('sha256').update(encodeState(this.state), 'utf8').digest('hex');
    return checkpoint.state === state && checkpoint.decisions === this.digest();
  }

  private flush(): void {
    this.hash.update(this.records.bytes.subarray(0, this.records.length));
    this.records.reset();
  }
}

function entriesOf(options: AuditOptions): AsyncIterable<Entry> {
  if (/^https?:\/\//.test(options.source)) return fromService(options.source, options.token);
  if (isStoreUrl(options.source)) return fromDatabase(options.source);
  return isSqlite(options.source) ? fromStore(options.source, options.anchor) : readLog(options.source);
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
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}

async function* fromDatabase(url: string): AsyncGenerator<Entry> {
  const store = await (await storeAt(url)).open(true);
  try {
    for await (const turn of store.read(0)) yield { turn };
  } finally {
    await store.close();
  }
}

async function* fromStore(path: string, anchor: string | undefined): AsyncGenerator<Entry> {
  const store = await openSqliteStore(path, anchor === undefined ? { readOnly: true } : { readOnly: true, anchor });
  try {
    for await (const turn of store.read(0)) yield { turn };
  } finally {
    await store.close();
  }
}

/** The turns of a running service, as it has them now. */
async function* fromService(url: string, token: string | undefined): AsyncGenerator<Entry> {
  const address = new URL('/v1/events', url);
  const headers = {
    accept: 'application/x-ndjson',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  let response: Response;
  try {
    response = await fetch(address, { headers });
  } catch {
    throw new InputError('the service does not answer', { file: url }, 'Is it running, and is the address right?', 7);
  }
  if (response.status === 401 || response.status === 403)
    throw new InputError('the service does not let this client in', { file: url }, 'Give its token.', 6);
  if (!response.ok || response.body === null)
    throw new InputError(`the service answers ${response.status}`, { file: url }, 'Is this a Leasehold service?', 1);
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body) {
    const lines = (rest + decoder.decode(piece as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield { turn: decodeTurn(line) };
  }
}
