/**
 * A connection to the server that can be written to now, made anew whenever it is lost. One statement at a time, in the
 * order of the calls.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, closedError } from './errors.js';
import { type PostgresConnection, type Row, StandbyError, type Statement } from './postgres-connection.js';

const BACKOFF_MS_MIN = 25;
const BACKOFF_MS_MAX = 1000;
/** How long the other hosts may take after the first has answered: one of them may have been promoted since. */
const OTHERS_MS = 200;

export class PostgresSession {
  private connection: PostgresConnection | null = null;
  /** Resolves when nothing is under way; never rejects. */
  private tail: Promise<unknown> = Promise.resolve();
  private closed = false;

  /** `connect`: a connection that can be used, or a StoreError. */
  constructor(private readonly connect: () => Promise<PostgresConnection>) {}

  /**
   * The rows that the statement gives. `again`: after a lost connection it is asked again, until the deadline; otherwise
   * it is sent once, and after an error nobody knows whether it was carried out. Throws a StoreError.
   */
  query(statement: Statement, ms: number, again: 'again' | 'once'): Promise<readonly Row[]> {
    const answer = this.tail.then(() => this.ask(statement, performance.now() + ms, again));
    this.tail = answer.catch(() => {});
    return answer;
  }

  /** The next statement goes to a new connection. */
  reset(): void {
    this.connection?.destroy();
    this.connection = null;
  }

  /** Waits for what is under way; nothing is begun any more. */
  async close(ms: number): Promise<void> {
    this.closed = true;
    await this.tail;
    await this.connection?.end(ms);
    this.connection = null;
  }

  private async ask(statement: Statement, until: number, again: 'again' | 'once'): Promise<readonly Row[]> {
    for (;;) {
      const connection = await this.connected(until);
      try {
        return await connection.query(statement, Math.max(1, until - performance.now()));
      } catch (error) {
        // Whatever it was, the next statement begins with a server that has just been checked.
        if (this.connection === connection) this.reset();
        if (again === 'once' || !isPassing(error) || performance.now() >= until) throw error;
      }
    }
  }

  private async connected(until: number): Promise<PostgresConnection> {
    if (this.connection?.lost === true) this.reset();
    for (let backoff = BACKOFF_MS_MIN; this.connection === null; backoff = Math.min(2 * backoff, BACKOFF_MS_MAX)) {
      if (this.closed) throw closedError();
      try {
        this.connection = await this.connect();
      } catch (error) {
        if (!isPassing(error) || performance.now() + backoff >= until) throw error;
        await sleep(backoff);
      }
    }
    return this.connection;
  }
}

/** Whether trying again may help. */
export function isPassing(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'io';
}

/**
 * Of all hosts, tried at the same time, the one to use: the latest timeline, then the order given. An earlier primary
 * that has come back is so told from the one that was promoted in its place.
 */
export async function firstOf(
  hosts: readonly (() => Promise<PostgresConnection>)[],
  shown: string,
): Promise<PostgresConnection> {
  const found: (PostgresConnection | undefined)[] = hosts.map(() => undefined);
  const failures: (StoreError | undefined)[] = hosts.map(() => undefined);
  let decided = false;
  let grace: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    const attempts = hosts.map(async (open, index) => {
      try {
        const connection = await open();
        if (decided) connection.destroy();
        else found[index] = connection;
        grace ??= setTimeout(resolve, OTHERS_MS);
      } catch (error) {
        failures[index] = error as StoreError;
      }
    });
    void Promise.all(attempts).then(() => resolve());
  });
  decided = true;
  clearTimeout(grace);
  const candidates = found
    .filter((connection) => connection !== undefined)
    .sort((a, b) => b.server.timeline - a.server.timeline); // the sort is stable
  for (const other of candidates.slice(1)) other.destroy();
  if (candidates[0] !== undefined) return candidates[0];
  throw noneOf(
    failures.filter((failure) => failure !== undefined),
    shown,
  );
}

/** Why no host will do. What has to be changed by somebody comes before what may pass; that a standby is one is usual. */
function noneOf(failures: readonly StoreError[], shown: string): StoreError {
  const telling = failures.filter((failure) => !(failure instanceof StandbyError));
  const lasting = telling.find((failure) => !isPassing(failure));
  if (lasting !== undefined && telling.every((failure) => !isPassing(failure))) return lasting;
  const details = failures.map(({ message }) => message).join('; ');
  return new StoreError('io', failures.length > 1 ? `${shown}: no server can be used now: ${details}` : details);
}
