/**
 * What is done to one VM on one host. Each step looks before it acts, so that it may be taken again whenever it is not
 * known how it went: the domain, its metadata and libvirt's reason tell how far it came.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant, LeaseId, OrderId } from '../../engine/index.js';
import { failpoint } from '../failpoint.js';
import { POOL, removeDisks } from './disk-pools.js';
import type { Host } from './host.js';
import { type DomainFacts, type Hypervisor, HypervisorError } from './hypervisor.js';
import { metadataXml, type Saved, type VmRecord, recordOf } from './metadata.js';
import { domainUuid, isMemory, memoryVolume, ownerOfVolume } from './names.js';
import { plainVolumeXml } from './volume-xml.js';

export { POOL } from './disk-pools.js';

/** A VM as an order wants it. */
export interface Wanted {
  readonly record: VmRecord;
  /** Makes what it needs on the host (disks, seed), and says how it is defined. May be done again. */
  readonly prepare: (hypervisor: Hypervisor, signal: AbortSignal) => Promise<string>;
}

/** It cannot be done, for certain; the message says why. */
export class VmError extends Error {
  override readonly name = 'VmError';
}

/** virDomainShutoffReason. A libvirtd that was started anew knows none. */
const UNKNOWN = 0;
const SHUT_DOWN = 1;
const MIGRATED = 4;
const SAVED = 5;
/** The description of the VM alone is longer. */
const MEMORY_BYTES_MIN = 1024;
/** It went off as somebody wanted: it is not started again here. */
const WANTED_OFF: ReadonlySet<number> = new Set([SHUT_DOWN, MIGRATED, SAVED]);
/** How often a guest that was asked to shut down is looked at. */
const LOOK_MS = 500;
/** A guest may need to be asked again: it does not hear while it boots. */
const ASK_EVERY_MS = 5_000;

const ON: ReadonlySet<DomainFacts['state']> = new Set(['running', 'blocked', 'paused', 'shutting-down']);
/** virDomainPausedReason: libvirt is making its process, or was when it died. Nothing has begun in it. */
const STARTING_UP = 11;

/** A domain of ours, and what it says of itself. */
export interface Known {
  readonly facts: DomainFacts;
  readonly record: VmRecord;
}

export function isRunning({ facts }: Known): boolean {
  return isOn(facts) && !isStarting(facts);
}

/** It has to be switched off before it can be removed. */
export function isOn({ state }: DomainFacts): boolean {
  return ON.has(state);
}

function isStarting({ state, reason }: DomainFacts): boolean {
  return state === 'paused' && reason === STARTING_UP;
}

/** It ended because its guest wanted it to. */
export function hasShutDown({ facts, record }: Known): boolean {
  return facts.state === 'off' && facts.reason === SHUT_DOWN && record.kept === undefined;
}

/** It is off, and neither its guest nor an order wanted that. */
export function hasFailed({ facts, record }: Known): boolean {
  const isOff = facts.state === 'off' || facts.state === 'crashed';
  const isLate = facts.reason === SHUT_DOWN && record.kept !== undefined;
  return isOff && record.saved === null && (isLate || !WANTED_OFF.has(facts.reason));
}

/** Null: it is not ours, whatever it is called. */
export function known({ site }: Host, facts: DomainFacts): Known | null {
  const record = recordOf(facts.metadata, facts.uuid);
  return record === null || record.site !== site() ? null : { facts, record };
}

/** Null: there is none. As long as libvirt is starting it nobody knows what it will be: rejects, so that it is looked at again. */
export async function lookAt(host: Host, lease: LeaseId, vm: number): Promise<Known | null> {
  const found = await find(host, lease, vm);
  if (found !== null && isStarting(found.facts)) throw stillStarting(found.facts);
  return found;
}

/** A libvirt that is killed at the wrong moment leaves a domain in that state for ever, and takes no order for it. */
function stillStarting({ name }: DomainFacts): HypervisorError {
  const help = 'if it stays so, see "A VM that is starting for ever" in docs/hosts.md';
  return new HypervisorError('unknown', `libvirt is starting ${name}, or was when it died (${help})`);
}

/** Null: there is none. It may be on its way still: for those that remove it, or switch it off. */
export async function find(host: Host, lease: LeaseId, vm: number): Promise<Known | null> {
  const facts = await host.hypervisor.domain(domainUuid(lease, vm));
  if (facts === null) return null;
  const found = known(host, facts);
  if (found === null) throw new VmError(`domain ${facts.name} has the id of VM ${vm} and is not ours`);
  return found;
}

