/**
 * The log in an EventStoreDB or KurrentDB: one stream, one turn an event. A turn is acknowledged when a majority of the
 * cluster has it. The expected revision of each append is the fence between schedulers.
 */

import {
  type Appended,
  type Beats,
  type Epoch,
  type EventStore,
  type Head,
  type Revision,
  type Snapshot,
  type Turn,
  invariant,
} from '../../engine/index.js';
import { type Anchored, NOTHING } from './anchor.js';
import {
  ChainReader,
  type ChainedLog,
  GENESIS,
  type Hash,
  type Stored,
  checkedPages,
  checkedTurns,
  hashAfter,
} from './chain.js';
import { ChainWriter, type Linked, type LinkedLog } from './chained.js';
import { StoreError, closedError } from './errors.js';
import { EsdbBeats } from './esdb-beats.js';
import { EsdbAppends } from './esdb-appends.js';
import { type EsdbEvent, loadEsdbClient } from './esdb-client.js';
import { Connection } from './esdb-connection.js';
import { type StoredTurn, turnOf } from './esdb-events.js';
import { followStream } from './esdb-follow.js';
import { EsdbSnapshots, metadataOf } from './esdb-snapshots.js';
import { type EsdbTarget, parseEsdbUrl } from './esdb-url.js';
import { type PagedLog, readPages } from './follow.js';

/** After this, nothing is tried again; a try takes at most a third of it. */
const DEADLINE_MS = 9000;
/** A page ends after so many turns or characters, so that memory stays flat. */
const PAGE_TURNS = 512;
const PAGE_UNITS = 4 * 1024 * 1024;
/** With any of these on its stream, the server drops the beginning of the log. */
const TRUNCATING = ['$maxCount', '$maxAge', '$tb'];

export interface EsdbOptions {
  readonly deadlineMs?: number;
  readonly readOnly?: boolean;
  /** The file of the anchor; default: none is kept. */
  readonly anchor?: string;
}

/**
 * Opens the log at an address such as `esdb://user:password@host:2113/name?tlsCAFile=ca.pem`, and reaches its server.
 * Rejects with a StoreError.
 */
