/** Two hosts with libvirt and QEMU, on this machine, against what every cluster promises. Nothing is booted in their VMs. */

import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { POOL } from '../../adapters/libvirt/vm.js';
import { reached, workersOf } from '../support/libvirt.js';
import { LOCAL } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';
import { clusterContract } from './cluster-suite.js';
import type { ClusterKind } from './cluster/kind.js';
import { LibvirtSite } from './cluster/libvirt-site.js';
import { resumeOrder, startOrder, stopOrder, suspendOrder } from './cluster/orders.js';
import { Trial } from './cluster/trial.js';

const DIRECTORY = `${LOCAL}/leasehold`;
const IMAGE = 'blank';

describe('two hosts', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let seen: Hypervisor[] = [];
  let served: Hypervisor[] = [];
  /** Processes of the test's own connections. */
  let others: number[];

  beforeAll(async () => {
    hosts = await Hosts.start(2);
    const connect = () => Promise.all(hosts.all.map(({ uri }) => reached(uri)));
    seen = await connect();
    others = workersOf(process.pid);
    served = await connect();
    for (const [index, host] of hosts.all.entries()) {
      const place = host.outside(DIRECTORY);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, `${IMAGE}.raw`), Buffer.alloc(1024 * 1024));
      await seen[index]!.ensurePool(POOL, DIRECTORY);
    }
  }, 300_000);
  afterAll(async () => {
    for (const hypervisor of [...served, ...seen]) await hypervisor.close();
    await hosts?.stop();
  }, 60_000);

  const killProcess = (node: number): void => {
    const { uri } = hosts.all[node - 1]!;
    for (const pid of workersOf(process.pid, uri)) if (!others.includes(pid)) process.kill(pid, 'SIGKILL');
  };
  const kind = { name: 'hosts with QEMU', lacks: { guests: 'nothing is booted in its VMs' }, image: IMAGE };
  const asked = (): ClusterKind => ({
    ...kind,
    site: async (nodes) =>
      new LibvirtSite(
        {
          ...{ type: 'qemu', uris: hosts.all.map(({ uri }) => uri), served, seen, directory: DIRECTORY, killProcess },
          amongHosts: hosts.all.map(({ uriAmongHosts }) => uriAmongHosts),
        },
        nodes,
      ),
  });
  clusterContract(kind, asked);

  test('orders do not wait for an image that is being sent there, nor fail', async () => {
    const trial = await Trial.begin(asked(), 1);
    onTestFinished(() => trial.end());
    const [host] = hosts.all;
    await seen[0]!.createVolume(POOL, '<volume><name>slow</name><capacity unit="MiB">1</capacity></volume>');
    onTestFinished(() => seen[0]!.deleteVolume(POOL, 'slow'));
    // It ends when the other end of the pipe does.
    await host!.run('mkfifo', `${LOCAL}/pipe`);
    const sending = host!.virsh('vol-upload', '--pool', POOL, 'slow', `${LOCAL}/pipe`);
    const slow = openSync(host!.outside(`${LOCAL}/pipe`), 'w');
    await trial.does(startOrder('1.0', 'A', [1, 1]), 'VmsStarted');
    await trial.does(suspendOrder('2.0', 'A', [1, 1]), 'VmsSuspended');
    await trial.does(resumeOrder('3.0', 'A', [1, 1], [1, 1]), 'VmsResumed');
    await trial.does(stopOrder('4.0', 'A'), 'VmsStopped');
    closeSync(slow);
    await sending;
  });
});
