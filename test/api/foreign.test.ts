/** What is foreign is unknown: no answer tells a caller of a lease of another project more than that something is there. */

import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LeaseView } from '../../api/schemas/lease.js';
import { type Reply, Service, SMALL } from '../support/service.js';

let service: Service;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  service = await Service.start({ nodes: '2x cpu=4,memory=16GiB' });
  for (const name of ['red', 'blue']) await service.ask('POST', '/v1/projects', { name });
  for (const [who, request] of Object.entries({
    ann: { project: 'red', roles: ['user'] },
    abe: { project: 'red', roles: ['user'] },
    ada: { project: 'red', roles: ['project-admin'] },
    bob: { project: 'blue', roles: ['user'] },
    zoe: { roles: ['user'] },
    eve: { roles: ['auditor'] },
    oz: { roles: ['operator'] },
  }))
    tokens[who] = await service.token({ subject: who, ...request });
});
afterAll(() => service.stop());

const ask = (who: string, method: 'GET' | 'POST' | 'DELETE' | 'PATCH', url: string, body?: unknown, headers = {}) =>
  service.ask(method, url, body, { authorization: `Bearer ${tokens[who]}`, ...headers });

async function lease(who: string, request: Record<string, unknown> = {}): Promise<LeaseView> {
  const { status, body } = await ask(who, 'POST', '/v1/leases', { ...SMALL, ...request });
  expect(status, JSON.stringify(body)).toBe(201);
  return body as LeaseView;
}

/** What is the same in every answer is left out. */
const told = ({ status, body }: Reply, id: string) =>
  JSON.stringify({ status, body: { ...body, requestId: '' } }).replaceAll(id, 'ID');

describe('a lease', () => {
  it('is that of its maker, who names nobody else', async () => {
    expect(await lease('ann')).toMatchObject({ user: 'ann', project: 'red' });
    expect(await lease('ann', { user: 'ann', project: 'red' })).toMatchObject({ user: 'ann', project: 'red' });
    expect(await lease('zoe')).toMatchObject({ user: 'zoe', project: null });
    for (const [more, pointer] of [
      [{ user: 'bob' }, '/user'],
      [{ project: 'blue' }, '/project'],
    ] as const) {
      const { status, body } = await ask('ann', 'POST', '/v1/leases', { ...SMALL, ...more });
      expect(status).toBe(403);
      expect(body).toMatchObject({ code: 'forbidden', errors: [{ pointer }] });
    }
    expect(await lease('oz', { user: 'bob', project: 'blue' })).toMatchObject({ user: 'bob', project: 'blue' });
  });

  it('of another project is answered as one that never was', async () => {
    const { id } = await lease('bob');
    const never = `L${'a'.repeat(20)}`;
    for (const who of ['ann', 'ada', 'zoe'])
      for (const [method, path, body] of [
        ['GET', ''],
        ['GET', '/decisions'],
        ['DELETE', ''],
        ['PATCH', '', { duration: '2h' }],
        ['POST', '/hold'],
        ['POST', '/release'],
      ] as const) {
        const foreign = await ask(who, method, `/v1/leases/${id}${path}`, body, { 'if-match': '*' });
        const unknown = await ask(who, method, `/v1/leases/${never}${path}`, body, { 'if-match': '*' });
        expect(foreign.status).toBe(404);
        expect(told(foreign, id)).toBe(told(unknown, never));
      }
    expect((await ask('eve', 'GET', `/v1/leases/${id}`)).body.user).toBe('bob');
  });

  it('is in the lists of those who know of it, before and after it is over', async () => {
    const { id } = await lease('bob', { name: 'listed' });
    const lists = async () => {
      const found: string[] = [];
      for (const who of Object.keys(tokens)) {
        const { body } = await ask(who, 'GET', '/v1/leases?page_size=1000');
        if (body.items.some((one: LeaseView) => one.id === id)) found.push(who);
        const seen: LeaseView[] = body.items;
        if (who === 'ann') expect(seen.every(({ project }) => project === 'red')).toBe(true);
        if (who === 'zoe') expect(seen.every(({ project, user }) => project === null && user === 'zoe')).toBe(true);
      }
      return found;
    };
    expect(await lists()).toEqual(['bob', 'eve', 'oz']);
    await ask('bob', 'DELETE', `/v1/leases/${id}`);
    await service.until(id, 'cancelled');
    expect(await lists()).toEqual(['bob', 'eve', 'oz']);
  });

  it('is changed by its user, its project admin and operators; others of the project see it', async () => {
    const { id } = await lease('ann', { start: { kind: 'best-effort' }, held: true });
    expect((await ask('abe', 'GET', `/v1/leases/${id}`)).status).toBe(200);
    expect((await ask('abe', 'DELETE', `/v1/leases/${id}`)).body).toMatchObject({ code: 'forbidden' });
    expect((await ask('eve', 'DELETE', `/v1/leases/${id}`)).body).toMatchObject({ code: 'forbidden' });
    expect((await ask('ada', 'POST', `/v1/leases/${id}/release`)).status).toBe(200);
    expect((await ask('ann', 'POST', `/v1/leases/${id}/hold`)).status).not.toBe(403);
    expect((await ask('oz', 'DELETE', `/v1/leases/${id}`)).status).toBe(200);
  });

  it('cannot follow one that its maker does not know of', async () => {
    const foreign = await lease('bob', { held: true });
    const own = await lease('ann', { held: true });
    const following = (id: string) => ask('ann', 'POST', '/v1/leases', { ...SMALL, after: [{ lease: id }] });
    const never = `L${'b'.repeat(20)}`;
    expect((await following(own.id)).status).toBe(201);
    const refused = await following(foreign.id);
    expect(refused.status).toBe(422);
    expect(told(refused, foreign.id)).toBe(told(await following(never), never));
    const asOperator = await ask('oz', 'POST', '/v1/leases', { ...SMALL, after: [{ lease: never }] });
    expect(asOperator.body.detail).toBe(refused.body.detail);
  });

  it('is not found by the idempotency key of somebody else', async () => {
    const key = { 'idempotency-key': 'the-same-key' };
    const first = await ask('ann', 'POST', '/v1/leases', SMALL, key);
    const again = await ask('ann', 'POST', '/v1/leases', SMALL, key);
    const other = await ask('bob', 'POST', '/v1/leases', SMALL, key);
    expect(again.body.id).toBe(first.body.id);
    expect(other.status).toBe(201);
    expect(other.body.id).not.toBe(first.body.id);
  });
});

