/**
 * The log in PostgreSQL: for services that must outlive a machine. One turn is one row; an append is one statement, that
 * is one round trip and one commit, which returns when it is as durable as the server is set to make it.
 */

import {
  type Appended,
  type Beats,
  type Epoch,
  type EventStore,
  type Head,
  InvariantError,
  type Revision,
  type Snapshot,
  type Turn,
  invariant,
} from '../../engine/index.js';
import { type ChainedLog, GENESIS, type Hash, type Stored, checkedPages } from './chain.js';
import { ChainWriter, type Linked, type LinkedLog } from './chained.js';
import { StoreError, closedError } from './errors.js';
import { type Pages, Signal, followPages, readPages } from './follow.js';
import { PostgresAppends } from './postgres-appends.js';
import { PostgresBeats, prepareBeats } from './postgres-beats.js';
import { PostgresConnection } from './postgres-connection.js';
import {
  KnownLog,
  headStatement,
  pageStatement,
  hashStatement,
  pruneStatement,
  saveStatement,
  settleStatement,
  snapshotOf,
  snapshotStatement,
  storedOf,
} from './postgres-log.js';
import { migrate } from './postgres-schema.js';
import { PostgresSession, firstOf, isPassing } from './postgres-session.js';
import { type PostgresTarget, parsePostgresUrl } from './postgres-url.js';

export interface PostgresOptions {
  /** The log must be there; nothing is written. */
  readonly readOnly?: boolean;
  /** How long a statement may take, and a second more for each MiB that it carries. */
  readonly statementMs?: number;
  /** The file of the anchor; default: none is kept. */
  readonly anchor?: string;
}

const STATEMENT_MS = 5000;
const STATEMENT_MS_MAX = 600_000;
/** A snapshot may be large. */
const SNAPSHOT_FACTOR = 12;
const SNAPSHOT_BYTES_MAX = 256 * 1024 * 1024;
const SNAPSHOTS_KEPT = 2;
/** How often followers look without having been told that there is more. */
const POLL_MS = 1000;
/** How long a connection may take to say goodbye. */
const END_MS = 1000;

/**
 * Opens the log at `url`; the tables are made where they are missing. Throws a StoreError that names what is wrong: with
 * the URL, with the server's settings, or with what is in the database.
 */
