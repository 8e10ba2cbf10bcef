/** Leases over HTTP: asking, reading, cancelling, and learning why. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Service, SMALL } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start();
});
afterEach(() => service.stop());

/** All the cpus of the site. */
const EVERYTHING = { vms: 4, resources: { cpu: 8 } };
/** The same request, written otherwise. */
const REORDERED = Object.fromEntries(Object.entries(SMALL).reverse());
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

describe('asking for a lease', () => {
  it('is answered with the lease, its place and its ETag', async () => {
    const { status, headers, body } = await service.ask('POST', '/v1/leases', {
      name: 'render-farm',
      vms: 4,
      resources: { cpu: 1.5, memoryMiB: 4096, gpu: 1 },
      duration: 'PT2H',
      start: { kind: 'best-effort' },
      preemptible: true,
      image: 'debian-12',
      labels: { team: 'film' },
      user: 'ada',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'render-farm',
      state: 'starting',
      kind: 'best-effort',
      vms: 4,
      groups: [{ vms: 4, resources: { cpu: 1.5, memoryMiB: 4096, gpu: 1 }, image: 'debian-12' }],
      duration: 'PT2H',
      labels: { team: 'film' },
      user: 'ada',
      nodes: '1 1-2 2',
    });
    expect(headers.location).toBe(`/v1/leases/${body.id}`);
    expect(headers.etag).toBe(`"${body.turn}"`);
  });

  it('may be read at once: a write is answered after the reads know of it', async () => {
    const leases = await Promise.all(Array.from({ length: 20 }, () => service.lease({ duration: '5m' })));
    for (const { id } of leases) expect((await service.ask('GET', `/v1/leases/${id}`)).status).toBe(200);
  });

  it('shares turns with others that arrive together', async () => {
    const before = service.follower.head;
    await Promise.all(Array.from({ length: 200 }, () => service.lease({ resources: { cpu: 0.001 } })));
    expect(service.follower.head - before).toBeLessThan(100);
  });

  it('understands durations as ISO 8601, in short and in seconds', async () => {
    for (const duration of ['PT1H30M', '1h30m', 5400, '5400']) {
      expect((await service.lease({ duration })).duration).toBe('PT1H30M');
    }
  });

  it('takes VMs that differ, in groups', async () => {
    const { status, body } = await service.ask('POST', '/v1/leases', {
      groups: [
        { name: 'head', vms: 1, resources: { cpu: 8 } },
        { name: 'workers', vms: 4, resources: { cpu: 2, memoryMiB: 512 } },
      ],
      duration: '1h',
    });
    expect(status).toBe(201);
    expect(body.vms).toBe(5);
    expect(body.groups.map((group: { name: string }) => group.name)).toEqual(['head', 'workers']);
  });

  it('takes a priority, and what is paid at most', async () => {
    expect(await service.lease({})).toMatchObject({ priority: 0, maxRate: null, price: null });
    const asked = { priority: 1000, maxRate: 0.123456 };
    expect(await service.lease(asked)).toMatchObject({ ...asked, price: null });
    for (const wrong of [{ priority: 1001 }, { priority: 0.5 }, { maxRate: -1 }, { maxRate: 1000.5 }]) {
      const { status, body } = await service.ask('POST', '/v1/leases', { ...SMALL, ...wrong });
      expect(status).toBe(422);
      expect(body.errors[0].pointer).toBe(`/${Object.keys(wrong)[0]}`);
    }
  });

  it('takes requirements of nodes and a rank, and says where they cannot be read', async () => {
    const where = { labels: {}, requirements: 'cpu >= 8 && gpu > 0', rank: '-(vms * 50 + cpuFree)' };
    expect((await service.lease({ where })).where).toEqual({ ...where, nodes: null });
    expect((await service.lease({ where: { rank: 'node' } })).where).toEqual({
      labels: {},
      requirements: null,
      rank: 'node',
      nodes: null,
    });
    const { status, body } = await service.ask('POST', '/v1/leases', { ...SMALL, where: { requirements: 'cpu = 8' } });
    expect(status).toBe(422);
    expect(body.errors).toEqual([{ pointer: '/where/requirements', detail: 'column 5: expected ==' }]);
  });

  it('takes nodes by name or number, and says which of them are not there', async () => {
    const one = await service.lease({ ...SMALL, vms: 1, where: { nodes: ['n3', 1] } });
    expect(one.where).toEqual({ labels: {}, requirements: null, rank: null, nodes: [3, 1] });
    expect(one.nodes).toBe('3');
    const wrong = [
      [['n3', 'n5', 'rack1'], '/where/nodes/1', 'there is no node "n5"'],
      [[5], '/where/nodes', 'there is no node 5'],
      [['n3', 3], '/where/nodes', 'a node is named twice'],
    ] as const;
    for (const [nodes, pointer, detail] of wrong) {
      const { status, body } = await service.ask('POST', '/v1/leases', { ...SMALL, where: { nodes } });
      expect(status).toBe(422);
      expect(body.errors[0]).toEqual({ pointer, detail });
    }
    expect((await service.ask('POST', '/v1/leases', { ...SMALL, where: { nodes: [] } })).status).toBe(422);
  });

  it('reserves an advance lease', async () => {
    const at = inHours(2);
    const { body } = await service.ask('POST', '/v1/leases', { ...SMALL, start: { kind: 'advance', at } });
    expect(body).toMatchObject({ state: 'reserved', kind: 'advance', preemptible: false });
    expect(Date.parse(body.from)).toBe(Date.parse(at));
    expect(Date.parse(body.until) - Date.parse(at)).toBe(3_600_000);
  });

  it('lets a lease wait, and says for whom', async () => {
    const first = await service.lease({ ...EVERYTHING, preemptible: false });
    const second = await service.lease(EVERYTHING);
    expect(second.state).toBe('waiting');
    const { body } = await service.ask('GET', `/v1/leases/${second.id}/decisions`);
    expect(body.now.state).toBe('waiting');
    expect(body.now.reasons[0]).toMatchObject({ code: 'insufficient-capacity', resource: 'cpu', blockers: [first.id] });
    expect(body.now.reasons[0].need).toBe(32);
    expect(body.now.reasons[0].message).toContain(first.id);
  });

  it('refuses a lease that cannot be had, keeps it, and says what could', async () => {
    const running = await service.lease({ ...EVERYTHING, preemptible: false });
    await service.until(running.id, 'active');
    const { status, body, headers } = await service.ask('POST', '/v1/leases', {
      ...SMALL,
      start: { kind: 'immediate' },
    });
    expect(status).toBe(409);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'lease-infeasible', lease: { state: 'rejected' } });
    expect(body.reasons[0].blockers).toEqual([running.id]);
    expect((await service.read(body.lease.id)).state).toBe('rejected');
    // What is offered can be had.
    const [{ start }] = body.alternatives;
    expect(start.kind).toBe('advance');
    const later = await service.ask('POST', '/v1/leases', { ...SMALL, start });
    expect(later.status, JSON.stringify(later.body)).toBe(201);
    expect(later.body.state).toBe('reserved');
  });

  it('refuses what the site could never give, without alternatives', async () => {
    const { status, body } = await service.ask('POST', '/v1/leases', { ...SMALL, resources: { cpu: 9 } });
    expect(status).toBe(409);
    expect(body.reasons[0].code).toBe('never-fits');
    expect(body.alternatives).toEqual([]);
  });
});

