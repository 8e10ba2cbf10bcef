/** VMs that go from host to host over HTTP, running or saved: two real hosts, and services that die on the way. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleLog, domainName } from '../../adapters/libvirt/names.js';
import { Authority } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { certified } from '../support/machines/certified.js';
import { LOCAL } from '../support/machines/host.js';
import type { Hosts } from '../support/machines/hosts.js';
import { BLANK, RealSite, VM_DIRECTORY } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';
import { IN_DISK_MOVES, IN_MIGRATIONS } from '../support/proof/deaths.js';

/** Other directories that disks may lie in; the last has no room for any. */
const FAST = `${LOCAL}/fast`;
const FULL = `${LOCAL}/full`;
const POLICY = 'migration: yes\nsuspend-time: 4s\nresume-time: 4s\norder-timeout: 2m\n';
/** Nothing boots from it. */
const MARKED = Buffer.concat([
  Buffer.alloc(1024 * 1024, 'marked'),
  Buffer.alloc(1024 * 1024),
  Buffer.alloc(4096, 'end'),
]);
const MARKED_SHA256 = createHash('sha256').update(MARKED).digest('hex');
const LONG = { timeout: 240_000 };

describe('VMs between real hosts', needs('build', 'machines', 'openssl'), () => {
  let site: RealSite;

  beforeAll(async () => {
    site = await RealSite.start({
      images: { tiny: 'guest', blank: BLANK, marked: MARKED },
      policy: POLICY,
      args: ['--accel', 'tcg', '--vm-move-tls'],
      labels: ({ uriAmongHosts }) => ({ 'migration-uri': uriAmongHosts, 'disks-fast': FAST, 'disks-full': FULL }),
      prepare: mountFull,
    });
  }, 300_000);

  afterAll(() => site?.stop(), 60_000);

  /** On which node it runs, by its log and by the hosts. */
  const isOn = async (id: string) => {
    const running = await site.running();
    const on = running.flatMap((names, index) => (names.includes(domainName(id, 1)) ? [index + 1] : []));
    return [(await site.lease(id)).nodes, ...on.map(String)];
  };
  const runsOn = (id: string, node: number) => eventually(() => isOn(id)).toEqual([String(node), String(node)]);
  /** Runs, and on which node. */
  const active = async (image: string) => {
    const id = await site.submit({ image, resources: { cpu: 1, memoryMiB: 128 } });
    await site.becomes(id, 'active');
    return { id, from: Number((await site.lease(id)).nodes) };
  };
  const end = async (id: string): Promise<void> => {
    await site.cancel(id);
    await site.isEmpty();
    for (const host of site.hosts.all)
      for (const place of [FAST, FULL]) expect((await host.run('sh', '-c', `ls ${place} || true`)).trim()).toBe('');
  };

  it('go there and back while they run, and their guests go on counting', { timeout: 400_000 }, async () => {
    const { id, from } = await active('tiny');
    const to = 3 - from;
    const before = site.inside(id, 1, from);
    await before.ready();
    await before.write('/etc/written', 'at home');
    const boot = await before.boot();

    const goesOn = async (on: number, count: number): Promise<number> => {
      await runsOn(id, on);
      const guest = site.inside(id, 1, on);
      await guest.ready();
      expect([await guest.boot(), await guest.read('/etc/written')]).toEqual([boot, 'at home']);
      await eventually(async () => (await guest.counter()).count).toBeGreaterThan(count);
      return (await guest.counter()).count;
    };
    // 1. By request, encrypted: it stays where that cannot be.
    let { count } = await before.counter();
    await site.do('POST', `/v1/leases/${id}/migrate`, { to: [to] });
    await eventually(() => site.told(id)).toMatch(/"OrderFailed".*Unable to access credentials/);
    count = await goesOn(from, count);
    const authority = new Authority(site.path, 'authority');
    for (const host of site.hosts.all) certified(host, authority);
    await site.do('POST', `/v1/leases/${id}/migrate`, { to: [to] });
    count = await goesOn(to, count);
    // What it has said on its console goes along.
    expect(await site.host(to).run('cat', `${VM_DIRECTORY}/${consoleLog(id, 1)}`)).toContain('GUEST-READY');
    // 2. Off a node that is drained.
    await site.do('POST', `/v1/nodes/${to}/drain`, { how: 'migrate' });
    count = await goesOn(from, count);
    await site.do('POST', `/v1/nodes/${to}/restore`);
    const moved = /has moved from node .*/g;
    await eventually(() => site.service.stderr().match(moved) ?? []).toHaveLength(2);
    console.log(site.service.stderr().match(moved));
    // 3. Saved, and brought back elsewhere.
    await site.act(id, 'suspend');
    await site.becomes(id, 'suspended');
    await site.do('POST', `/v1/nodes/${from}/drain`);
    await site.act(id, 'release');
    await goesOn(to, count);
    await site.do('POST', `/v1/nodes/${from}/restore`);

    await end(id);
  });

  /** The directories of the host that have a disk of its VM. */
  const disksOf = async (id: string, node: number) => {
    const name = `${domainName(id, 1)}-disk0.qcow2`;
    const found = await site.host(node).run('find', LOCAL, '-name', name);
    return found.trim().split('\n').sort();
  };
  const told = async (id: string): Promise<string> => {
    const { items } = await site.get(`/v1/leases/${id}/decisions`);
    return items.map(({ message }: { message: string }) => message).join('\n');
  };

  it('go on from disks in another directory, also on another host', { timeout: 400_000 }, async () => {
    const { id, from } = await active('tiny');
    const to = 3 - from;
    const inside = site.inside(id, 1, from);
    await inside.ready();
    await inside.write('/etc/written', 'at home');
    const boot = await inside.boot();
    const isWhole = async (node: number) => {
      const guest = site.inside(id, 1, node);
      await guest.ready();
      expect([await guest.boot(), await guest.read('/etc/written')]).toEqual([boot, 'at home']);
    };
    const file = (place: string) => `${place}/${domainName(id, 1)}-disk0.qcow2`;
    // 1. Where there is no room it stays, and nothing is left there.
    await site.do('POST', `/v1/leases/${id}/move-disks`, { to: 'full' });
    await eventually(() => told(id)).toMatch(/VM 1 on node \d/);
    expect(await disksOf(id, from)).toEqual([file(VM_DIRECTORY)]);
    await isWhole(from);
    // 2. Where there is, it goes.
    await site.do('POST', `/v1/leases/${id}/move-disks`, { to: 'fast' });
    await eventually(() => disksOf(id, from)).toEqual([file(FAST)]);
    await isWhole(from);
    // 3. Its disk goes along to the same directory of another host, while it runs, and saved.
    await eventually(() => told(id)).toContain('done what was ordered');
    await site.do('POST', `/v1/leases/${id}/migrate`, { to: [to] });
    await runsOn(id, to);
    await eventually(async () => [await disksOf(id, from), await disksOf(id, to)]).toEqual([[''], [file(FAST)]]);
    await isWhole(to);
    await site.act(id, 'suspend');
    await site.becomes(id, 'suspended');
    await site.do('POST', `/v1/nodes/${to}/drain`);
    await site.act(id, 'release');
    await runsOn(id, from);
    await site.do('POST', `/v1/nodes/${to}/restore`);
    await eventually(async () => [await disksOf(id, from), await disksOf(id, to)]).toEqual([[file(FAST)], ['']]);
    await isWhole(from);
    // 4. Back to where it began; and none is left where it ends elsewhere.
    await site.becomes(id, 'active');
    await site.do('POST', `/v1/leases/${id}/move-disks`, { to: 'vm-dir' });
    await eventually(() => disksOf(id, from)).toEqual([file(VM_DIRECTORY)]);
    await isWhole(from);
    await eventually(async () => (await told(id)).split('done what was ordered').length).toBe(3);
    await site.do('POST', `/v1/leases/${id}/move-disks`, { to: 'fast' });
    await eventually(() => disksOf(id, from)).toEqual([file(FAST)]);
    await end(id);
  });

  it('that have a full disk take it along, and need their image no more', LONG, async () => {
    const machine = { disk: 'full' };
    const id = await site.submit({ image: 'marked', resources: { cpu: 1, memoryMiB: 64, diskMiB: 8 }, machine });
    await site.becomes(id, 'active');
    const from = Number((await site.lease(id)).nodes);
    const to = 3 - from;
    const images = async (node: number) =>
      (await site.host(node).run('ls', VM_DIRECTORY)).split('\n').filter((name) => name.includes(MARKED_SHA256));
    const file = (place: string) => `${place}/${domainName(id, 1)}-disk0.qcow2`;
    const info = async (node: number, place: string) =>
      JSON.parse(await site.host(node).run('qemu-img', 'info', '-U', '-f', 'qcow2', '--output', 'json', file(place)));
    const isWhole = async (node: number, place: string) => {
      const found = await info(node, place);
      expect(found['virtual-size']).toBe(8 * 1024 * 1024);
      expect(found).not.toHaveProperty('backing-filename');
    };
    await isWhole(from, VM_DIRECTORY);
    // 1. While it runs; its image stays where it is, and goes.
    expect(await images(to)).toEqual([]);
    for (const name of await images(from)) await site.host(from).run('rm', `${VM_DIRECTORY}/${name}`);
    await site.do('POST', `/v1/leases/${id}/migrate`, { to: [to] });
    await runsOn(id, to);
    await site.becomes(id, 'active');
    await isWhole(to, VM_DIRECTORY);
    expect(await images(to)).toEqual([]);
    // 2. Into another directory, and from there to the other host.
    await eventually(() => told(id)).toContain('VM 1 has moved');
    await site.do('POST', `/v1/leases/${id}/move-disks`, { to: 'fast' });
    await eventually(() => disksOf(id, to)).toEqual([file(FAST)]);
    await eventually(() => told(id)).toContain('done what was ordered');
    await site.do('POST', `/v1/leases/${id}/migrate`, { to: [from] });
    await runsOn(id, from);
    await eventually(async () => (await told(id)).split('VM 1 has moved').length).toBe(3);
    await isWhole(from, FAST);
    // 3. Saved, and on the way back: all that was in the image is there, and nothing else.
    await site.becomes(id, 'active');
    await site.act(id, 'suspend');
    await site.becomes(id, 'suspended');
    await site.do('POST', `/v1/nodes/${from}/drain`);
    await site.act(id, 'release');
    await runsOn(id, to);
    await site.do('POST', `/v1/nodes/${from}/restore`);
    await isWhole(to, FAST);
    const plain = `${LOCAL}/plain`;
    await site.host(to).run('qemu-img', 'convert', '-U', '-f', 'qcow2', '-O', 'raw', file(FAST), plain);
    const expected = Buffer.concat([MARKED, Buffer.alloc(8 * 1024 * 1024 - MARKED.length)]);
    expect(readFileSync(site.host(to).outside(plain)).equals(expected)).toBe(true);
    await end(id);
  });

  it.each(IN_DISK_MOVES)('have one disk each after a service that died at %s', LONG, async (point) => {
    const { id, from } = await active('blank');
    await site.againDyingAt(point);
    await site.service.ask('POST', `/v1/leases/${id}/move-disks`, { to: 'fast' }).catch(() => null);
    expect((await site.service.ended).signal).toBe('SIGKILL');
    await site.serve();
    await eventually(() => told(id)).toContain('done what was ordered');
    expect(await disksOf(id, from)).toEqual([`${FAST}/${domainName(id, 1)}-disk0.qcow2`]);
    await end(id);
  });

  it.each(IN_MIGRATIONS)('of a service that dies at %s are once where the log has them', LONG, async (point) => {
    const isLive = point === 'vm-moving' || point === 'vm-moved';
    const { id, from } = await active('blank');
    if (!isLive) {
      await site.act(id, 'suspend');
      await site.becomes(id, 'suspended');
      await site.do('POST', `/v1/nodes/${from}/drain`);
    }
    await site.againDyingAt(point);
    const body = isLive ? { to: [3 - from] } : undefined;
    await site.service.ask('POST', `/v1/leases/${id}/${isLive ? 'migrate' : 'release'}`, body).catch(() => null);
    expect((await site.service.ended).signal).toBe('SIGKILL');
    // The next one brings it about.
    await site.serve();
    await runsOn(id, 3 - from);
    await site.becomes(id, 'active');
    if (!isLive) await site.do('POST', `/v1/nodes/${from}/restore`);
    await end(id);
  });

  it('and the log of all that says the same when it is replayed', LONG, () => site.audit());
});

async function mountFull(hosts: Hosts): Promise<void> {
  for (const host of hosts.all) {
    await host.run('mkdir', FULL);
    await host.run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'full', FULL);
  }
}
