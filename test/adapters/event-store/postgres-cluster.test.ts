/** Three PostgreSQL servers, of which two hold a turn before it is acknowledged: what a failover may and may not do. */

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type PostgresOptions, openPostgresStore } from '../../../adapters/event-store/postgres.js';
import { type EventStore, type Turn, encodeTurn } from '../../../engine/index.js';
import { eventually } from '../../support/eventually.js';
import { needs } from '../../support/needs.js';
import { PostgresPlace, PostgresServer } from '../../support/postgres.js';
import { all, numbers } from './reading.js';
import { claim, turn } from './turns.js';

/** Appends that are on their way at the same time. */
const WRITERS_AHEAD = 8;

describe('the store on three PostgreSQL servers', needs('postgres'), () => {
  let place: PostgresPlace;
  let primary: PostgresServer;
  let standbys: PostgresServer[];
  let url: string;

  beforeAll(async () => {
    place = new PostgresPlace();
    primary = await PostgresServer.create(place, 's1');
    standbys = [await primary.standby('s2'), await primary.standby('s3')];
    // A standby that is promoted waits for the other one by the same rule.
    for (const server of [primary, ...standbys]) await server.alter("synchronous_standby_names = 'ANY 1 (s1, s2, s3)'");
    const hosts = [primary, ...standbys].map(({ host }) => host).join(',');
    url = `postgresql://${primary.login}@${hosts}/postgres`;
  });
  afterAll(() => place.remove());

  test('nothing is acknowledged while no standby has it', async () => {
    const store = await opened(`${url}?schema=quorum`, { statementMs: 500 });
    expect((await store.append(claim(1, 1), 0, 1)).outcome).toBe('appended');
    for (const standby of standbys) standby.freeze('SIGSTOP');
    expect((await store.append(turn(2), 1, 1)).outcome).toBe('unknown');
    await expect(all(store.read(0))).rejects.toMatchObject({ code: 'io' });
    standbys[1]!.freeze('SIGCONT');
    await eventually(() => all(store.read(0)).then(numbers, () => [])).toEqual([1, 2]);
    expect(await store.append(turn(2), 1, 1)).toEqual({ outcome: 'appended', revision: 2 });
    standbys[0]!.freeze('SIGCONT');
  });

  test('a standby is read from, and is not written to', async () => {
    const store = await opened(`${url}?schema=standby`);
    expect((await store.append(turn(1), 0, 0)).outcome).toBe('appended');
    const alone = standbys[0]!.url('?schema=standby');
    await expect(openPostgresStore(alone, { statementMs: 50 })).rejects.toThrow('is a standby');
    await expect(openPostgresStore(alone, { statementMs: 50, readOnly: true })).rejects.toThrow('is a standby');
    const reader = await opened(standbys[0]!.url('?schema=standby&target_session_attrs=any'), { readOnly: true });
    await eventually(() => all(reader.read(0)).then(numbers)).toEqual([1]);
    const followed = take(reader, 3);
    for (const n of [2, 3]) expect((await store.append(turn(n), n - 1, 0)).outcome).toBe('appended');
    expect(await followed).toEqual([1, 2, 3]);
  });

  test('kill -9 of the primary under load: every acknowledged turn is kept, and the log goes on', async () => {
    const first = await opened(url);
    const follower = await opened(url);
    const other = await opened(url);
    expect((await first.append(claim(1, 1), 0, 1)).outcome).toBe('appended');
    const followed = take(follower, 1200);

    // 1. The primary dies while turns are on their way; the standby that has more takes over.
    const load = new Load(first, 1);
    const appending = load.runTo(1100);
    await eventually(() => load.acknowledged).toBeGreaterThan(300);
    await primary.kill();
    const atKill = load.acknowledged;
    const old = await failOver();
    await appending;
    expect(load.acknowledged).toBe(1099);
    expect(atKill).toBeLessThan(1099);

    // 2. The log: what was acknowledged, to the letter, each once, without gaps.
    const log = await all(first.read(0));
    expect(numbers(log)).toEqual(Array.from({ length: 1100 }, (_, i) => i + 1));
    expect(log.slice(1).map(encodeTurn)).toEqual(load.texts);

    // 3. Another scheduler claims the log; the first is stale, whatever it knows.
    expect((await other.append(claim(1101, 2), 1100, 2)).outcome).toBe('appended');
    for (const n of [1101, 1102]) {
      expect(await first.append(turn(n), n - 1, 1)).toEqual({ outcome: 'refused', head: { revision: 1101, epoch: 2 } });
    }

    // 4. The old primary comes back and thinks that it is one: nobody writes there, nor reads.
    await old.start();
    for (const store of [other, await opened(url)]) {
      const { revision } = await store.head();
      expect((await store.append(turn(revision + 1), revision, 2)).outcome).toBe('appended');
    }
    expect(await primary.ask('SELECT revision::int FROM leasehold.head')).toEqual([{ revision: 1103 }]);
    expect(await old.ask('SELECT epoch::int FROM leasehold.head')).toEqual([{ epoch: 1 }]);

    // 5. Who followed from the beginning has seen it all, once.
    for (let n = 1104; n <= 1200; n++) expect((await other.append(turn(n), n - 1, 2)).outcome).toBe('appended');
    expect(await followed).toEqual(Array.from({ length: 1200 }, (_, i) => i + 1));
    await old.join(primary);
    standbys.push(old);
  });

  test('a primary that stands still: another takes over, and what the first does later counts nothing', async () => {
    const store = await opened(`${url}?schema=still`, { statementMs: 1000 });
    expect((await store.append(claim(1, 1), 0, 1)).outcome).toBe('appended');
    primary.freeze('SIGSTOP');
    expect((await store.append(turn(2), 1, 1)).outcome).toBe('unknown');
    const old = await failOver();
    await eventually(async () => (await store.append(turn(2, 'after'), 1, 1)).outcome).toBe('appended');
    // It wakes, and carries out what it had been sent: without a standby that follows it, nothing comes of it.
    old.freeze('SIGCONT');
    await expect(openPostgresStore(old.url('?schema=still'), { statementMs: 300 })).rejects.toMatchObject({
      code: 'io',
    });
    const log = await all((await opened(`${url}?schema=still`)).read(0));
    expect(log.map(encodeTurn)).toEqual([claim(1, 1), turn(2, 'after')].map(encodeTurn));
    await old.join(primary);
    standbys.push(old);
  });

  /** The standby that has most takes over, and the other follows it. Answers the server that was the primary. */
  async function failOver(): Promise<PostgresServer> {
    const old = primary;
    const [ahead, behind] = await byProgress(standbys);
    await ahead!.promote();
    await behind!.alter(`primary_conninfo = '${ahead!.conninfoFor(behind!)}'`);
    primary = ahead!;
    standbys = [behind!];
    return old;
  }
});

