/** A log whose beginning is sealed reads as before, from every turn on; what is missing or altered in the files is told. */

import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backUp } from '../../../adapters/event-store/sqlite-backup.js';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import { seal } from '../../../adapters/event-store/sqlite-seal.js';
import { sealedDirectory } from '../../../adapters/event-store/sqlite-sealed.js';
import { StoreError } from '../../../adapters/event-store/errors.js';
import { encodeTurn } from '../../../engine/index.js';
import { all, follow } from './reading.js';
import { claim, HARD_TEXTS, turn, turnOfSize } from './turns.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-seal-'));
  path = join(folder, 'log.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Appends turns up to number `last`, some of them large, and leaves a snapshot of the last. */
async function grown(last: number): Promise<void> {
  const store = openSqliteStore(path);
  for (let n = (await store.head()).revision + 1; n <= last; n++) {
    const next = n === 1 ? claim(1, 1) : n % 97 === 0 ? turnOfSize(n, 600_000, 'é') : turn(n, HARD_TEXTS[n % 14]);
    expect((await store.append(next, n - 1, 1)).outcome).toBe('appended');
  }
  await store.saveSnapshot({ turn: last, version: 1, state: '{}' });
  await store.close();
}

/** All that can be read, from every kind of turn on. */
async function everything(starts: readonly number[]) {
  const store = openSqliteStore(path, { readOnly: true });
  const { revision } = await store.head();
  const found = {
    head: await store.head(),
    end: (await store.hash(revision))!.toString('hex'),
    turns: await Promise.all(starts.map(async (after) => (await all(store.read(after))).map((t) => encodeTurn(t)))),
    stored: (await all(store.stored(0))).map(({ number, text, hash }) => `${number} ${hash?.toString('hex')} ${text}`),
    followed: await follow(store, 0).take(revision),
  };
  await store.close();
  return found;
}

describe('sealing', () => {
  test('at random turns changes nothing of what is read', async () => {
    const step = fc.record({ grow: fc.integer({ min: 2, max: 260 }), turn: fc.nat(900) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(500)), async (steps, starts) => {
        for (const file of readdirSync(folder)) rmSync(join(folder, file), { recursive: true });
        let length = 0;
        let sealed = 0;
        for (const { grow, turn: until } of steps) {
          length += grow;
          await grown(length);
          const from = [0, 1, sealed, ...starts];
          const before = await everything(from);
          const segment = await seal(path, { turn: until });
          // Both snapshots have what is sealed.
          const most = Math.min(until, steps[0]!.grow === length ? length - 1 : length - grow - 1);
          expect(segment?.last ?? sealed).toBe(Math.max(sealed, most));
          sealed = segment?.last ?? sealed;
          expect(await everything(from)).toEqual(before);
        }
        const files = readdirSync(folder).includes('log.db.sealed') ? readdirSync(sealedDirectory(path)) : [];
        expect(files.every((name) => /^\d{12}-\d{12}\.ndjson\.gz$/.test(name))).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  test('by an instant takes the turns before it', async () => {
    await grown(50);
    expect(await seal(path, { before: 20_001 })).toMatchObject({ first: 1, last: 20 });
    expect(await seal(path, { before: 20_000 })).toBeNull();
  });

  test('gives the room back', async () => {
    await grown(600);
    const before = statSync(path).size;
    await seal(path, { turn: 590 });
    expect(statSync(path).size).toBeLessThan(before / 4);
  });

  test('leaves turns that no snapshot has, and a store that somebody holds', async () => {
    await grown(10);
    const store = openSqliteStore(path);
    await expect(seal(path, { turn: 5 })).rejects.toMatchObject({ code: 'locked' });
    for (let n = 11; n <= 30; n++) await store.append(turn(n), n - 1, 1);
    await store.close();
    expect(await seal(path, { turn: 25 })).toMatchObject({ last: 9 });
  });

  test('that ended after the file was written is done again', async () => {
    await grown(40);
    const whole = readFileSync(path);
    await seal(path, { turn: 30 });
    writeFileSync(path, whole);
    const before = await everything([0]);
    expect(await seal(path, { turn: 30 })).toMatchObject({ first: 1, last: 30 });
    expect(await everything([0])).toEqual(before);
  });
});

describe('sealed turns', () => {
  test('that are missing are asked for, and later ones can be read', async () => {
    await grown(300);
    await seal(path, { turn: 100 });
    await seal(path, { turn: 200 });
    const file = join(sealedDirectory(path), readdirSync(sealedDirectory(path))[1]!);
    renameSync(file, `${file}.away`);
    const store = openSqliteStore(path);
    expect((await all(store.read(200))).length).toBe(100);
    expect((await store.append(turn(301), 300, 1)).outcome).toBe('appended');
    // What comes before is there; then the file is named.
    const read: number[] = [];
    const reading = (async () => {
      for await (const { number } of store.read(0)) read.push(number);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'short', message: expect.stringContaining(file) });
    expect(read[0]).toBe(1);
    renameSync(`${file}.away`, file);
    expect((await all(store.read(0))).length).toBe(301);
    await store.close();
  });

  test('that were altered are noticed', async () => {
    await grown(120);
    await seal(path, { turn: 110 });
    const file = join(sealedDirectory(path), readdirSync(sealedDirectory(path))[0]!);
    const good = readFileSync(file);
    const whole = await everything([0]);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        const bytes = Buffer.from(good);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(file, bytes);
        try {
          expect(await everything([0])).toEqual(whole);
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          expect(error.code).toBe('corrupt');
        }
      }),
      { numRuns: 300 },
    );
  });

  test('are not in a copy of the store, which goes on without them', async () => {
    await grown(60);
    await seal(path, { turn: 40 });
    const copy = join(folder, 'copy.db');
    await backUp(path, copy);
    const store = openSqliteStore(copy);
    expect((await all(store.read(40))).length).toBe(20);
    expect((await store.append(turn(61), 60, 1)).outcome).toBe('appended');
    await store.close();
  });
});

test('a store of the format before is read as it is, and brought on by its writer', async () => {
  await grown(20);
  const db = new Database(path);
  db.exec('DROP TABLE sealed; UPDATE meta SET format = 2');
  db.close();
  const bytes = readFileSync(path);
  const before = await everything([0]);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  await seal(path, { turn: 10 });
  expect(await everything([0])).toEqual(before);
});
