/**
 * The connection to an EventStoreDB: each call ends in time, whatever the client does. A client that did not answer is
 * given up for a new one, which looks for the leader again.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { InvariantError } from '../../engine/index.js';
import { StoreError, closedError } from './errors.js';
import type { CallOptions, EsdbClient, EsdbEvent, EventSource, ExpectedEnd, NewEvent } from './esdb-client.js';
import type { EsdbTarget } from './esdb-url.js';

/** A try takes at most this part of the time that all may take. */
const TRIES = 3;
const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 1000;
const DETAIL_LENGTH_MAX = 300;

interface Session {
  readonly client: EsdbClient;
  /** The client was given up: nothing that it still owes will come. */
  readonly gone: AbortController;
}

export class Connection {
  /** How long one call may take. */
  readonly tryMs: number;
  private session: Session | null = null;
  private closed = false;

  /** `deadlineMs`: after it no try is begun. `stop`: nothing is tried again, the store is being closed. */
  constructor(
    private readonly target: EsdbTarget,
    private readonly open: () => EsdbClient,
    readonly deadlineMs: number,
    private readonly stop: AbortSignal,
  ) {
    this.tryMs = Math.ceil(deadlineMs / TRIES);
  }

  /**
   * Appends all events or none, where the stream ends as expected, and answers the revision of the last. One try; rejects
   * as the client does.
   */
  async append(stream: string, events: readonly NewEvent[], expected: ExpectedEnd): Promise<bigint> {
    const session = this.current();
    const options = { ...this.callOptions(), expectedRevision: expected, streamState: expected };
    const appending = session.client.appendToStream(stream, events, options);
    return (await this.inTime(session, appending)).nextExpectedRevision;
  }

  /**
   * Appends, again if need be, until it is known that the event is there or that the stream has another end. The same
   * event after the same end is stored once.
   */
  appendUntilKnown(stream: string, event: NewEvent, expected: ExpectedEnd): Promise<bigint | 'conflict'> {
    return this.persist('append', async () => {
      try {
        return await this.append(stream, [event], expected);
      } catch (error) {
        if (kindOf(error) === 'wrong-expected-version') return 'conflict';
        throw error;
      }
    });
  }

  /** The first events from `from` on, at most `count`; none where there is no stream. One try. */
  async *read(
    stream: string,
    from: bigint | 'start' | 'end',
    direction: 'forwards' | 'backwards',
    count: number,
  ): AsyncGenerator<EsdbEvent> {
    const session = this.current();
    const options = { ...this.callOptions(), direction, fromRevision: from, maxCount: count };
    const source = session.client.readStream(stream, options);
    yield* this.events(source, (next) => this.inTime(session, next));
  }

  /**
   * Events after `after` (null: from the first on) as they are appended, until the reader is to `leave`. `silent` is
   * asked whenever nothing has come for so long; it may reject.
   */
  async *subscribe(
    stream: string,
    after: bigint | null,
    leave: AbortSignal,
    silent: { readonly ms: number; check(): Promise<void> },
  ): AsyncGenerator<EsdbEvent> {
    const session = this.current();
    const source = session.client.subscribeToStream(stream, { ...this.callOptions(), fromRevision: after ?? 'start' });
    const { signal } = session.gone;
    yield* this.events(source, async (next) => {
      for (;;) {
        const come = await firstOf(next, [leave, signal], silent.ms);
        if (come !== 'late') return come;
        await silent.check();
      }
    });
  }