/** Runs, of this start order, when it resolves. */
export function start(host: Host, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const { record } = wanted;
  return host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, record.lease, record.vm);
    if (found !== null && found.record.run === record.run && isRunning(found)) return;
    if (found !== null && found.record.run === record.run && isWriting(host, record)) {
      // It was whole when it was defined, and may have run: what it has written is nowhere else.
      await hypervisor.start(found.facts.uuid);
      return;
    }
    // A domain of an earlier run was left behind, or its definition is of this one and may be half of it.
    if (found !== null) await remove(hypervisor, found);
    const xml = await wanted.prepare(hypervisor, signal);
    failpoint('vm-prepared');
    await hypervisor.define(xml);
    failpoint('vm-defined');
    await hypervisor.start(domainUuid(record.lease, record.vm));
    failpoint('vm-started');
  });
}

/** Whether its disk is to become the image that it began with. */
function isWriting({ written }: Host, { lease, vm, run }: VmRecord): boolean {
  return written?.runOf(lease, vm) === run;
}

/** Its memory is in a file that was read back and is on record, and it does not run, when it resolves. */
export function suspend(
  host: Host,
  { lease, vm, order, at }: { lease: LeaseId; vm: number; order: OrderId; at: Instant },
  signal: AbortSignal,
): Promise<Saved> {
  return host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null) throw new VmError(`VM ${vm} is not there`);
    const { facts, record } = found;
    if (record.saved?.order === order) return record.saved;
    const volume = memoryVolume(lease, vm, order);
    if (isRunning(found)) await save(host, hypervisor, facts.uuid, volume);
    else if (!(await mayBeSaved(hypervisor, facts, volume))) throw new VmError(`VM ${vm} does not run`);
    failpoint('vm-saved');
    const saved: Saved = { order, at, ...(await readBack(hypervisor, vm, volume)) };
    await hypervisor.setMetadata(facts.uuid, metadataXml({ ...record, order, saved }));
    failpoint('vm-suspended');
    return saved;
  });
}

async function save(host: Host, hypervisor: Hypervisor, uuid: string, volume: string): Promise<void> {
  // Made as a volume first: while an image is sent to the host, libvirt does not look for files that are new.
  const volumes = await hypervisor.volumes(POOL);
  if (!volumes.some(({ name }) => name === volume)) await hypervisor.createVolume(POOL, plainVolumeXml(volume, 1));
  await hypervisor.save(uuid, `${host.directory}/${volume}`);
}

/** It runs on as if this order had not come, from its memory if that was saved; what another order did stays. */
export function takeBack(
  host: Host,
  { lease, vm, order }: { lease: LeaseId; vm: number; order: OrderId },
  signal: AbortSignal,
): Promise<void> {
  return host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null || (found.record.saved ?? { order }).order !== order) return;
    const { facts, record } = found;
    const volume = memoryVolume(lease, vm, order);
    if (!isRunning(found)) {
      if (record.saved !== null) await check(hypervisor, vm, volume, record.saved);
      else if (!(await mayBeSaved(hypervisor, facts, volume))) return;
      await hypervisor.restore(`${host.directory}/${volume}`, null, false);
    }
    if (record.saved !== null)
      await hypervisor.setMetadata(facts.uuid, metadataXml({ ...record, order: record.run, saved: null }));
    await removeVolumes(hypervisor, lease, vm, (name) => name === volume);
  });
}

/** Whether the file may hold all of its memory: if it should not, resuming from it fails, for libvirt marks its end. */
async function mayBeSaved(hypervisor: Hypervisor, { state, reason }: DomainFacts, volume: string): Promise<boolean> {
  if (state !== 'off' || (reason !== SAVED && reason !== UNKNOWN)) return false;
  return (await hypervisor.volumes(POOL)).some(({ name }) => name === volume);
}

/** Runs on from its saved memory when it resolves: never from anything else. */
export function resume(
  host: Host,
  { lease, vm, order }: { lease: LeaseId; vm: number; order: OrderId },
  signal: AbortSignal,
): Promise<void> {
  return host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null) throw new VmError(`VM ${vm} is not there`);
    const { facts, record } = found;
    if (!isRunning(found)) {
      if (record.saved === null) throw new VmError(`VM ${vm} is not suspended`);
      const volume = memoryVolume(lease, vm, record.saved.order);
      await check(hypervisor, vm, volume, record.saved);
      await hypervisor.restore(`${host.directory}/${volume}`, null, false);
      failpoint('vm-restored');
    }
    // One that was paused when it was saved comes back so.
    if ((await hypervisor.domain(facts.uuid))?.state === 'paused') await hypervisor.unpause(facts.uuid);
    if (record.order !== order || record.saved !== null)
      await hypervisor.setMetadata(facts.uuid, metadataXml({ ...record, order, saved: null }));
    await removeVolumes(hypervisor, lease, vm, isMemory);
    failpoint('vm-resumed');
  });
}

