/**
 * Five times as much is asked for as the service can do: what it takes it does, the rest is told to come again, and it still
 * says how it is. Judged against what it could do just before, on the same machine; `bench/overload.mjs` is stricter.
 */

import autocannon from 'autocannon';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';
import { parseScrape } from '../support/scrape.js';

const TIMES = 5;
/** More than are taken at once. */
const CONNECTIONS = 400;
const REQUESTS_MAX = 64;
/** A fifth of what is to be had on a machine that makes no load of its own. */
const GOODPUT_LEAST = 0.8 / 5;
const PROBE_MS = 100;
const MIB = 1024 * 1024;
const LEASE = { vms: 1, resources: { cpu: 1 }, duration: 'PT20S' };

let directory: ReturnType<typeof temporaryDirectory>;
let service: ServedProcess;
beforeEach(async () => {
  directory = temporaryDirectory();
  const limits = ['--rate-limit', '1000000', '--requests-max', String(REQUESTS_MAX)];
  service = await ServedProcess.start(directory.path, limits);
});
afterEach(async () => {
  await service.signal('SIGTERM');
  directory.remove();
});

/** Creates leases in a thread of its own. Without a rate: as fast as answers come. */
async function load(connections: number, duration: number, overallRate?: number): Promise<autocannon.Result> {
  return await autocannon({
    url: `${service.url}/v1/leases`,
    method: 'POST',
    headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(LEASE),
    workers: 1,
    connections,
    duration,
    timeout: 60,
    ...(overallRate === undefined ? {} : { overallRate }),
  });
}

interface Looks {
  readonly health: number[];
  /** Of writes in between: those that were taken, and what those that were not were told. */
  readonly taken: string[];
  readonly told: (string | null)[];
  readonly measured: { readonly waiting: number; readonly underWay: number; readonly memory: number }[];
}

/** Looks at the service as others do meanwhile, until `done`. */
async function look(done: Promise<unknown>): Promise<Looks> {
  const looks: Looks = { health: [], taken: [], told: [], measured: [] };
  let over = false;
  const ended = done.finally(() => {
    over = true;
  });
  while (!over) {
    for (const path of ['/livez', '/readyz']) looks.health.push((await service.ask('GET', path)).status);
    looks.measured.push(await measured());
    const reply = await service.ask('POST', '/v1/leases', LEASE);
    if (reply.status === 201) looks.taken.push(reply.json().id);
    else looks.told.push(reply.status === 503 ? reply.headers.get('retry-after') : `status ${reply.status}`);
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
  }
  await ended;
  return looks;
}

async function measured(): Promise<Looks['measured'][number]> {
  const { samples } = parseScrape((await service.ask('GET', '/metrics')).text);
  const sampleOf = (wanted: string): number => samples.find(({ name }) => name === wanted)!.value;
  return {
    waiting: sampleOf('leasehold_commands_waiting'),
    underWay: sampleOf('leasehold_http_requests'),
    memory: sampleOf('process_resident_memory_bytes'),
  };
}

it('clients that are gone before they are answered are no longer counted', needs('build'), async () => {
  for (let i = 0; i < 2 * REQUESTS_MAX; i++) await service.askAndGo('POST', '/v1/leases', LEASE);
  await eventually(() => measured().then(({ underWay }) => underWay)).toBe(0);
  expect((await service.ask('GET', '/v1/me')).status).toBe(200);
});

describe('a service that is asked for five times what it can do', needs('build'), () => {
  it('does what it takes, sheds the rest, and says how it is', async () => {
    // 1. What it can do.
    await load(20, 1);
    const best = await load(20, 3);
    const able = best['2xx'] / best.duration;
    expect(best.non2xx + best.errors).toBe(0);
    const before = await measured();
    // 2. Five times as much.
    const running = load(CONNECTIONS, 5, Math.ceil(able * TIMES));
    const { health, taken, told, measured: seen } = await look(running);
    const beyond = await running;
    // 3. Every request was answered: done, or told to come again and when.
    expect(beyond.errors + beyond.timeouts).toBe(0);
    expect(Object.keys(beyond.statusCodeStats ?? {}).filter((code) => !['201', '429', '503'].includes(code))).toEqual(
      [],
    );
    expect(beyond['5xx']).toBeGreaterThan(0);
    for (const seconds of told) expect(seconds).toMatch(/^[1-9]\d*$/);
    // What was under way when the load ended is done with in a moment.
    await eventually(() => service.ask('GET', '/v1/me').then(({ status }) => status)).toBe(200);
    for (const id of taken) expect((await service.ask('GET', `/v1/leases/${id}`)).status).toBe(200);
    // 4. It gets as much done as before, or nearly; what waits is bounded.
    expect(beyond['2xx'] / beyond.duration).toBeGreaterThan(GOODPUT_LEAST * able);
    for (const { waiting, underWay } of seen) {
      expect(underWay).toBeLessThanOrEqual(REQUESTS_MAX);
      // Those whose clients were gone when the load ended may still wait for their turn.
      expect(waiting).toBeLessThanOrEqual(2 * REQUESTS_MAX);
    }
    expect(Math.max(...seen.map(({ memory }) => memory)) - before.memory).toBeLessThan(512 * MIB);
    // 5. Meanwhile it was alive and ready, and afterwards it is as before.
    expect(new Set(health)).toEqual(new Set([200]));
    expect((await service.ask('POST', '/v1/leases', LEASE)).status).toBe(201);
  });
});
