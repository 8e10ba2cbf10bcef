/** Whether VMs run under KVM on a host is found out by booting one: here under emulation, as no machine of tests need have KVM. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accelerationOf, probe } from '../../adapters/libvirt/acceleration.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { POOL } from '../../adapters/libvirt/vm.js';
import { reached } from '../support/libvirt.js';
import { LOCAL } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';

const DIRECTORY = `${LOCAL}/leasehold`;
const PLACE = { name: '0123456789abcdef-1', directory: DIRECTORY };
const MIB = 1024 * 1024;

describe('the probe of KVM', needs('build', 'machines'), () => {
  let hosts: Hosts;
  let hypervisor: Hypervisor;

  beforeAll(async () => {
    hosts = await Hosts.start(1);
    hypervisor = await reached(hosts.all[0]!.uri);
    await hypervisor.ensurePool(POOL, DIRECTORY);
  }, 300_000);
  afterAll(async () => {
    await hypervisor?.close();
    await hosts?.stop();
  }, 60_000);

  const nothingIsLeft = async () => {
    expect(await hypervisor.domains()).toEqual([]);
    expect(await hypervisor.volumes(POOL)).toEqual([]);
  };

  it('comes through where guests boot, and leaves nothing', async () => {
    expect(await probe(hypervisor, 'qemu', PLACE)).toBeNull();
    await nothingIsLeft();
  });

  it('says so where they hang, reset, or cannot be started, and leaves nothing', async () => {
    const guest = (code: readonly number[]): Buffer => {
      const disk = Buffer.alloc(MIB);
      Buffer.from(code).copy(disk);
      disk.writeUInt16LE(0xaa55, 510);
      return disk;
    };
    const hangs = guest([0xfa, 0xf4, 0xeb, 0xfd]); // cli; hlt; jmp to itself
    const resets = guest([0xea, 0xf0, 0xff, 0x00, 0xf0]); // jmp 0xf000:0xfff0
    expect(await probe(hypervisor, 'qemu', PLACE, 3_000, hangs)).toMatch('it hangs');
    await nothingIsLeft();
    expect(await probe(hypervisor, 'qemu', PLACE, undefined, resets)).toMatch('it ends at once');
    await nothingIsLeft();
    // There is none on these hosts.
    expect(await probe(hypervisor, 'kvm', PLACE)).toMatch(/kvm/i);
    await nothingIsLeft();
  });

  it('is ended when whoever began it is gone', async () => {
    const hangs = Buffer.alloc(MIB);
    Buffer.from([0xeb, 0xfe]).copy(hangs);
    hangs.writeUInt16LE(0xaa55, 510);
    const other = await reached(hosts.all[0]!.uri);
    const probing = probe(other, 'qemu', PLACE, 600_000, hangs).catch(() => 'gone');
    await expect.poll(() => hosts.all[0]!.qemus(), { timeout: 60_000 }).toHaveLength(1);
    await other.close();
    await expect.poll(() => hosts.all[0]!.qemus(), { timeout: 60_000 }).toEqual([]);
    expect(await probing).toBe('gone');
    // What is left of it is removed by the next one.
    expect(await probe(hypervisor, 'qemu', PLACE)).toBeNull();
    await nothingIsLeft();
  });

  it('decides for a host: emulation where it says no, unless only KVM will do', async () => {
    expect(await accelerationOf(hypervisor, 'auto', PLACE)).toMatchObject({
      type: 'qemu',
      fault: expect.stringMatching('KVM') as string,
    });
    expect(await accelerationOf(hypervisor, 'kvm', PLACE)).toMatchObject({
      type: null,
      fault: expect.stringMatching('KVM') as string,
    });
    expect(await accelerationOf(hypervisor, 'tcg', PLACE)).toEqual({ type: 'qemu', fault: null });
    const test = await reached('test:///default');
    try {
      expect(await accelerationOf(test, 'auto', PLACE)).toEqual({ type: 'test', fault: null });
    } finally {
      await test.close();
    }
    await nothingIsLeft();
  });
});
