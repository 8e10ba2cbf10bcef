/** Leases that wait for an approval over HTTP, warnings before an end, and nodes that are to be empty by a deadline. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { type Reply, Service, SMALL } from '../support/service.js';

let service: Service;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  service = await Service.start({
    nodes: '4x cpu=8,memory=32GiB',
    policy: { approval: [{ durationOver: 2 * 3_600_000 }] },
  });
  for (const name of ['red', 'blue']) await service.ask('POST', '/v1/projects', { name });
  const people = {
    ann: ['red', 'user'],
    eve: ['red', 'user'],
    pam: ['red', 'project-admin'],
    pat: ['blue', 'project-admin'],
  };
  for (const [subject, [project, role]] of Object.entries(people))
    tokens[subject] = await service.token({ subject, project, roles: [role] });
});
afterAll(() => service.stop());

const as = (who: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown): Promise<Reply> =>
  service.ask(method, url, body, { authorization: `Bearer ${tokens[who]}` });
const asked = async (more: object = {}): Promise<Reply['body']> => {
  const { status, body } = await as('ann', 'POST', '/v1/leases', { ...SMALL, duration: '3h', ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

describe('a lease that needs an approval', () => {
  it('waits for it, says so, and begins when a project admin has approved it', async () => {
    const lease = await asked();
    expect(lease).toMatchObject({ state: 'waiting', reasons: [{ code: 'awaiting-approval' }] });
    expect(lease.conditions).toContainEqual(expect.objectContaining({ type: 'awaiting-approval', status: true }));
    const why = await as('ann', 'GET', `/v1/leases/${lease.id}/decisions`);
    expect(why.body.now.reasons).toMatchObject([{ code: 'awaiting-approval', message: 'it waits for an approval' }]);
    const approved = await as('pam', 'POST', `/v1/leases/${lease.id}/approve`);
    expect(approved.status).toBe(200);
    const active = await service.until(lease.id, 'active');
    expect(active.conditions).toContainEqual(expect.objectContaining({ type: 'awaiting-approval', status: false }));
    const { body } = await as('ann', 'GET', `/v1/leases/${lease.id}/decisions`);
    expect(body.items.map(({ message }: { message: string }) => message)).toContain('approved by pam');
    // Again changes nothing.
    expect((await as('pam', 'POST', `/v1/leases/${lease.id}/approve`)).status).toBe(200);
    await service.ask('DELETE', `/v1/leases/${lease.id}`);
  });

  it('is approved by nobody who may not: 403 who sees it, 404 who does not', async () => {
    const { id } = await asked();
    for (const action of ['approve', 'reject']) {
      const body = action === 'reject' ? {} : undefined;
      expect((await as('ann', 'POST', `/v1/leases/${id}/${action}`, body)).status).toBe(403);
      expect((await as('eve', 'POST', `/v1/leases/${id}/${action}`, body)).status).toBe(403);
      expect((await as('pat', 'POST', `/v1/leases/${id}/${action}`, body)).body.code).toBe('lease-unknown');
    }
    expect(await service.read(id)).toMatchObject({ state: 'waiting' });
    const rejected = await as('pam', 'POST', `/v1/leases/${id}/reject`, { reason: 'a day at most' });
    expect(rejected.body).toMatchObject({
      state: 'rejected',
      reasons: [{ code: 'not-approved', detail: 'a day at most', message: 'it was not approved: a day at most' }],
    });
    expect((await as('pam', 'POST', `/v1/leases/${id}/approve`)).body.code).toBe('lease-over');
  });

  it('of no project is for operators', async () => {
    const lease = await service.lease({ duration: '3h' });
    expect((await service.ask('POST', `/v1/leases/${lease.id}/approve`)).status).toBe(200);
    expect((await service.ask('DELETE', `/v1/leases/${lease.id}`)).status).toBe(200);
  });

  it('is not approved where it has changed since', async () => {
    const { id, turn } = await asked();
    await as('ann', 'PATCH', `/v1/leases/${id}`, { duration: '9h' });
    const stale = await service.ask('POST', `/v1/leases/${id}/approve`, undefined, { 'if-match': `"${turn}"` });
    expect(stale.body.code).toBe('stale');
    await service.ask('DELETE', `/v1/leases/${id}`);
  });

  it('is told by quotes and dry runs', async () => {
    const long = await as('ann', 'POST', '/v1/quotes', { ...SMALL, duration: '3h' });
    expect(long.body).toMatchObject({ feasible: true, approval: true, reasons: [{ code: 'awaiting-approval' }] });
    expect(long.body.earliestStart).not.toBeNull();
    const advance = { ...SMALL, duration: '3h', start: { kind: 'advance', at: inHours(2) } };
    const later = await as('ann', 'POST', '/v1/quotes', advance);
    expect(later.body).toMatchObject({ feasible: true, approval: true });
    const now = await as('ann', 'POST', '/v1/quotes', { ...SMALL, duration: '3h', start: { kind: 'immediate' } });
    expect(now.body).toMatchObject({ feasible: false, approval: false, reasons: [{ code: 'not-approved' }] });
    expect((await as('ann', 'POST', '/v1/quotes', SMALL)).body).toMatchObject({ approval: false, reasons: [] });
    const dry = await as('ann', 'POST', '/v1/leases?dryRun=true', { ...SMALL, duration: '3h' });
    expect(dry.body.turn.decisions).toMatchObject([{ type: 'ApprovalAwaited' }]);
    // A quote can be committed: what it says holds from the approval on, and is no promise.
    const committed = await as('ann', 'POST', '/v1/leases', { ...advance, commit: later.body.id });
    expect(committed.status, committed.text).toBe(201);
    await service.ask('DELETE', `/v1/leases/${committed.body.id}`);
  });

  it('that cannot be had any more is refused when it is approved', async () => {
    const start = { kind: 'advance', at: inHours(4) };
    const { id } = await asked({ start });
    const others = await service.lease({ vms: 4, resources: { cpu: 8 }, duration: '2h', start });
    const { status, body } = await as('pam', 'POST', `/v1/leases/${id}/approve`);
    expect([status, body.code]).toEqual([409, 'lease-infeasible']);
    expect(body.reasons[0]).toMatchObject({ code: 'insufficient-capacity', blockers: ['foreign'] });
    expect(await service.read(id)).toMatchObject({ state: 'rejected' });
    await service.ask('DELETE', `/v1/leases/${others.id}`);
  });

  it('lasts no longer than it may without one, unless whoever may approve it says so', async () => {
    const { id } = await asked({ duration: '1h' });
    await service.until(id, 'active');
    const refused = await as('ann', 'POST', `/v1/leases/${id}/extend`, { duration: '4h' });
    expect([refused.status, refused.body.code]).toEqual([409, 'lease-state']);
    expect(refused.body.detail).toContain('needs an approval');
    const extended = await as('pam', 'POST', `/v1/leases/${id}/extend`, { duration: '4h' });
    expect(extended.body).toMatchObject({ duration: 'PT4H' });
    await service.ask('DELETE', `/v1/leases/${id}`);
  });
});

describe('warnings before the end', () => {
  it('are asked for in any order, given once due, and told in the story of the lease', async () => {
    const { id, warnings, warned } = await service.lease({ duration: '1h', warnings: ['5m', '1h', 300] });
    expect([warnings, warned]).toEqual([['PT1H', 'PT5M'], null]);
    await eventually(async () => (await service.read(id)).warned).toMatchObject({ before: 'PT1H' });
    const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
    const told = body.items.find(({ type }: { type: string }) => type === 'LeaseEnding');
    expect(told).toMatchObject({
      rule: 'warnings',
      message: expect.stringMatching(/^ends at .* the warning PT1H before/),
    });
    const { body: events } = await service.ask('GET', `/v1/leases/${id}/events`);
    expect(events.items.map(({ event }: { event: { type: string } }) => event.type)).toContain('LeaseEnding');
    await service.ask('DELETE', `/v1/leases/${id}`);
  });

  it('are within its duration, and not too many', async () => {
    const long = await service.ask('POST', '/v1/leases', { ...SMALL, duration: '1h', warnings: ['5m', '2h'] });
    expect([long.status, long.body.errors]).toEqual([
      422,
      [{ pointer: '/warnings/0', detail: 'a warning comes within its duration' }],
    ]);
    const warnings = ['1m', '2m', '3m', '4m', '5m', '6m', '7m', '8m', '9m'];
    expect((await service.ask('POST', '/v1/leases', { ...SMALL, warnings })).status).toBe(422);
    const wrong = await service.ask('POST', '/v1/leases', { ...SMALL, warnings: ['soon'] });
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/warnings/0']);
  });
});

describe('a node that is to be empty by a deadline', () => {
  it('is drained, says by when, and may be given another one', async () => {
    const by = inHours(3);
    const { status, body } = await service.ask('POST', '/v1/nodes/4/drain', { by });
    expect([status, body.status, body.emptyBy]).toEqual([200, 'draining', by]);
    const later = await service.ask('POST', '/v1/nodes/4/drain', { by: inHours(4), force: true });
    expect(later.body.emptyBy > by).toBe(true);
    expect((await service.ask('GET', '/v1/maintenance')).body.items).toEqual([]);
    const restored = await service.ask('POST', '/v1/nodes/4/restore');
    expect([restored.body.status, restored.body.emptyBy]).toEqual(['up', null]);
  });

  it('is so without a deadline as before, and is refused where a promise is in the way', async () => {
    expect((await service.ask('POST', '/v1/nodes/4/drain')).body).toMatchObject({ status: 'draining', emptyBy: null });
    expect((await service.ask('POST', '/v1/nodes/4/drain')).body.code).toBe('node-state');
    await service.ask('POST', '/v1/nodes/4/restore');
    const where = { nodes: [3] };
    const lease = await service.lease({ duration: '2h', where, preemptible: false });
    await service.until(lease.id, 'active');
    const refused = await service.ask('POST', '/v1/nodes/3/drain', { by: inHours(1) });
    expect([refused.status, refused.body.code]).toEqual([409, 'node-in-use']);
    expect(refused.body.detail).toContain(lease.id);
    expect((await service.ask('POST', '/v1/nodes/3/drain', { by: inHours(1), force: true })).status).toBe(200);
    expect((await service.ask('POST', '/v1/nodes/3/drain', { by: 'soon' })).status).toBe(422);
  });
});
