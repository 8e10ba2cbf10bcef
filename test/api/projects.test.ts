/** Projects and users: who is told of which, and quotas that the scheduler holds to. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
let log: MemoryLog;
beforeEach(async () => {
  log = new MemoryLog();
  service = await Service.start({ store: new MemoryStore(log) });
});
afterEach(() => service.stop());

const project = async (name: string, more: object = {}) => {
  const { status, body } = await service.ask('POST', '/v1/projects', { name, ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
const as = async (subject: string, projectName: string | undefined, ...roles: string[]) => {
  const token = await service.token({ subject, roles, ...(projectName && { project: projectName }) });
  return (method: 'GET' | 'POST' | 'DELETE' | 'PATCH', url: string, body?: unknown) =>
    service.ask(method, url, body, { authorization: `Bearer ${token}` });
};
const NONE = { leases: null, vms: null, cpu: null, advance: null };

describe('a project', () => {
  it('is made, read, changed and deleted, and is there after a restart', async () => {
    expect(await project('red', { title: 'The red ones' })).toMatchObject({
      name: 'red',
      title: 'The red ones',
      by: 'admin',
      quota: null,
      used: { leases: 0, vms: 0, cpu: 0, advance: 0 },
    });
    await project('blue');
    const { body } = await service.ask('PATCH', '/v1/projects/red', { title: 'Red', quota: { vms: 3 } });
    expect(body).toMatchObject({ title: 'Red', quota: { ...NONE, vms: 3 } });
    await service.stop();
    service = await Service.start({ store: new MemoryStore(log) });
    const { body: list } = await service.ask('GET', '/v1/projects');
    expect(list.items.map(({ name }: { name: string }) => name)).toEqual(['blue', 'red']);
    expect(list.items[1].quota).toEqual({ ...NONE, vms: 3 });
    expect((await service.ask('DELETE', '/v1/projects/red')).status).toBe(200);
    expect((await service.ask('GET', '/v1/projects/red')).status).toBe(404);
    expect(service.follower.state.policy.quotas.projects).toBeUndefined();
  });

  it('has a quota of its own instead of that of all, changed member by member', async () => {
    await project('red', { quota: { cpu: 1.5 } });
    const change = async (quota: object | null) =>
      (await service.ask('PATCH', '/v1/projects/red', { quota })).body.quota;
    expect(await change({ leases: 2 })).toEqual({ ...NONE, cpu: 1.5, leases: 2 });
    expect(await change({ cpu: null })).toEqual({ ...NONE, leases: 2 });
    const turn = service.follower.head;
    expect(await change({ leases: 2 })).toEqual({ ...NONE, leases: 2 });
    expect(service.follower.head).toBe(turn);
    const ann = await as('ann', 'red', 'user');
    for (let i = 0; i < 2; i++) expect((await ann('POST', '/v1/leases', SMALL)).status).toBe(201);
    const refused = await ann('POST', '/v1/leases', SMALL);
    expect(refused.body).toMatchObject({ code: 'lease-infeasible', reasons: [{ code: 'quota-exceeded' }] });
    expect((await ann('GET', '/v1/projects/red')).body.used).toEqual({ leases: 2, vms: 2, cpu: 2, advance: 0 });
    expect(await change(null)).toBeNull();
    expect((await ann('POST', '/v1/leases', SMALL)).status).toBe(201);
  });

  it('keeps its quota when another policy is adopted', async () => {
    await project('red', { quota: { vms: 3 } });
    const { status, body } = await service.ask('POST', '/v1/policies', { quotas: { user: { leases: 5 } } });
    expect(status, JSON.stringify(body)).toBe(200);
    expect((await service.ask('GET', '/v1/projects/red')).body.quota.vms).toBe(3);
    expect(service.follower.state.policy.quotas.user?.leases).toBe(5);
  });

  it('is deleted when nothing of it goes on', async () => {
    await project('red');
    const ann = await as('ann', 'red', 'user');
    const { body: lease } = await ann('POST', '/v1/leases', SMALL);
    const tokens = (await service.ask('GET', '/v1/tokens')).body.items;
    const remove = async () => (await service.ask('DELETE', '/v1/projects/red')).body;
    expect(await remove()).toMatchObject({ code: 'project-in-use', detail: expect.stringContaining('1 leases') });
    await service.ask('DELETE', `/v1/leases/${lease.id}`);
    await service.until(lease.id, 'cancelled', 'done');
    expect(await remove()).toMatchObject({ code: 'project-in-use', detail: expect.stringContaining('1 valid tokens') });
    await service.ask('DELETE', `/v1/tokens/${tokens[0].id}`);
    expect(await remove()).toMatchObject({ name: 'red' });
  });

  it('is unknown to those of others, and changed by operators', async () => {
    await project('red');
    await project('blue');
    const ann = await as('ann', 'red', 'project-admin');
    const foreign = await ann('GET', '/v1/projects/blue');
    const never = await ann('GET', '/v1/projects/plaid');
    expect(foreign.status).toBe(404);
    expect(foreign.body.detail.replace('blue', '')).toBe(never.body.detail.replace('plaid', ''));
    expect((await ann('GET', '/v1/projects')).body.items.map(({ name }: { name: string }) => name)).toEqual(['red']);
    for (const [method, url, body] of [
      ['POST', '/v1/projects', { name: 'green' }],
      ['PATCH', '/v1/projects/red', { quota: null }],
      ['DELETE', '/v1/projects/red', undefined],
    ] as const)
      expect((await ann(method, url, body)).body.code, `${method} ${url}`).toBe('forbidden');
    expect((await (await as('oz', undefined, 'operator'))('PATCH', '/v1/projects/red', { title: 'x' })).status).toBe(
      200,
    );
  });

  it('is changed by several at once, and nothing is lost', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
    await Promise.all(names.map((name) => project(name)));
    await Promise.all(names.map((name, i) => service.ask('PATCH', `/v1/projects/${name}`, { quota: { vms: i } })));
    const { body } = await service.ask('GET', '/v1/projects');
    expect(body.items.map(({ quota }: { quota: { vms: number } }) => quota.vms)).toEqual(names.map((_, i) => i));
  });
});

describe('users', () => {
  it('are those with leases or tokens, each with what he has; in the projects of whoever asks', async () => {
    await project('red');
    await project('blue');
    const ann = await as('ann', 'red', 'user');
    await ann('POST', '/v1/leases', { ...SMALL, vms: 2 });
    await service.lease({ user: 'bob', project: 'blue' });
    await service.lease({ user: 'ann', project: 'blue' });
    const ada = await as('ada', 'red', 'project-admin');
    const { body: all } = await service.ask('GET', '/v1/users');
    expect(all.items).toMatchObject([
      { name: 'ada', projects: ['red'], used: { leases: 0 } },
      { name: 'ann', projects: ['blue', 'red'], used: { leases: 2, vms: 3, cpu: 3 } },
      { name: 'bob', projects: ['blue'], used: { leases: 1 } },
    ]);
    const { body: reds } = await ada('GET', '/v1/users');
    expect(reds.items).toMatchObject([
      { name: 'ada', projects: ['red'] },
      { name: 'ann', projects: ['red'], used: { leases: 1, vms: 2 } },
    ]);
    expect((await ann('GET', '/v1/users')).body.code).toBe('forbidden');
  });
});
