/**
 * A power loss at any moment of a service's life. Its system calls are recorded once; from the record come a thousand
 * disks as a power loss could have left them, and on each the log has every lease whose 201 was on its way by then.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnchor } from '../../adapters/event-store/anchor.js';
import { GENESIS, type Hash, hashAfter } from '../../adapters/event-store/chain.js';
import { anchorOf, wholeStore } from '../../adapters/event-store/sqlite-backup.js';
import { openSqliteStore } from '../../adapters/event-store/sqlite.js';
import { Journal } from '../../adapters/simulated/journal.js';
import { adminToken } from '../../api/auth.js';
import { ReadTables } from '../../api/records/read-tables.js';
import { encodeTurn, Random, type Turn } from '../../engine/index.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';
import { syncedAt, TracedDisk } from '../support/proof/disk.js';
import { CALLS, readTrace, STRING_BYTES } from '../support/proof/trace.js';
import { Books, startWriters } from '../support/proof/writers.js';

const IMAGES = Number(process.env.LEASEHOLD_POWER_LOSSES ?? 1_000);
const SEED = Number(process.env.LEASEHOLD_CRASH_SEED ?? 20261121);
/** Enough for the write-ahead log to be brought into the database, and begun anew, more than once. */
const TURNS = 1_000;
const RECORDING_MS_MAX = 240_000;
/** In memory where the system has such a place: the images are many, and nothing of them has to last. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

describe('a power loss', needs('build', 'strace'), () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let disk: TracedDisk;
  /** The log as it was at last. */
  let log: Turn[];
  /** What it says of the machines, and where. */
  let started: { readonly turn: number; readonly text: string }[];
  /** After each of its turns. */
  let hashes: Hash[];
  let token: string;
  /** When the 201 of a lease began to be sent, and its turn. */
  let acknowledged: { readonly from: number; readonly turn: number }[];

  beforeAll(async () => {
    directory = temporaryDirectory();
    await recordOf(directory.path);
    disk = new TracedDisk(directory.path, await readTrace(join(directory.path, 'trace')));
    log = await turnsOf(join(directory.path, 'data/leasehold.db'));
    started = log.flatMap(({ number, inputs }) =>
      inputs.flatMap((input) => (input.type === 'VmsStarted' ? [{ turn: number, text: JSON.stringify(input) }] : [])),
    );
    hashes = [GENESIS];
    for (const turn of log) hashes.push(hashAfter(hashes.at(-1)!, turn.number, encodeTurn(turn)));
    token = readFileSync(join(directory.path, 'data/admin.token'), 'utf8').trim();
    const turnOf = new Map(
      log.flatMap((turn) =>
        turn.inputs.flatMap((input) => (input.type === 'LeaseRequested' ? [[input.lease, turn.number] as const] : [])),
      ),
    );
    acknowledged = disk.sent.flatMap(({ from, text }) =>
      text.startsWith('HTTP/1.1 201 ') ? [{ from, turn: turnOf.get(/"id":"([^"]+)"/.exec(text)![1]!)! }] : [],
    );
  }, 600_000);
  afterAll(() => directory.remove());

  it('is recorded with what the test is about', () => {
    expect(acknowledged.length).toBeGreaterThan(TURNS / 4);
    expect(acknowledged.every(({ turn }) => turn > 0)).toBe(true);
    // The write-ahead log was begun anew: something was written at its beginning twice.
    const { writes } = disk.file('data/leasehold.db-wal');
    expect(writes.filter(({ offset }) => offset === 0).length).toBeGreaterThan(1);
  });

  it('after an answer: the log and then the anchor were synced before it, for every single one', () => {
    const wal = disk.file('data/leasehold.db-wal');
    const anchor = disk.file('data/leasehold.db.anchor');
    const anchored = anchor.writes.flatMap((write) => {
      const turn = /^leasehold anchor 1 (\d+) /.exec(write.bytes?.toString('latin1') ?? '')?.[1];
      return turn === undefined ? [] : [{ ...write, turn: Number(turn) }];
    });
    let logSynced = 0;
    let next = 0;
    for (const { turn, from } of anchored) {
      for (; next < wal.writes.length && wal.writes[next]!.from < from; next++)
        logSynced = Math.max(logSynced, syncedAt(wal.writes[next]!, wal.syncs));
      expect(logSynced, `the anchor of turn ${turn} was written before the log was synced`).toBeLessThan(from);
    }
    for (const { from, turn } of acknowledged) {
      const covering = anchored.find((write) => write.turn >= turn)!;
      const at = syncedAt(covering, anchor.syncs);
      expect(at, `turn ${turn} was answered before its anchor was synced`).toBeLessThan(from);
    }
    // One sync of each for one turn, and no more answers than that carries.
    expect(wal.syncs.length).toBeGreaterThanOrEqual(log.length);
    expect(anchor.syncs.length).toBeGreaterThanOrEqual(log.length);
  });

  it(`at ${IMAGES} moments loses nothing that was acknowledged`, { timeout: 0 }, async () => {
    const counts = { images: 0, empty: 0, acknowledged: 0 };
    for (let k = 0; k < IMAGES; k++) {
      const random = new Random(SEED + k);
      const moment = random.pick(disk.moments);
      const image = join(PLACE, `leasehold-image-${process.pid}`);
      rmSync(image, { recursive: true, force: true });
      try {
        disk.image(moment, random, image);
        const due = acknowledged.reduce((most, { from, turn }) => (from < moment ? Math.max(most, turn) : most), 0);
        await check(join(image, 'data'), due);
        counts.images++;
        counts.acknowledged += due;
        if (due === 0) counts.empty++;
      } catch (error) {
        throw new Error(`image ${SEED + k}, moment ${moment}: ${(error as Error).message}`, { cause: error });
      } finally {
        rmSync(image, { recursive: true, force: true });
      }
    }
    console.log(JSON.stringify(counts));
    expect(counts.images).toBe(IMAGES);
    expect(counts.empty).toBeLessThan(IMAGES / 2);
  });

  /** What a service would find that is started there. */
  async function check(data: string, due: number): Promise<void> {
    const found = adminToken(data, null).token;
    if (due > 0) expect(found).toBe(token);
    const path = join(data, 'leasehold.db');
    await openSqliteStore(path).close();
    const end = wholeStore(path, anchorOf(path), readAnchor(anchorOf(path)));
    expect(end.turn).toBeGreaterThanOrEqual(due);
    expect(end.hash.equals(hashes[end.turn]!), 'the log is another').toBe(true);
    // The tables are made anew where they do not belong to it.
    const tables = ReadTables.open(join(data, 'read-tables.db'));
    expect(tables.kept?.turn ?? 0).toBeLessThanOrEqual(log.length);
    tables.close();
    // What the log says of the machines is what the machines remember.
    const { journal, entries } = await Journal.open(join(data, 'cluster.journal'));
    await journal.close();
    const done = new Set(entries.flatMap(({ observations }) => observations.map((one) => JSON.stringify(one))));
    expect(started.filter(({ turn, text }) => turn <= end.turn && !done.has(text))).toEqual([]);
  }
});

