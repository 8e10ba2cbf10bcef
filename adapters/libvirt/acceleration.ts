/**
 * Whether VMs run under KVM on a host. That /dev/kvm is there, and even that it can be opened, says little: a tiny guest
 * is booted under it, and has to come through.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Acceleration } from './host.js';
import { type DomainFacts, type HostFacts, type Hypervisor, HypervisorError } from './hypervisor.js';
import { nameBasedUuid } from './names.js';
import { probeGuest } from './probe-guest.js';
import { POOL } from './vm.js';
import { plainVolumeXml } from './volume-xml.js';
import { element, writeXml } from './xml.js';

/** As the operator wants it; `tcg`: emulation. */
export type Accel = 'auto' | 'kvm' | 'tcg';

export interface ProbePlace {
  /** Told from other sites, and other nodes that share the directory. */
  readonly name: string;
  readonly directory: string;
}

/** How long the guest may take: a moment, where it comes through at all. */
export const BOOT_MS = 20_000;
const LOOK_MS = 100;

/** Rejects with a HypervisorError where nobody knows. */
export async function accelerationOf(
  hypervisor: Hypervisor,
  accel: Accel,
  place: ProbePlace,
  bootMs = BOOT_MS,
): Promise<Acceleration> {
  const facts = await hypervisor.host();
  if (facts.driver === 'TEST') return { type: 'test', fault: null };
  if (facts.driver === 'Xen') return { type: 'xen', fault: null };
  if (accel === 'tcg') return { type: 'qemu', fault: null };
  const fault = await faultOfKvm(hypervisor, facts, accel, place, bootMs);
  if (fault === null) return { type: 'kvm', fault };
  return accel === 'auto' ? { type: 'qemu', fault } : { type: null, fault };
}

async function faultOfKvm(
  hypervisor: Hypervisor,
  { domainTypes, arch }: HostFacts,
  accel: Accel,
  place: ProbePlace,
  bootMs: number,
): Promise<string | null> {
  if (!domainTypes.includes('kvm')) return 'there is no KVM, as far as its libvirt knows';
  if (arch === 'x86_64') return probe(hypervisor, 'kvm', place, bootMs);
  // The guest is of one architecture. Whoever says that it works is believed.
  return accel === 'kvm' ? null : `whether KVM works cannot be found out on ${arch}: say --accel kvm if it does`;
}

/** Boots the guest. Null: it came through; else why it did not. Leaves nothing behind, nor does a service that dies. */
export async function probe(
  hypervisor: Hypervisor,
  type: 'kvm' | 'qemu',
  { name, directory }: ProbePlace,
  bootMs = BOOT_MS,
  guest = probeGuest(),
): Promise<string | null> {
  const [called, volume] = [`leasehold-probe-${name}`, `leasehold-probe-${name}.raw`];
  const uuid = nameBasedUuid(called);
  const clear = async (): Promise<void> => {
    const left = await hypervisor.domain(uuid);
    if (left !== null && left.name === called && !left.persistent) await end(hypervisor, uuid);
    await hypervisor.deleteVolume(POOL, volume);
  };
  await clear();
  try {
    await bring(hypervisor, volume, guest);
    await hypervisor.startTransient(probeXml(type, called, uuid, `${directory}/${volume}`));
    return await outcome(hypervisor, uuid, bootMs);
  } catch (error) {
    if (error instanceof HypervisorError && error.kind === 'failed') return error.message;
    throw error;
  } finally {
    await clear();
  }
}

async function bring(hypervisor: Hypervisor, volume: string, guest: Buffer): Promise<void> {
  await hypervisor.createVolume(POOL, plainVolumeXml(volume, guest.length));
  const place = await mkdtemp(join(tmpdir(), 'leasehold-probe-'));
  try {
    await writeFile(join(place, volume), guest);
    await hypervisor.upload(POOL, volume, join(place, volume));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function outcome(hypervisor: Hypervisor, uuid: string, bootMs: number): Promise<string | null> {
  for (const end = performance.now() + bootMs; ; ) {
    const facts = await hypervisor.domain(uuid);
    if (facts === null) return 'a guest does not boot under KVM: it ends at once';
    if (hasCrashed(facts)) return null;
    // On its way to either it may stand still for a moment.
    if (performance.now() > end) return `a guest does not boot under KVM: it hangs for ${bootMs / 1000} s`;
    await sleep(LOOK_MS);
  }
}

/** By the panic device, and not because QEMU did. */
function hasCrashed({ state, reason }: DomainFacts): boolean {
  return state === 'crashed' && reason === PANICKED;
}

/** virDomainCrashedReason. */
const PANICKED = 1;

/** It may end by itself meanwhile. */
async function end(hypervisor: Hypervisor, uuid: string): Promise<void> {
  await hypervisor.destroy(uuid).catch(async (error: unknown) => {
    if ((await hypervisor.domain(uuid)) !== null) throw error;
  });
}

const MEMORY_MIB = 32;

function probeXml(type: 'kvm' | 'qemu', name: string, uuid: string, path: string): string {
  const mark = { 'xmlns:leasehold': 'urn:leasehold:probe:1', name };
  return writeXml(
    element('domain', { type }, [
      element('name', {}, name),
      element('uuid', {}, uuid),
      element('metadata', {}, [element('leasehold:probe', mark)]),
      element('memory', { unit: 'MiB' }, String(MEMORY_MIB)),
      element('vcpu', {}, '1'),
      element('os', {}, [element('type', { arch: 'x86_64' }, 'hvm'), element('boot', { dev: 'hd' })]),
      element('features', {}, [element('acpi')]),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'destroy'),
      element('on_crash', {}, 'preserve'),
      element('devices', {}, [
        element('disk', { type: 'file', device: 'disk' }, [
          element('driver', { name: 'qemu', type: 'raw' }),
          element('source', { file: path }),
          element('target', { dev: 'vda', bus: 'virtio' }),
          element('readonly'),
        ]),
        element('controller', { type: 'usb', model: 'none' }),
        element('memballoon', { model: 'none' }),
        element('panic', { model: 'isa' }),
      ]),
    ]),
  );
}
