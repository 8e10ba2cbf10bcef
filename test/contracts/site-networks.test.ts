/** Networks of the site on a real host: made when they are needed, known to those who are on them, and gone afterwards. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { readNetwork } from '../../adapters/libvirt/networks.js';
import { parseSubnet } from '../../adapters/libvirt/pools.js';
import { join, type LeaseNetwork, part, sweepNetworks } from '../../adapters/libvirt/site-network.js';
import { reached } from '../support/libvirt.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';

const SITE = '0123456789abcdef';
const network = (kind: LeaseNetwork['network']['kind'], name: string, range: string, lease: string): LeaseNetwork => {
  const subnet = parseSubnet(range)!;
  const none = { bridge: null, openVswitch: false, vlan: null, gateway: null, nameservers: [] };
  return { network: { name, kind, subnet, ...none }, lease, subnet, hosts: [2, 3] };
};
const LAB = network('nat', 'lab', '10.79.0.0/24', 'L1');
const OWN = network('own', 'alone', '10.80.3.0/24', 'L1');

describe('a network of the site', needs('build', 'machines'), () => {
  const { signal } = new AbortController();
  let hosts: Hosts;
  let hypervisor: Hypervisor;

  beforeAll(async () => {
    hosts = await Hosts.start(1);
    hypervisor = await reached(hosts.all[0]!.uri);
  }, 300_000);
  afterAll(async () => {
    await hypervisor?.close();
    await hosts?.stop();
  }, 60_000);

  const names = async () =>
    (await hypervisor.networks()).map(({ name }) => name).filter((name) => /^leasehold/.test(name));
  const membersOf = async (name: string) => readNetwork((await hypervisor.network(name))!).hosts;

  it('is made once, whoever comes first, and has an entry for each VM', { timeout: 300_000 }, async () => {
    await Promise.all([1, 2].flatMap((vm) => [LAB, OWN].map((of) => join(hypervisor, SITE, of, vm, signal))));
    await join(hypervisor, SITE, LAB, 1, signal);
    expect(await names()).toEqual(['leasehold-L1', 'leasehold.lab']);
    const members = await membersOf('leasehold.lab');
    expect(members.map(({ mac }) => mac).sort()).toEqual(['02:4c:0a:4f:00:02', '02:4c:0a:4f:00:03']);
    expect(members.map(({ name }) => name).sort()).toEqual(['l1-1', 'l1-2']);

    // Whoever has an address of one that was left behind comes in its place.
    await join(hypervisor, SITE, { ...LAB, lease: 'L2' }, 1, signal);
    expect((await membersOf('leasehold.lab')).map(({ name }) => name).sort()).toEqual(['l1-2', 'l2-1']);

    // Those of others are left alone, whatever they are called.
    const other = "<network><name>leasehold.theirs</name><bridge name='theirs0'/></network>";
    await hypervisor.startNetwork(other);
    const theirs = network('nat', 'theirs', '10.81.0.0/24', 'L3');
    await expect(join(hypervisor, SITE, theirs, 1, signal)).rejects.toThrow('not ours');
    await expect(join(hypervisor, 'fedcba9876543210', LAB, 1, signal)).rejects.toThrow('not ours');
    await part(hypervisor, 'fedcba9876543210', OWN, [1, 2], true, signal);

    // What is over leaves nothing.
    await part(hypervisor, SITE, LAB, [1, 2], true, signal);
    expect((await membersOf('leasehold.lab')).map(({ name }) => name)).toEqual(['l2-1']);
    expect(await names()).toEqual(['leasehold-L1', 'leasehold.lab', 'leasehold.theirs']);
    await part(hypervisor, SITE, OWN, [1, 2], true, signal);
    await part(hypervisor, SITE, OWN, [1, 2], true, signal);
    await sweepNetworks(hypervisor, SITE, (name) => name === 'lab', signal);
    expect(await names()).toEqual(['leasehold.lab', 'leasehold.theirs']);
    await sweepNetworks(hypervisor, SITE, () => false, signal);
    expect(await names()).toEqual(['leasehold.theirs']);
  });
});
