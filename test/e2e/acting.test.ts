/** A lease of one VM on a real host: when it is ready, and what is done to it while it runs. */

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { domainUuid } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { reached } from '../support/libvirt.js';
import { buildGuest } from '../support/machines/guest.js';
import { Hosts } from '../support/machines/hosts.js';
import { Inside } from '../support/machines/inside.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';

const directory = temporaryDirectory();
const ARGS = [
  '--image-root',
  directory.path,
  '--cluster',
  'libvirt',
  '--accel',
  'tcg',
  '--vm-dir',
  '/srv/local/leasehold',
];

describe('a lease of a VM', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let hypervisor: Hypervisor;
  let service: ServedProcess;

  beforeAll(async () => {
    const guest = await buildGuest();
    hosts = await Hosts.start(1);
    const [host] = hosts.all;
    hypervisor = await reached(host!.uri);
    const node = {
      capacity: { cpu: 2, memory: '512MiB', disk: '1GiB' },
      names: [host!.name],
      labels: { uri: host!.uri },
    };
    writeFileSync(join(directory.path, 'site.yaml'), JSON.stringify({ nodes: [node] }));
    service = await ServedProcess.start(directory.path, [...ARGS, '--site', 'site.yaml']);
    cpSync(guest.disk, join(directory.path, 'tiny.qcow2'));
    // Nobody answers in it.
    writeFileSync(join(directory.path, 'blank.raw'), Buffer.alloc(1024 * 1024));
    for (const [name, format] of [
      ['tiny', 'qcow2'],
      ['blank', 'raw'],
    ]) {
      const source = join(directory.path, `${name}.${format}`);
      await service.ask('POST', '/v1/images', { name, source, format });
      const state = async () => (await service.ask('GET', `/v1/images/${name}`)).json().state;
      await vi.waitFor(async () => expect(await state()).toBe('ready'), { timeout: 60_000 });
    }
  }, 300_000);

  afterAll(async () => {
    await service?.signal('SIGKILL');
    await hypervisor?.close();
    await hosts?.stop();
    directory.remove();
  }, 60_000);

  const submit = async (image: string, timeout: string, more: object = {}) => {
    const machine = { ready: { probe: 'agent', timeout } };
    const asked = { vms: 1, resources: { cpu: 1, memoryMiB: 128 }, image, duration: 'PT2H', machine, ...more };
    const { status, json } = await service.ask('POST', '/v1/leases', { ...asked, start: { kind: 'immediate' } });
    expect(status, JSON.stringify(json())).toBe(201);
    return json().id as string;
  };
  const lease = async (id: string) => (await service.ask('GET', `/v1/leases/${id}`)).json();
  const stateOf = async (id: string) => (await lease(id)).state;
  const condition = async (id: string, name: string) =>
    (await lease(id)).conditions.find(({ type }: { type: string }) => type === name)?.status;
  /** Asks for it, and waits until it has been done. */
  const act = async (id: string, what: string, body?: object) => {
    const { status, text } = await service.ask('POST', `/v1/leases/${id}/${what}`, body);
    expect(status, text).toBe(200);
    const answer = body === undefined ? 'VmsActed' : 'VmsResized';
    const types = async () => {
      const { items } = (await service.ask('GET', `/v1/leases/${id}/decisions`)).json();
      return items.map(({ type }: { type: string }) => type);
    };
    await vi.waitFor(async () => expect((await types()).at(-1)).toBe(answer), { timeout: 90_000 });
  };

  it('begins when its guest answers; it stands still while it is paused, and boots anew when it is told to', {
    timeout: 300_000,
  }, async () => {
    const id = await submit('tiny', 'PT5M');
    const guest = new Inside(hypervisor, domainUuid(id, 1));
    expect(await condition(id, 'booting')).toBe(true);
    await vi.waitFor(async () => expect(await stateOf(id)).toBe('active'), { timeout: 120_000 });
    expect(await condition(id, 'ready')).toBe(true);
    const boot = await guest.boot(); // at once: it is ready

    await act(id, 'pause');
    expect(await condition(id, 'paused')).toBe(true);
    expect((await hypervisor.domain(guest.uuid))!.state).toBe('paused');
    await act(id, 'unpause');
    const { count } = await guest.counter();
    await eventually(async () => (await guest.counter()).count > count).toBe(true);
    expect(await guest.boot()).toBe(boot);

    await act(id, 'reboot');
    const rebooted = () => guest.boot().catch(() => boot);
    await vi.waitFor(async () => expect(await rebooted()).not.toBe(boot), { timeout: 120_000 });
    const second = await guest.boot();
    await act(id, 'reset');
    await vi.waitFor(async () => expect(await guest.boot().catch(() => second)).not.toBe(second), { timeout: 120_000 });
    expect(await stateOf(id)).toBe('active');
    await service.ask('DELETE', `/v1/leases/${id}`);
    await eventually(() => stateOf(id)).toBe('cancelled');
  });

  it('is made larger and smaller while it runs, and anew for more than it was made for', {
    timeout: 300_000,
  }, async () => {
    const resources = { cpu: 1, memoryMiB: 128, diskMiB: 300 };
    const id = await submit('tiny', 'PT5M', { resources, max: { cpu: 2, memoryMiB: 192 } });
    const guest = new Inside(hypervisor, domainUuid(id, 1));
    const processors = () => guest.read('/sys/devices/system/cpu/online');
    const disk = async () => Number(await guest.read('/sys/block/vda/size')) / 2048;
    const memory = async () => Number(/MemTotal: +([0-9]+)/.exec(await guest.read('/proc/meminfo'))![1]) / 1024;
    await vi.waitFor(async () => expect(await stateOf(id)).toBe('active'), { timeout: 120_000 });
    const boot = await guest.boot();
    expect([await processors(), await disk()]).toEqual(['0', 300]);
    await eventually(async () => (await memory()) < 128).toBe(true);

    await act(id, 'resize', { resources: { cpu: 2, memoryMiB: 192, diskMiB: 400 } });
    await eventually(processors).toBe('0-1');
    await eventually(disk).toBe(400);
    await eventually(async () => (await memory()) > 128).toBe(true);
    expect(await guest.boot()).toBe(boot);
    await act(id, 'resize', { resources: { memoryMiB: 144 } });
    expect((await hypervisor.usage(guest.uuid)).memoryKiB).toBeLessThanOrEqual(144 * 1024);
    expect(await guest.boot()).toBe(boot);

    await guest.write('/kept', 'still there');
    const larger = { resources: { memoryMiB: 256 } };
    expect((await service.ask('POST', `/v1/leases/${id}/resize`, larger)).json().code).toBe('lease-state');
    await act(id, 'resize', { ...larger, cold: true });
    await vi.waitFor(async () => expect(await guest.boot().catch(() => boot)).not.toBe(boot), { timeout: 120_000 });
    expect([await processors(), await disk(), await guest.read('/kept')]).toEqual(['0-1', 400, 'still there']);
    await eventually(async () => (await memory()) > 192).toBe(true);
    expect(await stateOf(id)).toBe('active');
    await service.ask('DELETE', `/v1/leases/${id}`);
    await eventually(() => stateOf(id)).toBe('cancelled');
  });

  it('has failed where nobody answers in time, and nothing is left of it', { timeout: 180_000 }, async () => {
    const id = await submit('blank', 'PT3S');
    await vi.waitFor(async () => expect(await stateOf(id)).toBe('failed'), { timeout: 120_000 });
    const { items } = (await service.ask('GET', `/v1/leases/${id}/decisions`)).json();
    const failure = items.find(({ type }: { type: string }) => type === 'OrderFailed');
    expect(failure.message).toContain('was not ready in 3 s: its agent does not answer');
    expect(await hypervisor.domain(domainUuid(id, 1))).toBeNull();
  });
});
