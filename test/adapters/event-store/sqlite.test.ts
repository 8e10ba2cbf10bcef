/** What is particular to the SQLite store: its files, its lock, readers beside the writer, and damaged files. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { GENESIS, hashAfter } from '../../../adapters/event-store/chain.js';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import { type EventStore, InvariantError, encodeTurn } from '../../../engine/index.js';
import { all, numbers } from './reading.js';
import { claim, turn, turnOfSize } from './turns.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-store-'));
  path = join(folder, 'store', 'log.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the files', () => {
  test('are for their owner only', async () => {
    await writerWith(3);
    const mode = (name: string): string => (statSync(join(folder, 'store', name)).mode & 0o777).toString(8);
    expect(mode('')).toBe('700');
    for (const name of ['log.db', 'log.db-wal', 'log.db.lock', 'log.db.holder'])
      expect([name, mode(name)]).toEqual([name, '600']);
  });

  test('are one database when the store is closed', async () => {
    const store = await writerWith(3);
    await store.close();
    expect(statSync(path).size).toBeGreaterThan(0);
    expect(() => statSync(`${path}-wal`)).toThrow('ENOENT');
    expect(() => statSync(`${path}.holder`)).toThrow('ENOENT');
  });

  test('the write-ahead log does not grow with the log', async () => {
    const store = await writerWith(1);
    for (let n = 2; n <= 80; n++) await store.append(turnOfSize(n, 500_000), n - 1, 1);
    expect(statSync(`${path}-wal`).size).toBeLessThan(12_000_000);
    expect(statSync(path).size).toBeGreaterThan(30_000_000);
  });

  test('a path that cannot be: a clear error', () => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(path, { recursive: true });
    for (const bad of [join(folder, 'file', 'log.db'), path, '/dev/null/log.db']) {
      for (const readOnly of [false, true]) {
        expect(() => openSqliteStore(bad, { readOnly })).toThrow(
          expect.objectContaining({ name: 'StoreError', code: 'path' }),
        );
      }
    }
  });

  test('a reader of a store that is not there creates nothing', () => {
    expect(() => openSqliteStore(path, { readOnly: true })).toThrow(expect.objectContaining({ code: 'path' }));
    expect(() => statSync(join(folder, 'store'))).toThrow('ENOENT');
  });
});

describe('the lock', () => {
  test('keeps a second writer out, and names the first', async () => {
    await writerWith(1);
    expect(() => openSqliteStore(path)).toThrow(
      expect.objectContaining({ code: 'locked', message: expect.stringContaining(`process ${process.pid} on `) }),
    );
  });

  test('the attempt of a second writer changes nothing for the first', async () => {
    const store = await writerWith(1);
    for (let n = 2; n <= 5; n++) {
      expect(() => openSqliteStore(path)).toThrow('is in use by');
      expect((await store.append(turn(n), n - 1, 1)).outcome).toBe('appended');
    }
  });

  test('is let go when the store is closed', async () => {
    const first = await writerWith(1);
    await first.close();
    const second = opened(openSqliteStore(path));
    expect((await second.append(turn(2), 1, 1)).outcome).toBe('appended');
  });

  test('is let go when the file turns out to be no store', () => {
    mkdirSync(join(folder, 'store'));
    writeFileSync(path, 'no database, but long enough to be taken for one'.repeat(100));
    for (let attempt = 1; attempt <= 2; attempt++)
      expect(() => openSqliteStore(path)).toThrow('not an SQLite database');
  });

  test('holds also where the note about the holder is lost or not readable', async () => {
    await writerWith(1);
    rmSync(`${path}.holder`);
    expect(() => openSqliteStore(path)).toThrow('is in use by another process');
    writeFileSync(`${path}.holder`, '{"pid":');
    expect(() => openSqliteStore(path)).toThrow('is in use by another process');
  });

  test('turns that somebody wrote in spite of it are seen: the fence is in the transaction', async () => {
    const store = await writerWith(2);
    change((db) => {
      db.prepare('INSERT INTO turns VALUES (3, 1, 1, ?, ?)').run(encodeTurn(turn(3, 'intruder')), GENESIS);
      db.exec('UPDATE meta SET epoch = 5');
    });
    expect(await store.append(turn(3), 2, 1)).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 5 } });
    expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 5 } });
  });

  test('a transaction held open by somebody else is an error, and passes', async () => {
    const store = await writerWith(2);
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.append(turn(3), 2, 1)).rejects.toMatchObject({ name: 'StoreError', code: 'locked' });
    other.exec('ROLLBACK');
    other.close();
    expect((await store.append(turn(3), 2, 1)).outcome).toBe('appended');
  });
});

describe('a reader beside the writer', () => {
  test('sees what was appended before and after it came', async () => {
    const store = await writerWith(3);
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    expect(numbers(await all(reader.read(0)))).toEqual([1, 2, 3]);
    await store.append(claim(4, 2), 3, 2);
    expect(numbers(await all(reader.read(2)))).toEqual([3, 4]);
    expect(await reader.head()).toEqual({ revision: 4, epoch: 2 });
    await store.saveSnapshot({ turn: 4, version: 1, state: 's' });
    expect(await reader.latestSnapshot()).toEqual({ turn: 4, version: 1, state: 's' });
  });

  test('follows it, and ends when the reader is closed', async () => {
    const store = await writerWith(2);
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    const seen: number[] = [];
    const following = (async () => {
      for await (const { number } of reader.subscribe(0)) {
        seen.push(number);
        if (number < 6) await Promise.resolve(store.append(turn(number + 1), number, 1)).catch(() => {});
        else await reader.close();
      }
    })();
    await following;
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('waits for the next turn, and may leave while it waits', async () => {
    const store = await writerWith(2);
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    const turns = reader.subscribe(2)[Symbol.asyncIterator]();
    const third = turns.next();
    await store.append(turn(3), 2, 1);
    expect(await third).toEqual({ done: false, value: turn(3) });
    const fourth = turns.next();
    await turns.return!();
    expect(await fourth).toEqual({ done: true, value: undefined });
  });

  test('is kept from writing', async () => {
    await writerWith(2);
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    await expect(reader.append(turn(3), 2, 1)).rejects.toBeInstanceOf(InvariantError);
    await expect(reader.saveSnapshot({ turn: 1, version: 1, state: '' })).rejects.toBeInstanceOf(InvariantError);
  });

  test('outlives the writer, and needs none', async () => {
    const store = await writerWith(3);
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    await store.close();
    expect(numbers(await all(reader.read(0)))).toEqual([1, 2, 3]);
    await reader.close();
    const later = opened(openSqliteStore(path, { readOnly: true }));
    expect(numbers(await all(later.read(0)))).toEqual([1, 2, 3]);
  });

  test('a writer may come while readers read', async () => {
    await (await writerWith(3)).close();
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    const writer = opened(openSqliteStore(path));
    await writer.append(turn(4), 3, 1);
    expect(numbers(await all(reader.read(0)))).toEqual([1, 2, 3, 4]);
  });
});

describe('snapshots', () => {
  test('the last two are kept', async () => {
    const store = await writerWith(9);
    for (const n of [2, 4, 8, 6]) await store.saveSnapshot({ turn: n, version: 1, state: `${n}` });
    await store.close();
    expect(change((db) => db.prepare('SELECT turn FROM snapshots ORDER BY turn').pluck().all())).toEqual([6, 8]);
  });

  test('one that is damaged is passed over, as is one ahead of the log', async () => {
    const store = await writerWith(9);
    for (const n of [4, 8]) await store.saveSnapshot({ turn: n, version: 1, state: `state ${n}` });
    change((db) => db.exec("UPDATE snapshots SET state = 'state 9' WHERE turn = 8"));
    expect(await store.latestSnapshot()).toMatchObject({ turn: 4 });
    change((db) => db.exec('UPDATE snapshots SET turn = 10 WHERE turn = 4'));
    expect(await store.latestSnapshot()).toBeNull();
  });
});

describe('a damaged log', () => {
  test.each([
    ['a turn is missing', 'DELETE FROM turns WHERE number = 700', 700, 'turn 701 follows turn 699'],
    ['the beginning is missing', 'DELETE FROM turns WHERE number <= 3', 1, 'turn 4 follows turn 0'],
    ['a turn is no JSON', "UPDATE turns SET text = 'x' WHERE number = 650", 650, 'not JSON'],
    ['a turn is no turn', "UPDATE turns SET text = '{}' WHERE number = 1", 1, 'number is missing'],
    [
      'a turn is another',
      'UPDATE turns SET text = (SELECT text FROM turns WHERE number = 5) WHERE number = 6',
      6,
      'turn 5',
    ],
    [
      'a part is missing',
      'DELETE FROM turns WHERE number = 702 AND part = 2',
      702,
      'part 2 of 3 of turn 702 is missing',
    ],
    ['the last part is missing', 'DELETE FROM turns WHERE number = 702 AND part = 3', 702, 'part 3 of 3'],
    [
      'all parts but the first are missing, at the end',
      'DELETE FROM turns WHERE (number = 702 AND part > 1) OR number > 702',
      702,
      'part 2 of 3',
    ],
    ['a part is numbered wrongly', 'UPDATE turns SET part = 9 WHERE number = 5', 5, 'part 1 of 1 of turn 5 is missing'],
    ['a turn has too many parts', 'UPDATE turns SET "of" = 1000000 WHERE number = 7', 7, 'beyond the limits'],
  ])('%s: the turns before it are read, then its number is told', async (_, damage, first, message) => {
    await (await longLog()).close();
    change((db) => db.exec(damage));
    rmSync(`${path}.anchor`); // a reader without it only sees what is there
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    const read: number[] = [];
    const reading = (async () => {
      for await (const { number } of reader.read(0)) read.push(number);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt', turn: first });
    await expect(reading).rejects.toThrow(message);
    expect(read).toEqual(Array.from({ length: first - 1 }, (_, i) => i + 1));
  });

  test('a page overwritten in the middle of the file is found, with a turn number', async () => {
    await (await longLog()).close();
    const bytes = readFileSync(path);
    bytes.fill(0xee, 20 * 4096, 60 * 4096);
    writeFileSync(path, bytes);
    const reader = opened(openSqliteStore(path, { readOnly: true }));
    const reading = all(reader.read(0));
    await expect(reading).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt', turn: expect.any(Number) });
  });

  test('a file cut off in the middle is found', async () => {
    await (await longLog()).close();
    truncateSync(path, Math.floor(statSync(path).size / 8192) * 4096);
    const reading = (async () => all(opened(openSqliteStore(path, { readOnly: true })).read(0)))();
    await expect(reading).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
  });
});

describe('a file that is not a store', () => {
  test.each([
    ['text', () => 'hello, world\n'.repeat(1000), 'not an SQLite database'],
    ['noise', () => Buffer.from(Array.from({ length: 8192 }, (_, i) => (i * 7919) % 251)), 'not an SQLite database'],
    ['a database of another program', () => database('CREATE TABLE notes (text TEXT)'), 'another program'],
    [
      'one that only claims to be a store',
      () => database('PRAGMA application_id = 0x4c454153'),
      'the table "turns" is missing',
    ],
    ['a store with a table too many', () => altered('CREATE TABLE more (a)'), '"more" is not part of a log'],
    [
      'a store with a trigger',
      () => altered('CREATE TRIGGER t AFTER INSERT ON turns BEGIN DELETE FROM turns; END'),
      '"t" is not',
    ],
    ['a store without its snapshots', () => altered('DROP TABLE snapshots'), 'the table "snapshots" is missing'],
    [
      'a store whose turns are a view',
      () => altered('DROP TABLE turns; CREATE VIEW turns AS SELECT 1 AS number'),
      '"turns"',
    ],
  ])('%s is refused, and not changed', async (_, content, message) => {
    const bytes = await content();
    mkdirSync(join(folder, 'store'), { recursive: true });
    writeFileSync(path, bytes);
    for (const readOnly of [true, false]) {
      const open = () => openSqliteStore(path, { readOnly });
      expect(open).toThrow(expect.objectContaining({ name: 'StoreError', code: 'corrupt' }));
      expect(open).toThrow(new RegExp(message));
      expect(open).toThrow(path);
    }
    expect(readFileSync(path).equals(Buffer.from(bytes))).toBe(true);
  });

  test('a store of a later version is refused, and not changed', async () => {
    const bytes = await altered('UPDATE meta SET format = 4; CREATE TABLE later (a)');
    mkdirSync(join(folder, 'store'), { recursive: true });
    writeFileSync(path, bytes);
    for (const readOnly of [true, false])
      expect(() => openSqliteStore(path, { readOnly })).toThrow(
        expect.objectContaining({
          code: 'version',
          message: expect.stringContaining('format 4; this version reads 3'),
        }),
      );
    expect(readFileSync(path).equals(Buffer.from(bytes))).toBe(true);
  });

  test('an empty file is a new store to a writer, and nothing to a reader', async () => {
    mkdirSync(join(folder, 'store'));
    writeFileSync(path, '');
    expect(() => openSqliteStore(path, { readOnly: true })).toThrow('no log was ever written');
    const store = opened(openSqliteStore(path));
    expect(await store.head()).toEqual({ revision: 0, epoch: 0 });
  });
});

/** The store is closed when the test is over. */
function opened(store: EventStore): EventStore {
  onTestFinished(() => store.close());
  return store;
}

