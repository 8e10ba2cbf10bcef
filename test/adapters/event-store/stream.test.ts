/** The store of simulations: what it counts, its digest, and the log file that it writes. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LogEntry, readLog } from '../../../adapters/event-store/log-file.js';
import { CHECKPOINT_TURNS, StreamStore } from '../../../adapters/event-store/stream.js';
import { type Appended, InvariantError, RecordWriter, type Turn, encodeTurn } from '../../../engine/index.js';
import { all } from './reading.js';
import { claim, richTurn, turn, turnOfSize } from './turns.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-log-'));
  path = join(folder, 'turns.ndjson.gz');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('without a log', () => {
  test('counts turns and events', async () => {
    const finished = await stream([claim(1, 1), turn(2), turn(3), { number: 4, now: 0, inputs: [], decisions: [] }]);
    expect(finished).toMatchObject({ turns: 4, events: 5, bytes: 0 });
  });

  test('the digest is SHA-256 over the records of all decisions', async () => {
    const turns = [turn(1), richTurn(2), turnOfSize(3, 1000), ...Array.from({ length: 2000 }, (_, i) => turn(i + 4))];
    expect((await stream(turns)).digest).toBe(digestOf(turns));
  });

  test('the digest tells decisions apart, and only decisions', async () => {
    const { digest } = await stream([turn(1), turn(2)]);
    expect((await stream([turn(1), turn(2, 'other')])).digest).not.toBe(digest);
    expect((await stream([turn(1), { ...turn(2), inputs: [] }])).digest).toBe(digest);
  });

  test('without any turn, the digest is that of nothing', async () => {
    const nothing = createHash('sha256').digest('hex');
    expect(await stream([])).toEqual({ digest: nothing, turns: 0, events: 0, bytes: 0 });
  });

  test('no append waits: all get one and the same answer', () => {
    const store = new StreamStore();
    const answers = new Set<Appended | Promise<Appended>>();
    for (let n = 1; n <= 1000; n++) answers.add(store.append(turn(n), n - 1, 0));
    expect([...answers]).toEqual([{ outcome: 'appended', revision: 1000 }]);
  });

  test('is fenced as every store is', async () => {
    const store = new StreamStore();
    await store.append(claim(1, 1), 0, 1);
    const head = { revision: 1, epoch: 1 };
    expect(await store.append(turn(1), 0, 1)).toEqual({ outcome: 'refused', head });
    expect(await store.append(turn(2), 1, 0)).toEqual({ outcome: 'refused', head });
    expect(await store.append(claim(2, 1), 1, 1)).toEqual({ outcome: 'refused', head });
    await expect(store.append(turn(3), 1, 1)).rejects.toBeInstanceOf(InvariantError);
    expect(await store.append(turn(2), 1, 1)).toEqual({ outcome: 'appended', revision: 2 });
    expect(await store.head()).toEqual({ revision: 2, epoch: 1 });
  });

  test('keeps nothing: there is nothing to read after the last turn, and no way to read before it', async () => {
    const store = new StreamStore();
    await store.append(turn(1), 0, 0);
    expect(await all(store.read(1))).toEqual([]);
    expect(() => store.read(0)).toThrow('not kept');
    expect(() => store.subscribe()).toThrow('not kept');
    expect(await store.latestSnapshot()).toBeNull();
  });

  test('nothing is appended once it is finished', async () => {
    const store = new StreamStore();
    await store.finish();
    await expect(store.append(turn(1), 0, 0)).rejects.toMatchObject({ code: 'closed' });
    await expect(store.finish()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('with a log', () => {
  test('the log written is the log read back', async () => {
    const turns = [claim(1, 1), richTurn(2), turnOfSize(3, 1_200_000, 'é'), turn(4), turnOfSize(5, 600_000, '"')];
    await stream(turns, path);
    expect(turnsOf(await all(readLog(path))).map(encodeTurn)).toEqual(turns.map(encodeTurn));
  });

  test('any turns that can be made are read back', async () => {
    const names = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(names, async (made) => {
        const turns = made.map((name, i) => turn(i + 1, name));
        await stream(turns, path);
        expect(turnsOf(await all(readLog(path))).map(encodeTurn)).toEqual(turns.map(encodeTurn));
      }),
      { numRuns: 30 },
    );
  });

  test('the digest is the same with and without it', async () => {
    const turns = Array.from({ length: 3000 }, (_, i) => turn(i + 1));
    const { digest } = await stream(turns);
    expect(await stream(turns, path)).toMatchObject({ digest, turns: 3000, events: 6000 });
  });

  test('carries a checkpoint every 4,096 turns and at its end', async () => {
    const turns = Array.from({ length: 2 * CHECKPOINT_TURNS + 3 }, (_, i) => turn(i + 1));
    await stream(turns, path);
    const checkpoints = (await all(readLog(path))).flatMap((entry) => ('turn' in entry ? [] : [entry.checkpoint]));
    const expected = [CHECKPOINT_TURNS, 2 * CHECKPOINT_TURNS, turns.length].map((count) => ({
      turn: count,
      state: sha256(`state after ${count}`),
      decisions: digestOf(turns.slice(0, count)),
    }));
    expect(checkpoints).toEqual(expected);
  });

  test('a log that ends with a checkpoint does not get a second one', async () => {
    await stream(
      Array.from({ length: CHECKPOINT_TURNS }, (_, i) => turn(i + 1)),
      path,
    );
    const written = await all(readLog(path));
    expect(written).toHaveLength(CHECKPOINT_TURNS + 1);
  });

  test('an empty log is one checkpoint', async () => {
    await stream([], path);
    expect(await all(readLog(path))).toMatchObject([{ checkpoint: { turn: 0 } }]);
  });

  test('a turn of more than 512 KiB is written in numbered parts, each no larger', async () => {
    await stream([turnOfSize(1, 1_100_000, '世')], path);
    const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
    const parts = lines.slice(0, -1).map((line) => JSON.parse(line) as { part: number; of: number; text: string });
    expect(parts.map(({ part, of }) => [part, of])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    for (const { text } of parts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(512 * 1024);
  });

  test('a turn beyond all limits is refused with its number', async () => {
    const store = new StreamStore({ log: path, stateAt: () => '' });
    const append = store.append(turnOfSize(1, 128 * 1024 * 1024 + 1), 0, 0);
    await expect(append).rejects.toThrow('turn 1 has 134217729 bytes');
    await store.close();
  });

  test('appends wait when the pipe is full, and only then', async () => {
    const store = new StreamStore({ log: path, stateAt: () => '' });
    let waited = 0;
    for (let n = 1; n <= 40; n++) {
      const appended = store.append(turnOfSize(n, 100_000), n - 1, 0);
      if (appended instanceof Promise) waited++;
      await appended;
    }
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThan(20);
    await store.finish();
  });
});

describe('the file', () => {
  test('appears whole when the store is finished, and nothing is left beside it', async () => {
    const store = new StreamStore({ log: path, stateAt: () => '' });
    for (let n = 1; n <= 20; n++) await store.append(turnOfSize(n, 200_000), n - 1, 0);
    expect(existsSync(path)).toBe(false);
    const { bytes } = await store.finish();
    expect(readdirSync(folder)).toEqual(['turns.ndjson.gz']);
    expect(bytes).toBe(readFileSync(path).length);
  });

  test('does not appear when the store is closed unfinished; one that was there stays', async () => {
    writeFileSync(path, 'an earlier log');
    const store = new StreamStore({ log: path, stateAt: () => '' });
    for (let n = 1; n <= 20; n++) await store.append(turnOfSize(n, 200_000), n - 1, 0);
    await store.close();
    await store.close();
    expect(readdirSync(folder)).toEqual(['turns.ndjson.gz']);
    expect(readFileSync(path, 'utf8')).toBe('an earlier log');
  });

  test('replaces one that was there', async () => {
    writeFileSync(path, 'an earlier log');
    await stream([turn(1)], path);
    expect(turnsOf(await all(readLog(path)))).toEqual([turn(1)]);
  });

  test('in a folder that does not exist: an error before the first turn', () => {
    const missing = join(folder, 'missing', 'turns.ndjson.gz');
    expect(() => new StreamStore({ log: missing, stateAt: () => '' })).toThrow(
      expect.objectContaining({ code: 'path', message: expect.stringContaining(missing) }),
    );
  });

  test('under a name that is taken by a folder: an error, and nothing is left', async () => {
    mkdirSync(path);
    await expect(stream([turn(1)], path)).rejects.toMatchObject({ name: 'StoreError' });
    expect(readdirSync(folder)).toEqual(['turns.ndjson.gz']);
  });
});

/** Sends turns through a store; the state after a turn is named after it. */
async function stream(turns: readonly Turn[], log?: string) {
  let last = 0;
  const store = new StreamStore(log === undefined ? null : { log, stateAt: () => `state after ${last}` });
  for (const next of turns) {
    last = next.number;
    expect(await store.append(next, next.number - 1, (await store.head()).epoch)).toEqual({
      outcome: 'appended',
      revision: next.number,
    });
  }
  return store.finish();
}

function turnsOf(log: readonly LogEntry[]): Turn[] {
  return log.flatMap((entry) => ('turn' in entry ? [entry.turn] : []));
}

/** The digest in one go, instead of in pieces. */
function digestOf(turns: readonly Turn[]): string {
  const writer = new RecordWriter();
  for (const { number, decisions } of turns) for (const decision of decisions) writer.decision(number, decision);
  return createHash('sha256').update(writer.bytes.subarray(0, writer.length)).digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
