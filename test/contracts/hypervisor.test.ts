/** libvirt's test driver, and a real host, against what every hypervisor promises. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { guestDomain } from '../support/machines/domain.js';
import { LOCAL } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { reached } from '../support/libvirt.js';
import { needs } from '../support/needs.js';
import { hypervisorContract } from './hypervisor-suite.js';

const small = { guest: null, disk: null, vcpusMax: 4 };

describe('libvirt', needs('build', 'libvirt'), () => {
  let hypervisor: Hypervisor;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'leasehold-libvirt-'));
    hypervisor = await reached('test:///default');
  });
  afterAll(async () => {
    await hypervisor.close();
    rmSync(directory, { recursive: true, force: true });
  });

  hypervisorContract('test:///default', () => ({
    hypervisor,
    driver: 'TEST',
    domainType: 'test',
    domain: (name, uuid, memoryMiB = 64) =>
      guestDomain({ name, uuid, memoryMiB, ...small }).replace("<domain type='qemu'>", "<domain type='test'>"),
    path: (name) => join(directory, name),
    write: (path, text) => writeFileSync(path, text),
  }));
});

describe('a host', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let hypervisor: Hypervisor;
  beforeAll(async () => {
    hosts = await Hosts.start(1);
    hypervisor = await reached(hosts.all[0]!.uri);
  });
  afterAll(async () => {
    await hypervisor.close();
    await hosts.stop();
  });

  hypervisorContract('qemu:///system', () => ({
    hypervisor,
    driver: 'QEMU',
    domainType: 'qemu',
    domain: (name, uuid, memoryMiB = 64) => guestDomain({ name, uuid, memoryMiB, ...small }),
    path: (name) => `${LOCAL}/${name}`,
    write: (path, text) => writeFileSync(hosts.all[0]!.outside(path), text),
  }));
});
