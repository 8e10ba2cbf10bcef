/**
 * The SQLite store when its process is killed or its disk fails: a writer in a process of its own, and `strace` to
 * count its syncs and to make them fail. What was acknowledged is in the log afterwards, whatever happened.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import type { Head } from '../../../engine/index.js';
import { needs } from '../../support/needs.js';

const LOOP = fileURLToPath(new URL('append-loop.mjs', import.meta.url));
const STREAM = new URL('../../../dist/adapters/event-store/stream.js', import.meta.url).href;
const ENDLESS = 1_000_000_000;

/** A line of the writer: its log when it began, an answer, an error, or why it could not begin. */
interface Line {
  readonly opened?: number;
  readonly outcome?: string;
  readonly revision?: number;
  readonly error?: string;
  readonly failed?: string;
  readonly code?: string;
  readonly message?: string;
  readonly head?: Head;
}

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-crash-'));
  path = join(folder, 'log.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a writer that is killed', needs('build'), () => {
  test('ten times, at different moments: nothing acknowledged is lost, and the log goes on', async () => {
    for (let round = 1; round <= 10; round++) {
      const lines = await write(ENDLESS, { killAfter: 7 * round });
      const acknowledged = lastRevision(lines);
      const { head, turns } = await readBack();
      expect(lines[0]).toHaveProperty('opened');
      // The last turn may have been stored without the writer having come to say so.
      expect([acknowledged, acknowledged + 1]).toContain(head.revision);
      expect(head.epoch).toBe(round);
      expect(turns).toEqual(Array.from({ length: head.revision }, (_, i) => i + 1));
    }
  });

  test('leaves no lock behind', async () => {
    const writer = start(ENDLESS);
    await new Promise((resolve) => writer.stdout!.once('data', resolve));
    expect(() => openSqliteStore(path)).toThrow(
      expect.objectContaining({ code: 'locked', message: expect.stringContaining(`process ${writer.pid} on `) }),
    );
    const gone = new Promise((resolve) => writer.once('close', resolve));
    writer.kill('SIGKILL');
    await gone;
    await openSqliteStore(path).close();
  });

  test('keeps out a second process while it lives, which is told who it is', async () => {
    const store = openSqliteStore(path);
    const [line] = await write(1);
    await store.close();
    expect(line).toMatchObject({ failed: 'StoreError', code: 'locked' });
    expect(line!.message).toContain(`process ${process.pid} on `);
  });
});

