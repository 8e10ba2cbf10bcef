/** Networks: registered, named by leases, and never with an address that two VMs have. */

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { assigned, roomOn } from '../../api/networks/assigning.js';
import { type AddressNote, addressNote, type NetworkNote } from '../../api/networks/network-notes.js';
import { LeaseNetworks } from '../../api/networks/lease-networks.js';
import type { Terms } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { Service, SMALL } from '../support/service.js';

let service: Service | null = null;
afterEach(async () => {
  await service?.stop();
  service = null;
});

const NAT: NetworkNote = {
  ...{ kind: 'nat', range: '10.77.0.0/28', bridge: null, openVswitch: false, vlan: null },
  ...{ gateway: null, nameservers: [], created: 0, by: 'somebody' },
};
const OWN: NetworkNote = { ...NAT, kind: 'own', range: '10.80.0.0/22' };
const BRIDGE: NetworkNote = { ...NAT, kind: 'bridge', bridge: 'br0', gateway: '10.77.0.1', nameservers: ['10.77.0.2'] };

describe('addresses', () => {
  it.each([
    ['nat', NAT],
    ['own', OWN],
    ['bridge', BRIDGE],
  ] as const)('are never those of two VMs at a time (%s)', (_, network) => {
    const step = fc.record({
      lease: fc.integer({ min: 1, max: 12 }),
      vms: fc.integer({ min: 1, max: 5 }),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const kept = new Map<string, AddressNote>();
        for (const { lease: number, vms, ends } of steps) {
          const lease = `L${number}`;
          if (ends) kept.delete(lease);
          else if (!kept.has(lease)) {
            const plan = assigned({ lease, vms, name: 'lab', network }, kept);
            const used = [...kept.values()].reduce((sum, { hosts }) => sum + hosts.length, 0);
            // Refused only where there are none.
            if (typeof plan === 'string')
              expect(network.kind === 'own' ? kept.size >= 4 : used + vms > roomOn(network)).toBe(true);
            else kept.set(lease, plan!);
          }
          const all = [...kept.values()].flatMap(({ subnet = 0, hosts }) => hosts.map((host) => `${subnet}/${host}`));
          expect(new Set(all).size).toBe(all.length);
          for (const { hosts } of kept.values())
            for (const host of hosts) expect(host).toBeGreaterThanOrEqual(network === BRIDGE ? 3 : 2);
        }
      }),
    );
  });

  it('are in the log before they are used, and free again afterwards', async () => {
    const notes = new Map([['network/lab', JSON.stringify({ ...NAT, range: '10.77.0.0/30' })]]);
    const networks = new LeaseNetworks({
      notes: () => notes,
      nameOf: () => 'lab',
      keep: async ({ key, value, expected }) => {
        if ((notes.get(key) ?? null) !== expected) return false;
        if (value === null) notes.delete(key);
        else notes.set(key, value);
        return true;
      },
    });
    const { signal } = new AbortController();
    const terms = {} as Terms;
    expect(networks.of('L1', terms)).toBeNull();
    const both = await Promise.allSettled(['L1', 'L2'].map((lease) => networks.assign(lease, terms, 1, signal)));
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { message: expect.stringContaining('not enough free addresses') } });
    expect(addressNote(notes, 'L1')).toEqual({ network: 'lab', hosts: [2] });
    await networks.assign('L1', terms, 1, signal);
    await networks.release('L1');
    await networks.assign('L2', terms, 1, signal);
    expect(networks.of('L2', null)).toMatchObject({ hosts: [2], network: { name: 'lab', kind: 'nat' } });
    expect(networks.leases()).toEqual(['L2']);
  });
});

describe('over HTTP', () => {
  const add = (body: object) => service!.ask('POST', '/v1/networks', body);

  it('networks are registered, named by leases, and removed when nobody is on them', async () => {
    service = await Service.start({ nodes: '4x cpu=8,memory=32GiB' });
    const added = await add({ name: 'lab', kind: 'nat', range: '10.77.0.0/29' });
    expect([added.status, added.headers.location]).toEqual([201, '/v1/networks/lab']);
    const view = { name: 'lab', kind: 'nat', range: '10.77.0.0/29', bridge: null, room: 5, used: 0, leases: 0 };
    expect((await service.ask('GET', '/v1/networks/lab')).body).toMatchObject(view);
    expect((await service.ask('GET', '/v1/networks')).body.items).toEqual([expect.objectContaining(view)]);
    expect((await add({ name: 'lab', kind: 'own', range: '10.90.0.0/16' })).body.code).toBe('network-exists');

    const machine = { network: 'lab' };
    const many = await service.ask('POST', '/v1/leases', { ...SMALL, vms: 6, machine });
    expect([many.status, many.body.errors?.[0]?.pointer]).toEqual([422, '/machine/network']);
    const { id } = await service.lease({ ...SMALL, machine });
    expect((await service.ask('GET', '/v1/networks/lab')).body.leases).toBe(1);
    expect((await service.ask('DELETE', '/v1/networks/lab')).body.code).toBe('network-in-use');
    await service.ask('DELETE', `/v1/leases/${id}`);
    await eventually(async () => (await service!.ask('DELETE', '/v1/networks/lab')).status).toBe(200);
    expect((await service.ask('GET', '/v1/networks/lab')).body.code).toBe('network-unknown');
  });

  it('what makes no network is refused, and it is said why', async () => {
    service = await Service.start({ nodes: '1x cpu=8,memory=32GiB' });
    await add({ name: 'there', kind: 'nat', range: '10.70.0.0/16' });
    for (const [body, pointer] of [
      [{ kind: 'nat' }, '/range'],
      [{ kind: 'nat', range: '10.70.3.0/24' }, '/range'],
      [{ kind: 'nat', range: '8.8.8.0/24' }, '/range'],
      [{ kind: 'nat', range: '10.1.0.1/24' }, '/range'],
      [{ kind: 'isolated', range: '10.0.0.0/8' }, '/range'],
      [{ kind: 'own', range: '10.1.0.0/25' }, '/range'],
      [{ kind: 'nat', range: '10.1.0.0/24', bridge: 'br0' }, '/bridge'],
      [{ kind: 'bridge' }, '/bridge'],
      [{ kind: 'bridge', bridge: 'br0', gateway: '10.1.0.1' }, '/gateway'],
      [{ kind: 'bridge', bridge: 'br0', range: '10.1.0.0/24', gateway: '10.2.0.1' }, '/gateway'],
      [{ kind: 'bridge', bridge: 'br0', nameservers: ['300.1.1.1'] }, '/nameservers/0'],
    ] as const) {
      const { status, body: answer } = await add({ name: 'lab', ...body });
      expect([status, answer.errors?.map((one: { pointer: string }) => one.pointer)], JSON.stringify(body)).toEqual([
        422,
        expect.arrayContaining([pointer]),
      ]);
    }
    for (const name of ['', 'A', 'a b', "a'", '../a', '<a/>', 'a'.repeat(33), '-a', 'a-', 'é'])
      expect((await add({ name, kind: 'nat', range: '10.1.0.0/24' })).status, name).toBeGreaterThanOrEqual(400);
  });
});
