/** A lease of one VM on a real host: when it is ready, and what is done to it while it runs. */

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { consoleLog, domainName, domainUuid } from '../../adapters/libvirt/names.js';
import { seedImage } from '../../adapters/libvirt/seed.js';
import { eventually } from '../support/eventually.js';
import { BLANK, RealSite, VM_DIRECTORY } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';

const CD = seedImage({
  instance: 'none',
  hostname: 'none',
  sshKeys: [],
  userData: null,
  readyUrl: null,
  network: null,
});

describe('a lease of a VM', needs('build', 'machines'), () => {
  let site: RealSite;

  beforeAll(async () => {
    site = await RealSite.start({
      hosts: 1,
      images: { tiny: 'guest', blank: BLANK, cd: { cd: CD } },
      capacity: { cpu: 2, memory: '512MiB', disk: '1GiB' },
      policy: 'order-timeout: 2m\n',
      args: ['--accel', 'tcg'],
    });
  }, 300_000);

  afterAll(() => site?.stop(), 60_000);

  const submit = (image: string, timeout: string, more: object = {}) => {
    const machine = { ready: { probe: 'agent', timeout } };
    const start = { kind: 'immediate' };
    return site.submit({ resources: { cpu: 1, memoryMiB: 128 }, image, machine, start, ...more });
  };
  const becomes = (id: string, state: string) =>
    vi.waitFor(async () => expect((await site.lease(id)).state).toBe(state), { timeout: 120_000 });
  const condition = async (id: string, name: string) =>
    (await site.lease(id)).conditions.find(({ type }: { type: string }) => type === name)?.status;
  /** Asks for it, and waits until it has been done. */
  const act = async (id: string, what: string, body?: object) => {
    await site.do('POST', `/v1/leases/${id}/${what}`, body);
    const answer = body === undefined ? 'VmsActed' : 'VmsResized';
    const types = async () => {
      const { items } = await site.get(`/v1/leases/${id}/decisions`);
      return items.map(({ type }: { type: string }) => type);
    };
    await vi.waitFor(async () => expect((await types()).at(-1)).toBe(answer), { timeout: 90_000 });
  };

  it('begins when its guest answers; it stands still while it is paused, and boots anew when it is told to', {
    timeout: 300_000,
  }, async () => {
    const id = await submit('tiny', 'PT5M');
    const guest = site.inside(id, 1, 1);
    expect(await condition(id, 'booting')).toBe(true);
    await becomes(id, 'active');
    expect(await condition(id, 'ready')).toBe(true);
    const boot = await guest.boot(); // at once: it is ready

    await act(id, 'pause');
    expect(await condition(id, 'paused')).toBe(true);
    expect((await site.hypervisors[0]!.domain(guest.uuid))!.state).toBe('paused');
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
    expect((await site.lease(id)).state).toBe('active');
    await site.cancel(id);
    await becomes(id, 'cancelled');
  });

  it('is made larger and smaller while it runs, and anew for more than it was made for', {
    timeout: 300_000,
  }, async () => {
    const resources = { cpu: 1, memoryMiB: 128, diskMiB: 300 };
    const id = await submit('tiny', 'PT5M', { resources, max: { cpu: 2, memoryMiB: 192 } });
    const guest = site.inside(id, 1, 1);
    const processors = () => guest.read('/sys/devices/system/cpu/online');
    const disk = async () => Number(await guest.read('/sys/block/vda/size')) / 2048;
    const memory = async () => Number(/MemTotal: +([0-9]+)/.exec(await guest.read('/proc/meminfo'))![1]) / 1024;
    await becomes(id, 'active');
    const boot = await guest.boot();
    expect([await processors(), await disk()]).toEqual(['0', 300]);
    await eventually(async () => (await memory()) < 128).toBe(true);

    await act(id, 'resize', { resources: { cpu: 2, memoryMiB: 192, diskMiB: 400 } });
    await eventually(processors).toBe('0-1');
    await eventually(disk).toBe(400);
    await eventually(async () => (await memory()) > 128).toBe(true);
    expect(await guest.boot()).toBe(boot);
    await act(id, 'resize', { resources: { memoryMiB: 144 } });
    expect((await site.hypervisors[0]!.usage(guest.uuid)).memoryKiB).toBeLessThanOrEqual(144 * 1024);
    expect(await guest.boot()).toBe(boot);

    await guest.write('/kept', 'still there');
    const larger = { resources: { memoryMiB: 256 } };
    expect((await site.service.ask('POST', `/v1/leases/${id}/resize`, larger)).json().code).toBe('lease-state');
    await act(id, 'resize', { ...larger, cold: true });
    await vi.waitFor(async () => expect(await guest.boot().catch(() => boot)).not.toBe(boot), { timeout: 120_000 });
    expect([await processors(), await disk(), await guest.read('/kept')]).toEqual(['0-1', 400, 'still there']);
    await eventually(async () => (await memory()) > 192).toBe(true);
    expect((await site.lease(id)).state).toBe('active');
    await site.cancel(id);
    await becomes(id, 'cancelled');
  });

  it('has failed where nobody answers in time, and nothing is left of it', { timeout: 180_000 }, async () => {
    const id = await submit('blank', 'PT3S');
    await becomes(id, 'failed');
    const { items } = await site.get(`/v1/leases/${id}/decisions`);
    const failure = items.find(({ type }: { type: string }) => type === 'OrderFailed');
    expect(failure.message).toContain('was not ready in 3 s: its agent does not answer');
    expect(await site.hypervisors[0]!.domain(domainUuid(id, 1))).toBeNull();
  });

  it('has its CD in a drive and an empty disk, and is booted by EFI; nothing of that is left behind', {
    timeout: 180_000,
  }, async () => {
    const machine = { firmware: 'efi', board: 'q35' };
    const id = await site.submit({ resources: { cpu: 1, memoryMiB: 192, diskMiB: 64 }, image: 'cd', machine });
    await becomes(id, 'active');
    const [host] = site.hosts.all;
    const name = domainName(id, 1);
    const xml = await host!.virsh('dumpxml', name);
    expect(xml).toMatch(
      /<disk type='file' device='cdrom'>[\s\S]*?<source file='[^']*leasehold-image-[0-9a-f]{64}\.iso'/,
    );
    expect(xml).toMatch(/<nvram[^>]*>([^<]+)</);
    const [, nvram] = /<nvram[^>]*>([^<]+)</.exec(xml)!;
    expect(await host!.run('ls', nvram!)).toContain(nvram);
    expect(await host!.virsh('domblkinfo', name, 'vda')).toMatch(/Capacity: +67108864\n/);
    // The firmware looks for something to boot from in both, and says so.
    const log = `${VM_DIRECTORY}/${consoleLog(id, 1)}`;
    await vi.waitFor(async () => expect(await host!.run('cat', log)).toMatch(/BdsDxe: .*(DVD|CDROM|SATA|HARDDISK)/i), {
      timeout: 120_000,
    });
    await site.cancel(id);
    await becomes(id, 'cancelled');
    await site.isEmpty();
    await expect(host!.run('ls', nvram!)).rejects.toThrow('No such file');
  });
});
