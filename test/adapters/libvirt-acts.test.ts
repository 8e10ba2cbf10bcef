/** Acts on VMs, with libvirt's own test driver in place of hosts. */

import { afterEach, describe, expect, test } from 'vitest';
import { connectLibvirt } from '../../adapters/libvirt/binding/libvirt.js';
import { LibvirtCluster } from '../../adapters/libvirt/cluster.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { Maker } from '../../adapters/libvirt/machine.js';
import type { LibvirtOptions } from '../../adapters/libvirt/options.js';
import { metadataXml, recordOf } from '../../adapters/libvirt/metadata.js';
import { domainUuid } from '../../adapters/libvirt/names.js';
import type { Observation, Order } from '../../engine/index.js';
import { actOrder, startOrder, stopOrder, written } from '../contracts/cluster/orders.js';
import { eventually } from '../support/eventually.js';
import { LIBVIRT_WORKER } from '../support/libvirt.js';
import { needs } from '../support/needs.js';

const SITE = '0123456789abcdef';
const NO_WISHES = { network: null, sshKeys: [], userData: null, template: null };

describe('VMs of a lease', needs('build', 'libvirt'), () => {
  let cluster: LibvirtCluster | null = null;
  let hypervisors: Hypervisor[] = [];
  afterEach(async () => {
    await cluster?.close();
    [cluster, hypervisors] = [null, []];
  });

  /** Two nodes. */
  async function site(more: Partial<LibvirtOptions> = {}) {
    hypervisors = [1, 2].map(() => connectLibvirt('test:///default', LIBVIRT_WORKER));
    cluster = await LibvirtCluster.open(options(more));
    const heard: Observation[] = [];
    cluster.listen({
      next: (observation) => heard.push(observation),
      error: (error) => {
        throw error;
      },
    });
    return { cluster, hears: (expected: readonly string[]) => eventually(() => heard.map(written)).toEqual(expected) };
  }

  function options(more: Partial<LibvirtOptions>): LibvirtOptions {
    let next = 0;
    return {
      site: SITE,
      nodes: [1, 2].map((first) => node(first)),
      gone: new Set(),
      runs: new Map(),
      now: () => Date.now(),
      connect: () => hypervisors[next++]!,
      maker: new Maker({
        resources: [],
        network: null,
        wishesOf: () => NO_WISHES,
        place: () => Promise.reject(new Error('no VM has an image here')),
      }),
      directory: '/srv/leasehold',
      graceMs: 0,
      accel: 'auto',
      nodeGraceMs: 3_600_000,
      away: new Map(),
      fenceCommand: null,
      warn: () => {},
      ...more,
    };
  }

  const start = (id: string, lease: string, first: number, last = first, more = {}): Order =>
    startOrder(id, lease, [first, last], more);

  test('pauses VMs, some or all, each once; what cannot be done to all of them is done to none', async () => {
    const { cluster, hears } = await site();
    const states = () =>
      Promise.all(hypervisors.map(async (one, i) => (await one.domain(domainUuid('A', i + 1)))?.state ?? null));
    cluster.enact(start('1.0', 'A', 1, 2));
    cluster.enact(actOrder('2.0', 'A', 'pause', [2, 2]));
    await hears(['VmsStarted A 1.0', 'VmsActed A 2.0']);
    expect(await states()).toEqual(['running', 'paused']);
    cluster.enact(actOrder('3.0', 'A', 'pause'));
    await hears(['VmsStarted A 1.0', 'VmsActed A 2.0', 'VmsActed A 3.0']);
    expect(await states()).toEqual(['paused', 'paused']);
    cluster.enact(actOrder('4.0', 'A', 'unpause'));
    await eventually(states).toEqual(['running', 'running']);
    // VM 2 is taken away behind our back: VM 1 runs on, as before.
    await hypervisors[1]!.destroy(domainUuid('A', 2));
    await hypervisors[1]!.undefine(domainUuid('A', 2));
    cluster.enact(actOrder('5.0', 'A', 'pause'));
    const before = ['VmsStarted A 1.0', 'VmsActed A 2.0', 'VmsActed A 3.0', 'VmsActed A 4.0'];
    await hears([...before, 'OrderFailed A 5.0']);
    expect(await states()).toEqual(['running', null]);
    cluster.enact(stopOrder('6.0', 'A'));
    await hears([...before, 'OrderFailed A 5.0', 'VmsStopped A 6.0']);
  });

  test('reboots a VM once for one order, also where nobody heard that it was', async () => {
    const reboots = { agent: 0, acpi: 0 };
    const counting = (one: Hypervisor): Hypervisor => ({
      ...one,
      reboot: async (uuid, by) => {
        reboots[by]++;
        await one.reboot(uuid, by);
      },
    });
    const one = { connect: () => counting(hypervisors[0]!), nodes: [node(1)] };
    const first = await site(one);
    first.cluster.enact(start('1.0', 'A', 1));
    first.cluster.enact(actOrder('2.0', 'A', 'reboot'));
    await first.hears(['VmsStarted A 1.0', 'VmsActed A 2.0']);
    expect(reboots).toEqual({ agent: 0, acpi: 1 }); // there are no agents here
    const uuid = domainUuid('A', 1);
    const facts = (await hypervisors[0]!.domain(uuid))!;
    const record = recordOf(facts.metadata, uuid)!;
    expect(record.reboot).toEqual({ order: '2.0', isDone: true });

    // Another life: of 2.0 it is on record that it was done, of 3.0 only that it was about to be.
    const again = await LibvirtCluster.open(options({ ...one, runs: new Map([['A', { run: '1.0', nodes: [1, 1] }]]) }));
    const heard: Observation[] = [];
    again.listen({ next: (observation) => heard.push(observation), error: () => {} });
    again.enact(actOrder('2.0', 'A', 'reboot'));
    await eventually(() => heard.map(written)).toEqual(['VmsActed A 2.0']);
    await hypervisors[0]!.setMetadata(uuid, metadataXml({ ...record, reboot: { order: '3.0', isDone: false } }));
    again.enact(actOrder('3.0', 'A', 'reboot'));
    await eventually(() => heard.map(written)).toEqual(['VmsActed A 2.0', 'OrderFailed A 3.0']);
    expect(heard[1]).toMatchObject({ detail: expect.stringContaining('nobody knows whether VM 1 has been told') });
    expect(reboots).toEqual({ agent: 0, acpi: 1 });
  });
});

function node(first: number) {
  return {
    ...{ first, count: 1, capacity: [], exclusive: true, names: null, units: {} },
    labels: { uri: 'test:///default' },
  };
}
