/** What every hypervisor promises, as tests that run on libvirt's own test driver and on a real host. */

import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Hypervisor, HypervisorError, type LifecycleEvent } from '../../adapters/libvirt/hypervisor.js';
import { eventually } from '../support/eventually.js';

export interface HypervisorPlace {
  readonly hypervisor: Hypervisor;
  readonly driver: 'TEST' | 'QEMU';
  readonly domainType: string;
  /** A domain in which nothing need run, with memory and processors to spare, as XML. */
  domain(name: string, uuid: string, memoryMiB?: number): string;
  /** A path on the host where nothing is yet. */
  path(name: string): string;
  /** Writes a file on the host. */
  write(path: string, text: string): void;
}

/** `place` is asked in each test. */
export function hypervisorContract(name: string, place: () => HypervisorPlace): void {
  /** A domain of its own for a test, defined; gone after it. */
  async function defined() {
    const { hypervisor, domain } = place();
    const uuid = randomUUID();
    const called = `test-${uuid.slice(0, 8)}`;
    await hypervisor.define(domain(called, uuid));
    onTestFinished(async () => {
      await hypervisor.destroy(uuid).catch(certain);
      await hypervisor.undefine(uuid).catch(certain);
    });
    const state = async () => (await hypervisor.domain(uuid))?.state ?? null;
    return { hypervisor, uuid, called, state };
  }

  async function running() {
    const one = await defined();
    await one.hypervisor.start(one.uuid);
    return one;
  }

  describe(`${name}: the host`, () => {
    test('says what it is', async () => {
      const { hypervisor, driver, domainType } = place();
      const host = await hypervisor.host();
      expect(host.driver).toBe(driver);
      expect(host.domainTypes).toContain(domainType);
      expect(host.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect([host.hostname.length > 0, host.cpus >= 1, host.memoryMiB >= 64]).toEqual([true, true, true]);
      expect(host.libvirtVersion).toBeGreaterThan(1_000_000);
    });

    test('says how busy it is, and what it cannot say is null', async () => {
      const { hypervisor, driver } = place();
      const load = await hypervisor.hostLoad();
      expect(load.cpuTotal).toBeGreaterThan(0);
      expect(load.cpuIdle).toBeLessThanOrEqual(load.cpuTotal!);
      if (driver === 'TEST') {
        expect(load).toMatchObject({ memoryKiB: null, memoryAvailableKiB: null });
        return;
      }
      expect(load.memoryAvailableKiB).toBeGreaterThan(0);
      expect(load.memoryAvailableKiB).toBeLessThanOrEqual(load.memoryKiB!);
      expect(Math.floor(load.memoryKiB! / 1024)).toBe((await hypervisor.host()).memoryMiB);
      await eventually(async () => (await hypervisor.hostLoad()).cpuTotal).toBeGreaterThan(load.cpuTotal!);
    });
  });

  describe(`${name}: domains`, () => {
    test('are off when they are defined, and found by their ids', async () => {
      const { hypervisor, uuid, called } = await defined();
      const facts = { uuid, name: called, state: 'off', persistent: true, metadata: null };
      expect(await hypervisor.domain(uuid)).toMatchObject(facts);
      expect((await hypervisor.domains()).filter((one) => one.uuid === uuid)).toMatchObject([facts]);
      expect(await hypervisor.xml(uuid, 'defined')).toContain(`<name>${called}</name>`);
      expect(await hypervisor.domain(randomUUID())).toBeNull();
    });

    test('defined twice are one, as it was said last', async () => {
      const { hypervisor, uuid, called } = await defined();
      await hypervisor.define(place().domain(called, uuid, 48));
      expect((await hypervisor.domains()).filter((one) => one.name === called)).toHaveLength(1);
      expect(await hypervisor.xml(uuid, 'defined')).toContain(`<memory unit='KiB'>${48 * 1024}</memory>`);
    });

    test('do not take a name that another one has', async () => {
      const { hypervisor, uuid, called } = await defined();
      const other = randomUUID();
      await expect(hypervisor.define(place().domain(called, other))).rejects.toMatchObject({ kind: 'failed' });
      expect(await hypervisor.domain(other)).toBeNull();
      expect(await hypervisor.domain(uuid)).not.toBeNull();
    });

    test('are started once: a second time fails, and it runs on', async () => {
      const { hypervisor, uuid, state } = await defined();
      await hypervisor.start(uuid);
      expect(await state()).toBe('running');
      await expect(hypervisor.start(uuid)).rejects.toMatchObject({ kind: 'failed' });
      expect(await state()).toBe('running');
    });

    test('are destroyed once: a second time fails, and it is off', async () => {
      const { hypervisor, uuid, state } = await running();
      await hypervisor.destroy(uuid);
      expect(await state()).toBe('off');
      await expect(hypervisor.destroy(uuid)).rejects.toMatchObject({ kind: 'failed' });
      expect(await state()).toBe('off');
    });

    test('tell what they use as long as they run, all at once', async () => {
      const { hypervisor, uuid } = await defined();
      const told = async () => (await hypervisor.usages()).find((one) => one.uuid === uuid);
      expect(await told()).toBeUndefined();
      await hypervisor.start(uuid);
      expect(await told()).toMatchObject({ uuid, cpuTime: expect.any(Number), diskRead: 0, netSent: 0 });
      await hypervisor.destroy(uuid);
      expect(await told()).toBeUndefined();
    });

    test('are undefined once: then there is none any more', async () => {
      const { hypervisor, uuid, state } = await defined();
      await hypervisor.undefine(uuid);
      expect(await state()).toBeNull();
      await expect(hypervisor.undefine(uuid)).rejects.toMatchObject({ kind: 'failed', code: NO_DOMAIN });
    });

    test('run on when they are undefined, and are gone when they end', async () => {
      const { hypervisor, uuid, state } = await running();
      await hypervisor.undefine(uuid);
      expect(await hypervisor.domain(uuid)).toMatchObject({ state: 'running', persistent: false });
      await hypervisor.destroy(uuid);
      expect(await state()).toBeNull();
    });

    test('can be defined, started and ended again and again', async () => {
      const { hypervisor, uuid, called, state } = await running();
      for (let round = 0; round < 2; round++) {
        await hypervisor.destroy(uuid);
        await hypervisor.undefine(uuid);
        await hypervisor.define(place().domain(called, uuid));
        await hypervisor.start(uuid);
      }
      expect(await state()).toBe('running');
    });

    test('stand still and go on; once more changes nothing', async () => {
      const { hypervisor, uuid, state } = await running();
      await hypervisor.pause(uuid);
      expect(await state()).toBe('paused');
      await hypervisor.pause(uuid).catch(certain);
      expect(await state()).toBe('paused');
      await hypervisor.unpause(uuid);
      expect(await state()).toBe('running');
      await hypervisor.unpause(uuid).catch(certain);
      expect(await state()).toBe('running');
    });

    test('may be given less memory and fewer processors before they are started', async () => {
      const { hypervisor, uuid } = await defined();
      await hypervisor.setVcpus(uuid, 2);
      await hypervisor.setMemory(uuid, 32);
      const xml = await hypervisor.xml(uuid, 'defined');
      expect(xml).toContain(`<currentMemory unit='KiB'>${32 * 1024}</currentMemory>`);
      expect(xml).toMatch(/<vcpu placement='static'( current='2')?>2?/);
      await expect(hypervisor.setVcpus(uuid, 1_000)).rejects.toMatchObject({ kind: 'failed' });
    });
  });

  describe(`${name}: metadata`, () => {
    const of = (order: string) => `<vm lease="A" vm="1" order="${order}" epoch="1"/>`;

    test('are kept while it runs and when it is off, and replaced', async () => {
      const { hypervisor, uuid } = await defined();
      const order = async () => /order=["']([^"']*)["']/.exec((await hypervisor.domain(uuid))?.metadata ?? '')?.[1];
      await hypervisor.setMetadata(uuid, of('1.0'));
      expect(await order()).toBe('1.0');
      await hypervisor.start(uuid);
      await hypervisor.setMetadata(uuid, of('2.0'));
      expect(await order()).toBe('2.0');
      await hypervisor.destroy(uuid);
      expect(await order()).toBe('2.0');
      expect(await hypervisor.xml(uuid, 'defined')).toMatch(
        /<leasehold:vm xmlns:leasehold=["']urn:leasehold:domain:1["']/,
      );
      const [listed] = (await hypervisor.domains()).filter((one) => one.uuid === uuid);
      expect(listed).toEqual(await hypervisor.domain(uuid));
      // As it is read it can be written again.
      await hypervisor.setMetadata(uuid, listed!.metadata!);
      expect(await hypervisor.domain(uuid)).toEqual(listed);
    });

    test('of others are not ours', async () => {
      const { hypervisor, uuid, called } = await defined();
      const others = '<metadata><other:vm xmlns:other="urn:other:1" lease="A"/></metadata>';
      await hypervisor.define(place().domain(called, uuid).replace('<os>', `${others}<os>`));
      expect(await hypervisor.domain(uuid)).toMatchObject({ metadata: null });
      expect(await hypervisor.xml(uuid, 'defined')).toContain('urn:other:1');
    });

    test('that are no XML change nothing', async () => {
      const { hypervisor, uuid } = await defined();
      await hypervisor.setMetadata(uuid, of('1.0'));
      await expect(hypervisor.setMetadata(uuid, '<vm')).rejects.toMatchObject({ kind: 'failed' });
      expect((await hypervisor.domain(uuid))?.metadata).toContain('1.0');
    });
  });

  describe(`${name}: saving`, () => {
    test('ends it, and it runs on from the file', async () => {
      const { hypervisor, uuid, state } = await running();
      const file = place().path(`${uuid}.save`);
      await hypervisor.save(uuid, file);
      expect(await state()).toBe('off');
      await hypervisor.restore(file, null, false);
      expect(await state()).toBe('running');
    });

    test('what is off, or not there, fails for certain', async () => {
      const { hypervisor, uuid, state } = await defined();
      await expect(hypervisor.save(uuid, place().path('off.save'))).rejects.toMatchObject({ kind: 'failed' });
      await expect(hypervisor.save(randomUUID(), place().path('none.save'))).rejects.toMatchObject({ kind: 'failed' });
      expect(await state()).toBe('off');
    });

    test('into a directory that is not there leaves it running', async () => {
      const { hypervisor, uuid, state } = await running();
      const nowhere = `${place().path('nowhere')}/a.save`;
      await expect(hypervisor.save(uuid, nowhere)).rejects.toMatchObject({ kind: 'failed' });
      expect(await state()).toBe('running');
    });

    test.each([
      ['is not there', null],
      ['is empty', ''],
      ['holds something else', 'no memory of any VM\n'.repeat(1_000)],
    ])('a file that %s starts nothing', async (_name, text) => {
      const { hypervisor, uuid, state } = await running();
      await hypervisor.save(uuid, place().path(`${uuid}.save`));
      const file = place().path(`${uuid}.other`);
      if (text !== null) place().write(file, text);
      await expect(hypervisor.restore(file, null, false)).rejects.toMatchObject({ kind: 'failed' });
      expect(await state()).toBe('off');
    });
  });

  describe(`${name}: what happens`, () => {
    test('is told, in order', async () => {
      const { hypervisor, domain } = place();
      const uuid = randomUUID();
      const heard: LifecycleEvent[] = [];
      hypervisor.listen({
        lifecycle: (of, event) => of === uuid && heard.push(event),
        connected: () => {},
        disconnected: () => {},
      });
      onTestFinished(() => hypervisor.listen({ lifecycle: () => {}, connected: () => {}, disconnected: () => {} }));
      const steps = ['start', 'pause', 'unpause', 'destroy', 'undefine'] as const;
      await hypervisor.define(domain('test-events', uuid));
      for (const step of steps) await hypervisor[step](uuid);
      // Some tell of starts and ends in two steps.
      const once = (event: LifecycleEvent, i: number) => event !== 'resumed' || heard[i - 1] === 'suspended';
      const told = () => heard.filter((event) => event !== 'shutdown').filter(once);
      await eventually(told).toEqual(['defined', 'started', 'suspended', 'resumed', 'stopped', 'undefined']);
    });
  });

  describe(`${name}: what cannot be done`, () => {
    test('says why, each call its own reason', async () => {
      const { hypervisor } = place();
      const unknown = Array.from({ length: 30 }, () => randomUUID());
      const reasons = await Promise.all(unknown.map((uuid) => hypervisor.start(uuid).catch((error) => error)));
      for (const [i, reason] of reasons.entries()) {
        expect(reason).toBeInstanceOf(HypervisorError);
        expect(reason).toMatchObject({ kind: 'failed', code: NO_DOMAIN });
        // The test driver does not say which.
        if (place().driver === 'QEMU') expect(reason.message).toContain(unknown[i]);
      }
    });

    test.each([
      ['no XML', 'x'],
      ['XML that does not end', '<domain type="qemu"><name>'],
      ['another document', '<network><name>x</name></network>'],
      ['an entity', '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]><domain><name>&e;</name></domain>'],
      ['a NUL', '<domain><name>a\0b</name></domain>'],
    ])('%s defines nothing', async (_name, xml) => {
      const { hypervisor } = place();
      const before = await hypervisor.domains();
      await expect(hypervisor.define(xml)).rejects.toMatchObject({ kind: 'failed' });
      expect((await hypervisor.domains()).map((one) => one.uuid)).toEqual(before.map((one) => one.uuid));
    });

    test('a job that is not there is none, and cannot be aborted', async () => {
      const { hypervisor, uuid, state } = await running();
      expect(await hypervisor.job(uuid)).toBeNull();
      await expect(hypervisor.abortJob(uuid)).rejects.toMatchObject({ kind: 'failed' });
      expect(await state()).toBe('running');
    });
  });

  describe(`${name}: networks`, () => {
    const xml = (called: string) => `<network><name>${called}</name><bridge name='br-${called}'/></network>`;

    test('are started once or twice, and removed once or twice', async () => {
      const { hypervisor } = place();
      const active = async () => (await hypervisor.networks()).find((one) => one.name === 'once')?.active;
      for (let time = 0; time < 2; time++) {
        await hypervisor.startNetwork(xml('once'));
        expect(await active()).toBe(true);
      }
      expect(await hypervisor.network('once')).toContain('<name>once</name>');
      for (let time = 0; time < 2; time++) {
        await hypervisor.removeNetwork('once');
        expect([await active(), await hypervisor.network('once')]).toEqual([undefined, null]);
      }
    });
  });

  describe(`${name}: volumes`, () => {
    const volume = (called: string, mib: number) =>
      `<volume><name>${called}</name><capacity unit='MiB'>${mib}</capacity>
        <target><format type='qcow2'/></target></volume>`;

    test('are in a pool that is made once or twice, but never elsewhere', async () => {
      const { hypervisor } = place();
      await hypervisor.ensurePool('twice', place().path('twice'));
      await hypervisor.createVolume('twice', volume('a', 8));
      await hypervisor.ensurePool('twice', place().path('twice'));
      expect((await hypervisor.volumes('twice')).map((one) => one.name)).toEqual(['a']);
      const elsewhere = hypervisor.ensurePool('twice', place().path('elsewhere'));
      await expect(elsewhere).rejects.toMatchObject({ kind: 'failed' });
    });

    test('share the room of their pool, which says how much there is', async () => {
      const { hypervisor } = place();
      await hypervisor.ensurePool('space', place().path('space'));
      const space = await hypervisor.poolSpace('space');
      expect(space!.capacity).toBeGreaterThan(64 * 1024 * 1024);
      expect(space!.available).toBeGreaterThan(0);
      expect(space!.available).toBeLessThanOrEqual(space!.capacity);
      expect(await hypervisor.poolSpace('none')).toBeNull();
    });

    test('are made once, and deleted once or twice', async () => {
      const { hypervisor } = place();
      await hypervisor.ensurePool('volumes', place().path('volumes'));
      await hypervisor.createVolume('volumes', volume('b', 8));
      await expect(hypervisor.createVolume('volumes', volume('b', 9))).rejects.toMatchObject({ kind: 'failed' });
      const capacity = 8 * 1024 * 1024;
      expect(await hypervisor.volumes('volumes')).toMatchObject([{ name: 'b', capacity }]);
      for (let time = 0; time < 2; time++) {
        await hypervisor.deleteVolume('volumes', 'b');
        expect(await hypervisor.volumes('volumes')).toEqual([]);
      }
    });

    test('are in no pool that is not there', async () => {
      const { hypervisor } = place();
      await expect(hypervisor.volumes('none')).rejects.toMatchObject({ kind: 'failed' });
      await expect(hypervisor.createVolume('none', volume('c', 8))).rejects.toMatchObject({ kind: 'failed' });
    });
  });
}

const NO_DOMAIN = 42;

/** Whether it may be done twice depends on the driver; what is not known for certain is no answer to that. */
function certain(error: unknown): void {
  expect(error).toMatchObject({ kind: 'failed' });
}
