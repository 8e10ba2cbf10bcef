/** A real host joins by its URI, once; and what it and its VMs use is told while they run. */

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { domainUuid } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { reached } from '../support/libvirt.js';
import { buildGuest } from '../support/machines/guest.js';
import { Hosts } from '../support/machines/hosts.js';
import { Inside } from '../support/machines/inside.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

const directory = temporaryDirectory();

describe('a real host', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let hypervisor: Hypervisor;
  let service: ServedProcess;

  beforeAll(async () => {
    const guest = await buildGuest();
    cpSync(guest.disk, join(directory.path, 'tiny.qcow2'));
    hosts = await Hosts.start(1);
    hypervisor = await reached(hosts.all[0]!.uri);
    // A log begins with a node; nothing fits on this one.
    const nodes = [{ capacity: { cpu: 0.001, memory: '1MiB', disk: '1MiB' } }];
    writeFileSync(join(directory.path, 'site.yaml'), JSON.stringify({ nodes }));
    writeFileSync(join(directory.path, 'policy.yaml'), 'order-timeout: 2m\n');
    const where = ['--image-root', directory.path, '--vm-dir', '/srv/local/leasehold'];
    const args = ['--cluster', 'libvirt', '--accel', 'tcg', '--monitor-interval', '1', ...where];
    service = await ServedProcess.start(directory.path, [...args, '--site', 'site.yaml', '--policy', 'policy.yaml']);
  }, 300_000);

  afterAll(async () => {
    await service?.signal('SIGKILL');
    await hypervisor?.close();
    await hosts?.stop();
    directory.remove();
  }, 60_000);

  it('joins once, and says which of its VMs is busy', { timeout: 300_000 }, async () => {
    // 1. By whatever URI it is the same node, with what is there.
    const { uri, uuid } = hosts.all[0]!;
    const register = async (of: string) => {
      const { status, json } = await service.ask('POST', '/v1/nodes', { uri: of, reserve: { memoryMiB: 256 } });
      return { status, node: json().items?.[0] };
    };
    const { memoryMiB } = await hypervisor.host();
    const capacity = expect.objectContaining({ memoryMiB: memoryMiB - 256, diskMiB: expect.any(Number) });
    expect(await register(uri)).toMatchObject({
      status: 201,
      node: { number: 2, capacity, labels: { 'host-uuid': uuid } },
    });
    expect(await register(uri.replace(/^qemu:/, 'qemu+unix:'))).toMatchObject({ status: 200, node: { number: 2 } });

    // 2. Two VMs: one has much to do.
    const source = join(directory.path, 'tiny.qcow2');
    await service.ask('POST', '/v1/images', { name: 'tiny', source, format: 'qcow2' });
    await eventually(async () => (await service.ask('GET', '/v1/images/tiny')).json().state).toBe('ready');
    const terms = { vms: 1, resources: { cpu: 0.5, memoryMiB: 128 }, image: 'tiny', duration: 'PT2H' };
    const leases = await Promise.all(
      [1, 2].map(async () => (await service.ask('POST', '/v1/leases', terms)).json().id as string),
    );
    const [busy, idle] = leases as [string, string];
    for (const lease of leases) await new Inside(hypervisor, domainUuid(lease, 1)).ready();
    const burn = { path: '/bin/sh', arg: ['-c', 'while :; do :; done'] };
    await hypervisor.agent(domainUuid(busy, 1), { execute: 'guest-exec', arguments: burn }, 20);

    // 3. It is told of both, and of the host.
    const cpusOf = async (lease: string): Promise<number> =>
      (await service.ask('GET', `/v1/leases/${lease}/usage`)).json().vms[0]?.cpus ?? 0;
    const differ = async () => (await cpusOf(busy)) > 0.2 && (await cpusOf(busy)) > 2 * (await cpusOf(idle));
    await eventually(differ).toBe(true);
    const usage = (await service.ask('GET', '/v1/nodes/2/usage?samples=10')).json();
    expect(usage.samples.length).toBeGreaterThan(1);
    expect(usage.samples[0]).toMatchObject({ vms: 2, memoryMiB, diskMiB: expect.any(Number), gpus: null });
    expect(usage.samples[0].cpuShare).toBeGreaterThan(0);
    await eventually(async () => (await service.ask('GET', '/v1/nodes/2/usage')).json().load).not.toBe('unknown');
    const env = { LEASEHOLD_URL: service.url, LEASEHOLD_TOKEN: service.token };
    const told = await leasehold(['node', 'usage', '2'], { env });
    expect(told.stdout, told.stderr).toMatch(/^ *2 .* \d+ % .* unknown +2\b/m);
    const ofVm = await leasehold(['lease', 'usage', busy], { env });
    expect(ofVm.stdout, ofVm.stderr).toMatch(/^ *1 +2 /m);
  });
});
