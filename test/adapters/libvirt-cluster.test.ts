/** Images for VMs that are to be, sent to hosts; what else orders do there is in test/contracts/cluster-suite.ts. */

import { afterEach, describe, expect, test } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { VmError } from '../../adapters/libvirt/vm.js';
import { LibvirtSite } from '../contracts/cluster/libvirt-site.js';
import { stopOrder, transferOrder, written } from '../contracts/cluster/orders.js';
import { eventually } from '../support/eventually.js';
import { reached } from '../support/libvirt.js';
import { needs } from '../support/needs.js';

const URI = 'test:///default';

describe('images', needs('build', 'libvirt'), () => {
  let hypervisors: Hypervisor[] = [];
  afterEach(async () => {
    for (const hypervisor of hypervisors) await hypervisor.close();
  });

  test('are sent to nodes for all who need them; and it is said where one could not be sent', async () => {
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
    const hosts = { served: hypervisors, seen: hypervisors, directory: '/srv/leasehold', killProcess: () => {} };
    const site = new LibvirtSite({ type: 'test', uris: [URI, URI], ...hosts }, 2, maker);
    const machines = await site.begin(1, new Map());
    const heard: string[] = [];
    machines.listen({
      next: (observation) => heard.push(written(observation)),
      error: (error) => {
        throw error;
      },
    });
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
});
