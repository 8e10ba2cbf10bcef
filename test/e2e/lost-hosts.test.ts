/** Real hosts that fall silent while their VMs run on: what becomes of their leases, and of those who wait. */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { LOCAL } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

const DIRECTORY = `${LOCAL}/leasehold`;
const directory = temporaryDirectory();
const PLACES = ['--image-root', directory.path, '--vm-dir', DIRECTORY];
const ARGS = ['--cluster', 'libvirt', ...PLACES, '--node-grace-seconds', '2'];

describe('real hosts that fall silent', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let service: ServedProcess;

  beforeAll(async () => {
    hosts = await Hosts.start(2);
    const nodes = hosts.all.map(({ name, uri }) => {
      return { capacity: { cpu: 1, memory: '512MiB', disk: '1GiB' }, names: [name], labels: { uri } };
    });
    writeFileSync(join(directory.path, 'site.yaml'), JSON.stringify({ nodes }));
    writeFileSync(join(directory.path, 'policy.yaml'), 'suspend-time: 2s\nresume-time: 2s\norder-timeout: 2m\n');
    const site = ['--site', 'site.yaml', '--policy', 'policy.yaml'];
    service = await ServedProcess.start(directory.path, [...ARGS, ...site]);
    const source = join(directory.path, 'blank.raw');
    writeFileSync(source, Buffer.alloc(1024 * 1024));
    await service.ask('POST', '/v1/images', { name: 'blank', source, format: 'raw' });
    const state = async () => (await service.ask('GET', '/v1/images/blank')).json().state;
    await vi.waitFor(async () => expect(await state()).toBe('ready'), { timeout: 60_000 });
  }, 300_000);

  afterAll(async () => {
    await service?.signal('SIGKILL');
    await hosts?.stop();
    directory.remove();
  }, 60_000);

  const leaseOf = async (id: string) => (await service.ask('GET', `/v1/leases/${id}`)).json();
  const becomes = (id: string, state: string) => eventually(async () => (await leaseOf(id)).state).toBe(state);
  const submit = async (more: object = {}): Promise<string> => {
    const base = { vms: 1, resources: { cpu: 1, memoryMiB: 64 }, image: 'blank', duration: 'PT2H', ...more };
    const { status, json } = await service.ask('POST', '/v1/leases', base);
    expect(status, JSON.stringify(json())).toBe(201);
    return json().id as string;
  };
  const cancel = async (id: string) =>
    expect((await service.ask('DELETE', `/v1/leases/${id}`)).status).toBeLessThan(300);
  const end = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await cancel(id);
    for (const host of hosts.all)
      await eventually(async () => (await host.virsh('list', '--all', '--name')).trim()).toBe('');
  };
  const nodeIs = (node: number, status: string) =>
    eventually(async () => (await service.ask('GET', '/v1/nodes')).json().items[node - 1].status).toBe(status);
  /** How often the log has it of this node, which is what those who plan go by. */
  const timesIn = async (type: string, node: number): Promise<number> => {
    const { text } = await service.ask('GET', `/v1/events?type=${type}`);
    return text.match(new RegExp(`"${type}","at":\\d+,"node":${node}\\b`, 'g'))?.length ?? 0;
  };

  it('are found to have no KVM: VMs are emulated there, or not started where only KVM will do', {
    timeout: 240_000,
  }, async () => {
    const node = async () => (await service.ask('GET', '/v1/nodes')).json().items[0];
    const conditions = async () => (await node()).conditions.map(({ type }: { type: string }) => type);
    await eventually(conditions).toEqual(['no-kvm']);
    const emulated = await submit();
    await becomes(emulated, 'active');
    expect(await hosts.all[0]!.virsh('dumpxml', domainName(emulated, 1))).toContain("<domain type='qemu'");
    await end(emulated);
    await service.signal('SIGTERM');
    service = await ServedProcess.start(directory.path, [...ARGS, '--accel', 'kvm']);
    await nodeIs(1, 'up');
    const refused = await submit();
    await becomes(refused, 'failed');
    const { text } = await service.ask('GET', `/v1/leases/${refused}/events`);
    expect(text).toMatch(/they are to run under KVM: there is no KVM/);
    await service.signal('SIGTERM');
    service = await ServedProcess.start(directory.path, ARGS);
  });

  it('get no VMs and keep those that they have; a service that is started anew knows that', {
    timeout: 240_000,
  }, async () => {
    // 1. One runs; then its host does not answer.
    const first = await submit();
    await becomes(first, 'active');
    const silent = Number((await leaseOf(first)).nodes);
    const host = hosts.all[silent - 1]!;
    const before = await timesIn('NodeUnreachable', silent);
    await host.killLibvirt();
    await nodeIs(silent, 'unreachable');
    await eventually(() => timesIn('NodeUnreachable', silent)).toBe(before + 1);
    // 2. The other one takes the next; there is no room for a third.
    const second = await submit();
    await becomes(second, 'active');
    expect((await leaseOf(second)).nodes).toBe(String(3 - silent));
    const third = await submit();
    await becomes(third, 'waiting');
    // 3. Whoever comes next knows.
    await service.signal('SIGKILL');
    service = await ServedProcess.start(directory.path, ARGS);
    expect((await leaseOf(first)).state).toBe('active');
    const found = await timesIn('NodeFound', silent);
    expect(await host.qemus()).toEqual([domainName(first, 1)]);
    await cancel(second);
    await becomes(third, 'active');
    expect((await leaseOf(third)).nodes).toBe(String(3 - silent));
    // 4. It answers: its VM ran on all the time, and it takes others.
    await host.startLibvirt();
    await nodeIs(silent, 'up');
    await eventually(() => timesIn('NodeFound', silent)).toBe(found + 1);
    expect(await timesIn('NodeUnreachable', silent)).toBe(before + 1);
    expect(await host.qemus()).toEqual([domainName(first, 1)]);
    await end(first, third);
    await service.signal('SIGTERM');
    const audit = await leasehold(['audit', join(directory.path, 'data', 'leasehold.db')]);
    expect(audit.code, audit.stderr).toBe(0);
    service = await ServedProcess.start(directory.path, ARGS);
  });

  it('are lost once somebody says that they are off, or has switched them off: their leases start elsewhere', {
    timeout: 300_000,
  }, async () => {
    const running = async () => Promise.all(hosts.all.map((host) => host.qemus().catch(() => [])));
    const isOn = (id: string, node: number) =>
      eventually(async () => (await running())[node - 1]).toEqual([domainName(id, 1)]);
    for (const how of ['said', 'fenced'] as const) {
      const marker = join(directory.path, 'fenced');
      const fence = how === 'said' ? [] : ['--fence-command', `/usr/bin/touch ${marker}`];
      await service.signal('SIGTERM');
      service = await ServedProcess.start(directory.path, [...ARGS, ...fence]);
      for (const node of [1, 2]) await nodeIs(node, 'up');
      const id = await submit();
      await becomes(id, 'active');
      const node = Number((await leaseOf(id)).nodes);
      const host = hosts.all[node - 1]!;
      // Who is there is not lost.
      expect((await service.ask('POST', `/v1/nodes/${node}/lost`)).status).toBe(409);
      await host.stop();
      if (how === 'said') {
        await eventually(async () => (await service.ask('POST', `/v1/nodes/${node}/lost`)).status).toBe(200);
      } else await eventually(() => existsSync(marker)).toBe(true);
      await nodeIs(node, 'lost');
      await isOn(id, 3 - node);
      await becomes(id, 'active');
      // It comes back with what it had on its disks: that goes, and what runs elsewhere is left alone.
      await host.start();
      await nodeIs(node, 'up');
      await eventually(async () => (await host.virsh('list', '--all', '--name')).trim()).toBe('');
      await isOn(id, 3 - node);
      await end(id);
    }
  });
});