export async function openEventStoreDbStore(url: string, options: EsdbOptions = {}): Promise<EventStore & ChainedLog> {
  const { deadlineMs = DEADLINE_MS, anchor = null, readOnly = false } = options;
  const target = parseEsdbUrl(url);
  const stop = new AbortController();
  const connection = new Connection(target, await loadEsdbClient(target), deadlineMs, stop.signal);
  const store = new EsdbStore(target, connection, stop);
  try {
    await store.checkStream();
    await store.head();
    await store.chain.open({ anchor, readOnly, shown: target.shown });
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class EsdbStore implements EventStore, ChainedLog, LinkedLog {
  readonly chain = new ChainWriter(this);
  private readonly appends: EsdbAppends;
  /** Snapshots, one after the other. */
  private saves: Promise<unknown> = Promise.resolve();
  private readonly snapshots: EsdbSnapshots;
  readonly beats: Beats;
  /** Readings that are finding out where the log ends. An append that is called later comes later. */
  private readonly beginnings = new Set<Promise<Head>>();
  private closing: Promise<void> | null = null;
  /** How far hashes were computed that are not kept. */
  private computed: Anchored = NOTHING;

  constructor(
    private readonly target: EsdbTarget,
    private readonly connection: Connection,
    private readonly stop: AbortController,
  ) {
    this.appends = new EsdbAppends(target, connection, {
      headNow: () => this.headNow(),
      eventAt: (turn) => this.eventAt(turn),
      beginnings: () => [...this.beginnings],
      assertOpen: () => this.assertOpen(),
    });
    this.snapshots = new EsdbSnapshots(target, connection);
    this.beats = new EsdbBeats(target, connection, () => this.head());
  }

  get closed(): boolean {
    return this.closing !== null;
  }

  /** A stream that the server shortens is no log. */
  async checkStream(): Promise<void> {
    const { connection, target } = this;
    const { metadata } = await connection.persist('read the stream', () => metadataOf(connection, target.stream));
    const found = TRUNCATING.filter((key) => metadata[key] !== undefined);
    if (found.length === 0) return;
    throw new StoreError(
      'corrupt',
      `${target.shown}: the stream ${target.stream} has ${found.join(', ')} in its metadata, so the server drops turns; ` +
        'restore the stream from a backup, or remove this where nothing has been dropped',
    );
  }

  async append(turn: Turn, expected: Revision, epoch: Epoch): Promise<Appended> {
    this.assertOpen();
    return this.chain.append(turn, expected, epoch);
  }

  async keep(linked: Linked, expected: Revision, epoch: Epoch): Promise<Appended> {
    this.assertOpen();
    return this.appends.append(linked, expected, epoch);
  }

  read(after: Revision): AsyncIterable<Turn> {
    return readPages(this.pages(checkedPages(this)), after);
  }

  stored(after: Revision): AsyncIterable<Stored> {
    return readPages(
      this.pages((read) => this.page(read)),
      after,
    );
  }

  /** What was written before hashes were kept is read from the beginning. */
  async hash(turn: Revision): Promise<Hash | null> {
    this.assertOpen();
    const kept = await this.before(turn);
    if (kept !== null || turn > (await this.headNow()).revision) return kept;
    if (this.computed.turn > turn) this.computed = NOTHING;
    for await (const { number, text } of this.stored(this.computed.turn)) {
      this.computed = { turn: number, hash: hashAfter(this.computed.hash, number, text) };
      if (number === turn) break;
    }
    return this.computed.hash;
  }

  subscribe(after: Revision): AsyncIterable<Turn> {
    return followStream({
      connection: this.connection,
      stream: this.target.stream,
      stop: this.stop.signal,
      after,
      head: () => this.headNow(),
      turns: () => this.oneByOne(),
    });
  }

  async head(): Promise<Head> {
    this.assertOpen();
    return this.headNow();
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.assertOpen();
    const saved = this.saves.then(async () => {
      this.assertOpen();
      const { revision } = await this.headNow();
      invariant(snapshot.turn <= revision, 'a snapshot holds only turns of the log');
      await this.snapshots.save(snapshot, revision);
    });
    this.saves = saved.catch(() => {});
    return saved;
  }

  async latestSnapshot(): Promise<Snapshot | null> {
    this.assertOpen();
    return this.snapshots.latest((await this.headNow()).revision);
  }

  /** What has begun is finished; what waits is not begun. */
  close(): Promise<void> {
    this.closing ??= (async () => {
      this.stop.abort();
      await this.chain.close();
      await Promise.all([this.appends.settled(), this.saves]);
      await this.connection.close();
    })();
    return this.closing;
  }

  async page(after: Revision): Promise<readonly Stored[]> {
    try {
      return await this.connection.persist('read the log', () => this.pageOnce(after));
    } catch (error) {
      throw this.closed ? closedError() : error;
    }
  }

  /** The hash that is kept beside a turn. */
  async before(turn: Revision): Promise<Hash | null> {
    if (turn === 0) return GENESIS;
    const event = await this.connection.persist('read the log', () => this.eventAt(turn));
    return event === null ? null : (await this.turnOf(event)).hash;
  }

  damaged(turn: Revision, detail: string): StoreError {
    return new StoreError('corrupt', `${this.target.shown}: turn ${turn} is damaged: ${detail}`, turn);
  }

  private pages<T extends Stored | Turn>(page: (after: Revision) => Promise<readonly T[]>): PagedLog<T> {
    const isClosed = () => this.closed;
    return {
      get closed() {
        return isClosed();
      },
      last: () => this.last(),
      page,
    };
  }

  private async last(): Promise<Revision> {
    const beginning = this.head();
    this.beginnings.add(beginning);
    try {
      return (await beginning).revision;
    } finally {
      this.beginnings.delete(beginning);
    }
  }

  /** Turns as a subscription brings them. */
  private oneByOne(): (event: EsdbEvent) => Promise<Turn> {
    let chain: ChainReader | null = null;
    return async (event) => {
      const stored = await this.turnOf(event);
      chain ??= new ChainReader(await this.before(stored.number - 1));
      return checkedTurns([stored], stored.number - 1, chain, (turn, detail) => this.damaged(turn, detail))[0]!;
    };
  }

  private assertOpen(): void {
    if (this.closed) throw closedError();
  }

  private async headNow(): Promise<Head> {
    const { connection, target } = this;
    const last = await connection.persist('read the end of the log', () =>
      first(connection.read(target.stream, 'end', 'backwards', 1)),
    );
    if (last === null) return { revision: 0, epoch: 0 };
    const { number, epoch } = await this.turnOf(last);
    return { revision: number, epoch };
  }

  /** The event of a turn, null where the log ends before it. */
  private async eventAt(turn: number): Promise<EsdbEvent | null> {
    const found = await first(this.connection.read(this.target.stream, BigInt(turn - 1), 'forwards', 1));
    return found?.revision === BigInt(turn - 1) ? found : null;
  }

  private async pageOnce(after: Revision): Promise<readonly Stored[]> {
    const turns: Stored[] = [];
    let length = 0;
    for await (const event of this.connection.read(this.target.stream, BigInt(after), 'forwards', PAGE_TURNS)) {
      const due = after + turns.length + 1;
      if (event.revision !== BigInt(due - 1)) {
        const detail = `turn ${due} is missing from the log`;
        if (turns.length === 0) throw new StoreError('corrupt', `${this.target.shown}: ${detail}`, due);
        break;
      }
      try {
        const stored = await this.turnOf(event);
        turns.push(stored);
        length += stored.text.length;
      } catch (error) {
        // The turns before the damage are read first.
        if (turns.length > 0) break;
        throw error;
      }
      if (length >= PAGE_UNITS) break;
    }
    return turns;
  }

  private turnOf(event: EsdbEvent): Promise<StoredTurn> {
    return turnOf(this.target.shown, this.target.stream, event);
  }
}

/** The first event, or null. */
async function first(events: AsyncIterable<EsdbEvent>): Promise<EsdbEvent | null> {
  for await (const event of events) return event;
  return null;
}