describe('an idempotency key', () => {
  const key = { 'idempotency-key': 'one' };

  it('gives the first answer again, to the letter', async () => {
    const first = await service.ask('POST', '/v1/leases', SMALL, key);
    await service.until(first.body.id, 'active');
    const again = await service.ask('POST', '/v1/leases', REORDERED, key);
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.headers.etag).toBe(first.headers.etag);
    expect(again.headers.location).toBe(first.headers.location);
  });

  it('makes one lease of a hundred requests at once', async () => {
    const replies = await Promise.all(Array.from({ length: 100 }, () => service.ask('POST', '/v1/leases', SMALL, key)));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect((await service.ask('GET', '/v1/leases')).body.items).toHaveLength(1);
  });

  it('gives a refusal again as a refusal', async () => {
    const request = { ...SMALL, resources: { cpu: 9 } };
    const first = await service.ask('POST', '/v1/leases', request, key);
    const again = await service.ask('POST', '/v1/leases', request, key);
    expect([first.status, again.status]).toEqual([409, 409]);
    expect(again.body.lease).toEqual(first.body.lease);
  });

  it('is not taken for another request', async () => {
    await service.ask('POST', '/v1/leases', SMALL, key);
    const other = await service.ask('POST', '/v1/leases', { ...SMALL, vms: 2 }, key);
    expect(other.status).toBe(422);
    expect(other.body.code).toBe('key-reused');
  });
});