describe('the disk', needs('build', 'strace'), () => {
  test('is synced at least once for every turn', async () => {
    const lines = await write(60, { trace: ['-e', 'trace=fsync,fdatasync'] });
    expect(lastRevision(lines)).toBe(60);
    const syncs = readFileSync(join(folder, 'trace'), 'utf8').match(/f(data)?sync\(/g) ?? [];
    expect(syncs.length).toBeGreaterThanOrEqual(60);
  });

  test('fails to sync: nothing more is taken, though later syncs would succeed', async () => {
    const lines = await write(100, { trace: failing('fsync,fdatasync', 'EIO', '20') });
    expect(errors(lines).length).toBe(4);
    for (const error of errors(lines)) expect(error).toMatchObject({ error: 'StoreError', code: 'io' });
    expect((await readBack()).head.revision).toBeGreaterThanOrEqual(lastRevision(lines));
  });

  test('fails to sync the database itself: the turn before is kept, and nothing more is taken', async () => {
    // Only syncs of the database, not of the write-ahead log: the first was when it was created.
    const lines = await write(3000, { trace: failing('fsync,fdatasync', 'EIO', '2', path) });
    expect(errors(lines).length).toBe(4);
    for (const error of errors(lines)) expect(error).toMatchObject({ error: 'StoreError', code: 'io' });
    expect((await readBack()).head.revision).toBe(lastRevision(lines));
  });

  test('is full for a while: the turn is refused as a whole, and taken when there is room', async () => {
    const lines = await write(60, { trace: failing('pwrite64', 'ENOSPC', '40..41', `${path}-wal`) });
    expect(errors(lines).map(({ code }) => code)).toEqual(['full', 'full']);
    const before = lines[lines.indexOf(errors(lines)[0]!) - 1]!.revision;
    for (const { head } of errors(lines)) expect(head).toEqual({ revision: before, epoch: 1 });
    expect(lastRevision(lines)).toBe(60);
    expect((await readBack()).head).toEqual({ revision: 60, epoch: 1 });
  });

  test('is full when the store is created: it is created when there is room', async () => {
    const lines = await write(1, { trace: failing('pwrite64', 'ENOSPC', '1', `${path}-wal`) });
    expect(lines).toMatchObject([{ failed: 'StoreError', code: 'full' }]);
    expect((await readBack()).head).toEqual({ revision: 0, epoch: 0 });
  });

  test('fails to write while committing: the outcome is unknown, and the same turn again settles it', async () => {
    const lines = await write(60, { trace: failing('pwrite64', 'EIO', '40', `${path}-wal`) });
    expect(lines.filter(({ outcome }) => outcome === 'unknown')).toHaveLength(1);
    expect(errors(lines)).toEqual([]);
    expect(lastRevision(lines)).toBe(60);
    expect((await readBack()).turns).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  test('fails to sync a log file: there is no log file', async () => {
    const script = `import { StreamStore } from ${JSON.stringify(STREAM)};
      const store = new StreamStore({ log: ${JSON.stringify(join(folder, 'turns.ndjson.gz'))}, stateAt: () => '' });
      await store.finish().catch(({ name, code }) => console.log(JSON.stringify({ failed: name, code })));`;
    const lines = await linesOf(
      spawn('strace', [...traced(failing('fsync', 'EIO', '1')), process.execPath, '--input-type=module', '-e', script]),
    );
    expect(lines).toEqual([{ failed: 'StoreError', code: 'io' }]);
    expect(() => readFileSync(join(folder, 'turns.ndjson.gz'))).toThrow('ENOENT');
  });
});

/** Starts a writer of `count` turns. `trace`: arguments of strace. */
function start(count: number, trace: readonly string[] | null = null): ChildProcess {
  const program = [process.execPath, LOOP, path, String(count)];
  const [command, ...args] = trace === null ? program : ['strace', ...traced(trace), ...program];
  return spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What a writer of `count` turns has to say. `killAfter`: it is killed once it has said so many lines. */
async function write(
  count: number,
  options: { readonly killAfter?: number; readonly trace?: readonly string[] } = {},
): Promise<Line[]> {
  return linesOf(start(count, options.trace), options.killAfter);
}

async function linesOf(child: ChildProcess, killAfter = Number.POSITIVE_INFINITY): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const text of createInterface({ input: child.stdout! })) {
    lines.push(JSON.parse(text) as Line);
    if (lines.length === killAfter) child.kill('SIGKILL');
  }
  return lines;
}

function traced(args: readonly string[]): string[] {
  return ['-f', '-qq', '-o', join(folder, 'trace'), ...args];
}

/** Arguments of strace: the calls named fail the n-th time, counted on one file where one is given. */
function failing(calls: string, error: string, when: string, file?: string): string[] {
  const only = file === undefined ? [] : ['-P', file];
  return ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${when}`, ...only];
}

function lastRevision(lines: readonly Line[]): number {
  return lines.reduce((last, line) => line.revision ?? line.opened ?? last, 0);
}

function errors(lines: readonly Line[]): Line[] {
  return lines.filter(({ error, failed }) => error !== undefined || failed !== undefined);
}

async function readBack(): Promise<{ head: Head; turns: number[] }> {
  const store = openSqliteStore(path);
  try {
    const turns: number[] = [];
    for await (const { number } of store.read(0)) turns.push(number);
    return { head: await store.head(), turns };
  } finally {
    await store.close();
  }
}