/** Runs again, from its disk, when it resolves: it has ended though nobody wanted that. */
export function restart(
  host: Host,
  { lease, vm, run }: { lease: LeaseId; vm: number; run: OrderId },
  signal: AbortSignal,
): Promise<void> {
  return host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null || found.record.run !== run) throw new VmError(`VM ${vm} is not there`);
    if (!hasFailed(found)) return;
    const { kept, ...record } = found.record;
    await hypervisor.start(found.facts.uuid);
    if (kept !== undefined) await hypervisor.setMetadata(found.facts.uuid, metadataXml(record));
  });
}

/** It is gone, with all that was made for it, when it resolves. */
export async function stop(
  host: Host,
  { lease, vm }: { lease: LeaseId; vm: number },
  signal: AbortSignal,
): Promise<void> {
  await host.certain(signal, async (hypervisor) => {
    await remove(hypervisor, await find(host, lease, vm));
    await removeVolumes(hypervisor, lease, vm, () => true);
    failpoint('vm-stopped');
  });
}

/** It does not run when it resolves. What was made for it stays, and it says whose that is: it is to begin from its disk again. */
export function standDown(
  host: Host,
  { lease, vm }: { lease: LeaseId; vm: number },
  signal: AbortSignal,
): Promise<void> {
  return host.certain(signal, async (hypervisor) => {
    const found = await find(host, lease, vm);
    if (found !== null && isOn(found.facts)) await turnOff(hypervisor, found.facts.uuid);
  });
}

/** Asks the guest, and again, until it is off or the time is over. */
export async function shutDown(
  host: Host,
  { lease, vm, graceMs }: { lease: LeaseId; vm: number; graceMs: number },
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + graceMs;
  let asked = Number.NEGATIVE_INFINITY;
  for (let now = performance.now(); now < end; now = performance.now()) {
    const isDue = now - asked >= ASK_EVERY_MS;
    if (isDue) asked = now;
    const runs = await host.certain(signal, async (hypervisor) => {
      const found = await find(host, lease, vm);
      if (found === null || !isRunning(found)) return false;
      if (found.facts.state === 'paused') await hypervisor.unpause(found.facts.uuid); // it does not hear otherwise
      if (isDue) await hypervisor.shutdown(found.facts.uuid, 'acpi');
      return true;
    });
    if (!runs) return;
    await sleep(Math.min(LOOK_MS, Math.max(0, end - performance.now())), undefined, { signal });
  }
}

export async function check(hypervisor: Hypervisor, vm: number, volume: string, saved: Saved): Promise<void> {
  const { sha256, bytes } = await readBack(hypervisor, vm, volume);
  if (sha256 !== saved.sha256 || bytes !== saved.bytes)
    throw new VmError(`the saved memory of VM ${vm} is not what was saved: its checksum differs`);
}

export async function readBack(
  hypervisor: Hypervisor,
  vm: number,
  volume: string,
): Promise<Pick<Saved, 'bytes' | 'sha256'>> {
  // The pool knows of new files once it was looked through.
  const volumes = await hypervisor.volumes(POOL);
  if (!volumes.some(({ name }) => name === volume)) throw new VmError(`the saved memory of VM ${vm} is gone`);
  const read = await hypervisor.digest(POOL, volume);
  if (read.bytes < MEMORY_BYTES_MIN) throw new VmError(`the memory of VM ${vm} was not saved: the file is empty`);
  return read;
}

/** As if by its power switch. It may end by itself meanwhile. */
export async function turnOff(hypervisor: Hypervisor, uuid: string): Promise<void> {
  await hypervisor.destroy(uuid).catch(async (error: unknown) => {
    const facts = await hypervisor.domain(uuid);
    if (facts !== null && isOn(facts)) throw isStarting(facts) ? stillStarting(facts) : error;
  });
}

/** The domain, and its disk where that lies elsewhere; not its other files. */
export async function remove(hypervisor: Hypervisor, found: Known | null, keepsDisk = false): Promise<void> {
  if (found === null) return;
  const { uuid } = found.facts;
  if (isOn(found.facts)) await turnOff(hypervisor, uuid);
  // Where they lie nobody knows any more once it is undefined.
  if (!keepsDisk) await removeDisks(hypervisor, found.record);
  if ((await hypervisor.domain(uuid)) !== null) await hypervisor.undefine(uuid);
}

export async function removeVolumes(
  hypervisor: Hypervisor,
  lease: LeaseId,
  vm: number,
  isMeant: (name: string) => boolean,
): Promise<void> {
  for (const { name } of await hypervisor.volumes(POOL)) {
    const owner = ownerOfVolume(name);
    if (owner?.lease === lease && owner.vm === vm && isMeant(name)) await hypervisor.deleteVolume(POOL, name);
  }
}
