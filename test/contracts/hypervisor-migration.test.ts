/** Two real hosts: a guest that goes from one to the other, and what becomes of it where that fails. */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hypervisor, MigrateOptions } from '../../adapters/libvirt/hypervisor.js';
import { Authority } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { capturing } from '../support/machines/capture.js';
import { certified } from '../support/machines/certified.js';
import { guestDomain } from '../support/machines/domain.js';
import { buildGuest, type Guest, overlay } from '../support/machines/guest.js';
import { type Host, LOCAL, SHARED } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { reached } from '../support/libvirt.js';
import { Inside } from '../support/machines/inside.js';
import { needs } from '../support/needs.js';
import { temporaryDirectory } from '../support/process.js';

/** So slow that it is under way until somebody ends it. Megabytes a second. */
const SLOW = 1;

interface Side {
  readonly host: Host;
  readonly hypervisor: Hypervisor;
  readonly heard: string[];
}

describe('between two hosts', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let guest: Guest;
  let here: Side;
  let there: Side;

  beforeAll(async () => {
    [guest, hosts] = await Promise.all([buildGuest(), Hosts.start(2)]);
    [here, there] = (await Promise.all(hosts.all.map(side))) as [Side, Side];
  });
  afterAll(async () => {
    await Promise.all([here, there].map((one) => one?.hypervisor.close()));
    await hosts?.stop();
  });

  const state = async ({ hypervisor }: Side, uuid: string) => (await hypervisor.domain(uuid))?.state ?? null;

  /** Where a VM runs, and where it is known. */
  const whereabouts = async (uuid: string) => [await state(here, uuid), await state(there, uuid)];

  function move(uuid: string, from: Side, to: Side, more: Partial<MigrateOptions> = {}): Promise<void> {
    const plain = { to: to.host.uriAmongHosts, live: true, xml: null, disks: [], bandwidth: null, tls: false };
    return from.hypervisor.migrate(uuid, { ...plain, ...more });
  }

  /** A guest on the first host, whose disk is in a pool there. */
  async function started(pool: 'shared' | 'local'): Promise<Inside> {
    const uuid = randomUUID();
    const name = `vm-${uuid.slice(0, 8)}`;
    const place = pool === 'shared' ? SHARED : LOCAL;
    await here.hypervisor.createVolume(pool, overlay(`${name}.qcow2`, guest));
    await here.hypervisor.define(guestDomain({ uuid, name, guest, disk: `${place}/${name}.qcow2` }));
    await here.hypervisor.start(uuid);
    const vm = new Inside(here.hypervisor, uuid);
    await vm.ready();
    await vm.write('/etc/written', 'at home');
    return vm;
  }

  /** It is the one that was booted here, it has not stood still for long, and has its disk. */
  async function goesOn(on: Side, uuid: string, before: { readonly count: number; readonly boot: string }) {
    const vm = new Inside(on.hypervisor, uuid);
    await vm.ready();
    expect([await vm.boot(), await vm.read('/etc/written')]).toEqual([before.boot, 'at home']);
    const { count } = await vm.counter();
    expect(count).toBeGreaterThanOrEqual(before.count);
    await eventually(async () => (await vm.counter()).count).toBeGreaterThan(count);
  }

  const asItIs = async (vm: Inside) => ({ count: (await vm.counter()).count, boot: await vm.boot() });

  describe('that share their storage', () => {
    let vm: Inside;
    beforeAll(async () => {
      vm = await started('shared');
    });

    test.each([
      ['there, while it runs on', true, () => [here, there] as const],
      ['back, standing still meanwhile', false, () => [there, here] as const],
    ])('a guest goes %s', async (_name, live, way) => {
      const [from, to] = way();
      const before = await asItIs(new Inside(from.hypervisor, vm.uuid));
      const metadata = '<vm lease="A" vm="1" order="1.0" epoch="1"/>';
      await from.hypervisor.setMetadata(vm.uuid, metadata);
      await move(vm.uuid, from, to, { live });
      expect(await from.hypervisor.domain(vm.uuid)).toBeNull();
      expect(await to.hypervisor.domain(vm.uuid)).toMatchObject({ state: 'running', persistent: true, metadata });
      await goesOn(to, vm.uuid, before);
      const { downtimeMs, processed } = (await to.hypervisor.finishedJob(vm.uuid))!;
      expect(downtimeMs).toBeGreaterThan(0);
      expect(downtimeMs!).toBeLessThan(30_000);
      expect(processed).toBeGreaterThan(1_000_000);
      await eventually(() => from.heard).toContain(`${vm.uuid} stopped`);
      await eventually(() => to.heard).toContain(`${vm.uuid} started`);
    });

    test('a guest whose migration is aborted stays where it is', async () => {
      const before = await asItIs(vm);
      const moving = move(vm.uuid, here, there, { bandwidth: SLOW });
      const outcome = expect(moving).rejects.toMatchObject({ kind: 'failed' });
      await eventually(async () => (await here.hypervisor.job(vm.uuid))?.processed ?? 0).toBeGreaterThan(0);
      const { remaining, total } = (await here.hypervisor.job(vm.uuid))!;
      expect(remaining).toBeLessThan(total);
      await here.hypervisor.abortJob(vm.uuid);
      await outcome;
      expect(await here.hypervisor.job(vm.uuid)).toBeNull();
      expect(await whereabouts(vm.uuid)).toEqual(['running', null]);
      expect(await there.host.qemus()).toEqual([]);
      await goesOn(here, vm.uuid, before);
    });

    test('a guest saved on one runs on on the other', async () => {
      const before = await asItIs(vm);
      await here.hypervisor.save(vm.uuid, `${SHARED}/memory`);
      await there.hypervisor.restore(`${SHARED}/memory`, null, false);
      expect(await whereabouts(vm.uuid)).toEqual(['off', 'running']);
      await goesOn(there, vm.uuid, before);
      await there.hypervisor.destroy(vm.uuid);
      await here.hypervisor.undefine(vm.uuid);
      expect(await whereabouts(vm.uuid)).toEqual([null, null]);
    });
  });

  describe('that share nothing but the image', () => {
    let vm: Inside;
    const file = () => `vm-${vm.uuid.slice(0, 8)}.qcow2`;
    beforeAll(async () => {
      vm = await started('local');
    });

    test('a guest cannot go where its disk is not', async () => {
      const before = await asItIs(vm);
      await expect(move(vm.uuid, here, there)).rejects.toMatchObject({ kind: 'failed' });
      expect(await whereabouts(vm.uuid)).toEqual(['running', null]);
      await goesOn(here, vm.uuid, before);
    });

    test('a guest goes with what its disk holds, to another path', async () => {
      const before = await asItIs(vm);
      await there.hypervisor.createVolume('local', overlay('arrived.qcow2', guest));
      const xml = (await here.hypervisor.xml(vm.uuid, 'migratable')).replace(file(), 'arrived.qcow2');
      await move(vm.uuid, here, there, { xml, disks: ['vda'] });
      expect(await whereabouts(vm.uuid)).toEqual([null, 'running']);
      for (const which of ['live', 'defined'] as const)
        expect(await there.hypervisor.xml(vm.uuid, which)).toContain(`${LOCAL}/arrived.qcow2`);
      await here.hypervisor.deleteVolume('local', file());
      await goesOn(there, vm.uuid, before);
    });

    test('a guest is saved, carried over by hand, and runs on', async () => {
      const before = await asItIs(new Inside(there.hypervisor, vm.uuid));
      await there.hypervisor.save(vm.uuid, `${LOCAL}/memory`);
      const between = mkdtempSync(join(tmpdir(), 'leasehold-carried-'));
      for (const name of ['memory', 'arrived.qcow2']) {
        const volumes = await there.hypervisor.volumes('local');
        expect(volumes.map((one) => one.name)).toContain(name);
        const digest = await there.hypervisor.digest('local', name);
        await there.hypervisor.download('local', name, join(between, name));
        const raw = `<volume><name>${name}</name><capacity>${digest.bytes}</capacity></volume>`;
        await here.hypervisor.createVolume('local', raw);
        await here.hypervisor.upload('local', name, join(between, name));
        expect(await here.hypervisor.digest('local', name)).toEqual(digest);
      }
      rmSync(between, { recursive: true });
      await there.hypervisor.undefine(vm.uuid);
      await here.hypervisor.restore(`${LOCAL}/memory`, null, false);
      expect(await whereabouts(vm.uuid)).toEqual(['running', null]);
      await goesOn(here, vm.uuid, before);
    });

    describe('by TLS', needs('openssl', 'python3'), () => {
      const MARK = 'nobody-on-the-way-reads-this';
      const pki = temporaryDirectory();
      const ours = new Authority(pki.path, 'ours');
      const others = new Authority(pki.path, 'others');
      afterAll(() => pki.remove());

      /** With its disk. */
      async function goes(from: Side, to: Side, tls: boolean): Promise<void> {
        await to.hypervisor.deleteVolume('local', 'arrived.qcow2');
        await to.hypervisor.createVolume('local', overlay('arrived.qcow2', guest));
        await move(vm.uuid, from, to, { disks: ['vda'], tls });
      }

      test.each([
        ['nobody has certificates', () => {}],
        ['only the other host has them', () => certified(there.host, ours)],
        ['its host shows one of another authority', () => certified(here.host, others, ours)],
      ])('a guest stays where it is where %s', async (_, certify) => {
        certify();
        const before = await asItIs(vm);
        await expect(goes(here, there, true)).rejects.toMatchObject({ kind: 'failed' });
        expect(await whereabouts(vm.uuid)).toEqual(['running', null]);
        await goesOn(here, vm.uuid, before);
      });

      test('a guest goes encrypted, with its disk; without TLS everybody on the way reads it', async () => {
        certified(here.host, ours);
        // In its memory, and on its disk.
        for (const file of ['/run/mark', '/root/mark']) await vm.write(file, `${MARK}\n`.repeat(1_000));
        const before = await asItIs(vm);
        const encrypted = await capturing(here.host, MARK, () => goes(here, there, true));
        expect(encrypted).toMatchObject({ packetsWithIt: 0 });
        expect(encrypted.bytes).toBeGreaterThan(10_000_000);
        await goesOn(there, vm.uuid, before);
        const plain = await capturing(here.host, MARK, () => goes(there, here, false));
        expect(plain.packetsWithIt).toBeGreaterThan(0);
        await goesOn(here, vm.uuid, before);
      });
    });

    test('a guest stays where it is when the other host fails in the middle', async () => {
      const before = await asItIs(vm);
      await there.hypervisor.createVolume('local', overlay('late.qcow2', guest));
      const xml = (await here.hypervisor.xml(vm.uuid, 'migratable')).replace('arrived.qcow2', 'late.qcow2');
      const moving = move(vm.uuid, here, there, { xml, disks: ['vda'], bandwidth: SLOW });
      const outcome = expect(moving).rejects.toMatchObject({ kind: expect.stringMatching(/failed|unknown/) });
      await eventually(() => there.host.qemus()).toHaveLength(1);
      await eventually(async () => (await here.hypervisor.job(vm.uuid)) !== null).toBe(true);
      await there.host.stop();
      await outcome;
      expect(await state(here, vm.uuid)).toBe('running');
      await goesOn(here, vm.uuid, before);
      await there.host.start();
      await eventually(() => state(there, vm.uuid).catch(() => 'not yet')).toBeNull();
      expect(await there.host.qemus()).toEqual([]);
    });
  });
});

async function side(host: Host): Promise<Side> {
  const hypervisor = await reached(host.uri);
  const heard: string[] = [];
  hypervisor.listen({
    lifecycle: (uuid, event) => heard.push(`${uuid} ${event}`),
    connected: () => {},
    disconnected: () => {},
  });
  await hypervisor.ensurePool('shared', SHARED);
  await hypervisor.ensurePool('local', LOCAL);
  return { host, hypervisor, heard };
}
