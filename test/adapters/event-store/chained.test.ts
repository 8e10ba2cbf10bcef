/** The chain and the anchor of logs that are kept on a server. */

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Anchor, readAnchor } from '../../../adapters/event-store/anchor.js';
import { GENESIS, hashAfter } from '../../../adapters/event-store/chain.js';
import { openEventStoreDbStore } from '../../../adapters/event-store/esdb.js';
import { eventId } from '../../../adapters/event-store/esdb-events.js';
import { openPostgresStore } from '../../../adapters/event-store/postgres.js';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import { Checkpointer } from '../../../api/checkpointer.js';
import { LogProof } from '../../../api/log-proof.js';
import { type EventStore, type Turn, encodeTurn } from '../../../engine/index.js';
import { EsdbServer } from '../../support/esdb/server.js';
import { needs } from '../../support/needs.js';
import { PostgresPlace, PostgresServer } from '../../support/postgres.js';
import { all, numbers } from './reading.js';
import { claim, turn } from './turns.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-chained-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const turnAt = (n: number): Turn => (n === 1 ? claim(1, 1) : turn(n));

/** The hash after turn `last` of a log of `turnAt`. */
function hashOf(last: number): Buffer {
  let hash = GENESIS;
  for (let n = 1; n <= last; n++) hash = hashAfter(hash, n, encodeTurn(turnAt(n)));
  return hash;
}

async function append(store: EventStore, from: number, until: number): Promise<void> {
  for (let n = from; n <= until; n++) expect((await store.append(turnAt(n), n - 1, 1)).outcome).toBe('appended');
}

type Opened = Awaited<ReturnType<typeof openPostgresStore>>;

/** A log on a server, and what somebody who has the server can do to it. */
interface Place {
  open(options?: { readonly anchor?: string; readonly readOnly?: boolean }): Promise<Opened>;
  /** The text of a turn is another one, everything else fits. */
  alter(number: number): Promise<void>;
  /** Turns after `last` are gone. */
  cut(last: number): Promise<void>;
}

/** What holds of every store on a server. */
function promises(place: () => Promise<Place>): void {
  const anchor = (): string => join(folder, 'anchor');

  test('each turn has its hash, and the anchor is where the log ends', async () => {
    const { open } = await place();
    const store = await open({ anchor: anchor() });
    await append(store, 1, 5);
    for (let n = 0; n <= 5; n++) expect(await store.hash(n)).toEqual(hashOf(n));
    expect(await store.hash(6)).toBeNull();
    expect(readAnchor(anchor())).toEqual({ turn: 5, hash: hashOf(5) });
    expect(await all(store.stored(3))).toMatchObject(
      [4, 5].map((number) => ({ number, text: encodeTurn(turnAt(number)), hash: hashOf(number) })),
    );
    await store.close();
    const again = await open({ anchor: anchor() });
    await append(again, 6, 7);
    expect(readAnchor(anchor())).toMatchObject({ turn: 7 });
  });

  test('many turns on their way at once are chained in their order, and anchored when they are acknowledged', async () => {
    const { open } = await place();
    const store = await open({ anchor: anchor() });
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, i) => store.append(turnAt(i + 1), i, 1)));
    expect(outcomes.every(({ outcome }) => outcome === 'appended')).toBe(true);
    expect(readAnchor(anchor())).toEqual({ turn: 40, hash: hashOf(40) });
    expect(numbers(await all(store.read(0)))).toHaveLength(40);
  });

  test('a turn that was altered is found by whoever reads it', async () => {
    const { open, alter } = await place();
    const store = await open();
    await append(store, 1, 8);
    await alter(5);
    const reader = await open({ readOnly: true });
    await expect(all(reader.read(0))).rejects.toMatchObject({ code: 'corrupt', turn: 5 });
    await expect(all(reader.read(3))).rejects.toMatchObject({ code: 'corrupt', turn: 5 });
    expect(numbers(await all(reader.read(5)))).toEqual([6, 7, 8]);
    await expect(all(reader.subscribe(0))).rejects.toMatchObject({ code: 'corrupt', turn: 5 });
  });

  test('a log that ends before its anchor is not opened, to write or to read; nor one that is gone', async () => {
    const { open, cut } = await place();
    const store = await open({ anchor: anchor() });
    await append(store, 1, 6);
    await store.close();
    await cut(4);
    for (const readOnly of [false, true]) {
      await expect(open({ anchor: anchor(), readOnly })).rejects.toMatchObject({
        code: 'short',
        message: expect.stringContaining('ends with turn 4; turn 6 was acknowledged'),
      });
    }
    expect(readAnchor(anchor())).toMatchObject({ turn: 6 });
  });

  test('another log in its place is not opened', async () => {
    const { open } = await place();
    const store = await open();
    await append(store, 1, 6);
    Anchor.create(anchor(), { turn: 4, hash: hashOf(5) }).close();
    await expect(open({ anchor: anchor() })).rejects.toMatchObject({ code: 'corrupt', turn: 4 });
  });

  test('another service may have gone on: the anchor may lag behind, and begins where the log is', async () => {
    const { open } = await place();
    const first = await open({ anchor: anchor() });
    await append(first, 1, 3);
    const second = await open({ anchor: join(folder, 'second') });
    expect(readAnchor(join(folder, 'second'))).toEqual({ turn: 3, hash: hashOf(3) });
    expect((await second.append(claim(4, 2), 3, 2)).outcome).toBe('appended');
    expect((await first.append(turnAt(4), 3, 1)).outcome).toBe('refused');
    expect(readAnchor(anchor())).toMatchObject({ turn: 3 });
    await first.close();
    const again = await open({ anchor: anchor() });
    expect((await again.append(turn(5), 4, 2)).outcome).toBe('appended');
    expect(readAnchor(anchor())).toMatchObject({ turn: 5 });
  });
}

