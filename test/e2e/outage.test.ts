/**
 * A store that does not answer for a while: whoever writes is told within moments and nothing of it is carried out
 * behind their backs, whoever reads is answered as ever, what runs goes on, and afterwards everything is as before.
 */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeAt } from '../../adapters/event-store/by-url.js';
import { openSqliteStore } from '../../adapters/event-store/sqlite.js';
import { type EventStore, Random } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { PostgresPlace, PostgresServer } from '../support/postgres.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';
import { held } from '../support/proof/inspection.js';
import { Books, startWriters } from '../support/proof/writers.js';

const OUTAGE_MS = Number(process.env.LEASEHOLD_OUTAGE_MS ?? 12_000);
/** Two seconds are promised; a machine under test may be slow. Without the promise it would be fifteen. */
const ANSWER_MS_MAX = 10_000;
const READY_AGAIN_MS_MAX = 10_000;
const LONG = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };

let directory: ReturnType<typeof temporaryDirectory>;
let service: ServedProcess | null = null;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await service?.signal('SIGKILL');
  service = null;
  directory.remove();
});

interface Outage {
  /** The store is away; resolves when it answers again. */
  readonly pass: () => Promise<void>;
  readonly open: () => Promise<EventStore>;
}

/** Clients write before, during and after; then the books are checked. */
async function live(running: ServedProcess, { pass, open }: Outage): Promise<void> {
  // 1. Something runs.
  const { id } = (await running.ask('POST', '/v1/leases', LONG)).json();
  const state = async () => (await running.ask('GET', `/v1/leases/${id}`)).json().state;
  await eventually(state).toBe('active');
  const books = new Books();
  let over = false;
  const writers = startWriters(running, books, new Random(20261121), { isOver: () => over });
  await eventually(() => books.leases.size).toBeGreaterThan(20);
  // 2. The store goes away, and comes back.
  const passing = pass();
  const ready = async () => (await running.ask('GET', '/readyz')).status;
  await eventually(ready).toBe(503);
  await eventually(() => books.refusals.get('store-unavailable') ?? 0).toBeGreaterThan(0);
  const begin = performance.now();
  const list = await running.ask('GET', '/v1/leases');
  expect(list.status).toBe(200);
  expect(performance.now() - begin).toBeLessThan(ANSWER_MS_MAX);
  expect(await state()).toBe('active');
  await passing;
  const back = performance.now();
  await eventually(ready).toBe(200);
  const readyAgainMs = performance.now() - back;
  // 3. Writing goes on, nothing was lost or done twice, and nothing that was refused was done.
  const before = books.leases.size;
  await eventually(() => books.leases.size).toBeGreaterThan(before + 20);
  over = true;
  await writers;
  console.log(JSON.stringify({ slowestMs: books.slowestMs, readyAgainMs, ...Object.fromEntries(books.refusals) }));
  expect(books.slowestMs).toBeLessThan(ANSWER_MS_MAX);
  expect(readyAgainMs).toBeLessThan(READY_AGAIN_MS_MAX);
  expect(await state()).toBe('active');
  const store = await open();
  try {
    expect(await held(store, books)).toEqual([]);
    expect(await unordered(store)).toEqual([]);
  } finally {
    await store.close();
  }
}

/** What the cluster has done without the log having ordered it. */
async function unordered(store: EventStore): Promise<string[]> {
  const orders = new Set<string>();
  for await (const { decisions } of store.read(0))
    for (const decision of decisions) if ('order' in decision) orders.add(decision.order);
  const journal = readFileSync(join(directory.path, 'data/cluster.journal'), 'utf8');
  const done = [...journal.matchAll(/"order":"([^"]+)"/g)].map(([, order]) => order!);
  expect(done.length).toBeGreaterThan(0);
  return done.filter((order) => !orders.has(order));
}

describe('a disk that hangs', needs('build'), () => {
  it('keeps nobody waiting', async () => {
    // The thread that writes stands still in it, as in a system call that does not return.
    const env = { LEASEHOLD_FAILPOINT: `append-inserted@40=sleep:${OUTAGE_MS}` };
    const running = await ServedProcess.start(directory.path, [], { env });
    service = running;
    await live(running, {
      pass: async () => {
        await eventually(async () => (await running.ask('GET', '/readyz')).status).toBe(503);
        await eventually(async () => (await running.ask('GET', '/readyz')).status).toBe(200);
      },
      open: async () => openSqliteStore(join(directory.path, 'data/leasehold.db'), { readOnly: true }),
    });
  });
});

describe('PostgreSQL', needs('build', 'postgres'), () => {
  let place: PostgresPlace;
  let server: PostgresServer;
  beforeAll(async () => {
    place = new PostgresPlace();
    server = await PostgresServer.create(place, 's1');
  });
  afterAll(() => place.remove());

  const outages = {
    'that stands still': async () => {
      server.freeze('SIGSTOP');
      await sleep(OUTAGE_MS);
      server.freeze('SIGCONT');
    },
    'that is stopped, and started again': async () => {
      await server.stop();
      await sleep(OUTAGE_MS);
      await server.start();
    },
  };

  it.each(Object.keys(outages) as (keyof typeof outages)[])('%s keeps nobody waiting', async (name) => {
    const url = server.url(`?schema=${name.length === 17 ? 'still' : 'stopped'}`);
    mkdirSync(directory.path, { recursive: true });
    const running = await ServedProcess.start(directory.path, ['--store', url]);
    service = running;
    await live(running, { pass: outages[name], open: async () => (await storeAt(url)).open(true) });
  });
});
