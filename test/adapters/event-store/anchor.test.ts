/** The hash chain and the anchor: nothing of the log changes, and no end of it is lost, unseen. */

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Anchor, readAnchor } from '../../../adapters/event-store/anchor.js';
import { GENESIS, hashAfter } from '../../../adapters/event-store/chain.js';
import { anchorAnew, openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import { encodeTurn, type Turn } from '../../../engine/index.js';
import { all } from './reading.js';
import { claim, turn } from './turns.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-anchor-'));
  path = join(folder, 'log.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const turnAt = (n: number): Turn => (n === 1 ? claim(1, 1) : turn(n));

/** A closed store of so many turns. */
async function logOf(count: number): Promise<void> {
  const store = openSqliteStore(path);
  for (let n = 1; n <= count; n++) await store.append(turnAt(n), n - 1, 1);
  await store.close();
}

function change(sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

const code = (expected: string) => expect.objectContaining({ name: 'StoreError', code: expected });

describe('the chain', () => {
  test('covers text, number and all turns before', () => {
    const hash = hashAfter(GENESIS, 1, 'a');
    expect(hash).toHaveLength(32);
    for (const other of [hashAfter(GENESIS, 2, 'a'), hashAfter(GENESIS, 1, 'b'), hashAfter(hash, 1, 'a')])
      expect(other.equals(hash)).toBe(false);
  });

  test('is what it says it is, for every position', () => {
    const spelled = (before: Buffer, number: number, text: string): Buffer => {
      const position = Buffer.alloc(8);
      position.writeBigUInt64BE(BigInt(number));
      return createHash('sha256').update('leasehold turn 1\n').update(before).update(position).update(text).digest();
    };
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.maxSafeNat(),
        fc.string(),
        (bytes, number, text) => {
          const before = Buffer.from(bytes);
          expect(hashAfter(before, number, text)).toEqual(spelled(before, number, text));
        },
      ),
    );
  });

  test('finds a turn that was altered so that it still is one', async () => {
    await logOf(20);
    change(`UPDATE turns SET text = replace(text, '"now":', '"now":1') WHERE number = 7`);
    const store = openSqliteStore(path);
    await expect(all(store.read(0))).rejects.toMatchObject({ code: 'corrupt', turn: 7 });
    expect((await all(store.read(7))).length).toBe(13);
    await store.close();
  });

  test('two turns exchanged, one left out and the rest numbered again, one put in: none fits', async () => {
    for (const damage of [
      'UPDATE turns SET number = 100 WHERE number = 5; UPDATE turns SET number = 5 WHERE number = 6; UPDATE turns SET number = 6 WHERE number = 100',
      'DELETE FROM turns WHERE number = 9; UPDATE turns SET number = number - 1 WHERE number > 9',
    ]) {
      rmSync(path, { force: true });
      rmSync(`${path}.anchor`, { force: true });
      await logOf(20);
      change(damage);
      rmSync(`${path}.anchor`);
      const store = openSqliteStore(path, { readOnly: true });
      await expect(all(store.read(0))).rejects.toMatchObject({ code: 'corrupt' });
      await store.close();
    }
  });
});