describe('a log in PostgreSQL', needs('postgres'), () => {
  let here: PostgresPlace;
  let server: PostgresServer;
  beforeAll(async () => {
    here = new PostgresPlace();
    server = await PostgresServer.create(here, 's1');
  });
  afterAll(() => here.remove());

  let made = 0;
  const opener =
    (schema: string): Place['open'] =>
    async (options) => {
      const store = await openPostgresStore(server.url(`?schema=${schema}`), options);
      onTestFinished(() => store.close());
      return store;
    };

  promises(async () => {
    const schema = `chained_${made++}`;
    return {
      open: opener(schema),
      alter: async (n) => {
        await server.ask(`UPDATE ${schema}.turns SET body = replace(body, '"now":', '"now":1') WHERE number = ${n}`);
      },
      cut: async (last) => {
        await server.ask(
          `DELETE FROM ${schema}.turns WHERE number > ${last}; UPDATE ${schema}.head SET revision = ${last}, ` +
            `hash = (SELECT hash FROM ${schema}.turns WHERE number = ${last})`,
        );
      },
    };
  });

  /** As version 0.1 left it. */
  async function logOfFormat1(count: number): Promise<string> {
    const schema = `old_${made++}`;
    const rows = Array.from({ length: count }, (_, i) => `(${i + 1}, $t$${encodeTurn(turnAt(i + 1))}$t$)`);
    await server.ask(`CREATE SCHEMA ${schema};
      CREATE TABLE ${schema}.meta (one boolean PRIMARY KEY DEFAULT true CHECK (one), format integer NOT NULL, log uuid NOT NULL);
      INSERT INTO ${schema}.meta (format, log) VALUES (1, gen_random_uuid());
      CREATE TABLE ${schema}.head (one boolean PRIMARY KEY DEFAULT true CHECK (one), revision bigint NOT NULL, epoch bigint NOT NULL);
      INSERT INTO ${schema}.head (revision, epoch) VALUES (${count}, ${count === 0 ? 0 : 1});
      CREATE TABLE ${schema}.turns (number bigint PRIMARY KEY, body text NOT NULL);
      CREATE TABLE ${schema}.snapshots (turn bigint PRIMARY KEY, version integer NOT NULL, digest bytea NOT NULL, state bytea NOT NULL);
      CREATE FUNCTION ${schema}.append(numbers bigint[], epochs bigint[], claims bigint[], lengths integer[], bodies bytea)
        RETURNS TABLE (appended boolean, head_revision float8, head_epoch float8) LANGUAGE sql AS $f$ SELECT true, 0.0, 0.0 $f$;
      ${count === 0 ? '' : `INSERT INTO ${schema}.turns VALUES ${rows.join(',')};`}`);
    return schema;
  }

  test.each([0, 1, 300])('a log of %i turns that an earlier version wrote is given its hashes, once', async (count) => {
    const schema = await logOfFormat1(count);
    const open = opener(schema);
    await expect(open({ readOnly: true })).rejects.toMatchObject({
      code: 'version',
      message: expect.stringContaining('by an earlier version'),
    });
    const store = await open({ anchor: join(folder, 'anchor') });
    expect(await store.hash(count)).toEqual(hashOf(count));
    expect(readAnchor(join(folder, 'anchor'))).toEqual({ turn: count, hash: hashOf(count) });
    await append(store, count + 1, count + 3);
    expect(numbers(await all((await open({ readOnly: true })).read(0)))).toHaveLength(count + 3);
  });

  test('a log of a later version is left alone', async () => {
    const schema = `later_${made++}`;
    await (await opener(schema)()).close();
    await server.ask(`UPDATE ${schema}.meta SET format = 3`);
    const before = await server.ask(`SELECT * FROM ${schema}.meta, ${schema}.head`);
    for (const readOnly of [false, true]) {
      await expect(opener(schema)({ readOnly })).rejects.toMatchObject({ code: 'version' });
    }
    expect(await server.ask(`SELECT * FROM ${schema}.meta, ${schema}.head`)).toEqual(before);
  });
});

