/** Leases moved over HTTP while they run: by request, and off nodes that are drained. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Service } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start();
});
afterEach(() => service.stop());

const ask = (path: string, body?: object) => service.ask('POST', `/v1/${path}`, body);
/** One VM of a MiB, which travels in no time. */
const running = async (more: object = {}): Promise<{ id: string; node: string }> => {
  const { id } = await service.lease({ vms: 1, resources: { cpu: 1, memoryMiB: 1 }, ...more });
  const { nodes } = await service.until(id, 'active');
  return { id, node: nodes! };
};
const nodesOf = async (id: string): Promise<string> => (await service.ask('GET', `/v1/leases/${id}`)).body.nodes;
const story = async (id: string): Promise<string[]> => {
  const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
  return body.items.map(({ message }: { message: string }) => message);
};

describe('a lease that is moved', () => {
  it('is on the node that was named, was migrating, and its story says so', async () => {
    const { id, node } = await running();
    const other = node === '3' ? 'n2' : 'n3';
    const tried = await ask(`leases/${id}/migrate?dryRun=true`, { to: [other] });
    expect(tried.body.turn.decisions).toMatchObject([{ type: 'LiveMigrateOrdered', lease: id }]);
    const moved = await ask(`leases/${id}/migrate`, { to: [other] });
    expect(moved.status, moved.text).toBe(200);
    await eventually(() => nodesOf(id)).toBe(other.slice(1));
    const { body } = await service.ask('GET', `/v1/leases/${id}`);
    expect(body.state).toBe('active');
    expect(body.conditions).toContainEqual(expect.objectContaining({ type: 'migrating', status: false }));
    expect(await story(id)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('to be moved while it runs'),
        expect.stringContaining(`VM 1 ordered to move while running, to node ${other.slice(1)}`),
        'VM 1 has moved, and never stopped running',
      ]),
    );
    expect((await ask(`leases/${id}/migrate`, { to: [other] })).status).toBe(200); // it is there already
  });

  it('is told why not: no such node, nothing that runs, no room', async () => {
    const { id } = await running({ vms: 4, resources: { cpu: 8, memoryMiB: 1 } });
    expect((await ask(`leases/${id}/migrate`, { to: ['n9'] })).body).toMatchObject({
      status: 422,
      errors: [{ pointer: '/to/0' }],
    });
    expect((await ask(`leases/${id}/migrate`, { to: [9] })).body).toMatchObject({ status: 404, code: 'node-unknown' });
    expect((await ask(`leases/${id}/migrate`, { vms: [5] })).body.errors).toMatchObject([{ pointer: '/vms' }]);
    const waiting = await service.lease({ held: true });
    expect((await ask(`leases/${waiting.id}/migrate`)).body).toMatchObject({ status: 409, code: 'lease-state' });
    const full = await ask(`leases/${id}/migrate`);
    expect(full.body).toMatchObject({ status: 409, code: 'change-infeasible' });
    expect(full.body.reasons[0].code).toBe('insufficient-capacity');
  });
});

describe('a node that is drained', () => {
  it('has its leases moved, and keeps those that may not be saved where there is no room', async () => {
    const { id, node } = await running();
    const drained = await ask(`nodes/${node}/drain`, { how: 'migrate' });
    expect(drained.status, drained.text).toBe(200);
    await eventually(async () => (await nodesOf(id)) === node).toBe(false);
    expect((await service.ask('GET', '/v1/nodes')).body.items[Number(node) - 1]).toMatchObject({
      status: 'draining',
      leases: [],
    });
    expect((await ask(`nodes/${node}/drain`, { how: 'migrate' })).status).toBe(200); // again
    expect((await ask(`nodes/${node}/drain`, { how: 'sometimes' })).status).toBe(422);
  });
});

describe('disks that are moved', () => {
  it('go where a label of their node says, and the story says so', async () => {
    const { id, node } = await running();
    const to = 'ssd';
    const unknown = await ask(`leases/${id}/move-disks`, { to });
    expect(unknown.body).toMatchObject({ status: 422, errors: [{ pointer: '/to' }] });
    expect(unknown.body.detail).toContain(`node ${node} has no label "disks-ssd"`);
    await service.ask('PATCH', `/v1/nodes/${node}`, { labels: { 'disks-ssd': '../etc' } });
    expect((await ask(`leases/${id}/move-disks`, { to })).status).toBe(422);
    await service.ask('PATCH', `/v1/nodes/${node}`, { labels: { 'disks-ssd': 'vault:/mnt/ssd' } });
    const moved = await ask(`leases/${id}/move-disks`, { to, vms: [1] });
    expect(moved.status, moved.text).toBe(200);
    await eventually(() => story(id)).toEqual(
      expect.arrayContaining(['disks of VM 1 to be moved to /mnt/ssd', 'disks of VM 1 ordered to move to /mnt/ssd']),
    );
    expect((await ask(`leases/${id}/move-disks`, { to: 'vm-dir', vms: [2] })).body.errors).toMatchObject([
      { pointer: '/vms' },
    ]);
    const waiting = await service.lease({ held: true });
    expect((await ask(`leases/${waiting.id}/move-disks`, { to })).body).toMatchObject({ code: 'lease-state' });
  });
});