describe('cancelling', () => {
  it('ends a waiting lease at once', async () => {
    await service.lease(EVERYTHING);
    const { id } = await service.lease(EVERYTHING);
    const { status, body } = await service.ask('DELETE', `/v1/leases/${id}`);
    expect(status).toBe(200);
    expect(body.state).toBe('cancelled');
    expect(body.ended).not.toBeNull();
  });

  it('stops a running lease, and gives its nodes to the next', async () => {
    const first = await service.lease({ ...EVERYTHING, preemptible: false });
    const second = await service.lease(EVERYTHING);
    await service.until(first.id, 'active');
    const { status } = await service.ask('DELETE', `/v1/leases/${first.id}`);
    expect(status).toBe(200);
    const over = await service.until(first.id, 'cancelled');
    expect(over.runs).toHaveLength(1);
    expect(over.runs[0]!.until).toBe(over.ended);
    await service.until(second.id, 'active');
  });

  it('is a conflict when the lease is over', async () => {
    const { id } = await service.lease();
    await service.ask('DELETE', `/v1/leases/${id}`);
    await service.until(id, 'cancelled');
    const { status, body } = await service.ask('DELETE', `/v1/leases/${id}`);
    expect(status).toBe(409);
    expect(body.code).toBe('lease-over');
  });

  it('holds against the ETag that the client knows', async () => {
    const { id, turn } = await service.lease();
    const active = await service.until(id, 'active');
    expect(active.turn).toBeGreaterThan(turn);
    const stale = await service.ask('DELETE', `/v1/leases/${id}`, undefined, { 'if-match': `"${turn}"` });
    expect(stale.status).toBe(412);
    expect(stale.body.code).toBe('stale');
    const fresh = await service.ask('DELETE', `/v1/leases/${id}`, undefined, { 'if-match': `"${active.turn}"` });
    expect(fresh.status).toBe(200);
  });
});

