/** VMs that go from host to host over HTTP, running or saved: two real hosts, and services that die on the way. */

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Failpoint } from '../../adapters/failpoint.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { domainName, domainUuid } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { reached } from '../support/libvirt.js';
import { buildGuest } from '../support/machines/guest.js';
import { LOCAL } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { Inside } from '../support/machines/inside.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';
import { IN_DISK_MOVES, IN_MIGRATIONS } from '../support/proof/deaths.js';

const DIRECTORY = `${LOCAL}/leasehold`;
/** Other directories that disks may lie in; the last has no room for any. */
const FAST = `${LOCAL}/fast`;
const FULL = `${LOCAL}/full`;
const directory = temporaryDirectory();
const PLACES = ['--image-root', directory.path, '--vm-dir', DIRECTORY];
const ARGS = ['--cluster', 'libvirt', '--accel', 'tcg', ...PLACES];
const POLICY = 'migration: yes\nsuspend-time: 4s\nresume-time: 4s\norder-timeout: 2m\n';
const LONG = { timeout: 240_000 };

describe('VMs between real hosts', needs('build', 'machines'), () => {
  let hosts: Hosts;
  /** Beside the service's own. */
  let hypervisors: Hypervisor[];
  let service: ServedProcess;

  beforeAll(async () => {
    const guest = await buildGuest();
    hosts = await Hosts.start(2);
    hypervisors = await Promise.all(hosts.all.map(({ uri }) => reached(uri)));
    const nodes = hosts.all.map(({ name, uri, uriAmongHosts }) => {
      const labels = { uri, 'migration-uri': uriAmongHosts, 'disks-fast': FAST, 'disks-full': FULL };
      return { capacity: { cpu: 1, memory: '512MiB', disk: '1GiB' }, names: [name], labels };
    });
    for (const host of hosts.all) {
      await host.run('mkdir', FULL);
      await host.run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'full', FULL);
    }
    writeFileSync(join(directory.path, 'site.yaml'), JSON.stringify({ nodes }));
    writeFileSync(join(directory.path, 'policy.yaml'), POLICY);
    service = await start('--site', 'site.yaml', '--policy', 'policy.yaml');
    cpSync(guest.disk, join(directory.path, 'tiny.qcow2'));
    // Nothing runs in it: a VM of it is there at once.
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
    for (const hypervisor of hypervisors ?? []) await hypervisor.close();
    await hosts?.stop();
    directory.remove();
  }, 60_000);

  const start = (...more: string[]) => ServedProcess.start(directory.path, [...ARGS, ...more]);
  const startDying = (point: Failpoint) =>
    ServedProcess.start(directory.path, ARGS, { env: { LEASEHOLD_FAILPOINT: `${point}=kill` } });
  const ask = async (path: string, body?: object) => {
    const { status, text } = await service.ask('POST', `/v1/${path}`, body);
    expect(status, text).toBeLessThan(300);
  };
  const leaseOf = async (id: string) => (await service.ask('GET', `/v1/leases/${id}`)).json();
  const stateOf = async (id: string) => (await leaseOf(id)).state;
  /** On which node it runs, by its log and by the hosts. */
  const isOn = async (id: string) => {
    const running = await Promise.all(hosts.all.map((host) => host.qemus()));
    const on = running.flatMap((names, index) => (names.includes(domainName(id, 1)) ? [index + 1] : []));
    return [(await leaseOf(id)).nodes, ...on.map(String)];
  };
  const runsOn = (id: string, node: number) => eventually(() => isOn(id)).toEqual([String(node), String(node)]);
  const submit = async (image: string) => {
    const base = { vms: 1, resources: { cpu: 1, memoryMiB: 128 }, image, duration: 'PT2H' };
    const { status, json } = await service.ask('POST', '/v1/leases', base);
    expect(status, JSON.stringify(json())).toBe(201);
    return json().id as string;
  };
  const insideOn = (id: string, node: number) => new Inside(hypervisors[node - 1]!, domainUuid(id, 1));
  const isEmpty = async () => {
    for (const host of hosts.all) {
      await eventually(async () => (await host.virsh('list', '--all', '--name')).trim()).toBe('');
      const files = async () => (await host.run('ls', DIRECTORY)).split('\n');
      await eventually(async () => (await files()).filter((name) => !/^(leasehold-image-.*)?$/.test(name))).toEqual([]);
      for (const place of [FAST, FULL]) expect((await host.run('sh', '-c', `ls ${place} || true`)).trim()).toBe('');
    }
  };

  it('go there and back while they run, and their guests go on counting', { timeout: 400_000 }, async () => {
    const id = await submit('tiny');
    await eventually(() => stateOf(id)).toBe('active');
    const from = Number((await leaseOf(id)).nodes);
    const to = 3 - from;
    const before = insideOn(id, from);
    await before.ready();
    await before.write('/etc/written', 'at home');
    const boot = await before.boot();

    const goesOn = async (on: number, count: number): Promise<number> => {
      await runsOn(id, on);
      const guest = insideOn(id, on);
      await guest.ready();
      expect([await guest.boot(), await guest.read('/etc/written')]).toEqual([boot, 'at home']);
      await eventually(async () => (await guest.counter()).count).toBeGreaterThan(count);
      return (await guest.counter()).count;
    };
    // 1. By request.
    let { count } = await before.counter();
    await ask(`leases/${id}/migrate`, { to: [to] });
    count = await goesOn(to, count);
    // 2. Off a node that is drained.
    await ask(`nodes/${to}/drain`, { how: 'migrate' });
    count = await goesOn(from, count);
    await ask(`nodes/${to}/restore`);
    const moved = /has moved from node .*/g;
    await eventually(() => service.stderr().match(moved) ?? []).toHaveLength(2);
    console.log(service.stderr().match(moved));
    // 3. Saved, and brought back elsewhere.
    await ask(`leases/${id}/suspend`);
    await eventually(() => stateOf(id)).toBe('suspended');
    await ask(`nodes/${from}/drain`);
    await ask(`leases/${id}/release`);
    await goesOn(to, count);
    await ask(`nodes/${from}/restore`);

    expect((await service.ask('DELETE', `/v1/leases/${id}`)).status).toBeLessThan(300);
    await isEmpty();
    await service.signal('SIGTERM');
    const audit = await leasehold(['audit', join(directory.path, 'data', 'leasehold.db')]);
    expect(audit.code, audit.stderr).toBe(0);
    service = await start();
  });

  /** The directories of the host that have a disk of its VM. */
  const disksOf = async (id: string, node: number) => {
    const name = `${domainName(id, 1)}-disk0.qcow2`;
    const found = await hosts.all[node - 1]!.run('find', LOCAL, '-name', name);
    return found.trim().split('\n').sort();
  };
  const told = async (id: string): Promise<string> => {
    const { items } = (await service.ask('GET', `/v1/leases/${id}/decisions`)).json();
    return items.map(({ message }: { message: string }) => message).join('\n');
  };

  it('go on from disks in another directory, also on another host', { timeout: 400_000 }, async () => {
    const id = await submit('tiny');
    await eventually(() => stateOf(id)).toBe('active');
    const from = Number((await leaseOf(id)).nodes);
    const to = 3 - from;
    const inside = insideOn(id, from);
    await inside.ready();
    await inside.write('/etc/written', 'at home');
    const boot = await inside.boot();
    const isWhole = async (node: number) => {
      const guest = insideOn(id, node);
      await guest.ready();
      expect([await guest.boot(), await guest.read('/etc/written')]).toEqual([boot, 'at home']);
    };
    const file = (place: string) => `${place}/${domainName(id, 1)}-disk0.qcow2`;
    // 1. Where there is no room it stays, and nothing is left there.
    await ask(`leases/${id}/move-disks`, { to: 'full' });
    await eventually(() => told(id)).toMatch(/VM 1 on node \d/);
    expect(await disksOf(id, from)).toEqual([file(DIRECTORY)]);
    await isWhole(from);
    // 2. Where there is, it goes.
    await ask(`leases/${id}/move-disks`, { to: 'fast' });
    await eventually(() => disksOf(id, from)).toEqual([file(FAST)]);
    await isWhole(from);
    // 3. Its disk goes along to the same directory of another host, while it runs, and saved.
    await eventually(() => told(id)).toContain('done what was ordered');
    await ask(`leases/${id}/migrate`, { to: [to] });
    await runsOn(id, to);
    await eventually(async () => [await disksOf(id, from), await disksOf(id, to)]).toEqual([[''], [file(FAST)]]);
    await isWhole(to);
    await ask(`leases/${id}/suspend`);
    await eventually(() => stateOf(id)).toBe('suspended');
    await ask(`nodes/${to}/drain`);
    await ask(`leases/${id}/release`);
    await runsOn(id, from);
    await ask(`nodes/${to}/restore`);
    await eventually(async () => [await disksOf(id, from), await disksOf(id, to)]).toEqual([[file(FAST)], ['']]);
    await isWhole(from);
    // 4. Back to where it began; and none is left where it ends elsewhere.
    await eventually(() => stateOf(id)).toBe('active');
    await ask(`leases/${id}/move-disks`, { to: 'vm-dir' });
    await eventually(() => disksOf(id, from)).toEqual([file(DIRECTORY)]);
    await isWhole(from);
    await eventually(async () => (await told(id)).split('done what was ordered').length).toBe(3);
    await ask(`leases/${id}/move-disks`, { to: 'fast' });
    await eventually(() => disksOf(id, from)).toEqual([file(FAST)]);
    expect((await service.ask('DELETE', `/v1/leases/${id}`)).status).toBeLessThan(300);
    await isEmpty();
  });

  it.each(IN_DISK_MOVES)('have one disk each after a service that died at %s', LONG, async (point) => {
    const id = await submit('blank');
    await eventually(() => stateOf(id)).toBe('active');
    const node = Number((await leaseOf(id)).nodes);
    await service.signal('SIGTERM');
    service = await startDying(point);
    await service.ask('POST', `/v1/leases/${id}/move-disks`, { to: 'fast' }).catch(() => null);
    expect((await service.ended).signal).toBe('SIGKILL');
    service = await start();
    await eventually(() => told(id)).toContain('done what was ordered');
    expect(await disksOf(id, node)).toEqual([`${FAST}/${domainName(id, 1)}-disk0.qcow2`]);
    expect((await service.ask('DELETE', `/v1/leases/${id}`)).status).toBeLessThan(300);
    await isEmpty();
  });

  it.each(IN_MIGRATIONS)('of a service that dies at %s are once where the log has them', LONG, async (point) => {
    const isLive = point === 'vm-moving' || point === 'vm-moved';
    await service.signal('SIGTERM');
    service = await start();
    const id = await submit('blank');
    await eventually(() => stateOf(id)).toBe('active');
    const from = Number((await leaseOf(id)).nodes);
    if (!isLive) {
      await ask(`leases/${id}/suspend`);
      await eventually(() => stateOf(id)).toBe('suspended');
      await ask(`nodes/${from}/drain`);
    }
    await service.signal('SIGTERM');
    service = await startDying(point);
    const body = isLive ? { to: [3 - from] } : undefined;
    await service.ask('POST', `/v1/leases/${id}/${isLive ? 'migrate' : 'release'}`, body).catch(() => null);
    expect((await service.ended).signal).toBe('SIGKILL');
    // The next one brings it about.
    service = await start();
    await runsOn(id, 3 - from);
    await eventually(() => stateOf(id)).toBe('active');
    if (!isLive) await ask(`nodes/${from}/restore`);
    expect((await service.ask('DELETE', `/v1/leases/${id}`)).status).toBeLessThan(300);
    await isEmpty();
  });
});