describe('what is in the way', () => {
  it('is told without a name also where the past is read, or a list is read to its end', async () => {
    for (const path of ['leases', 'schedule', 'nodes']) {
      const url = `/v1/${path}?asOf=${service.follower.head}`;
      const { status, text } = await ask('ann', 'GET', url, undefined, { accept: 'application/x-ndjson' });
      expect(status).toBe(200);
      expect(text).not.toContain('bob');
      for (const { id } of (await ask('bob', 'GET', '/v1/leases')).body.items) expect(text).not.toContain(id);
    }
  });

  it('is told without a name, in reasons, stories, bars and nodes', async () => {
    const whole = { vms: 2, resources: { cpu: 4 }, duration: '1h' };
    for (const one of (await service.ask('GET', '/v1/leases?state=waiting,active,reserved,starting')).body.items) {
      await service.ask('DELETE', `/v1/leases/${one.id}`);
      await service.until(one.id, 'cancelled', 'done');
    }
    const blocker = await lease('bob', { ...whole, name: 'secret-name', preemptible: false });
    await service.until(blocker.id, 'active');
    const blocked = await lease('ann', whole);
    const why = await ask('ann', 'GET', `/v1/leases/${blocked.id}/decisions`);
    expect(why.body.now.reasons[0]).toMatchObject({ blockers: ['foreign'], earliestRelease: expect.any(String) });
    expect(why.body.now.reasons[0].message).toContain('a lease of another project, until');
    const answers = [
      why,
      await ask('ann', 'GET', `/v1/leases/${blocked.id}`),
      await ask('ann', 'GET', '/v1/schedule?page_size=1000'),
      await ask('ann', 'GET', '/v1/nodes'),
      await ask('ann', 'POST', '/v1/leases', { ...whole, start: { kind: 'immediate' } }),
    ];
    for (const { text } of answers) {
      expect(text).not.toContain(blocker.id);
      expect(text).not.toContain('secret-name');
      expect(text).not.toContain('bob');
    }
    expect(answers[4]!.body.code).toBe('lease-infeasible');
    const bars = answers[2]!.body.items.filter(({ phase }: { phase: string }) => phase === 'now');
    expect(bars).toMatchObject([{ lease: null, name: null, until: expect.any(String) }]);
    expect(answers[3]!.body.items[0]).toMatchObject({ leases: [], used: { cpu: 4 } });
    const auditor = await ask('eve', 'GET', `/v1/leases/${blocked.id}/decisions`);
    expect(auditor.body.now.reasons[0].blockers).toEqual([blocker.id]);
    expect((await ask('eve', 'GET', '/v1/schedule')).text).toContain('secret-name');
  });

  it('and makes room, is told without a name', async () => {
    const whole = { vms: 2, resources: { cpu: 4 }, duration: '1h' };
    for (const one of (await service.ask('GET', '/v1/leases?state=waiting,active,reserved,starting')).body.items) {
      await service.ask('DELETE', `/v1/leases/${one.id}`);
      await service.until(one.id, 'cancelled', 'done');
    }
    const victim = await lease('bob', whole);
    await service.until(victim.id, 'active');
    const at = new Date(Date.now() + 1_800_000).toISOString();
    const preemptor = await lease('ann', { ...whole, start: { kind: 'advance', at } });
    const stories = [
      await ask('ann', 'GET', `/v1/leases/${preemptor.id}/decisions`),
      await ask('bob', 'GET', `/v1/leases/${victim.id}/decisions`),
    ];
    const logged = await ask('ann', 'GET', `/v1/leases/${preemptor.id}/events`);
    expect(logged.status).toBe(200);
    expect(logged.body.items.length).toBeGreaterThan(0);
    expect(logged.text).not.toContain(victim.id);
    expect((await ask('eve', 'GET', `/v1/leases/${preemptor.id}/events`)).text).toContain(victim.id);
    expect((await ask('ann', 'GET', `/v1/leases/${victim.id}/events`)).status).toBe(404);
    expect(stories[0]!.text).not.toContain(victim.id);
    expect(stories[1]!.text).not.toContain(preemptor.id);
    const making = stories[0]!.body.items.find(({ about }: { about?: string }) => about !== undefined);
    expect(making).toMatchObject({ about: 'foreign', message: expect.stringContaining('a lease of another project') });
    const operators = await ask('oz', 'GET', `/v1/leases/${preemptor.id}/decisions`);
    expect(operators.text).toContain(victim.id);
  });
});