describe('reading', () => {
  it('lists leases in pages, the latest first', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await service.lease({ resources: { cpu: 0.1 } })).id);
    const listed: string[] = [];
    let url: string | undefined = '/v1/leases?page_size=2';
    while (url !== undefined) {
      const { body, headers } = await service.ask('GET', url);
      listed.push(...body.items.map(({ id }: { id: string }) => id));
      url = /<([^>]+)>; rel="next"/.exec(headers.link ?? '')?.[1];
      expect(body.nextPageToken === null).toBe(url === undefined);
    }
    expect(listed).toEqual(ids);
  });

  it('filters by state, kind and user', async () => {
    const running = await service.lease({ ...EVERYTHING, user: 'ada' });
    const waiting = await service.lease({ ...EVERYTHING, user: 'bob' });
    const reserved = await service.lease({ start: { kind: 'advance', at: inHours(24) } });
    await service.until(running.id, 'active');
    const ids = async (query: string) =>
      (await service.ask('GET', `/v1/leases?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids('state=waiting')).toEqual([waiting.id]);
    expect(await ids('state=active,reserved')).toEqual([reserved.id, running.id]);
    expect(await ids('kind=advance')).toEqual([reserved.id]);
    expect(await ids('user=ada')).toEqual([running.id]);
    expect(await ids('user=ada&state=waiting')).toEqual([]);
  });

  it('answers 304 to whoever has it already', async () => {
    const { id } = await service.lease();
    await service.until(id, 'active');
    const { headers } = await service.ask('GET', `/v1/leases/${id}`);
    const again = await service.ask('GET', `/v1/leases/${id}`, undefined, { 'if-none-match': headers.etag! });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
  });

  it('keeps leases that are over, with what they did', async () => {
    await service.stop();
    service = await Service.start({ timeScale: 100 });
    const { id } = await service.lease({ duration: '200s' });
    const done = await service.until(id, 'done');
    expect(done).toMatchObject({ state: 'done', remaining: null, nodes: null });
    expect(Date.parse(done.ended!) - Date.parse(done.firstStart!)).toBeGreaterThanOrEqual(200_000);
    expect(done.runs).toEqual([{ from: done.firstStart, until: done.ended, vms: '1', nodes: '1' }]);
  });

  it('tells every decision on a preempted lease, with who preempted it', async () => {
    const victim = await service.lease(EVERYTHING);
    await service.until(victim.id, 'active');
    const at = inHours(0.5);
    const preemptor = await service.lease({ ...EVERYTHING, start: { kind: 'advance', at } });
    const { body } = await service.ask('GET', `/v1/leases/${victim.id}/decisions`);
    expect(body.items.map(({ type }: { type: string }) => type)).toContain('SuspensionPlanned');
    const planned = body.items.find(({ type }: { type: string }) => type === 'SuspensionPlanned');
    expect(planned.reasons[0]).toMatchObject({ code: 'preempted', blockers: [preemptor.id] });
    expect(Date.parse(planned.until)).toBe(Date.parse(at));
  });

  it('tells its story: what was asked, decided and seen, by which rule, and who makes room for whom', async () => {
    const victim = await service.lease(EVERYTHING);
    await service.until(victim.id, 'active');
    const at = inHours(0.5);
    const preemptor = await service.lease({ ...EVERYTHING, start: { kind: 'advance', at } });
    await service.ask('DELETE', `/v1/leases/${preemptor.id}`);
    const storyOf = async (id: string) => (await service.ask('GET', `/v1/leases/${id}/decisions`)).body.items;
    const victims = await storyOf(victim.id);
    // A VM that is ready a moment later moves the end.
    const told = victims.filter(({ type }: { type: string }) => type !== 'UntilMoved');
    expect(told.map(({ kind, type }: { kind: string; type: string }) => `${kind} ${type}`)).toEqual([
      'request LeaseRequested',
      'decision StartOrdered',
      'observation VmsStarted',
      'decision SuspensionPlanned',
    ]);
    expect(told[0].message).toBe('asked for: 4 VMs of cpu 8 for PT1H, when possible');
    expect(told[1].rule).toBe('queue-order priority, backfilling easy, node-choice greedy@1');
    expect(told[3]).toMatchObject({ rule: 'victim-order least-cost@1, suspension all' });
    const preemptors = await storyOf(preemptor.id);
    expect(preemptors.map(({ type }: { type: string }) => type)).toEqual([
      'LeaseRequested',
      'SuspensionPlanned',
      'Reserved',
      'LeaseCancelled',
    ]);
    expect(preemptors[1]).toMatchObject({
      about: victim.id,
      message: expect.stringContaining(`${victim.id}: suspension`),
    });
  });

  it('does not know leases that never were', async () => {
    for (const url of ['/v1/leases/Lnone', '/v1/leases/Lnone/decisions']) {
      const { status, body } = await service.ask('GET', url);
      expect(status).toBe(404);
      expect(body.code).toBe('lease-unknown');
    }
    expect((await service.ask('DELETE', '/v1/leases/Lnone')).body.code).toBe('lease-unknown');
  });
});
