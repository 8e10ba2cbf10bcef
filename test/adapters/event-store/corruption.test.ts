/**
 * Damage to the files of a log: single flipped bits and lost ends, at random, in the database, the write-ahead log, the
 * anchor and the snapshots. Each is found, or makes no difference: there is no third.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../../adapters/event-store/errors.js';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import { Journal, JournalError } from '../../../adapters/simulated/journal.js';
import { type EventStore, encodeTurn, Random, type Snapshot } from '../../../engine/index.js';
import { all } from './reading.js';
import { claim, turn } from './turns.js';

const FLIPS = Number(process.env.LEASEHOLD_BIT_FLIPS ?? 10_000);
const TRUNCATIONS = Math.ceil(FLIPS / 5);
const SEED = Number(process.env.LEASEHOLD_CRASH_SEED ?? 20261121);
const TURNS = 12;
/** In memory where the system has such a place: thousands of logs are opened. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(PLACE, 'leasehold-damage-'));
  path = join(folder, 'log.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = ReadonlyMap<string, Buffer>;

const SNAPSHOTS: readonly Snapshot[] = [5, 10].map((n) => ({ turn: n, version: 1, state: `state-${n} `.repeat(100) }));
const TEXTS = Array.from({ length: TURNS }, (_, k) => encodeTurn(k === 0 ? claim(1, 3) : turn(k + 1)));

/** The files of a log as a process leaves them that ended at once, and of one that was closed. */
async function logs(): Promise<Files[]> {
  const store = openSqliteStore(path);
  for (let n = 1; n <= TURNS; n++) {
    await store.append(n === 1 ? claim(1, 3) : turn(n), n - 1, 3);
    for (const snapshot of SNAPSHOTS) if (snapshot.turn === n) await store.saveSnapshot(snapshot);
  }
  const ended = files();
  await store.close();
  return [ended, files()];
}

function files(): Files {
  const names = [path, `${path}-wal`, `${path}.anchor`].filter((name) => existsSync(name));
  return new Map(names.map((name) => [name, readFileSync(name)]));
}

/** Opens it as a service does. True: the damage was found. False: it makes no difference. Else throws. */
async function found(damaged: Files): Promise<boolean> {
  for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}.anchor`]) rmSync(name, { force: true });
  for (const [name, bytes] of damaged) writeFileSync(name, bytes);
  let store: EventStore | null = null;
  try {
    store = openSqliteStore(path);
    expect((await all(store.read(0))).map(encodeTurn)).toEqual(TEXTS);
    expect(await store.head()).toEqual({ revision: TURNS, epoch: 3 });
    const snapshot = await store.latestSnapshot();
    if (snapshot !== null) expect(SNAPSHOTS).toContainEqual(snapshot);
    return false;
  } catch (error) {
    if (!(error instanceof StoreError) || !['corrupt', 'short', 'version'].includes(error.code)) throw error;
    return true;
  } finally {
    await store?.close();
  }
}

/** Damages one file at a time, `rounds` times. */
async function judged(rounds: number, damage: (bytes: Buffer, random: Random) => Buffer) {
  const counts = { found: 0, harmless: 0 };
  const neither: string[] = [];
  const all = await logs();
  for (let k = 0; k < rounds; k++) {
    const random = new Random(SEED + k);
    const whole = random.pick(all);
    const name = random.pick([...whole.keys()]);
    const damaged = new Map(whole).set(name, damage(Buffer.from(whole.get(name)!), random));
    try {
      counts[(await found(damaged)) ? 'found' : 'harmless']++;
    } catch (error) {
      neither.push(`seed ${SEED + k}, ${name}: ${(error as Error).message.slice(0, 300)}`);
    }
  }
  console.log(JSON.stringify(counts));
  expect(neither).toEqual([]);
  return counts;
}

describe('of all that can happen to its files', () => {
  test(`${FLIPS} flipped bits are found, or make no difference`, { timeout: 0 }, async () => {
    const counts = await judged(FLIPS, (bytes, random) => {
      const bit = random.below(bytes.length * 8);
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      return bytes;
    });
    expect(counts.found).toBeGreaterThan(FLIPS / 10);
    expect(counts.harmless).toBeGreaterThan(0);
  });

  test(`${TRUNCATIONS} lost ends are found, or make no difference`, { timeout: 0 }, async () => {
    const counts = await judged(TRUNCATIONS, (bytes, random) => bytes.subarray(0, random.below(bytes.length)));
    expect(counts.found).toBeGreaterThan(TRUNCATIONS / 10);
  });

  test('the epoch beside the turns is held against them', async () => {
    const [, closed] = await logs();
    const { default: Database } = await import('better-sqlite3');
    for (const [name, bytes] of closed!) writeFileSync(name, bytes);
    const db = new Database(path);
    db.exec('UPDATE meta SET epoch = 7');
    db.close();
    const store = openSqliteStore(path);
    await expect(all(store.read(0))).rejects.toMatchObject({ code: 'corrupt' });
    await store.close();
  });
});

describe('the journal of the machines', () => {
  test('damaged anywhere: it is refused, or what was written before the damage is as it was', async () => {
    const file = join(folder, 'cluster.journal');
    const { journal } = await Journal.open(file);
    const leases = Array.from({ length: 12 }, (_, k) => `lease-${k}`);
    for (let k = 0; k < leases.length; k += 2)
      await journal.append(leases.slice(k, k + 2).map((lease) => ({ lease, gang: null, observations: [] })));
    await journal.close();
    const whole = readFileSync(file);
    const counts = { refused: 0, read: 0 };
    for (let k = 0; k < 2_000; k++) {
      const random = new Random(SEED + k);
      writeFileSync(file, whole);
      if (random.chance(1, 3)) truncateSync(file, random.below(whole.length));
      else {
        const bytes = Buffer.from(whole);
        const bit = random.below(bytes.length * 8);
        bytes[bit >>> 3]! ^= 1 << (bit & 7);
        writeFileSync(file, bytes);
      }
      try {
        const { journal: damaged, entries } = await Journal.open(file);
        await damaged.close();
        expect(entries.map(({ lease }) => lease)).toEqual(leases.slice(0, entries.length));
        counts.read++;
      } catch (error) {
        if (!(error instanceof JournalError)) throw error;
        counts.refused++;
      }
    }
    expect(counts.refused).toBeGreaterThan(500);
    expect(counts.read).toBeGreaterThan(500);
  });
});

describe('the lock file', () => {
  test('is empty, and whatever it holds nobody writes without it', async () => {
    await openSqliteStore(path).close();
    expect(readFileSync(`${path}.lock`)).toHaveLength(0);
    writeFileSync(`${path}.lock`, 'this is no lock at all '.repeat(50));
    expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: 'path' }));
    rmSync(`${path}.lock`);
    await openSqliteStore(path).close();
  });
});
