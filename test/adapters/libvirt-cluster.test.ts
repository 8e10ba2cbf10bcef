/** Images that are sent to hosts, and VMs that fail all the time; what else orders do is in test/contracts/cluster-suite.ts. */

import { afterEach, describe, expect, test } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { domainUuid } from '../../adapters/libvirt/names.js';
import { VmError } from '../../adapters/libvirt/vm.js';
import type { Life } from '../contracts/cluster/kind.js';
import { LibvirtSite } from '../contracts/cluster/libvirt-site.js';
import { startOrder, stopOrder, transferOrder, written } from '../contracts/cluster/orders.js';
import { eventually } from '../support/eventually.js';
import { reached } from '../support/libvirt.js';
import { needs } from '../support/needs.js';

const URI = 'test:///default';

describe('hosts with libvirt', needs('build', 'libvirt'), () => {
  let hypervisors: Hypervisor[] = [];
  afterEach(async () => {
    for (const hypervisor of hypervisors) await hypervisor.close();
  });
  const listeningTo = (machines: Life): string[] => {
    const heard: string[] = [];
    machines.listen({
      next: (observation) => heard.push(written(observation)),
      error: (error) => {
        throw error;
      },
    });
    return heard;
  };
  const sharing = () => ({
    served: hypervisors,
    seen: hypervisors,
    directory: '/srv/leasehold',
    killProcess: () => {},
  });

  test('get images, for all who need them; and it is said where one could not be sent', async () => {
    hypervisors = await Promise.all([1, 2].map(() => reached(URI)));
    const sent: string[] = [];
    let send = () => {};
    const sending = new Promise<void>((resolve) => {
      send = resolve;
    });
    const maker = {
      prepare: () => Promise.reject(new Error('nothing starts here')),
      sizeOf: () => ({ vcpus: 1, memoryMiB: 1, diskBytes: 0 }),
      place: async ({ uri }: Hypervisor, image: string) => {
        await sending;
        if (image === 'broken') throw new VmError('it does not arrive as it is');
        sent.push(`${image} to ${uri}`);
        return { path: '/srv/leasehold/image', format: 'qcow2', bytes: 1, kernel: null } as const;
      },
    };
    const site = new LibvirtSite({ type: 'test', uris: [URI, URI], ...sharing() }, 2, maker);
    const machines = await site.begin(1, new Map());
    const heard = listeningTo(machines);
    machines.enact(transferOrder('1.0', 'A', [1, 2], 'debian'));
    // Others may need what was sent for a lease that is over.
    machines.enact(stopOrder('1.1', 'A'));
    await eventually(() => heard).toEqual(['VmsStopped A 1.1']);
    send();
    await eventually(() => heard.slice(1)).toEqual(['ImageTransferred A 1.0']);
    expect(sent).toEqual([`debian to ${URI}`, `debian to ${URI}`]);
    machines.enact(transferOrder('2.0', 'A', [1, 2], 'broken'));
    await eventually(() => heard.slice(2)).toEqual(['OrderFailed A 2.0']);
    await site.end();
  });

  test('start a VM again that fails, three times; then its lease is over, with all of its VMs', async () => {
    hypervisors = [await reached(URI)];
    const site = new LibvirtSite({ type: 'test', uris: [URI], ...sharing() }, 1);
    const machines = await site.begin(1, new Map());
    const heard = listeningTo(machines);
    machines.enact(startOrder('1.0', 'A', [1, 1, 1, 1]));
    await eventually(() => heard).toEqual(['VmsStarted A 1.0']);
    for (let time = 1; time <= 3; time++) {
      await site.fail(domainUuid('A', 1), 1);
      await eventually(() => site.found()).toEqual({ 'A/1': 'running', 'A/2': 'running' });
    }
    expect(heard).toHaveLength(1);
    await site.fail(domainUuid('A', 1), 1);
    await eventually(() => heard.slice(1)).toEqual(['LeaseEnded A 1.0']);
    expect(await site.found()).toEqual({});
    await site.end();
  });
});
