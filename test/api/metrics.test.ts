/** The metrics: kept turn by turn, and the same as if everything were counted anew at every look. */

import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { parseScrape, type Scrape, valuesOf } from '../support/scrape.js';
import { Service, type ServiceOptions, SMALL, TOKEN } from '../support/service.js';

let service: Service;
afterEach(() => service.stop());

async function start(options: ServiceOptions = {}): Promise<void> {
  service = await Service.start(options);
}

async function scrape(): Promise<Scrape> {
  const { status, text, headers } = await service.ask('GET', '/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toContain('text/plain; version=0.0.4');
  return parseScrape(text);
}

/** The slow twin: from the state, lease by lease. */
function countedAnew(): Record<string, Record<string, number>> {
  const { state } = service.follower;
  const twin: Record<string, Record<string, number>> = {};
  const add = (name: string, key: string, by = 1): void => {
    twin[name] ??= {};
    const sum = (twin[name][key] ?? 0) + by;
    if (sum === 0) delete twin[name][key];
    else twin[name][key] = sum;
  };
  const amount = { cpu: 0.001, memory: 1, gpu: 1 } as const;
  const written = { cpu: 'cpu', memory: 'memoryMiB', gpu: 'gpu' } as const;
  for (const lease of state.leases.values()) {
    add('leasehold_leases', `kind=${lease.terms.start.kind},state=${lease.phase}`);
    const waits = ['waiting', 'suspended', 'reserved'].includes(lease.phase);
    if (waits && lease.loads === null) {
      const why = lease.held
        ? 'on-hold'
        : lease.waitsFor.length > 0
          ? 'waits-for-lease'
          : lease.phase === 'suspended'
            ? 'suspended'
            : 'in-queue';
      add('leasehold_leases_unplaced', `reason=${why}`);
    }
    if (lease.loads === null) continue;
    const of = waits ? 'leasehold_node_planned' : 'leasehold_node_allocated';
    for (const { name } of state.resources) {
      const r = state.resources.findIndex((resource) => resource.name === name);
      const demand = lease.terms.groups.reduce((sum, group) => sum + group.vms * group.demand[r]!, 0);
      const known = name as keyof typeof amount;
      add(of, `resource=${written[known]}`, demand * amount[known]);
    }
  }
  add('leasehold_schedule_queue_depth', '', state.queue.length);
  add('leasehold_log_turn', '', state.turn);
  return twin;
}

const TWINS = [
  ...['leasehold_leases', 'leasehold_leases_unplaced', 'leasehold_node_allocated', 'leasehold_node_planned'],
  ...['leasehold_schedule_queue_depth', 'leasehold_log_turn'],
];

async function expectTwins(): Promise<void> {
  // Time runs on: a look and a count are of the same turn, or are done again.
  for (let tries = 0; tries < 50; tries++) {
    const before = service.follower.head;
    const seen = await scrape();
    const anew = countedAnew();
    if (service.follower.head !== before) continue;
    for (const name of TWINS) expect({ [name]: valuesOf(seen, name) }).toEqual({ [name]: anew[name] ?? {} });
    return;
  }
  throw new Error('turns came faster than anybody could look');
}

describe('gauges', () => {
  it.each([1, 2, 3])('are those of a count anew, whatever happens to leases and nodes (%i)', async (seed) => {
    await start({ timeScale: 60, nodes: '4x cpu=8,memory=32GiB,gpu=2' });
    const random = new Random(seed);
    const ids: string[] = [];
    for (let step = 0; step < 60; step++) {
      const at = new Date(service.client.now() + random.below(3_600_000) + 600_000).toISOString();
      const begin = random.pick([
        { kind: 'best-effort' },
        { kind: 'best-effort' },
        { kind: 'immediate' },
        { kind: 'advance', at },
        { kind: 'deadline', by: new Date(service.client.now() + 36_000_000).toISOString() },
      ]);
      const follows = ids.length > 0 && begin.kind === 'best-effort' && random.chance(3, 10);
      const { body } = await service.ask('POST', '/v1/leases', {
        vms: 1 + random.below(6),
        resources: { cpu: 1 + random.below(7), memoryMiB: 1024 },
        duration: `${1 + random.below(40)}m`,
        start: begin,
        ...(follows ? { after: [{ lease: random.pick(ids), on: random.pick(['start', 'end']) }] } : {}),
        ...(begin.kind === 'best-effort' && random.chance(2, 10) ? { held: true } : {}),
      });
      if (typeof body.id === 'string') ids.push(body.id);
      if (random.chance(3, 10)) await service.ask('DELETE', `/v1/leases/${random.pick(ids)}`);
      if (random.chance(3, 10))
        await service.ask('POST', `/v1/leases/${random.pick(ids)}/${random.pick(['hold', 'release'])}`);
      if (random.chance(1, 10))
        await service.ask('POST', `/v1/nodes/${1 + random.below(3)}/${random.pick(['drain', 'restore'])}`);
      if (step % 10 === 9) await expectTwins();
    }
    await service.ask('DELETE', '/v1/nodes/4');
    await expectTwins();
    const seen = await scrape();
    const sum = (name: string) => Object.values(valuesOf(seen, name)).reduce((all, one) => all + one, 0);
    const entered = valuesOf(seen, 'leasehold_log_events_total')['type=LeaseRequested'];
    expect(sum('leasehold_leases') + sum('leasehold_leases_ended_total')).toBe(entered);
  });

  it('know the nodes, each of them where that is wanted', async () => {
    await start({ nodes: '2x cpu=8,memory=32GiB; 1x cpu=4,memory=8GiB' });
    const { id } = await service.lease({ vms: 3, resources: { cpu: 4, memoryMiB: 1024 } });
    await service.until(id, 'active');
    await service.ask('POST', '/v1/nodes/3/drain');
    const seen = await scrape();
    expect(valuesOf(seen, 'leasehold_nodes')).toEqual({ 'status=up': 2, 'status=draining': 1 });
    expect(valuesOf(seen, 'leasehold_node_capacity')['resource=cpu']).toBe(16);
    expect(valuesOf(seen, 'leasehold_node_allocated')['resource=cpu']).toBe(12);
    expect(valuesOf(seen, 'leasehold_single_node_capacity')['node=3,resource=cpu']).toBe(4);
    const each = valuesOf(seen, 'leasehold_single_node_allocated');
    expect([1, 2, 3].reduce((sum, node) => sum + (each[`node=${node},resource=cpu`] ?? 0), 0)).toBe(12);
  });
});

describe('counters and histograms', () => {
  it('tell of waits, endings, refusals, preemptions and backfilling', async () => {
    await start({ timeScale: 60, nodes: '1x cpu=8,memory=32GiB' });
    const first = await service.lease({ resources: { cpu: 6 }, duration: '24h' });
    await service.until(first.id, 'active');
    const wide = await service.lease({ resources: { cpu: 8 }, duration: '24h' });
    const small = await service.lease({ resources: { cpu: 1 }, duration: '23h' });
    await service.until(small.id, 'active');
    await service.ask('POST', '/v1/leases', { ...SMALL, resources: { cpu: 9 } });
    for (const { id } of [first, small]) await service.ask('DELETE', `/v1/leases/${id}`);
    const began = Date.parse((await service.until(wide.id, 'active')).firstStart!);
    await service.ask('POST', '/v1/leases', { ...SMALL, resources: { cpu: 8 }, start: { kind: 'immediate' } });
    const seen = await scrape();
    expect(valuesOf(seen, 'leasehold_leases_backfilled_total')).toEqual({ '': 1 });
    expect(valuesOf(seen, 'leasehold_lease_rejections_total')).toMatchObject({
      'kind=best-effort,reason=never-fits': 1,
    });
    expect(valuesOf(seen, 'leasehold_leases_ended_total')).toMatchObject({ 'kind=best-effort,outcome=cancelled': 2 });
    expect(valuesOf(seen, 'leasehold_lease_wait_seconds_count')['kind=best-effort']).toBe(3);
    const waited = valuesOf(seen, 'leasehold_lease_wait_seconds_sum')['kind=best-effort']!;
    expect(waited).toBeGreaterThanOrEqual((began - Date.parse(wide.submitted)) / 1000);
    expect(valuesOf(seen, 'leasehold_preemptions_total')).not.toEqual({});
    expect(valuesOf(seen, 'leasehold_schedule_duration_seconds_count')['']).toBe(service.follower.head);
    expect(valuesOf(seen, 'leasehold_log_append_duration_seconds_count')['']).toBe(service.follower.head);
  });

  it('tell of requests by route, method and status, never by id', async () => {
    await start();
    const { id } = await service.lease();
    await service.read(id);
    await service.ask('GET', '/v1/leases/unknown');
    await service.ask('GET', `/nowhere/${id}`);
    const seen = await scrape();
    expect(valuesOf(seen, 'leasehold_http_request_duration_seconds_count')).toEqual({
      'method=POST,route=/v1/leases,status=201': 1,
      'method=GET,route=/v1/leases/:id,status=200': 1,
      'method=GET,route=/v1/leases/:id,status=404': 1,
      'method=GET,route=none,status=404': 1,
    });
    expect((await service.ask('GET', '/metrics')).text).not.toContain(id);
  });

  it('have a name with our prefix or one that everybody knows, and say what they mean', async () => {
    await start();
    const { text } = await service.ask('GET', '/metrics');
    const { types } = parseScrape(text);
    for (const [name, type] of types) {
      expect(name).toMatch(/^(leasehold|process|nodejs)_[a-z0-9_]+$/);
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S+`, 'm'));
      if (name.startsWith('leasehold_') && type === 'counter') expect(name).toMatch(/_total$/);
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
    expect(valuesOf(parseScrape(text), 'leasehold_build_info')).toEqual({
      [`node=${process.version},version=0.1.0`]: 1,
    });
    expect(types.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
    expect(types.has('process_resident_memory_bytes')).toBe(true);
  });
});

describe('who may look', () => {
  it('is everybody on this machine, but not through a proxy on it', async () => {
    await start();
    expect((await service.app.inject({ url: '/metrics' })).statusCode).toBe(200);
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect((await service.app.inject({ url: '/metrics', headers })).statusCode).toBe(401);
    const authorization = `Bearer ${TOKEN}`;
    expect((await service.app.inject({ url: '/metrics', headers: { ...headers, authorization } })).statusCode).toBe(
      200,
    );
  });
});

describe('a look', () => {
  it('costs no more where there are many leases', async () => {
    await start({ nodes: '1x cpu=1,memory=1GiB' });
    const request = { ...SMALL, resources: { cpu: 1 }, repeat: undefined };
    for (let round = 0; round < 20; round++)
      await Promise.all(Array.from({ length: 50 }, () => service.ask('POST', '/v1/leases', request)));
    await eventually(() => service.follower.state.leases.size).toBe(1000);
    let looks = 0;
    const values = service.follower.state.leases.values.bind(service.follower.state.leases);
    service.follower.state.leases.values = () => {
      looks++;
      return values();
    };
    const seen = await scrape();
    expect(looks).toBe(0);
    expect(valuesOf(seen, 'leasehold_leases')['kind=best-effort,state=waiting']).toBe(999);
  });
});
