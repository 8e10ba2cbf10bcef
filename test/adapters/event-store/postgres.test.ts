/** The store in PostgreSQL beyond what every store promises: settings, lost connections, and what others do to it. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type PostgresOptions, openPostgresStore } from '../../../adapters/event-store/postgres.js';
import type { EventStore, Turn } from '../../../engine/index.js';
import { Between } from '../../support/between.js';
import { eventually } from '../../support/eventually.js';
import { needs } from '../../support/needs.js';
import { PASSWORD, PostgresPlace, PostgresServer } from '../../support/postgres.js';
import { all, follow, numbers } from './reading.js';
import { claim, turn } from './turns.js';

let place: PostgresPlace;
let server: PostgresServer;

describe('the store in PostgreSQL', needs('postgres'), () => {
  beforeAll(async () => {
    place = new PostgresPlace();
    server = await PostgresServer.create(place, 's1');
  });
  afterAll(() => place.remove());

  describe('opening', () => {
    test('several processes at once make the tables once', async () => {
      const schema = newSchema();
      const stores = await Promise.all([1, 2, 3, 4].map(() => opened(server.url(`?schema=${schema}`))));
      expect((await stores[0]!.append(turn(1), 0, 0)).outcome).toBe('appended');
      for (const store of stores) expect(await store.head()).toEqual({ revision: 1, epoch: 0 });
    });

    test('a user who may not make the schema uses one that is there', async () => {
      const schema = newSchema();
      await server.ask(`CREATE ROLE clerk LOGIN PASSWORD 'clerk'; CREATE SCHEMA ${schema} AUTHORIZATION clerk`);
      const store = await opened(`postgresql://clerk:clerk@${server.host}/postgres?schema=${schema}`);
      expect((await store.append(turn(1), 0, 0)).outcome).toBe('appended');
      const refused = openPostgresStore(`postgresql://clerk:clerk@${server.host}/postgres?schema=${newSchema()}`);
      await expect(refused).rejects.toMatchObject({ code: 'path', message: expect.stringContaining('42501') });
    });

    test('to read: the log must be there, and nothing is written', async () => {
      const schema = newSchema();
      const url = server.url(`?schema=${schema}`);
      const nothing = openPostgresStore(url, { readOnly: true });
      await expect(nothing).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('no log') });
      const { store } = await logOf(3, url);
      const reader = await opened(url, { readOnly: true });
      expect(numbers(await all(reader.read(0)))).toEqual([1, 2, 3]);
      await expect(reader.append(turn(4), 3, 1)).rejects.toThrow('opened to read');
      const follower = follow(reader, 3);
      await store.append(turn(4), 3, 1);
      expect(await follower.take(1)).toEqual([4]);
    });

    test.each([
      ['synchronous_commit', 'off'],
      ['synchronous_commit', 'local'],
      ['default_transaction_read_only', 'on'],
    ])('a server with %s = %s is not written to', async (name, value) => {
      await server.ask(`ALTER ROLE leasehold SET ${name} = ${value}`);
      onTestFinished(() =>
        server.ask(`SET transaction_read_only = off; ALTER ROLE leasehold RESET ${name}`).then(() => {}),
      );
      const refused = openPostgresStore(server.url(), { statementMs: 100 });
      await expect(refused).rejects.toThrow(name);
    });

    test('several hosts without a synchronous standby are refused: a failover would lose turns', async () => {
      const refused = openPostgresStore(`postgresql://${server.login}@${server.host},${server.host}/postgres`);
      await expect(refused).rejects.toMatchObject({ code: 'path', message: expect.stringContaining('ANY 1') });
    });

    test('what cannot be reached or entered is told, and no password', async () => {
      const messages = [
        await failure(openPostgresStore(server.url().replace(encodeURIComponent(PASSWORD), 'wrong-secret'))),
        await failure(openPostgresStore(server.url().replace('/postgres', '/nowhere'))),
        await failure(openPostgresStore(`postgresql://${server.login}@127.0.0.1:1/postgres`, { statementMs: 50 })),
      ];
      expect(messages[0]).toContain('password authentication failed');
      expect(messages[1]).toContain('"nowhere" does not exist');
      expect(messages[2]).toContain('ECONNREFUSED');
      for (const message of messages) expect(message).not.toMatch(/wrong-secret|geheim/);
    });

    test('a log of a newer version, and a schema of another program, are left alone', async () => {
      const { schema, store } = await logOf(1);
      await store.close();
      await server.ask(`UPDATE ${schema}.meta SET format = 3`);
      const url = server.url(`?schema=${schema}`);
      for (const readOnly of [false, true]) {
        await expect(openPostgresStore(url, { readOnly })).rejects.toMatchObject({
          code: 'version',
          message: expect.stringContaining('written in format 3; this version reads 2'),
        });
      }
      const other = newSchema();
      await server.ask(`CREATE SCHEMA ${other}; CREATE TABLE ${other}.meta (format text)`);
      await expect(openPostgresStore(server.url(`?schema=${other}`))).rejects.toMatchObject({ code: 'corrupt' });
    });
  });

  describe('two schedulers', () => {
    test('the one that claimed last writes, the other is refused and told the head', async () => {
      const { store, url } = await logOf(2);
      const second = await opened(url);
      expect((await second.append(claim(3, 2), 2, 2)).outcome).toBe('appended');
      expect(await store.append(turn(3), 2, 1)).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 2 } });
      expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 2 } });
    });

    test('writing against each other leave one log without gaps', async () => {
      const { store, url } = await logOf(1);
      const stores = [store, await opened(url), await opened(url)];
      const counts = await Promise.all(stores.map((each, index) => appendAnyhow(each, `writer-${index}`, 30)));
      expect(counts).toEqual([30, 30, 30]);
      expect(numbers(await all(store.read(0)))).toEqual(Array.from({ length: 91 }, (_, i) => i + 1));
    });

    // Each turn waits for the one before to be seen: without being told, a follower looks once a second only.
    test('one is told at once what the other appends', { timeout: 30_000 }, async () => {
      const { store, url } = await logOf(1);
      const follower = follow(await opened(url), 1);
      for (let n = 2; n <= 80; n++) {
        const next = follower.take(1);
        await store.append(turn(n), n - 1, 1);
        expect(await next).toEqual([n]);
      }
    });
  });

  describe('a connection that is lost', () => {
    test.each(['deaf', 'mute'] as const)(
      'while an append is on its way (%s): unknown, and reading tells',
      async (mood) => {
        const { store, between } = await logThrough(3);
        between.mood = mood;
        const kept = new Promise<void>((resolve) => {
          between.onKept = resolve;
        });
        const append = store.append(turn(4), 3, 1);
        await kept;
        between.mood = 'pass';
        between.cut();
        expect((await append).outcome).toBe('unknown');
        const heard = mood === 'mute';
        expect(numbers(await all(store.read(3)))).toEqual(heard ? [4] : []);
        expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'appended', revision: 4 });
        expect((await store.append(turn(4, 'another'), 3, 1)).outcome).toBe('refused');
        expect(numbers(await all(store.read(0)))).toEqual([1, 2, 3, 4]);
      },
    );

    test('a server that does not answer: unknown by the deadline, for all that waits', async () => {
      const { store, between } = await logThrough(3, { statementMs: 300 });
      between.mood = 'deaf';
      const answers = await Promise.all([4, 5, 6].map((n) => store.append(turn(n), n - 1, 1)));
      expect(answers.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'unknown']);
      await expect(store.head()).rejects.toMatchObject({ code: 'io' });
      between.mood = 'pass';
      between.cut();
      expect(await store.head()).toEqual({ revision: 3, epoch: 1 });
    });

    test('while nothing is on its way: nobody notices', async () => {
      const { store, between } = await logThrough(3);
      between.cut();
      await sleep(50);
      expect((await store.append(turn(4), 3, 1)).outcome).toBe('appended');
      between.cut();
      expect(numbers(await all(store.read(0)))).toEqual([1, 2, 3, 4]);
    });

    test('again and again: a follower misses nothing and sees nothing twice', async () => {
      const { store, url } = await logOf(1);
      const follower = follow(await opened(url), 0);
      const taken = follower.take(150);
      for (let n = 2; n <= 150; n++) {
        if (n % 15 === 0) await server.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`);
        await appendSurely(store, turn(n));
      }
      expect(await taken).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    });
  });

  describe('a commit whose standbys do not answer', () => {
    test('is not acknowledged, also when somebody ends the waiting, and is read only when it is durable', async () => {
      const { store, url } = await logOf(3, undefined, { statementMs: 1000 });
      await server.alter("synchronous_standby_names = 'nobody'");
      onTestFinished(() => server.alter("synchronous_standby_names = ''"));
      const append = store.append(turn(4), 3, 1);
      const waiting = `wait_event = 'SyncRep' AND ${OURS}`;
      await eventually(() => server.ask(`SELECT pid FROM pg_stat_activity WHERE ${waiting}`)).toHaveLength(1);
      // The server commits the turn here, says so, and warns that it may be nowhere else.
      await server.ask(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${waiting}`);
      expect(await append).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('warned') });
      expect((await store.append(turn(4), 3, 1)).outcome).toBe('unknown');
      await expect(all(store.read(0))).rejects.toMatchObject({ code: 'io' });
      await expect(openPostgresStore(url, { statementMs: 300 })).rejects.toMatchObject({ code: 'io' });
      await server.alter("synchronous_standby_names = ''");
      expect(numbers(await all(store.read(0)))).toEqual([1, 2, 3, 4]);
      expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'appended', revision: 4 });
    });
  });

  describe('what others do to the log', () => {
    test('an acknowledged turn that the server has no more is noticed', async () => {
      const { store, schema } = await logOf(5);
      await server.ask(`DELETE FROM ${schema}.turns WHERE number = 5; UPDATE ${schema}.head SET revision = 4`);
      await server.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`);
      await eventually(() => failure(store.head())).toContain(
        'turn 5, which was appended or read before, is not in the log',
      );
      expect(await store.append(turn(6), 5, 1)).toMatchObject({ outcome: 'unknown' });
    });

    test('another log in its place is noticed', async () => {
      const { store, schema } = await logOf(0);
      await server.ask(`UPDATE ${schema}.meta SET log = gen_random_uuid()`);
      await server.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OURS}`);
      await eventually(() => failure(store.head())).toContain('another one');
    });

    test.each([
      ['a turn that was changed', 'UPDATE S.turns SET body = replace(body, \'"now"\', \'"then"\') WHERE number = 3'],
      ['a turn in the place of another', 'UPDATE S.turns SET body = replace(body, \'"number":3\', \'"number":4\')'],
      ['a turn that was taken out', 'DELETE FROM S.turns WHERE number = 3'],
    ])('%s is named, after those before it', async (_what, change) => {
      const { store, schema } = await logOf(5);
      await server.ask(change.replaceAll('S.', `${schema}.`));
      const read: number[] = [];
      const reading = (async () => {
        for await (const { number } of store.read(0)) read.push(number);
      })();
      await expect(reading).rejects.toMatchObject({ code: 'corrupt', turn: 3 });
      expect(read).toEqual([1, 2]);
    });

    test('a damaged snapshot is passed over', async () => {
      const { store, schema } = await logOf(5);
      for (const n of [3, 4]) await store.saveSnapshot({ turn: n, version: 1, state: `state ${n}` });
      await server.ask(`UPDATE ${schema}.snapshots SET state = 'other' WHERE turn = 4`);
      expect(await store.latestSnapshot()).toEqual({ turn: 3, version: 1, state: 'state 3' });
      await server.ask(`UPDATE ${schema}.head SET revision = 2`);
      expect(await store.latestSnapshot()).toBeNull();
    });
  });
});

/** Connections of stores. */
const OURS = "application_name = 'leasehold'";

