/** Copies of a store: made beside its writer, whole, and put back. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readAnchor } from '../../../adapters/event-store/anchor.js';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import { backUp, restore } from '../../../adapters/event-store/sqlite-backup.js';
import type { EventStore } from '../../../engine/index.js';
import { all, numbers } from './reading.js';
import { claim, turn } from './turns.js';

let folder: string;
let path: string;
let copy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-backup-'));
  path = join(folder, 'log.db');
  copy = join(folder, 'copy.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function opened(file: string): EventStore {
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  return store;
}

async function write(store: EventStore, from: number, until: number, text?: string): Promise<void> {
  for (let n = from; n <= until; n++) await store.append(n === 1 ? claim(1, 1) : turn(n, text), n - 1, 1);
}

function remove(file: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(file)) rmSync(join(folder, name));
}

describe('a copy', () => {
  test('is made while the store is written, and holds what was acknowledged before', async () => {
    const store = opened(path);
    await write(store, 1, 500);
    let written = 500;
    const copying = backUp(path, copy);
    const writing = (async () => {
      while (written < 700) await write(store, written + 1, ++written);
    })();
    const { turn: end } = await copying;
    await writing;
    expect(end).toBeGreaterThanOrEqual(500);
    expect(numbers(await all(opened(copy).read(0)))).toEqual(Array.from({ length: end }, (_, i) => i + 1));
    expect(readAnchor(`${copy}.anchor`)).toMatchObject({ turn: end });
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  test('of a damaged store is none', async () => {
    const store = opened(path);
    await write(store, 1, 300);
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xee, 4096 * 8, 4096 * 9);
    writeFileSync(path, bytes);
    await expect(backUp(path, copy)).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
    expect(existsSync(copy)).toBe(false);
  });

  test('does not take the place of another', async () => {
    await write(opened(path), 1, 2);
    writeFileSync(copy, 'precious');
    await expect(backUp(path, copy)).rejects.toMatchObject({ code: 'path' });
    expect(readFileSync(copy, 'utf8')).toBe('precious');
  });
});

describe('put back', () => {
  test('it goes on where it ended', async () => {
    const store = opened(path);
    await write(store, 1, 20);
    await store.close();
    await backUp(path, copy);
    remove('log.db');
    expect(restore(copy, path, false)).toMatchObject({ turn: 20, lost: 0 });
    const again = opened(path);
    await write(again, 21, 22);
    expect((await all(again.read(0))).length).toBe(22);
  });

  test('it takes nothing away that was acknowledged, unless that is accepted', async () => {
    const store = opened(path);
    await write(store, 1, 20);
    await backUp(path, copy);
    await write(store, 21, 25);
    await store.close();
    expect(() => restore(copy, path, true)).toThrow('move it away first');
    rmSync(path); // its anchor is still there
    expect(() => restore(copy, path, false)).toThrow('5 turns that were acknowledged after it would be lost');
    expect(existsSync(path)).toBe(false);
    expect(restore(copy, path, true)).toMatchObject({ turn: 20, lost: 5 });
    expect((await all(opened(path).read(0))).length).toBe(20);
  });

  test('it is the copy of this log, not of another', async () => {
    const other = opened(join(folder, 'other.db'));
    await write(other, 1, 30, 'another');
    await backUp(join(folder, 'other.db'), copy);
    const store = opened(path);
    await write(store, 1, 20);
    await store.close();
    rmSync(path);
    expect(() => restore(copy, path, true)).toThrow('turn 20 is not the one that was acknowledged');
  });

  test('a store that is running is left alone', async () => {
    await write(opened(path), 1, 2);
    await backUp(path, copy);
    expect(() => restore(copy, path, true)).toThrow('is in use by');
  });

  test('a damaged copy is not put back', async () => {
    const store = opened(path);
    await write(store, 1, 300);
    await store.close();
    await backUp(path, copy);
    const bytes = readFileSync(copy);
    bytes.fill(0xee, 4096 * 8, 4096 * 9);
    writeFileSync(copy, bytes);
    remove('log.db');
    expect(() => restore(copy, path, false)).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(existsSync(path)).toBe(false);
  });
});
