/** Reading log files: what is accepted, and what is said about files that are cut off, damaged or not logs. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LogEntry, LogError, readLog } from '../../../adapters/event-store/log-file.js';
import { encodeTurn } from '../../../engine/index.js';
import { HARD_TEXTS, richTurn, turn, turnOfSize } from './turns.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const DIGEST = 'ab'.repeat(32);
const lines = (...numbers: number[]): string[] => numbers.map((n) => encodeTurn(turn(n)));
const checkpoint = (n: number): string => JSON.stringify({ checkpoint: { turn: n, state: DIGEST, decisions: DIGEST } });
const part = (k: number, of: number, n: number, text: string): string => JSON.stringify({ part: k, of, turn: n, text });

describe('a log is read', () => {
  test('plain or packed, whatever its name', async () => {
    const text = [...lines(1, 2), checkpoint(2), ''].join('\n');
    const expected = [
      { turn: turn(1) },
      { turn: turn(2) },
      { checkpoint: { turn: 2, state: DIGEST, decisions: DIGEST } },
    ];
    expect(await read('turns.ndjson', text)).toEqual(expected);
    expect(await read('turns.ndjson.gz', gzipSync(text))).toEqual(expected);
    expect(await read('packed-without-saying-so', gzipSync(text))).toEqual(expected);
  });

  test('packed in several members, as `cat a.gz b.gz` makes it', async () => {
    const packed = Buffer.concat([gzipSync(`${lines(1)[0]}\n`), gzipSync(`${lines(2)[0]}\n`)]);
    expect(await read('turns.ndjson.gz', packed)).toHaveLength(2);
  });

  test('an empty plain file is an empty log', async () => {
    expect(await read('turns.ndjson', '')).toEqual([]);
    expect(await read('turns.ndjson.gz', gzipSync(''))).toEqual([]);
  });

  test('with a last line that lacks its end, and with line ends of Windows', async () => {
    expect(await read('turns.ndjson', lines(1, 2).join('\n'))).toHaveLength(2);
    expect(await read('turns.ndjson', lines(1, 2, 3).join('\r\n'))).toHaveLength(3);
  });

  test('with hard texts, to the letter', async () => {
    const turns = [richTurn(1), ...HARD_TEXTS.map((text, i) => turn(i + 2, text))];
    const found = await read('turns.ndjson', turns.map(encodeTurn).join('\n'));
    expect(found.map((entry) => 'turn' in entry && encodeTurn(entry.turn))).toEqual(turns.map(encodeTurn));
  });

  test('in which lines fall on every position of a block', async () => {
    const turns = Array.from({ length: 900 }, (_, i) => turnOfSize(i + 1, 500 + i, 'é'));
    const found = await read('turns.ndjson', turns.map(encodeTurn).join('\n'));
    expect(found.map((entry) => 'turn' in entry && entry.turn)).toEqual(turns);
  });

  test('with a turn in parts, cut anywhere', async () => {
    const text = encodeTurn(turn(2));
    const found = await read(
      'turns.ndjson',
      [
        ...lines(1),
        part(1, 3, 2, text.slice(0, 1)),
        part(2, 3, 2, text.slice(1, 100)),
        part(3, 3, 2, text.slice(100)),
        ...lines(3),
      ].join('\n'),
    );
    expect(found).toEqual([{ turn: turn(1) }, { turn: turn(2) }, { turn: turn(3) }]);
  });

  test('no further than its reader wants', async () => {
    const path = write('turns.ndjson.gz', gzipSync(Array.from({ length: 5000 }, (_, i) => lines(i + 1)[0]).join('\n')));
    for await (const entry of readLog(path)) if ('turn' in entry && entry.turn.number === 3) break;
    rmSync(path);
  });
});

describe('a log that is cut off', () => {
  test('packed: at every byte, it is `truncated` and says in which line', async () => {
    const packed = gzipSync([...lines(1, 2, 3), checkpoint(3), ''].join('\n'));
    for (let length = 0; length < packed.length; length++) {
      const error = await fault('turns.ndjson.gz', packed.subarray(0, length));
      expect([length, error.code]).toEqual([length, 'truncated']);
    }
  });

  test('plain: in the middle of a line, it is `truncated` in that line', async () => {
    const text = `${lines(1, 2, 3).join('\n')}\n`;
    const third = text.lastIndexOf('{"number":3');
    for (let length = third + 1; length < text.length - 1; length++) {
      const error = await fault('turns.ndjson', text.slice(0, length));
      expect([length, error.code, error.line]).toEqual([length, 'truncated', 3]);
    }
  });

  test('in the middle of a character', async () => {
    const bytes = Buffer.from([...lines(1), encodeTurn(turn(2, '世界'))].join('\n'));
    const cut = bytes.subarray(0, bytes.indexOf(Buffer.from('界')) + 1);
    expect(await fault('turns.ndjson', cut)).toMatchObject({ code: 'truncated', line: 2 });
  });

  test('within a turn in parts', async () => {
    const error = await fault('turns.ndjson', [...lines(1), part(1, 2, 2, '{'), ''].join('\n'));
    expect(error).toMatchObject({ code: 'truncated', line: 2 });
    expect(error.message).toContain('part 2 of 2 of turn 2 is missing');
  });

  test('an empty file that is to be gzip', async () => {
    expect(await fault('turns.ndjson.gz', '')).toMatchObject({ code: 'truncated' });
  });
});

describe('a log with a gap', () => {
  test.each([
    ['a turn is missing', lines(1, 2, 4), 3, 'turn 4 follows turn 2; expected turn 3'],
    ['a turn is there twice', lines(1, 2, 2), 3, 'expected turn 3'],
    ['the beginning is missing', lines(2), 1, 'expected turn 1'],
    ['a checkpoint is of another turn', [...lines(1), checkpoint(2)], 2, 'a checkpoint of turn 2 follows turn 1'],
    ['a part is missing', [part(1, 3, 1, ''), part(3, 3, 1, '')], 2, 'part 2 of 3 of turn 1 is missing'],
    ['the first part is missing', [part(2, 3, 1, '')], 1, 'part 1 of 3 of turn 1 is missing'],
    ['a part is of another turn', [part(1, 2, 1, ''), part(2, 2, 2, '')], 2, 'part 2 of 2 of turn 1 is missing'],
    ['a whole turn stands between parts', [part(1, 2, 1, ''), ...lines(1)], 2, 'part 2 of 2 of turn 1 is missing'],
    ['a checkpoint stands between parts', [part(1, 2, 1, ''), checkpoint(0)], 2, 'part 2 of 2 of turn 1 is missing'],
  ])('%s', async (_, log, line, message) => {
    const error = await fault('turns.ndjson', `${log.join('\n')}\n`);
    expect(error).toMatchObject({ code: 'gap', line });
    expect(error.message).toBe(`${error.path}:${line}: ${error.message.split(': ').slice(1).join(': ')}`);
    expect(error.message).toContain(message);
  });

  test('what comes before it is read', async () => {
    const path = write('turns.ndjson', `${lines(1, 2, 4).join('\n')}\n`);
    const found: LogEntry[] = [];
    const reading = (async () => {
      for await (const entry of readLog(path)) found.push(entry);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'gap' });
    expect(found).toEqual([{ turn: turn(1) }, { turn: turn(2) }]);
  });
});

describe('a file that is not a log, or a damaged one', () => {
  test.each([
    ['no JSON', 'hello'],
    ['an empty line', ''],
    ['JSON of something else', '{"a":1}'],
    ['null', 'null'],
    ['a number', '17'],
    ['a turn with a member too many', encodeTurn(turn(2)).replace('{"number"', '{"extra":1,"number"')],
    ['a turn with a fraction', encodeTurn(turn(2)).replace('"now":2000', '"now":2000.5')],
    ['a number without limits', encodeTurn(turn(2)).replace('"now":2000', '"now":1e400')],
    ['an event nobody knows', '{"number":2,"now":0,"inputs":[{"type":"Nothing"}],"decisions":[]}'],
    ['nested without end', '['.repeat(400_000)],
    ['nested deeply', `{"number":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['a checkpoint without digests', '{"checkpoint":{"turn":1}}'],
    ['a checkpoint of nothing', '{"checkpoint":null}'],
    ['a checkpoint with a short digest', checkpoint(1).replace('abab"', '"')],
    ['a checkpoint that is cut', '{"checkpoint":{"turn"'],
    ['a part that is no text', '{"part":1,"of":2,"turn":2,"text":7}'],
    ['a part numbered -1', '{"part":-1,"of":2,"turn":2,"text":""}'],
    ['a part of 1e9', '{"part":1e400,"of":1,"turn":2,"text":""}'],
    ['a part that is cut', '{"part":1,"of":2'],
    ['parts that make no turn', part(1, 1, 2, '{}')],
  ])('%s: `malformed`, with the line', async (_, bad) => {
    const error = await fault('turns.ndjson', [...lines(1), bad, ...lines(3), ''].join('\n'));
    expect(error).toMatchObject({ code: 'malformed', line: 2 });
    expect(error.message.startsWith(`${error.path}:2: `)).toBe(true);
    expect(error.message.length).toBeLessThan(1_000);
  });

  test('bytes that are not UTF-8', async () => {
    const log = Buffer.from(`${lines(1, 2, 3).join('\n')}\n`);
    log[log.indexOf('lease-3') + 2] = 0xff;
    expect(await fault('turns.ndjson', log)).toMatchObject({ code: 'malformed', line: 3 });
  });

  test('a part beyond the limits', async () => {
    expect(await fault('turns.ndjson', `${part(1, 257, 1, '')}\n`)).toMatchObject({ line: 1 });
    expect(await fault('turns.ndjson', `${part(1, 2, 1, 'x'.repeat(600_000))}\n`)).toMatchObject({ line: 1 });
  });

  test('a line without end is not read to its end', async () => {
    const endless = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));
    const error = await fault('turns.ndjson.gz', endless);
    expect(error).toMatchObject({ code: 'malformed', line: 1 });
    expect(error.message).toContain('longer than');
    const withEnd = await fault('turns.ndjson', `${'x'.repeat(2_000_000)}\n`);
    expect(withEnd.message).toContain('longer than');
  });

  test('a name that promises gzip', async () => {
    expect(await fault('turns.ndjson.gz', `${lines(1)[0]}\n`)).toMatchObject({ code: 'malformed', line: 0 });
  });

  test('any byte of a packed log changed: found, or it did not matter', async () => {
    const text = [...lines(1, 2, 3, 4, 5), checkpoint(5), ''].join('\n');
    const packed = gzipSync(text);
    const expected = await read('turns.ndjson.gz', packed);
    const change = fc.tuple(fc.nat({ max: packed.length - 1 }), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, bits]) => {
        const damaged = Buffer.from(packed);
        damaged[at] = damaged[at]! ^ bits;
        const path = write('damaged.ndjson', damaged);
        try {
          expect(await collect(path)).toEqual(expected);
          expect(gunzipSync(readFileSync(path)).toString()).toBe(text);
        } catch (error) {
          if (!(error instanceof LogError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a file that is missing, and a folder', async () => {
    await expect(collect(join(folder, 'missing.ndjson'))).rejects.toMatchObject({ code: 'unreadable', line: 0 });
    mkdirSync(join(folder, 'folder.ndjson'));
    await expect(collect(join(folder, 'folder.ndjson'))).rejects.toMatchObject({ code: 'unreadable' });
  });
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function collect(path: string): Promise<LogEntry[]> {
  const found: LogEntry[] = [];
  for await (const entry of readLog(path)) found.push(entry);
  return found;
}

function read(name: string, content: string | Buffer): Promise<LogEntry[]> {
  return collect(write(name, content));
}

/** The error that reading this file ends with. */
async function fault(name: string, content: string | Buffer): Promise<LogError> {
  try {
    await read(name, content);
  } catch (error) {
    expect(error).toBeInstanceOf(LogError);
    return error as LogError;
  }
  throw new Error('the log was read without an error');
}