  /**
   * Does `work` again until it succeeds or the time is over. What another try does not change is thrown at once.
   * `what` completes "cannot …".
   */
  async persist<T>(what: string, work: () => Promise<T>): Promise<T> {
    const pace = this.pace();
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const failure = this.failure(what, error);
        if (failure.code !== 'io' || !(await pace.again())) throw failure;
      }
    }
  }

  /** Waits between tries, longer each time; `again` is false when the time is over. */
  pace(): { again(): Promise<boolean> } {
    const { stop } = this;
    const end = performance.now() + this.deadlineMs;
    let pause = PAUSE_MS_MIN;
    return {
      async again() {
        const left = end - performance.now();
        if (left <= 0 || stop.aborted) return false;
        await delay(Math.min(pause, left), undefined, { signal: stop }).catch(() => {});
        pause = Math.min(2 * pause, PAUSE_MS_MAX);
        return performance.now() < end && !stop.aborted;
      },
    };
  }

  /** What the client's error means. `io`: it may be different next time. */
  failure(what: string, error: unknown): StoreError {
    if (error instanceof StoreError) return error;
    if (error instanceof InvariantError) throw error;
    const { shown } = this.target;
    const detail = this.detail(error);
    const kind = kindOf(error);
    if (kind === 'access-denied') {
      const why =
        this.target.credentials === null
          ? 'the server asks for a user and password, as in esdb://user:password@host'
          : 'the server does not take this user and password, or does not let this user do it';
      return new StoreError('path', `${shown}: cannot ${what}: ${why} (${detail})`);
    }
    if (kind === 'stream-deleted' || kind === 'stream-tombstoned') {
      return new StoreError('corrupt', `${shown}: cannot ${what}: the stream has been deleted for good; restore it`);
    }
    return new StoreError('io', `${shown}: cannot ${what}: ${detail}`);
  }

  /** The message of an error, in one line and without secrets. */
  detail(error: unknown): string {
    let text = error instanceof Error ? error.message : String(error);
    const { credentials } = this.target;
    if (credentials !== null) {
      const { username, password } = credentials;
      const basic = Buffer.from(`${username}:${password}`).toString('base64');
      for (const secret of [basic, password, encodeURIComponent(password)]) text = text.replaceAll(secret, '***');
    }
    return text.replace(/\s+/g, ' ').slice(0, DETAIL_LENGTH_MAX);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.giveUp(this.session);
  }

  private current(): Session {
    if (this.closed) throw closedError();
    this.session ??= { client: this.open(), gone: new AbortController() };
    return this.session;
  }

  private callOptions(): CallOptions {
    const { credentials } = this.target;
    // The client's own deadline is behind ours, which also gives the client up.
    return { deadline: 2 * this.tryMs, requiresLeader: true, ...(credentials === null ? {} : { credentials }) };
  }

  /** The client's answer; rejects and gives the client up where it takes too long. */
  private async inTime<T>(session: Session, answer: Promise<T>): Promise<T> {
    const come = await firstOf(answer, [session.gone.signal], this.tryMs);
    if (come !== 'late') return come;
    void this.giveUp(session);
    throw new Error(`no answer within ${this.tryMs} ms`);
  }

  private async *events(
    source: EventSource,
    wait: (
      next: Promise<IteratorResult<{ readonly event?: EsdbEvent }>>,
    ) => Promise<IteratorResult<{ readonly event?: EsdbEvent }>>,
  ): AsyncGenerator<EsdbEvent> {
    // It may fail after it was left; an error that nobody listens to ends the process.
    source.on?.('error', () => {});
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await wait(iterator.next());
        if (next.done === true) return;
        // Where a stream was deleted, what a link points to may be missing.
        if (next.value.event !== undefined) yield next.value.event;
      }
    } catch (error) {
      if (kindOf(error) !== 'stream-not-found') throw error;
    } finally {
      const left = source.cancel?.() ?? source.unsubscribe?.();
      left?.catch(() => {});
      source.destroy?.();
    }
  }

  /** Leaves a client behind: its calls end, and its connection is closed. */
  private async giveUp(session: Session | null): Promise<void> {
    if (session === null || session.gone.signal.aborted) return;
    if (this.session === session) this.session = null;
    session.gone.abort();
    const { client } = session;
    const leaving = (async () => {
      await client.dispose();
      (await client.getChannel?.())?.close();
    })();
    await firstOf(leaving, [], this.tryMs).catch(() => {});
  }
}

/** What kind of error it is, in the words that both clients use; null: none of theirs. */
export function kindOf(error: unknown): string | null {
  const kind: unknown = error instanceof Error && 'type' in error ? error.type : null;
  return typeof kind === 'string' ? kind : null;
}

/** `work`, or 'late' after so long; rejects when a signal aborts. Leaves nothing behind on the signals. */
function firstOf<T>(work: Promise<T>, signals: readonly AbortSignal[], ms: number): Promise<T | 'late'> {
  return new Promise((resolve, reject) => {
    const abort = () => end(() => reject(new Error('the connection was closed')));
    const timer = setTimeout(() => end(() => resolve('late')), ms);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', abort);
      settle();
    };
    work.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    );
    for (const signal of signals) {
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
    }
  });
}