describe('the anchor', () => {
  test('is where the log ends, for its owner only, and never grows', async () => {
    await logOf(30);
    let hash = GENESIS;
    for (let n = 1; n <= 30; n++) hash = hashAfter(hash, n, encodeTurn(turnAt(n)));
    expect(readAnchor(`${path}.anchor`)).toEqual({ turn: 30, hash });
    const { mode, size } = statSync(`${path}.anchor`);
    expect(mode & 0o777).toBe(0o600);
    expect(size).toBeLessThanOrEqual(8192);
  });

  test('may be anywhere', async () => {
    const anchor = join(folder, 'elsewhere');
    const store = openSqliteStore(path, { anchor });
    await store.append(turnAt(1), 0, 1);
    await store.close();
    expect(readAnchor(anchor)).toMatchObject({ turn: 1 });
    expect(existsSync(`${path}.anchor`)).toBe(false);
  });

  test.each([true, false])('a log that has lost its end is not opened (read only: %s)', async (readOnly) => {
    await logOf(20);
    change('DELETE FROM turns WHERE number > 17');
    expect(() => openSqliteStore(path, { readOnly })).toThrow(code('short'));
    expect(() => openSqliteStore(path, { readOnly })).toThrow('ends with turn 17; turn 20 was acknowledged');
  });

  test.each([true, false])('a log that is gone is not begun anew (read only: %s)', async (readOnly) => {
    await logOf(3);
    rmSync(path);
    expect(() => openSqliteStore(path, { readOnly })).toThrow(code('short'));
    expect(existsSync(path)).toBe(false);
  });

  test('another log in its place is not opened', async () => {
    await logOf(20);
    copyFileSync(`${path}.anchor`, join(folder, 'kept'));
    rmSync(path);
    rmSync(`${path}.anchor`);
    const store = openSqliteStore(path);
    for (let n = 1; n <= 25; n++) await store.append(n === 1 ? claim(1, 1) : turn(n, 'another'), n - 1, 1);
    await store.close();
    copyFileSync(join(folder, 'kept'), `${path}.anchor`);
    expect(() => openSqliteStore(path)).toThrow(code('corrupt'));
  });

  test('that is missing is not made anew by itself, but when it is asked for, and the log is whole', async () => {
    await logOf(20);
    rmSync(`${path}.anchor`);
    expect(() => openSqliteStore(path)).toThrow(/leasehold log anchor/);
    expect(anchorAnew(path)).toMatchObject({ turn: 20 });
    const store = openSqliteStore(path);
    expect((await store.append(turnAt(21), 20, 1)).outcome).toBe('appended');
    await store.close();
    change(`UPDATE turns SET text = replace(text, '"now":', '"now":1') WHERE number = 7`);
    rmSync(`${path}.anchor`);
    expect(() => anchorAnew(path)).toThrow(expect.objectContaining({ code: 'corrupt', turn: 7 }));
    expect(existsSync(`${path}.anchor`)).toBe(false);
  });

  test('behind the log is what a crash between the two leaves', async () => {
    await logOf(20);
    copyFileSync(`${path}.anchor`, join(folder, 'kept'));
    const store = openSqliteStore(path);
    await store.append(turnAt(21), 20, 1);
    await store.close();
    copyFileSync(join(folder, 'kept'), `${path}.anchor`);
    const again = openSqliteStore(path);
    expect(await again.head()).toEqual({ revision: 21, epoch: 1 });
    await again.close();
  });

  test('whichever byte of its last write is torn off, the one before stands', () => {
    const file = join(folder, 'anchor');
    const hashes = [1, 2, 3].map((n) => hashAfter(GENESIS, n, 'x'));
    fc.assert(
      fc.property(fc.nat(110), fc.nat(255), (at, value) => {
        rmSync(file, { force: true });
        const anchor = Anchor.create(file, { turn: 1, hash: hashes[0]! });
        anchor.write({ turn: 2, hash: hashes[1]! });
        anchor.write({ turn: 3, hash: hashes[2]! });
        anchor.close();
        const bytes = readFileSync(file);
        bytes[4096 + at] = value; // turn 3
        writeFileSync(file, bytes);
        expect([2, 3]).toContain(readAnchor(file)?.turn);
      }),
      { numRuns: 300 },
    );
  });

  test('that was never finished, since the process ended just then, keeps nobody out', async () => {
    writeFileSync(`${path}.anchor.part`, 'leasehold anchor 1 0');
    await logOf(2);
    expect(readAnchor(`${path}.anchor`)).toMatchObject({ turn: 2 });
    expect(existsSync(`${path}.anchor.part`)).toBe(false);
  });

  test('damaged in both places is no anchor', async () => {
    await logOf(2);
    writeFileSync(`${path}.anchor`, 'nothing');
    expect(() => openSqliteStore(path)).toThrow(code('corrupt'));
  });
});
