/** What clients learn of quotas and prices. */

import { afterEach, expect, it } from 'vitest';
import type { Policy } from '../../engine/index.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
afterEach(() => service.stop());

const ask = (more: object) => service.ask('POST', '/v1/leases', { ...SMALL, ...more });
const withPolicy = async (policy: Partial<Policy>) => {
  service = await Service.start({ policy });
};

it('a lease that costs too much is refused with its price, and what is paid', async () => {
  await withPolicy({ pricing: { kind: 'constant', rate: 250_000 } });
  const fine = await ask({ vms: 2, duration: '2h', maxRate: 0.25 });
  expect(fine.status).toBe(201);
  expect(fine.body).toMatchObject({ price: 1, maxRate: 0.25 });
  const dear = await ask({ vms: 2, duration: '2h', maxRate: 0.249999 });
  expect(dear.status).toBe(409);
  expect(dear.body).toMatchObject({
    code: 'lease-infeasible',
    detail: 'the lease cannot be had: it costs 1, and at most 0.999996 is paid',
    lease: { state: 'rejected', price: 1 },
    reasons: [{ code: 'price-too-high', need: 1_000_000, have: 999_996 }],
  });
  const { body } = await service.ask('GET', `/v1/leases/${dear.body.lease.id}/decisions`);
  const decided = body.items.filter(({ kind }: { kind: string }) => kind === 'decision');
  expect(decided.map((item: { message: string }) => item.message)).toEqual([
    'priced at 1, which is more than is paid',
    'refused',
  ]);
});

it('a lease beyond a quota is refused with the leases that count', async () => {
  const none = { leases: null, vms: null, cpu: null, advance: null };
  await withPolicy({ quotas: { user: { ...none, cpu: 3000 }, project: { ...none, leases: 1 } } });
  const { body: first } = await ask({ vms: 1, resources: { cpu: 2 }, user: 'ada', project: 'film' });
  const cpus = await ask({ vms: 1, resources: { cpu: 1.5 }, user: 'ada' });
  expect(cpus.status).toBe(409);
  expect(cpus.body.detail).toBe(
    `the lease cannot be had: that would exceed a quota (3.5 cpus, 3 allowed); it counts ${first.id}`,
  );
  const leases = await ask({ vms: 1, resources: { cpu: 1 }, project: 'film' });
  expect(leases.body.detail).toContain('that would exceed a quota (2 leases, 1 allowed)');
  expect((await ask({ vms: 1, resources: { cpu: 1 }, user: 'ada' })).status).toBe(201);
});

it('an advance lease asked for too late is told how much earlier it must be', async () => {
  await withPolicy({ minimumNotice: 3_600_000 });
  const at = new Date(Date.now() + 1_800_000).toISOString();
  const { status, body } = await ask({ start: { kind: 'advance', at } });
  expect(status).toBe(409);
  expect(body.reasons[0]).toMatchObject({ code: 'notice-too-short', need: 3_600_000 });
  expect(body.detail).toMatch(/asked for too late: PT(29M59(\.\d+)?S|30M) before its start, not PT1H/);
});