async function writerWith(count: number): Promise<EventStore> {
  const store = opened(openSqliteStore(path));
  for (let n = 1; n <= count; n++) await store.append(n === 1 ? claim(1, 1) : turn(n), n - 1, 1);
  return store;
}

/** 710 turns, of which number 702 has three parts: more than a page. */
async function longLog(): Promise<EventStore> {
  const store = await writerWith(1);
  await store.close();
  change((db) => {
    const insert = db.prepare('INSERT INTO turns VALUES (?, ?, ?, ?, ?)');
    let hash = hashAfter(GENESIS, 1, encodeTurn(claim(1, 1)));
    db.transaction(() => {
      for (let n = 2; n <= 701; n++) {
        hash = hashAfter(hash, n, encodeTurn(turn(n)));
        insert.run(n, 1, 1, encodeTurn(turn(n)), hash);
      }
    })();
  });
  const again = opened(openSqliteStore(path));
  await again.append(turnOfSize(702, 1_200_000), 701, 1);
  for (let n = 703; n <= 710; n++) await again.append(turn(n), n - 1, 1);
  return again;
}

/** Does something to the file behind the store's back. */
function change<T>(work: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function database(sql: string): Buffer {
  const file = join(folder, 'other.db');
  const db = new Database(file);
  db.exec(sql);
  db.close();
  return readFileSync(file);
}

/** The bytes of a store to which something was done. */
async function altered(sql: string): Promise<Buffer> {
  await (await writerWith(2)).close();
  change((db) => db.exec(sql));
  return readFileSync(path);
}