describe('a log in EventStoreDB', () => {
  let server: EsdbServer;
  beforeAll(async () => {
    server = await EsdbServer.start({ client: 'eventstore' });
  });
  afterAll(() => server.stop());

  let made = 0;
  function newLog() {
    const name = `chained_${made++}`;
    const stream = `leasehold-${name}`;
    const open: Place['open'] = async (options) => {
      const store = await openEventStoreDbStore(`esdb://127.0.0.1:${server.port}/${name}?tls=false`, options);
      onTestFinished(() => store.close());
      return store;
    };
    /** What is noted beside turn `n` is another thing. */
    const note = (n: number, change: (noted: object) => object): void =>
      server.data.damage(stream, n - 1, ({ custom }) => ({
        custom: Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(custom).toString()) as object))),
      }));
    return { open, stream, note };
  }
  /** As version 0.1 left it: no hashes. */
  const withoutHash = (noted: object): object => {
    const { turn: number, epoch } = noted as { turn: number; epoch: number };
    return { turn: number, epoch };
  };

  promises(async () => {
    const { open, stream } = newLog();
    return {
      open,
      alter: async (n) =>
        server.data.damage(stream, n - 1, ({ data }) => {
          const text = Buffer.from(data).toString().replace('"now":', '"now":1');
          return { data: Buffer.from(text), id: eventId(stream, n, text) };
        }),
      cut: async (last) => server.data.forget(stream, last),
    };
  });

  test('turns that an earlier version wrote come before all that have a hash, and are covered by those', async () => {
    const { open, note, stream } = newLog();
    const store = await open();
    await append(store, 1, 4);
    await store.close();
    for (const n of [1, 2, 3, 4]) note(n, withoutHash);
    const anchor = join(folder, 'anchor');
    const again = await open({ anchor });
    expect(readAnchor(anchor)).toEqual({ turn: 4, hash: hashOf(4) });
    await append(again, 5, 6);
    expect(await again.hash(6)).toEqual(hashOf(6));
    expect(numbers(await all(again.read(0)))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(numbers(await all(again.read(2)))).toEqual([3, 4, 5, 6]);
    // What is altered among the first shows at the first turn that has a hash.
    server.data.damage(stream, 1, ({ data }) => {
      const text = Buffer.from(data).toString().replace('"now":', '"now":1');
      return { data: Buffer.from(text), id: eventId(stream, 2, text) };
    });
    await expect(all(again.read(0))).rejects.toMatchObject({ code: 'corrupt', turn: 5 });
  });

  test('a hash that is gone is not taken for one that never was', async () => {
    const { open, note } = newLog();
    const store = await open();
    await append(store, 1, 4);
    note(3, withoutHash);
    await expect(all(store.read(0))).rejects.toMatchObject({ code: 'corrupt', turn: 3 });
  });

  test('a log of a later version is left alone', async () => {
    const { open, note, stream } = newLog();
    const store = await open();
    await append(store, 1, 2);
    await store.close();
    note(2, (noted) => ({ ...noted, format: 3 }));
    await expect(open()).rejects.toMatchObject({ code: 'version', message: expect.stringContaining('format 3') });
    expect(server.data.visible(stream)).toHaveLength(2);
  });
});

describe('what a later version wrote beside a log', () => {
  test('an anchor: it is left as it is, and nothing is opened', () => {
    const path = join(folder, 'anchor');
    const text = `leasehold anchor 2 7 of another kind `;
    const check = createHash('sha256').update(text).digest('hex').slice(0, 16);
    writeFileSync(path, `${text}${check}\n`);
    expect(() => readAnchor(path)).toThrow(expect.objectContaining({ code: 'version' }));
    const store = join(folder, 'log.db');
    expect(() => openSqliteStore(store, { anchor: path })).toThrow(expect.objectContaining({ code: 'version' }));
    expect(existsSync(store)).toBe(false);
  });

  test('checkpoints: none is added', () => {
    const [key, file] = [join(folder, 'key'), join(folder, 'checkpoints.ndjson')];
    writeFileSync(file, '{"checkpoint":2,"anything":true}\n');
    const opened = (): unknown => new Checkpointer({ key, file, everyTurns: 1, everyMs: 1000 }, new LogProof());
    expect(opened).toThrow(expect.objectContaining({ code: 'version' }));
    expect(readFileSync(file, 'utf8')).toBe('{"checkpoint":2,"anything":true}\n');
  });
});