export async function openPostgresStore(url: string, options: PostgresOptions = {}): Promise<EventStore & ChainedLog> {
  const { readOnly = false, statementMs = STATEMENT_MS, anchor = null } = options;
  if (!Number.isInteger(statementMs) || statementMs < 1 || statementMs > STATEMENT_MS_MAX) {
    throw new StoreError('path', `statementMs: a whole number from 1 to ${STATEMENT_MS_MAX}`);
  }
  const target = parsePostgresUrl(url);
  const store = new PostgresStore(target, readOnly, statementMs);
  try {
    await store.head();
    await store.chain.open({ anchor, readOnly, shown: target.shown });
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class PostgresStore implements EventStore, ChainedLog, LinkedLog {
  readonly chain = new ChainWriter(this);
  private closed = false;
  private readonly known: KnownLog;
  /** Appends, and where the log ends, in the order of the calls. */
  private readonly main = new PostgresSession(() => this.connect());
  /** What may take long: pages and snapshots. Here others tell that they have appended. */
  private readonly side = new PostgresSession(() => this.connectToFollow());
  private readonly living = new PostgresSession(() => this.connectToBeat());
  readonly beats?: Beats;
  private readonly appends: PostgresAppends;
  private readonly signal = new Signal();
  private poll: NodeJS.Timeout | null = null;
  /**
   * There may be appends that are still to be carried out, or that can be seen and are not yet durable: by a writer
   * before us, or our own of unknown outcome. Nothing is read before that is settled.
   */
  private doubt: boolean;

  constructor(
    private readonly target: PostgresTarget,
    private readonly readOnly: boolean,
    private readonly statementMs: number,
  ) {
    this.doubt = !readOnly;
    if (!readOnly) this.beats = new PostgresBeats(target.schema, this.living, statementMs);
    this.known = new KnownLog(target.schema);
    this.appends = new PostgresAppends(
      target.schema,
      (statement, bytes) => this.main.query(statement, this.msFor(bytes), 'once'),
      (number, body) => {
        this.known.note(number, body);
        this.wake();
      },
      () => {
        this.doubt = true;
      },
    );
  }

  async append(turn: Turn, expected: Revision, epoch: Epoch): Promise<Appended> {
    this.assertWritable();
    return this.chain.append(turn, expected, epoch);
  }

  keep(linked: Linked, expected: Revision, epoch: Epoch): Promise<Appended> {
    return this.appends.append(linked, expected, epoch);
  }

  read(after: Revision): AsyncIterable<Turn> {
    return readPages(this.pages(this.checked()), after);
  }

  stored(after: Revision): AsyncIterable<Stored> {
    return readPages(
      this.pages((read) => this.page(read)),
      after,
    );
  }

  async hash(turn: Revision): Promise<Hash | null> {
    if (this.closed) throw closedError();
    if (turn === 0) return GENESIS;
    const [row] = await this.main.query(hashStatement(this.target.schema, turn), this.statementMs, 'again');
    return row === undefined ? null : (row[0] as Hash);
  }

  /** Lives through the loss of connections and servers; ends with an error only where waiting does not help. */
  subscribe(after: Revision): AsyncIterable<Turn> {
    const page = this.checked();
    const patient = async (read: Revision): Promise<readonly Turn[]> => {
      try {
        return await page(read);
      } catch (error) {
        if (this.closed || isPassing(error)) return [];
        throw error;
      }
    };
    return followPages(this.pages(patient), after);
  }

  async head(): Promise<Head> {
    if (this.closed) throw closedError();
    const settles = this.doubt;
    const statement = settles ? settleStatement(this.target.schema) : headStatement(this.target.schema);
    const [row] = await this.main.query(statement, this.statementMs, 'again');
    if (row === undefined) throw new StoreError('corrupt', `${this.target.shown}: the row of the head is missing`);
    if (settles) {
      this.doubt = false;
      // It may be connected to a server that is no longer the one which is written to.
      this.side.reset();
    }
    const [revision, epoch] = row as [number, number];
    return { revision, epoch };
  }

  /** The last two are kept: should the latest be damaged, the one before still saves time. */
  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.assertWritable();
    const state = Buffer.from(snapshot.state, 'utf8');
    if (state.length > SNAPSHOT_BYTES_MAX) {
      throw new StoreError('too-large', `a snapshot of ${state.length} bytes; at most ${SNAPSHOT_BYTES_MAX} are saved`);
    }
    const { schema } = this.target;
    const saved = await this.side.query(saveStatement(schema, snapshot, state), this.msFor(state.length), 'again');
    invariant(saved.length === 1, 'a snapshot holds only turns of the log');
    await this.side.query(pruneStatement(schema, SNAPSHOTS_KEPT), this.statementMs, 'again');
  }

  /** A snapshot that is damaged, or ahead of the log, is passed over: the log can do without it. */
  async latestSnapshot(): Promise<Snapshot | null> {
    let before = Number.MAX_SAFE_INTEGER;
    for (;;) {
      if (this.closed) throw closedError();
      const statement = snapshotStatement(this.target.schema, before);
      const [row] = await this.side.query(statement, SNAPSHOT_FACTOR * this.statementMs, 'again');
      if (row === undefined) return null;
      const snapshot = snapshotOf(row);
      if (snapshot !== null) return snapshot;
      before = row[0] as number;
    }
  }

  async close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.wake();
    }
    await this.chain.close();
    await this.appends.settled();
    await Promise.all([this.main, this.side, this.living].map((session) => session.close(END_MS)));
  }

  private pages<T extends Stored | Turn>(page: (after: Revision) => Promise<readonly T[]>): Pages<T> {
    const isClosed = () => this.closed;
    return {
      get closed() {
        return isClosed();
      },
      last: async () => (await this.head()).revision,
      page,
      more: () => this.more(),
      wake: () => this.wake(),
    };
  }

  /** Pages of turns that fit the chain. The latest that was read is remembered: see `KnownLog`. */
  private checked(): (after: Revision) => Promise<readonly Turn[]> {
    let texts: readonly Stored[] = [];
    const pages = checkedPages({
      page: async (after) => {
        texts = await this.page(after);
        return texts;
      },
      before: (after) => this.hash(after),
      damaged: (turn, detail) =>
        new StoreError('corrupt', `${this.target.shown}: turn ${turn} is damaged: ${detail}`, turn),
    });
    return async (after) => {
      const turns = await pages(after);
      const last = texts[turns.length - 1];
      if (last !== undefined && turns.length > 0) this.known.note(last.number, last.text);
      return turns;
    };
  }

  private async page(after: Revision): Promise<readonly Stored[]> {
    const rows = await this.side.query(pageStatement(this.target.schema, after), this.statementMs, 'again');
    return rows.map(storedOf);
  }

  private more(): Promise<void> {
    this.poll ??= setTimeout(() => this.wake(), POLL_MS);
    return this.signal.wait();
  }

  private wake(): void {
    if (this.poll !== null) clearTimeout(this.poll);
    this.poll = null;
    this.signal.fire();
  }

  /** A connection to the server that holds the log, and can be written to unless we only read. */
  private async connect(): Promise<PostgresConnection> {
    const { target } = this;
    const connection = await firstOf(
      target.hosts.map((host) => () => PostgresConnection.open(target, host, !this.readOnly)),
      target.shown,
    );
    try {
      if (!this.readOnly && !this.known.isKnown) await migrate(connection, target.schema);
      await this.known.recognise(connection, this.statementMs);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  private async connectToFollow(): Promise<PostgresConnection> {
    const connection = await this.connect();
    connection.onNotified = () => this.wake();
    connection.onLost = () => this.wake();
    try {
      // A standby tells nobody.
      if (!connection.server.isStandby) await connection.script(`LISTEN "${this.target.schema}"`);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  private async connectToBeat(): Promise<PostgresConnection> {
    const connection = await this.connect();
    try {
      await prepareBeats(connection, this.target.schema);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  private msFor(bytes: number): number {
    return this.statementMs + (bytes / 1024 / 1024) * 1000;
  }

  private assertWritable(): void {
    if (this.closed) throw closedError();
    if (this.readOnly) throw new InvariantError('a store opened to read is not written to');
  }
}
