/** Whatever is done to a log, it never verifies against what was kept of it elsewhere. */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GENESIS, hashAfter } from '../../adapters/event-store/chain.js';
import { type SignedCheckpoint, signed } from '../../adapters/event-store/checkpoints.js';
import { exportTurns } from '../../adapters/event-store/export.js';
import { CHAIN_TURNS } from '../../adapters/event-store/log-file.js';
import { LogWriter } from '../../adapters/event-store/log-writer.js';
import { openSqliteStore } from '../../adapters/event-store/sqlite.js';
import { exitCodeOf } from '../../cli/audit.js';
import { encodeTurn, Random } from '../../engine/index.js';
import { type AuditOptions, auditWhole } from '../../simulations/audit.js';
import { claim, turn } from '../adapters/event-store/turns.js';

const ROUNDS = Number(process.env.LEASEHOLD_TAMPERINGS ?? 1000);
const TURNS = 2 * CHAIN_TURNS + 40;

const folder = mkdtempSync(join(tmpdir(), 'leasehold-tampering-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const random = new Random(Number(process.env.LEASEHOLD_TAMPERING_SEED ?? 4711));
let hashes: string[] = [];
let lines: string[] = [];
/** Of another log, as long. */
let others: string[] = [];
let kept: Partial<AuditOptions> = {};

beforeAll(async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(at('key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  lines = await logOf('log', 'this', privateKey);
  others = await logOf('other', 'another', privateKey);
  hashes = hashesOf(lines.filter(isTurn));
  writeFileSync(at('receipts'), `pos=300;hash=${hashes[300]}\n\npos=${TURNS};hash=${hashes[TURNS]}\n`);
  kept = {
    anchors: [at('log.db.anchor')],
    checkpoints: at('log.checkpoints'),
    pubkey: at('key.pub'),
    receipts: at('receipts'),
  };
});

const isTurn = (line: string): boolean => line.startsWith('{"number":');

function hashesOf(turns: readonly string[]): string[] {
  const found = [GENESIS];
  for (const [i, text] of turns.entries()) found.push(hashAfter(found[i]!, i + 1, text));
  return found.map((hash) => hash.toString('hex'));
}

/** A store, its checkpoints, and the lines of its export. */
async function logOf(name: string, about: string, key: KeyObject): Promise<string[]> {
  const store = openSqliteStore(at(`${name}.db`));
  for (let n = 1; n <= TURNS; n++) await store.append(n === 1 ? claim(1, 1) : turn(n, about), n - 1, 1);
  const checkpoints: SignedCheckpoint[] = [];
  for (const position of [100, 400, TURNS]) {
    const [log, hash] = [(await store.hash(1))!.toString('hex'), (await store.hash(position))!.toString('hex')];
    checkpoints.push(signed({ log, position, hash, time: '2026-11-21T00:00:00.000Z' }, key));
  }
  writeFileSync(at(`${name}.checkpoints`), checkpoints.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const file = new LogWriter(at(`${name}.ndjson.gz`));
  await exportTurns(store, name, TURNS, checkpoints, file);
  await file.finish();
  await store.close();
  return gunzipSync(readFileSync(at(`${name}.ndjson.gz`)))
    .toString()
    .trimEnd()
    .split('\n');
}

/** The exit code of `leasehold audit verify` with all that was kept. */
async function verified(source: string, options: Partial<AuditOptions> = kept): Promise<number> {
  try {
    const { result, failure } = await auditWhole({ source, replay: false, ...options });
    return failure === null ? exitCodeOf(result) : -1;
  } catch {
    return -1;
  }
}

/** Every hash in the lines made anew, so that they agree with the turns. */
function rehashed(altered: readonly string[]): string[] {
  const turns = altered.filter(isTurn).map((line, i) => line.replace(/^\{"number":\d+/, `{"number":${i + 1}`));
  const anew = hashesOf(turns);
  const result = altered.filter((line) => line.startsWith('{"log":') || line.startsWith('{"checkpoint":'));
  const signatures = result.length - 1;
  for (const [i, line] of turns.entries()) {
    result.push(line);
    const n = i + 1;
    if (n % CHAIN_TURNS === 0) result.push(`{"chain":{"turn":${n},"hash":"${anew[n]}"}}`);
  }
  const n = turns.length;
  return [...result, `{"end":{"turn":${n},"hash":"${anew[n]}","checkpoints":${signatures}}}`];
}

function spliced(all: readonly string[], at: number, count: number, ...more: readonly string[]): string[] {
  return [...all.slice(0, at), ...more, ...all.slice(at + count)];
}

/** A turn with another time. */
const otherwise = (line: string): string => line.replace(/"now":(\d+)/, (_, now) => `"now":${Number(now) + 1}`);

type Lines = (lines: string[], i: number) => string[];
const SOME_LINE = (): number => random.below(lines.length);
const SOME_TURN = (): number => random.pick(lines.flatMap((line, i) => (isTurn(line) ? [i] : [])));

const TAMPERINGS: Readonly<Record<string, Lines>> = {
  'a bit flipped': (all) => {
    const bytes = Buffer.from(`${all.join('\n')}\n`, 'latin1');
    const bit = random.below(bytes.length * 8);
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    return bytes.toString('latin1').replace(/\n$/, '').split('\n');
  },
  'a turn altered': (all, i) => spliced(all, i, 1, otherwise(all[i]!)),
  'a turn altered, and all hashes made anew': (all, i) => rehashed(spliced(all, i, 1, otherwise(all[i]!))),
  'a line left out': (all) => spliced(all, SOME_LINE(), 1),
  'a turn left out, the rest numbered and hashed anew': (all, i) => rehashed(spliced(all, i, 1)),
  'a line twice': (all) => {
    const i = SOME_LINE();
    return spliced(all, i, 0, all[i]!);
  },
  'a turn put in, the rest numbered and hashed anew': (all, i) => rehashed(spliced(all, i, 0, otherwise(all[i]!))),
  'two turns exchanged': (all, i) => {
    const j = SOME_TURN();
    const other = j === i ? i + (isTurn(all[i + 1] ?? '') ? 1 : -1) : j;
    return spliced(spliced(all, i, 1, all[other]!), other, 1, all[i]!);
  },
  'two turns exchanged, numbered and hashed anew': (all, i) => {
    const j = isTurn(all[i + 1] ?? '') ? i + 1 : i - 1;
    return rehashed(spliced(spliced(all, i, 1, all[j]!), j, 1, all[i]!));
  },
  'cut off': (all) => all.slice(0, 1 + random.below(all.length - 1)),
  'cut off, and given an end of its own': (all, i) => rehashed(all.slice(0, i)),
  'another log in its place': () => others,
  'another log after the same beginning': (all, i) => rehashed([...all.slice(0, i), ...others.slice(i)]),
  'altered, and no hashes any more': (all, i) => spliced(all, i, 1, otherwise(all[i]!)).filter(isTurn),
};

describe('an exported log', () => {
  test('verifies as it was written', async () => {
    writeFileSync(at('same.ndjson'), `${lines.join('\n')}\n`);
    expect(await verified(at('same.ndjson'))).toBe(0);
    expect(await verified(at('log.ndjson.gz'), { pubkey: at('key.pub') })).toBe(0);
    expect(rehashed(lines)).toEqual(lines);
  });

  test(`never does after ${ROUNDS} tamperings`, { timeout: 60_000 + 600 * ROUNDS }, async () => {
    const passed: string[] = [];
    const names = Object.keys(TAMPERINGS);
    for (let round = 0; round < ROUNDS; round++) {
      const name = names[round % names.length]!;
      const altered = TAMPERINGS[name]!(lines, SOME_TURN());
      if (altered.join('\n') === lines.join('\n')) continue;
      writeFileSync(at('altered.ndjson'), `${altered.join('\n')}\n`, 'latin1');
      if ((await verified(at('altered.ndjson'))) === 0) passed.push(`${name}, round ${round}`);
    }
    expect(passed).toEqual([]);
  });
});

type Sql = (db: Database.Database, n: number) => void;
const change = (db: Database.Database, sql: string, ...values: unknown[]): void => void db.prepare(sql).run(...values);

/** The hashes of all rows after `n` made anew. */
const rehash: Sql = (db) => {
  let hash = GENESIS;
  for (const { number, text } of db
    .prepare<[], { number: number; text: string }>('SELECT number, text FROM turns')
    .all()) {
    hash = hashAfter(hash, number, text);
    change(db, 'UPDATE turns SET hash = ? WHERE number = ?', hash, number);
  }
};
const alter: Sql = (db, n) =>
  change(db, `UPDATE turns SET text = replace(text, '"now":', '"now":1') WHERE number = ?`, n);

const ROWS: Readonly<Record<string, Sql>> = {
  'a bit of a text': (db, n) => {
    const text = Buffer.from(db.prepare<[number], string>('SELECT text FROM turns WHERE number = ?').pluck().get(n)!);
    const bit = random.below(text.length * 8);
    text[bit >>> 3]! ^= 1 << (bit & 7);
    change(db, 'UPDATE turns SET text = CAST(? AS TEXT) WHERE number = ?', text, n);
  },
  'a bit of a hash': (db, n) => {
    const hash = db.prepare<[number], Buffer>('SELECT hash FROM turns WHERE number = ?').pluck().get(n)!;
    hash[random.below(32)]! ^= 1 << random.below(8);
    change(db, 'UPDATE turns SET hash = ? WHERE number = ?', hash, n);
  },
  'a turn altered': alter,
  'a turn altered, and all hashes made anew': (db, n) => {
    alter(db, n);
    rehash(db, n);
  },
  'a turn left out': (db, n) => change(db, 'DELETE FROM turns WHERE number = ?', n),
  'the end cut off': (db, n) => change(db, 'DELETE FROM turns WHERE number >= ?', n),
  'a part put in': (db, n) =>
    change(db, 'INSERT INTO turns SELECT number, 2, 2, text, hash FROM turns WHERE number = ?', n),
};

describe('a store', () => {
  test('verifies as it was written', async () => {
    expect(await verified(at('log.db'))).toBe(0);
  });

  test(`never does after ${ROUNDS / 5} tamperings`, { timeout: 60_000 + 600 * ROUNDS }, async () => {
    const passed: string[] = [];
    const names = Object.keys(ROWS);
    mkdirSync(at('altered'));
    for (let round = 0; round < ROUNDS / 5; round++) {
      const name = names[round % names.length]!;
      copyFileSync(at('log.db'), at('altered/log.db'));
      const db = new Database(at('altered/log.db'));
      ROWS[name]!(db, 1 + random.below(TURNS));
      db.close();
      if ((await verified(at('altered/log.db'))) === 0) passed.push(`${name}, round ${round}`);
    }
    expect(passed).toEqual([]);
  });
});

describe('what is wrong is told', () => {
  const altered = (name: string, all: readonly string[]): string => {
    writeFileSync(at(name), `${all.join('\n')}\n`);
    return at(name);
  };
  const turns = (until: number): string[] =>
    lines.slice(
      0,
      lines.findIndex((line) => line.startsWith(`{"number":${until},`)),
    );

  test('an altered turn: 65, and between which turns', async () => {
    const i = lines.findIndex((line) => line.startsWith('{"number":300,'));
    const source = altered('one.ndjson', spliced(lines, i, 1, otherwise(lines[i]!)));
    const { result } = await auditWhole({ source, replay: false });
    expect(exitCodeOf(result)).toBe(65);
    expect(result.faults[0]!.detail).toContain(`one of the turns ${CHAIN_TURNS + 1} to ${2 * CHAIN_TURNS}`);
    expect(result.counts.broken).toBe(1);
  });

  test('an end that is missing: 66; a checkpoint that nobody signed: 68', async () => {
    const short = altered('short.ndjson', rehashed(turns(500)));
    expect(await verified(short, { receipts: at('receipts') })).toBe(66);
    expect(await verified(short, { anchors: [at('log.db.anchor')] })).toBe(66);
    const forged = at('forged.checkpoints');
    writeFileSync(forged, readFileSync(at('log.checkpoints'), 'utf8').replace('"position":400', '"position":401'));
    expect(await verified(at('log.db'), { checkpoints: forged, pubkey: at('key.pub') })).toBe(68);
    const stranger = createPublicKey(generateKeyPairSync('ed25519').privateKey);
    writeFileSync(at('stranger.pub'), stranger.export({ type: 'spki', format: 'pem' }));
    expect(await verified(at('log.db'), { checkpoints: at('log.checkpoints'), pubkey: at('stranger.pub') })).toBe(68);
  });

  test('from a turn on: what is damaged before it is passed over', async () => {
    const db = new Database(at('other.db'));
    alter(db, 50);
    db.close();
    expect(await verified(at('other.db'), {})).toBe(65);
    expect(await verified(at('other.db'), { from: 50 })).toBe(65);
    expect(await verified(at('other.db'), { from: 51 })).toBe(0);
  });

  test('a log of a later version is not looked into', async () => {
    const source = altered('later.ndjson', ['{"log":{"format":3,"more":true}}', ...lines.slice(1)]);
    const { failure } = await auditWhole({ source, replay: false });
    expect(failure).toMatchObject({ name: 'LogError', code: 'version' });
  });

  test('the turns in memory are those that were logged', () => {
    expect(lines.filter(isTurn)[1]).toBe(encodeTurn(turn(2, 'this')));
  });
});