/** A service from its first file to its orderly end, under strace, with clients. */
async function recordOf(directory: string): Promise<void> {
  // As a grandchild, strace leaves the service the process that we started.
  const under = [
    'strace',
    '-D',
    '-f',
    '-q',
    '-xx',
    '--seccomp-bpf',
    '-s',
    String(STRING_BYTES),
    '-e',
    `trace=${CALLS}`,
  ];
  const trace = join(directory, 'trace');
  // What libuv does in rings of the kernel's is not seen as calls.
  const service = await ServedProcess.start(directory, [], {
    under: [...under, '-o', trace],
    env: { UV_USE_IO_URING: '0' },
  });
  const books = new Books();
  const until = performance.now() + RECORDING_MS_MAX;
  let turn = 0;
  const looks = setInterval(() => {
    void service.ask('GET', '/readyz').then(
      (reply) => {
        turn = reply.status === 200 ? reply.json().turn : turn;
      },
      () => {},
    );
  }, 200);
  await startWriters(service, books, new Random(SEED), { isOver: () => turn >= TURNS || performance.now() > until });
  clearInterval(looks);
  // It has ended when its output is closed, and that is strace's, too: the trace is whole.
  const { code } = await service.signal('SIGTERM');
  expect(code).toBe(0);
  expect(books.wrong).toEqual([]);
}

async function turnsOf(path: string): Promise<Turn[]> {
  const store = openSqliteStore(path, { readOnly: true });
  try {
    const turns: Turn[] = [];
    for await (const turn of store.read(0)) turns.push(turn);
    return turns;
  } finally {
    await store.close();
  }
}
