/** Simulated machines, and libvirt's own test driver in the place of hosts, against what every cluster promises. */

import { afterAll, beforeAll, describe } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { reached } from '../support/libvirt.js';
import { needs } from '../support/needs.js';
import { clusterContract } from './cluster-suite.js';
import { LibvirtSite } from './cluster/libvirt-site.js';
import { inTheirOwn, inThisProcess } from './cluster/simulated-site.js';

clusterContract(inThisProcess, () => inThisProcess);
clusterContract(inTheirOwn, () => inTheirOwn);

describe('libvirt', needs('build', 'libvirt'), () => {
  let hypervisors: Hypervisor[];
  beforeAll(async () => {
    hypervisors = await Promise.all([1, 2].map(() => reached('test:///default')));
  });
  afterAll(async () => {
    for (const hypervisor of hypervisors) await hypervisor.close();
  });

  const kind = {
    name: 'test:///default',
    lacks: {
      saving: 'its pools know no files',
      moving: 'its hosts know nothing of each other',
      processes: 'its VMs are in them',
    },
    image: null,
  };
  clusterContract(kind, () => ({
    ...kind,
    // Its VMs are of one connection: the test and the service have it together.
    site: async (nodes) =>
      new LibvirtSite(
        {
          ...{ type: 'test', uris: ['test:///default', 'test:///default'], served: hypervisors, seen: hypervisors },
          ...{ directory: '/srv/leasehold', killProcess: () => {} },
        },
        nodes,
      ),
  }));
});
