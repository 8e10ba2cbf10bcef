/** The policy over HTTP: read, with those before it, and another one adopted while leases wait and run. */

import { afterEach, expect, it } from 'vitest';
import { Service } from '../support/service.js';

let service: Service;
afterEach(() => service.stop());

it('is read, patched knob by knob, and kept with its turn', async () => {
  service = await Service.start();
  const before = await service.ask('GET', '/v1/policies');
  expect(before.body.items).toMatchObject([{ turn: 1, knobs: { backfilling: 'easy' }, changed: [] }]);
  expect(before.headers.etag).toBe('"1"');

  const adopted = await service.ask('POST', '/v1/policies', { backfilling: 'conservative', 'shutdown-time': '10s' });
  expect(adopted.status, adopted.text).toBe(200);
  expect(adopted.body).toMatchObject({
    knobs: { backfilling: 'conservative', 'shutdown-time': 'PT10S', suspension: 'all' },
    changed: ['backfilling', 'shutdown-time'],
  });
  expect(adopted.headers.receipt).toBeDefined();
  expect(service.follower.state.policy).toMatchObject({ backfilling: { kind: 'conservative' }, shutdownTime: 10_000 });

  const { body } = await service.ask('GET', '/v1/policies');
  expect(body.items.map(({ turn }: { turn: number }) => turn)).toEqual([adopted.body.turn, 1]);
  const first = await service.ask('GET', '/v1/policies?page_size=1');
  expect(first.body.items).toHaveLength(1);
  const rest = await service.ask('GET', `/v1/policies?page_token=${first.body.nextPageToken}`);
  expect(rest.body.items).toMatchObject([{ turn: 1 }]);
});

it('that changes nothing is not logged', async () => {
  service = await Service.start();
  const { head } = service.follower;
  const { body, status } = await service.ask('POST', '/v1/policies', { backfilling: 'easy' });
  expect([status, body.turn]).toEqual([200, 1]);
  expect(service.follower.head).toBe(head);
});

it('holds against what the operator knows', async () => {
  service = await Service.start();
  const patch = { 'suspend-rate': 77 };
  expect((await service.ask('POST', '/v1/policies', patch, { 'if-match': '"1"' })).status).toBe(200);
  const stale = await service.ask('POST', '/v1/policies', { 'suspend-rate': 78 }, { 'if-match': '"1"' });
  expect([stale.status, stale.body.code]).toEqual([412, 'stale']);
});

it('takes patches of several operators, and loses none', async () => {
  service = await Service.start();
  const patches = [{ 'suspend-rate': 11 }, { 'resume-rate': 12 }, { 'migration-rate': 13 }, { 'image-rate': 14 }];
  const replies = await Promise.all(patches.map((patch) => service.ask('POST', '/v1/policies', patch)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const knobs = { suspendRate: 11, resumeRate: 12, migrationRate: 13, imageRate: 14 };
  expect(service.follower.state.policy).toMatchObject(knobs);
});

it('says what is wrong with each knob', async () => {
  service = await Service.start({ policy: { suspension: 'none' } });
  const wrong = await service.ask('POST', '/v1/policies', { suspension: 'maybe', nonsense: true });
  expect([wrong.status, wrong.body.code]).toEqual([422, 'policy-invalid']);
  expect(wrong.body.errors).toEqual([
    { pointer: '/suspension', detail: 'must be none or serial-only or all' },
    { pointer: '/nonsense', detail: 'is no knob of a policy' },
  ]);
  for (const body of [{}, [], 'easy', null])
    expect((await service.ask('POST', '/v1/policies', body)).body.code).toMatch(/request-invalid|json-invalid/);
  const storage = await service.ask('POST', '/v1/policies', { migration: 'no-transfer' });
  expect([storage.status, storage.body.code]).toEqual([409, 'policy-refused']);
});

it('gives leases that wait their place by the new order', async () => {
  service = await Service.start({ policy: { backfilling: { kind: 'none' } } });
  const all = { vms: 4, resources: { cpu: 8 }, preemptible: false };
  await service.lease({ vms: 3, resources: { cpu: 8 }, preemptible: false });
  await service.lease(all);
  const { id } = await service.lease({ vms: 1, resources: { cpu: 1 }, duration: 'PT10M' });
  expect((await service.read(id)).state).toBe('waiting');
  await service.ask('POST', '/v1/policies', { backfilling: 'easy' });
  await service.until(id, 'starting', 'active');
});
