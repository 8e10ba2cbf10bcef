/** Why tells of every reason when it can change at the earliest, as it was planned then: also when all of it is long over. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, Service, SMALL } from '../support/service.js';

let service: Service;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  service = await Service.start({
    nodes: '2x cpu=8,memory=32GiB',
    policy: {
      suspension: 'none',
      quotas: { user: { leases: 2, vms: null, cpu: null, advance: null }, project: null },
    },
  });
  for (const name of ['red', 'blue']) await service.ask('POST', '/v1/projects', { name });
  for (const [subject, project] of Object.entries({ ann: 'red', bob: 'blue' }))
    tokens[subject] = await service.token({ subject, project, roles: ['user'] });
});
afterAll(() => service.stop());

const as = (who: string, method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown): Promise<Reply> =>
  service.ask(method, url, body, { authorization: `Bearer ${tokens[who]}` });
const submit = async (who: string, request: object): Promise<Reply['body']> =>
  (await as(who, 'POST', '/v1/leases', { ...SMALL, ...request })).body;
/** What was said to that, of one kind of decision. */
const told = async (who: string, id: string, type: string): Promise<Reply['body']> => {
  const { body } = await as(who, 'GET', `/v1/leases/${id}/decisions`);
  return body.items.find((item: { type: string }) => item.type === type);
};
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const WHOLE = { vms: 1, resources: { cpu: 8 } };

describe('the earliest change', () => {
  it('of who was turned away for a quota is the first planned end of what counts, whatever has become of it', async () => {
    const first = await submit('ann', { duration: '2h', start: { kind: 'advance', at: inHours(10) } });
    const second = await submit('ann', { duration: '1h', start: { kind: 'advance', at: inHours(20) } });
    const refused = (await submit('ann', { duration: '1h' })).lease;
    const before = (await told('ann', refused.id, 'Refused')).reasons;
    expect(before).toMatchObject([{ code: 'quota-exceeded', earliestRelease: first.until }]);
    expect(before[0].message).toContain(`until ${first.until} as planned`);
    for (const { id } of [first, second]) await as('ann', 'DELETE', `/v1/leases/${id}`);
    expect((await told('ann', refused.id, 'Refused')).reasons).toEqual(before);
  });

  it('of who made room is when the other is to be over, and tells nothing else of it where that is foreign', async () => {
    const victim = await submit('ann', { ...WHOLE, duration: '3h', where: { nodes: [1] } });
    await service.until(victim.id, 'active');
    const other = await submit('bob', {
      ...WHOLE,
      duration: '1h',
      where: { nodes: [1] },
      start: { kind: 'immediate' },
    });
    const { until } = await service.until(other.id, 'active', 'starting');
    const { reasons } = await told('ann', victim.id, 'StopOrdered');
    expect(reasons).toMatchObject([{ code: 'preempted', blockers: ['foreign'] }]);
    expect(Math.abs(Date.parse(reasons[0].earliestRelease) - Date.parse(until!))).toBeLessThan(60_000);
    expect(reasons[0].message).toMatch(/^its capacity was taken by a lease of another project, until .* as planned$/);
    for (const { id } of [victim, other]) await service.ask('DELETE', `/v1/leases/${id}`);
    await service.until(other.id, 'cancelled');
  });

  it('of who follows others is when the last of them is planned to be over', async () => {
    const before = await submit('ann', { duration: '3h', start: { kind: 'advance', at: inHours(5) } });
    const after = await submit('ann', { duration: '1h', after: [{ lease: before.id }] });
    const { body } = await as('ann', 'GET', `/v1/leases/${after.id}/decisions`);
    expect(body.now.reasons).toMatchObject([{ code: 'waits-for-lease', earliestRelease: before.until }]);
    await as('ann', 'POST', `/v1/leases/${before.id}/shrink`, { by: '1h' });
    const again = (await as('ann', 'GET', `/v1/leases/${after.id}/decisions`)).body.now.reasons[0];
    expect(Date.parse(before.until) - Date.parse(again.earliestRelease)).toBe(3_600_000);
    for (const { id } of [before, after]) await as('ann', 'DELETE', `/v1/leases/${id}`);
  });

  it('of who leaves nodes that are worked on is the end of the window, which is part of the story', async () => {
    const lease = await submit('ann', { ...WHOLE, duration: '3h', where: { nodes: [2] } });
    await service.until(lease.id, 'active');
    const until = inHours(9);
    await service.ask('POST', '/v1/maintenance', { nodes: [2], from: inHours(1), until });
    const planned = await told('ann', lease.id, 'StopPlanned');
    expect(planned.reasons).toMatchObject([{ code: 'maintenance', blockers: ['node:2'], earliestRelease: until }]);
    expect((await told('ann', lease.id, 'MaintenancePlanned')).message).toContain('maintenance of node 2');
  });
});
