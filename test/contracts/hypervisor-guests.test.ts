/** A real host with a guest that really runs: what libvirt's test driver cannot show. */

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hypervisor, HypervisorError } from '../../adapters/libvirt/hypervisor.js';
import { seedImage } from '../../adapters/libvirt/seed.js';
import { eventually } from '../support/eventually.js';
import { type GuestDomain, guestDisk, guestDomain } from '../support/machines/domain.js';
import { buildGuest, type Guest, overlay } from '../support/machines/guest.js';
import { type Host, LOCAL } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { reached } from '../support/libvirt.js';
import { Inside } from '../support/machines/inside.js';
import { needs } from '../support/needs.js';

const VMS = `${LOCAL}/vms`;
const MAC = '52:54:00:00:00:07';
const NETWORK = `<network>
  <name>lan</name><bridge name='lan0'/>
  <ip address='10.99.0.1' netmask='255.255.255.0'><dhcp><range start='10.99.0.100' end='10.99.0.110'/></dhcp></ip>
</network>`;

describe('on a real host', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let host: Host;
  let hypervisor: Hypervisor;
  let guest: Guest;
  const heard: string[] = [];

  beforeAll(async () => {
    [guest, hosts] = await Promise.all([buildGuest(), Hosts.start(1)]);
    host = hosts.all[0]!;
    hypervisor = await reached(host.uri);
    hypervisor.listen({
      lifecycle: (uuid, event) => heard.push(`${uuid} ${event}`),
      connected: () => heard.push('connected'),
      disconnected: () => heard.push('disconnected'),
    });
    await hypervisor.ensurePool('vms', VMS);
  });
  afterAll(async () => {
    await hypervisor?.close();
    await hosts?.stop();
  });

  const state = async (uuid: string) => (await hypervisor.domain(uuid))?.state ?? null;

  /** How far the guest at an address has counted, as the host hears it. */
  const counterOf = async (address: string) =>
    Number((await host.run('curl', '-sf', `http://${address}/counter`)).split(' ')[0]);

  /** A guest with a disk of its own over the one that all have, started. */
  async function started(more: Partial<GuestDomain> = {}): Promise<Inside> {
    const uuid = randomUUID();
    const name = `vm-${uuid.slice(0, 8)}`;
    await hypervisor.createVolume('vms', overlay(`${name}.qcow2`, guest));
    await hypervisor.define(guestDomain({ uuid, name, guest, disk: `${VMS}/${name}.qcow2`, ...more }));
    await hypervisor.start(uuid);
    return new Inside(hypervisor, uuid);
  }

  describe('a guest', () => {
    let vm: Inside;
    beforeAll(async () => {
      await hypervisor.startNetwork(NETWORK);
      await hypervisor.updateNetworkHost('lan', 'add', `<host mac='${MAC}' ip='10.99.0.7'/>`);
      vm = await started({ network: { name: 'lan', mac: MAC }, vcpusMax: 2 });
    });

    test('runs from a disk over another one, and its agent answers', async () => {
      await vm.ready();
      await eventually(async () => (await vm.counter()).count).toBeGreaterThan(0);
      await vm.write('/etc/written', 'before');
    });

    test('is on a network that comes back with its host', async () => {
      expect(await host.virsh('net-info', 'lan')).toMatch(/^Autostart: +yes$/m);
    });

    test('has the address that was meant for it, whoever is asked', async () => {
      const [found] = await Promise.all(
        (['lease', 'agent'] as const).map(async (source) => {
          const address = async () => (await hypervisor.addresses(vm.uuid, source)).find((one) => one.mac === MAC);
          await eventually(async () => (await address())?.address.split('/')[0]).toBe('10.99.0.7');
          return (await address())!;
        }),
      );
      expect(found!.interface).not.toBe('');
      // Whom the host has spoken to it knows by ARP. Not every libvirt understands what newer kernels tell of that.
      expect(await counterOf('10.99.0.7')).toBeGreaterThan(0);
      const neighbours = await hypervisor.addresses(vm.uuid, 'arp').catch((error: unknown) => error);
      if (neighbours instanceof Error) expect(neighbours).toMatchObject({ kind: 'failed' });
      else expect(neighbours).toContainEqual(expect.objectContaining({ mac: MAC, address: '10.99.0.7' }));
    });

    test('tells what it uses', async () => {
      const before = await hypervisor.usage(vm.uuid);
      expect(before).toMatchObject({ diskRead: expect.any(Number), netReceived: expect.any(Number) });
      expect(before.diskRead).toBeGreaterThan(1_000_000);
      expect(before.diskWritten).toBeGreaterThan(0);
      expect(before.diskAllocated).toBeGreaterThan(0);
      await eventually(async () => (await hypervisor.usage(vm.uuid)).cpuTime).toBeGreaterThan(before.cpuTime);
      const unused = async () => (await hypervisor.usage(vm.uuid)).memoryUnusedKiB ?? 0;
      await eventually(unused).toBeGreaterThan(1_000);
      expect(await unused()).toBeLessThan(128 * 1024);
    });

    test('is given another processor, and less memory, while it runs', async () => {
      await hypervisor.setVcpus(vm.uuid, 2);
      expect(await hypervisor.xml(vm.uuid, 'live')).toMatch(/<vcpu placement='static'>2</);
      await hypervisor.setMemory(vm.uuid, 112);
      const given = async () => /<currentMemory unit='KiB'>(\d+)</.exec(await hypervisor.xml(vm.uuid, 'live'))?.[1];
      await eventually(given).toBe(String(112 * 1024));
    });

    test('stands still while it is paused', async () => {
      await hypervisor.pause(vm.uuid);
      expect(await state(vm.uuid)).toBe('paused');
      await expect(hypervisor.agent(vm.uuid, { execute: 'guest-ping' }, 1)).rejects.toThrow();
      await hypervisor.unpause(vm.uuid);
      await vm.ready();
    });

    test('counts on after it was saved and restored, from a file whose digest is known', async () => {
      const before = { ...(await vm.counter()), boot: await vm.boot() };
      await hypervisor.save(vm.uuid, `${VMS}/memory`);
      expect(await state(vm.uuid)).toBe('off');
      expect((await hypervisor.volumes('vms')).map((one) => one.name)).toContain('memory');
      const { sha256, bytes } = await hypervisor.digest('vms', 'memory');
      const file = readFileSync(host.outside(`${VMS}/memory`));
      expect([sha256, bytes]).toEqual([createHash('sha256').update(file).digest('hex'), file.length]);
      await hypervisor.restore(`${VMS}/memory`, null, false);
      await vm.ready();
      const after = { ...(await vm.counter()), boot: await vm.boot() };
      expect(after.boot).toBe(before.boot);
      expect(after.count).toBeGreaterThanOrEqual(before.count);
      // Not a minute later: its clock stood still, too.
      expect(after.uptime - before.uptime).toBeLessThan(60);
      expect(await hypervisor.digest('vms', 'memory')).toEqual({ sha256, bytes });
    });

    test('restored from a file that was cut short does not run, and not afresh either', async () => {
      const boot = await vm.boot();
      await hypervisor.save(vm.uuid, `${VMS}/memory`);
      const { sha256 } = await hypervisor.digest('vms', 'memory');
      const whole = readFileSync(host.outside(`${VMS}/memory`));
      truncateSync(host.outside(`${VMS}/memory`), Math.floor(whole.length / 2));
      expect((await hypervisor.digest('vms', 'memory')).sha256).not.toBe(sha256);
      const before = heard.length;
      await expect(hypervisor.restore(`${VMS}/memory`, null, false)).rejects.toMatchObject({ kind: 'failed' });
      expect(await state(vm.uuid)).toBe('off');
      expect(heard.slice(before)).not.toContain(`${vm.uuid} resumed`);
      writeFileSync(host.outside(`${VMS}/memory`), whole);
      await hypervisor.restore(`${VMS}/memory`, null, true);
      expect(await state(vm.uuid)).toBe('paused');
      await hypervisor.unpause(vm.uuid);
      await vm.ready();
      expect(await vm.boot()).toBe(boot);
    });

    test('goes on from another disk, with what it has written', async () => {
      const boot = await vm.boot();
      // A copy does not go over what is there.
      await hypervisor.createVolume('vms', overlay('there.qcow2', guest));
      const onto = hypervisor.moveDisk(vm.uuid, 'vda', guestDisk(`${VMS}/there.qcow2`));
      await expect(onto).rejects.toMatchObject({ kind: 'failed' });
      await hypervisor.moveDisk(vm.uuid, 'vda', guestDisk(`${VMS}/moved.qcow2`));
      for (const which of ['live', 'defined'] as const)
        expect(await hypervisor.xml(vm.uuid, which)).toContain(`<source file='${VMS}/moved.qcow2'`);
      expect((await hypervisor.volumes('vms')).map((one) => one.name)).toContain('moved.qcow2');
      await vm.write('/etc/written-later', 'after');
      expect([await vm.boot(), await vm.read('/etc/written')]).toEqual([boot, 'before']);
    });

    test('runs on when libvirt is killed, and is found by the next one', async () => {
      const boot = await vm.boot();
      const before = heard.length;
      await host.killLibvirt();
      await eventually(() => heard.slice(before)).toContain('disconnected');
      await expect(hypervisor.domains()).rejects.toMatchObject({ kind: 'failed' });
      expect(await host.qemus()).toHaveLength(1);
      await host.startLibvirt();
      await eventually(() => heard.at(-1)).toBe('connected');
      expect(await state(vm.uuid)).toBe('running');
      await vm.ready();
      expect(await vm.boot()).toBe(boot);
    });

    test('runs on while libvirt does not answer, and so does whoever asks', async () => {
      const { count } = await vm.counter();
      await host.freeze('STOP');
      await expect(hypervisor.domains()).rejects.toBeInstanceOf(HypervisorError);
      await host.freeze('CONT');
      await eventually(() => state(vm.uuid).catch(() => 'not yet')).toBe('running');
      await vm.ready();
      expect((await vm.counter()).count).toBeGreaterThan(count);
    });

    test('boots anew when it is told to, and finds its disk as it was', async () => {
      const boot = await vm.boot();
      await hypervisor.reboot(vm.uuid, 'acpi');
      await eventually(() => vm.boot().catch(() => boot)).not.toBe(boot);
      expect([await vm.read('/etc/written'), await vm.read('/etc/written-later')]).toEqual(['before', 'after']);
    });

    test('is started afresh, not from an image that somebody had libvirt keep', async () => {
      const boot = await vm.boot();
      await host.virsh('managedsave', vm.uuid);
      await hypervisor.start(vm.uuid);
      await vm.ready();
      expect(await vm.boot()).not.toBe(boot);
    });

    test.each(['agent', 'acpi'] as const)('shuts down when it is asked by %s', async (by) => {
      await vm.ready();
      await hypervisor.shutdown(vm.uuid, by);
      await eventually(() => state(vm.uuid)).toBe('off');
      if (by === 'agent') await hypervisor.start(vm.uuid);
    });
  });

  describe('a guest that boots by itself', () => {
    const PORT = '/dev/virtio-ports/org.qemu.guest_agent.0';
    let vm: Inside;

    test('finds its name in a seed that was uploaded', async () => {
      const userData = 'leasehold.acpi=ignore';
      const image = seedImage({
        instance: 'one',
        hostname: 'seeded',
        sshKeys: [],
        userData,
        readyUrl: null,
        network: null,
      });
      writeFileSync(host.outside(`${LOCAL}/seed.iso`), image);
      const raw = `<volume><name>seed</name><capacity>${image.length}</capacity></volume>`;
      await hypervisor.createVolume('vms', raw);
      await hypervisor.upload('vms', 'seed', host.outside(`${LOCAL}/seed.iso`));
      const sha256 = createHash('sha256').update(image).digest('hex');
      expect(await hypervisor.digest('vms', 'seed')).toEqual({ sha256, bytes: image.length });
      await hypervisor.download('vms', 'seed', host.outside(`${LOCAL}/seed.back`));
      expect(readFileSync(host.outside(`${LOCAL}/seed.back`)).equals(image)).toBe(true);

      vm = await started({ guest: null, memoryMiB: 128, seed: `${VMS}/seed` });
      await vm.ready();
      expect(await vm.hostname()).toBe('seeded');
      expect(await vm.read('/run/seed/user-data')).toBe(userData);
    });

    test('whose agent never ends what it says is not heard any more, and runs on', async () => {
      const says = `echo leasehold.agent=silent >/run/wishes; killall qemu-ga; sleep 1; tr '\\0' a </dev/zero >${PORT}`;
      await hypervisor.agent(vm.uuid, { execute: 'guest-exec', arguments: { path: '/bin/sh', arg: ['-c', says] } }, 20);
      // Not that nobody is there any more: what was said there is too much.
      const ping = () => hypervisor.agent(vm.uuid, { execute: 'guest-ping' }, 2);
      await eventually(() => ping().catch(({ message }: Error) => message)).toContain('due to an error');
      expect(await hypervisor.addresses(vm.uuid, 'agent').catch(() => [])).toEqual([]);
      expect(await state(vm.uuid)).toBe('running');
      await hypervisor.destroy(vm.uuid);
    });
  });

  describe('a guest that neither listens nor answers', () => {
    let vm: Inside;
    beforeAll(async () => {
      await hypervisor.startNetwork(NETWORK);
      const network = { name: 'lan', mac: '52:54:00:00:00:08' };
      vm = await started({ wishes: ['acpi=ignore', 'agent=silent'], network });
    });
    const address = async () => (await hypervisor.addresses(vm.uuid, 'lease'))[0]?.address.split('/')[0] ?? '';
    const counted = async () => counterOf(await address()).catch(() => 0);

    test('has an agent that says nothing: the call fails in its time, and nothing else', async () => {
      await eventually(counted).toBeGreaterThan(0);
      await expect(hypervisor.agent(vm.uuid, { execute: 'guest-ping' }, 1)).rejects.toThrow();
      expect(await state(vm.uuid)).toBe('running');
    });

    test('has been asked to shut down, and runs on until it is destroyed', async () => {
      await hypervisor.shutdown(vm.uuid, 'acpi');
      const then = await counted();
      await eventually(counted).toBeGreaterThan(then + 20);
      expect(await state(vm.uuid)).toBe('running');
      await hypervisor.destroy(vm.uuid);
      expect(await state(vm.uuid)).toBe('off');
    });

    test('is off, and that is told, when its process is killed', async () => {
      await hypervisor.start(vm.uuid);
      const before = heard.length;
      const { name } = (await hypervisor.domain(vm.uuid))!;
      await host.killQemu(name);
      await eventually(() => heard.slice(before)).toContain(`${vm.uuid} stopped`);
      expect(await state(vm.uuid)).toBe('off');
      expect(await host.qemus()).toEqual([]);
    });
  });
});
