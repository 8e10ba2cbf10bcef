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