describe('the log', () => {
  it('is for operators and auditors', async () => {
    for (const [who, status] of Object.entries({ ann: 403, ada: 403, bob: 403, eve: 200, oz: 200 }))
      for (const url of ['/v1/diff?from=1', '/v1/audit/head', '/v1/audit/checkpoints'])
        expect((await ask(who, 'GET', url)).status, `${who} ${url}`).toBe(status);
  });

  it('tells others of leases that are theirs, as their events are listed, and of nothing else', async () => {
    for (const who of ['ann', 'bob', 'zoe']) await lease(who);
    for (let i = 0; i < 4; i++) await lease(i % 2 === 0 ? 'ann' : 'bob', { resources: { cpu: 3 } });
    await ask('ann', 'POST', '/v1/leases', { ...SMALL, held: true }, { 'idempotency-key': 'once' });
    // What every lease has had, by what is listed of each: the feed is held against it.
    const all: LeaseView[] = (await ask('eve', 'GET', '/v1/leases?page_size=1000')).body.items;
    for (const [who, mine] of Object.entries({
      ann: (one: LeaseView) => one.project === 'red',
      ada: (one: LeaseView) => one.project === 'red',
      bob: (one: LeaseView) => one.project === 'blue',
      zoe: (one: LeaseView) => one.user === 'zoe' && one.project === null,
    })) {
      const { status, text } = await ask(who, 'GET', '/v1/events');
      expect(status).toBe(200);
      for (const { id } of all.filter((one) => !mine(one))) expect(text, `${who} and ${id}`).not.toContain(id);
      expect(text).not.toContain('"key":{');
      const told = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { number: number; inputs: object[]; decisions: object[] })
        .flatMap(({ number, inputs, decisions }) => [...inputs, ...decisions].map((event) => ({ number, event })));
      expect(told.length).toBeGreaterThan(0);
      for (const { event } of told) expect(event).toHaveProperty('lease');
      for (const { id } of all.filter(mine)) {
        const { items } = (await ask(who, 'GET', `/v1/leases/${id}/events?page_size=1000`)).body;
        const own = ({ event }: { event: object }) => 'lease' in event && event.lease === id;
        const listed = items.filter(own).map(({ turn, event }: { turn: number; event: object }) => [turn, event]);
        // What was observed late, and changed nothing, is in the log alone.
        const isNews = (one: unknown) => listed.some((other: unknown) => isDeepStrictEqual(one, other));
        const pairs = told.filter(own).map(({ number, event }) => [number, event] as const);
        expect(pairs.filter(isNews), id).toEqual(listed);
        for (const [, event] of pairs.filter((one) => !isNews(one))) expect(event).toHaveProperty('at');
      }
    }
    // Filters leave less of it, never more.
    const { id: foreign } = all.find(({ project }) => project === 'blue')!;
    for (const query of [`lease=${foreign}`, 'project=blue', 'type=NoteKept,NodesAdded'])
      expect((await ask('ann', 'GET', `/v1/events?${query}`)).text, query).toBe('');
    expect((await ask('ann', 'GET', '/v1/events?type=VmsStarted')).text).toContain('VmsStarted');
  });
});
