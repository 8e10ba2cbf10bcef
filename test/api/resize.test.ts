/** VMs made larger and smaller over HTTP, while their lease waits and while it runs. The site has eight nodes of 8 cpus. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Service } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start();
});
afterEach(() => service.stop());

const resize = (id: string, body: object) => service.ask('POST', `/v1/leases/${id}/resize`, body);
const read = async (id: string) => (await service.ask('GET', `/v1/leases/${id}`)).body;
const running = async (more: object = {}): Promise<string> => {
  const { id } = await service.lease({ vms: 1, resources: { cpu: 2, memoryMiB: 64 }, ...more });
  await service.until(id, 'active');
  return id;
};

describe('a lease that runs', () => {
  it('grows to what it was made for, was resizing, and its story says so', async () => {
    const id = await running({ max: { cpu: 4 } });
    const tried = await service.ask('POST', `/v1/leases/${id}/resize?dryRun=true`, { resources: { cpu: 4 } });
    expect(tried.body.turn.decisions).toMatchObject([{ type: 'ResizeOrdered', lease: id }]);
    const resized = await resize(id, { resources: { cpu: 4 } });
    expect(resized.status, resized.text).toBe(200);
    await eventually(async () => (await read(id)).groups[0]).toMatchObject({
      resources: { cpu: 4, memoryMiB: 64 },
      max: { cpu: 4, memoryMiB: 64 },
    });
    const lease = await read(id);
    expect(lease.state).toBe('active');
    expect(lease.conditions).toContainEqual(expect.objectContaining({ type: 'resizing', status: false }));
    const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
    expect(body.items.map(({ message }: { message: string }) => message)).toEqual(
      expect.arrayContaining([
        'asked to have VMs of cpu 4, memoryMiB 64',
        'its VMs ordered to be resized',
        'its VMs have their new size',
      ]),
    );
  });

  it('is stopped for more only where that was said', async () => {
    const id = await running();
    const refused = await resize(id, { resources: { memoryMiB: 128 } });
    expect(refused.body).toMatchObject({
      ...{ status: 409, code: 'lease-state', errors: [{ pointer: '/resources/memoryMiB' }] },
      detail: expect.stringContaining(
        'at most 64 MiB of memory each, and would have to be stopped for more: allow that with `cold`',
      ),
    });
    expect((await resize(id, { resources: { memoryMiB: 128 }, cold: true })).status).toBe(200);
    await eventually(async () => (await read(id)).groups[0].resources.memoryMiB).toBe(128);
  });

  it('goes back unless its new size is confirmed', async () => {
    const id = await running({ max: { cpu: 4 } });
    const settle = (how: 'confirm' | 'revert') => service.ask('POST', `/v1/leases/${id}/${how}`);
    const sized = (cpu: number) =>
      eventually(async () => {
        const { groups, conditions } = await read(id);
        return [groups[0].resources.cpu, conditions.find(({ type }: { type: string }) => type === 'resizing').status];
      }).toEqual([cpu, false]);
    expect((await settle('confirm')).body).toMatchObject({ status: 409, code: 'lease-state' });
    expect((await resize(id, { resources: { cpu: 4 }, revertAfter: '1h' })).status).toBe(200);
    await sized(4);
    expect((await read(id)).revert).toMatchObject({ at: expect.any(String), groups: [{ cpu: 2, memoryMiB: 64 }] });
    expect((await resize(id, { resources: { cpu: 3 } })).body).toMatchObject({ status: 409, code: 'lease-state' });
    expect((await settle('revert')).status).toBe(200);
    await sized(2);
    expect(await read(id)).not.toHaveProperty('revert');
    // By itself, too.
    await resize(id, { resources: { cpu: 3 }, revertAfter: 1 });
    await sized(2);
    await resize(id, { resources: { cpu: 3 }, revertAfter: '1h' });
    await sized(3);
    expect((await settle('confirm')).body).not.toHaveProperty('revert');
    const wrong = await resize(id, { resources: { cpu: 2 }, revertAfter: '2d' });
    expect(wrong.body).toMatchObject({ status: 422, errors: [{ pointer: '/revertAfter' }] });
  });

  it('is told who is in the way', async () => {
    const id = await running({ where: { nodes: [1] } });
    const other = await running({ resources: { cpu: 6 }, where: { nodes: [1] } });
    const { body } = await resize(id, { resources: { cpu: 3 }, cold: true });
    expect(body).toMatchObject({ status: 409, code: 'change-infeasible' });
    expect(body.reasons[0]).toMatchObject({ code: 'insufficient-capacity', resource: 'cpu', blockers: [other] });
    expect(body.largest).toMatchObject([{ cpu: 2, memoryMiB: expect.any(Number) }]);
    expect(body).not.toHaveProperty('longest');
    const never = await resize(id, { resources: { cpu: 9 }, cold: true });
    expect(never.body).toMatchObject({ status: 422, errors: [{ pointer: '/resources' }] });
  });
});

describe('a lease that waits', () => {
  it('is another size at once, and no larger than the site', async () => {
    const { id } = await service.lease({ held: true, vms: 2, resources: { cpu: 1, memoryMiB: 64 } });
    const { body } = await resize(id, { resources: { cpu: 3 } });
    expect(body.groups).toMatchObject([{ vms: 2, resources: { cpu: 3, memoryMiB: 64 } }]);
    const { id: many } = await service.lease({ held: true, vms: 16, resources: { cpu: 1 } });
    expect((await resize(many, { resources: { cpu: 5 } })).body).toMatchObject({
      status: 409,
      code: 'change-infeasible',
    });
    expect((await read(many)).groups[0].resources).toEqual({ cpu: 1 });
  });

  it('has its groups named in order', async () => {
    const groups = [
      { vms: 1, resources: { cpu: 1 } },
      { vms: 2, resources: { cpu: 2 } },
    ];
    const { id } = await service.lease({ held: true, vms: undefined, resources: undefined, groups });
    const { body } = await resize(id, { groups: [{}, { resources: { cpu: 3 } }] });
    expect(body.groups.map(({ resources }: { resources: object }) => resources)).toEqual([{ cpu: 1 }, { cpu: 3 }]);
    for (const [wrong, pointer] of [
      [{ resources: { cpu: 1 } }, '/resources'],
      [{ groups: [{}] }, '/groups'],
      [{}, '/resources'],
      [{ groups: [{}, { resources: { moon: 1 } }] }, '/groups/1/resources/moon'],
    ] as const)
      expect((await resize(id, wrong)).body.errors).toMatchObject([{ pointer }]);
  });
});

it('says where what a VM may become is at fault', async () => {
  const asked = { vms: 1, resources: { cpu: 2 }, max: { cpu: 1 }, duration: '1h' };
  const { body } = await service.ask('POST', '/v1/leases', asked);
  expect(body).toMatchObject({ status: 422, errors: [{ pointer: '/max/cpu' }] });
});