let schemas = 0;

function newSchema(): string {
  return `log_${schemas++}`;
}

async function opened(url: string, options?: PostgresOptions): Promise<EventStore> {
  const store = await openPostgresStore(url, options);
  onTestFinished(() => store.close());
  return store;
}

/** A log of so many turns; the first claims epoch 1. */
async function logOf(count: number, at?: string, options?: PostgresOptions) {
  const schema = newSchema();
  const url = at ?? server.url(`?schema=${schema}`);
  const store = await opened(url, options);
  for (let n = 1; n <= count; n++) {
    expect((await store.append(n === 1 ? claim(1, 1) : turn(n), n - 1, 1)).outcome).toBe('appended');
  }
  return { store, schema, url };
}

/** The same, with somebody in between. */
async function logThrough(count: number, options?: PostgresOptions) {
  const between = await Between.start(server.socket);
  onTestFinished(() => between.stop());
  const url = `postgresql://${server.login}@127.0.0.1:${between.port}/postgres?schema=${newSchema()}`;
  return { ...(await logOf(count, url, options)), between };
}

/** Appends the turn, also when that has to be tried again. */
async function appendSurely(store: EventStore, next: Turn): Promise<void> {
  for (;;) {
    const { outcome } = await store.append(next, next.number - 1, 1);
    if (outcome === 'appended') return;
    expect(outcome).toBe('unknown');
  }
}

/** Appends so many turns wherever the log ends; answers how many were taken. */
async function appendAnyhow(store: EventStore, name: string, count: number): Promise<number> {
  let { revision } = await store.head();
  let appended = 0;
  while (appended < count) {
    const answer = await store.append(turn(revision + 1, `${name}-${appended}`), revision, 1);
    if (answer.outcome === 'appended') appended++;
    revision =
      answer.outcome === 'appended' ? answer.revision : answer.outcome === 'refused' ? answer.head.revision : NaN;
  }
  return appended;
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => '',
    (error: Error) => error.message,
  );
}
