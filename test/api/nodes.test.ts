/** Nodes over HTTP: they join, and get other labels. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { Service } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start({ nodes: '1x cpu=8,memory=32GiB,gpu=2' });
});
afterEach(() => service.stop());

const LARGE = { capacity: { cpu: 64, memoryMiB: 262_144, gpu: 4 } };

it('join the site, and take VMs at once', async () => {
  const large = { vms: 2, resources: { cpu: 64 }, where: { labels: { rack: 'r9' } } };
  expect((await service.ask('POST', '/v1/leases', { ...large, duration: '1h' })).body.code).toBe('lease-infeasible');
  const joined = await service.ask('POST', '/v1/nodes', { ...LARGE, names: ['big1', 'big2'], labels: { rack: 'r9' } });
  expect(joined.status, joined.text).toBe(201);
  expect(joined.body.items).toMatchObject([
    { number: 2, name: 'big1', status: 'up', capacity: { cpu: 64 }, labels: { rack: 'r9' } },
    { number: 3, name: 'big2' },
  ]);
  const { id } = await service.lease(large);
  expect((await service.until(id, 'active')).nodes).toBe('2-3');
  expect((await service.ask('POST', '/v1/nodes', { ...LARGE, count: 3 })).body.items[2].name).toBe('n6');
});

it('of a name that there is do not join again, however many ask at once', async () => {
  const replies = await Promise.all([1, 2, 3].map(() => service.ask('POST', '/v1/nodes', { ...LARGE, names: ['x1'] })));
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  expect(replies.map(({ body }) => body.code).filter(Boolean)).toEqual(['node-exists', 'node-exists']);
});

it('are refused with every member at fault', async () => {
  const faults = async (change: object): Promise<string[]> => {
    const { status, body } = await service.ask('POST', '/v1/nodes', { ...LARGE, ...change });
    expect(status).toBe(422);
    return body.errors.map(({ pointer }: { pointer: string }) => pointer);
  };
  expect(await faults({ capacity: { cpu: 1, fpga: 1 } })).toEqual(['/capacity/fpga']);
  expect(await faults({ names: ['a', 'a'], count: 3 })).toEqual(['/names', '/names']);
  expect(await faults({ names: ['n7'] })).toEqual(['/names/0']);
  expect(await faults({ units: { gpu: ['g0'] } })).toEqual(['/units/gpu']);
  expect(await faults({ count: 0 })).toEqual(['/count']);
  expect(await faults({ count: 100_000 })).toEqual(['/count']);
  expect(await faults({ labels: { 'a b': 'c' } })).toEqual(['/labels/a b']);
  expect(await faults({ more: 1 })).toEqual(['/more']);
});

it('get other labels, on which waiting leases then count', async () => {
  const label = (number: number, labels: object) => service.ask('PATCH', `/v1/nodes/${number}`, { labels });
  expect((await label(1, { rack: 'r1', disk: 'ssd' })).body.labels).toEqual({ rack: 'r1', disk: 'ssd' });
  expect((await label(1, { rack: 'r2', disk: null })).body.labels).toEqual({ rack: 'r2' });
  const { id } = await service.lease({ where: { labels: { rack: 'r2' } } });
  await service.until(id, 'active');
  const used = await label(1, { rack: 'r3' });
  expect([used.status, used.body.code]).toEqual([409, 'node-in-use']);
  expect(used.body.detail).toContain(id);
  expect((await label(1, { disk: 'hdd' })).status).toBe(200); // nobody asked about that
  expect((await label(7, { rack: 'r3' })).status).toBe(404);
  expect((await label(1, {})).status).toBe(422);
  await service.ask('DELETE', `/v1/leases/${id}`);
  await service.until(id, 'cancelled');
  expect((await label(1, { rack: 'r3' })).body.labels).toEqual({ disk: 'hdd', rack: 'r3' });
});

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

it('are worked on in a window, in which nobody is on them', async () => {
  const { id } = await service.lease({ preemptible: true, duration: '3h' });
  await service.until(id, 'active');
  const planned = await service.ask('POST', '/v1/maintenance', {
    nodes: ['n1'],
    from: inMinutes(60),
    until: inMinutes(90),
    reason: 'new disks',
  });
  expect(planned.status, planned.text).toBe(201);
  expect(planned.body).toMatchObject({ nodes: [1], reason: 'new disks' });
  const leaving = await service.read(id);
  expect(Date.parse(leaving.until!)).toBe(Date.parse(planned.body.from));
  expect(leaving.reasons).toMatchObject([{ code: 'maintenance', message: 'node 1 is worked on then' }]);
  const { body } = await service.ask('GET', '/v1/maintenance');
  expect(body.items).toEqual([planned.body]);
  const advance = { start: { kind: 'advance', at: inMinutes(70) } };
  const refused = await service.ask('POST', '/v1/leases', {
    vms: 1,
    resources: { cpu: 1 },
    duration: '5m',
    ...advance,
  });
  expect(refused.body.code).toBe('lease-infeasible');
  expect((await service.ask('DELETE', `/v1/maintenance/${planned.body.id}`)).body).toEqual(planned.body);
  expect((await service.ask('DELETE', `/v1/maintenance/${planned.body.id}`)).body.code).toBe('window-unknown');
  expect((await service.ask('GET', '/v1/maintenance')).body.items).toEqual([]);
});

it('are not worked on where that breaks a promise, unless it is forced', async () => {
  const { id } = await service.lease({ preemptible: false, duration: '3h' });
  await service.until(id, 'active');
  const window = { nodes: [1], from: inMinutes(60), until: inMinutes(90) };
  const { status, body } = await service.ask('POST', '/v1/maintenance', window);
  expect([status, body.code]).toEqual([409, 'node-in-use']);
  expect(body.detail).toContain(id);
  expect((await service.ask('POST', '/v1/maintenance', { ...window, force: true })).status).toBe(201);
  expect((await service.ask('POST', '/v1/maintenance', { ...window, force: true })).body.code).toBe('node-state');
  const wrong = (change: object) => service.ask('POST', '/v1/maintenance', { ...window, ...change });
  expect((await wrong({ nodes: ['x'] })).body.errors).toEqual([
    { pointer: '/nodes/0', detail: 'there is no node "x"' },
  ]);
  for (const change of [
    { nodes: [] },
    { until: inMinutes(-5), from: inMinutes(-9) },
    { until: inMinutes(30) },
    { more: 1 },
  ])
    expect((await wrong(change)).status).toBe(422);
  expect((await wrong({ nodes: [99] })).status).toBe(404);
});