async function opened(url: string, options?: PostgresOptions): Promise<EventStore> {
  const store = await openPostgresStore(url, options);
  onTestFinished(() => store.close());
  return store;
}

async function take(store: EventStore, count: number): Promise<number[]> {
  const taken: number[] = [];
  for await (const { number } of store.subscribe(0)) {
    taken.push(number);
    if (taken.length === count) break;
  }
  return taken;
}

/** A writer that has several turns on their way, and repeats those of unknown outcome until they are certain. */
class Load {
  acknowledged = 0;
  unknown = 0;
  pauseMs = 0;
  readonly texts: string[] = [];
  private last = performance.now();

  constructor(
    private readonly store: EventStore,
    private from: number,
  ) {}

  async runTo(until: number): Promise<void> {
    while (this.from < until) {
      const turns = Array.from({ length: Math.min(WRITERS_AHEAD, until - this.from) }, (_, i) =>
        turn(this.from + i + 1),
      );
      for (const next of turns) this.texts.push(encodeTurn(next));
      await this.appendAll(turns);
      this.from += turns.length;
    }
  }

  private async appendAll(turns: readonly Turn[]): Promise<void> {
    for (let due = turns; due.length > 0; ) {
      const answers = await Promise.all(due.map((next) => this.store.append(next, next.number - 1, 1)));
      expect(answers.map(({ outcome }) => outcome)).not.toContain('refused');
      const open = answers.findIndex(({ outcome }) => outcome !== 'appended');
      const done = open < 0 ? due.length : open;
      if (done > 0) {
        this.pauseMs = Math.max(this.pauseMs, Math.round(performance.now() - this.last));
        this.last = performance.now();
      }
      this.acknowledged += done;
      this.unknown += due.length - done;
      due = due.slice(done);
    }
  }
}

/** The server that has received most comes first. */
async function byProgress(servers: readonly PostgresServer[]): Promise<PostgresServer[]> {
  const received = await Promise.all(
    servers.map(async (server) => {
      const [row] = await server.ask("SELECT pg_last_wal_receive_lsn() - '0/0' AS bytes");
      return { server, bytes: BigInt(row!.bytes as string) };
    }),
  );
  return received.sort((a, b) => (a.bytes < b.bytes ? 1 : a.bytes > b.bytes ? -1 : 0)).map(({ server }) => server);
}
