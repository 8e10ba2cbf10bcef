/**
 * Saved VMs carried from host to host: disk, seed and memory go through this machine, file after file, and are read back.
 * Until all VMs of an order are whole on their new hosts nothing leaves the old ones; what is cut off is done again.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LeaseId, OrderId } from '../../engine/index.js';
import { failpoint } from '../failpoint.js';
import { type Place as DiskPlace, isElsewhere, poolAt, poolOf, removeDisks } from './disk-pools.js';
import { needsImage } from './domain-xml.js';
import { type Place, together } from './gang.js';
import type { Host } from './host.js';
import { type Hypervisor, HypervisorError, type MigrateOptions, type VolumeFacts } from './hypervisor.js';
import type { PlacedImage } from './machine.js';
import { metadataXml, type Saved, type VmRecord } from './metadata.js';
import { domainUuid, isMemory, memoryVolume, ownerOfVolume } from './names.js';
import { mayShareDisk, type Reach, shareDisk, shareFiles } from './reach.js';
import { check, hasFailed, isRunning, lookAt, remove, removeVolumes, VmError } from './vm.js';
import { plainVolumeXml } from './volume-xml.js';

/** A VM, the host that it is on, and the one that it goes to. */
export interface Move extends Place {
  readonly to: Host;
}

/** How VMs that run go from host to host. */
export type MoveWay = Pick<MigrateOptions, 'bandwidth' | 'tls'>;

export interface MoveOrder {
  readonly lease: LeaseId;
  readonly order: OrderId;
  /** Brings the image that the VM began with; null: there was none. */
  readonly base: (vm: number, hypervisor: Hypervisor, signal: AbortSignal) => Promise<PlacedImage | null>;
  readonly reachOf: (host: Host) => Reach;
  /** Of those that run. */
  readonly way: MoveWay;
}

/** All of them are on their new hosts alone when it resolves; where one cannot be carried, all stay. */
export async function carryAll(moves: readonly Move[], order: MoveOrder, signal: AbortSignal): Promise<void> {
  const failure = await together(moves, (move) => carry(move, order, signal));
  if (failure !== null) {
    await together(moves, (move) => stay(move, order, signal));
    throw failure;
  }
  if (moves.length === 0) return;
  failpoint('vm-carried');
  // What cannot be removed now is a second copy, which whoever looks through that host removes.
  await together(moves, (move) => leave(move, order, signal));
  failpoint('vm-left');
}

async function carry(move: Move, order: MoveOrder, signal: AbortSignal): Promise<void> {
  const { vm, to } = move;
  const { lease } = order;
  // 1. It may be there, and whole.
  const there = await to.certain(signal, () => lookAt(to, lease, vm));
  if (there !== null && there.record.order === order.order && there.record.moving === undefined) return;
  // 2. Both copies say that it is on its way, before there is anything on the other side.
  const { record, xml } = await setOut(move, order, ({ saved }) => saved !== null, signal);
  const saved = record.saved!;
  await receive(move, order, xml, signal);
  // 3. What belongs to it. Where both hosts share their files, it is there.
  const memory = memoryVolume(lease, vm, saved.order);
  for (const { name, place } of await filesToCarry(move, order, record, signal))
    if (!isMemory(name)) await carryFile(move, name, null, signal, place);
    else if (name === memory) await carryFile(move, name, saved, signal);
  // 4. From now on it is whole.
  await to.certain(signal, async (hypervisor) => {
    await check(hypervisor, vm, memory, saved);
    await settle(hypervisor, record, order.order);
  });
}

/** The copy that is there says that it is on its way, and how it is defined. */
export function setOut(
  { vm, host, to }: Move,
  { lease, order }: MoveOrder,
  isFit: (record: VmRecord, isOn: boolean) => boolean,
  signal: AbortSignal,
): Promise<{ readonly record: VmRecord; readonly xml: string }> {
  return host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null) throw new VmError(`VM ${vm} is not there`);
    const { uuid } = found.facts;
    if (!isFit(found.record, isRunning(found))) throw new VmError(`VM ${vm} is not as it has to be to be moved`);
    const record = { ...found.record, moving: { order, to: to.node } };
    await hypervisor.setMetadata(uuid, metadataXml(record));
    return { record, xml: await hypervisor.xml(uuid, 'defined') };
  });
}

/** The other host has its image, where it needs one, and a definition of it that says that it is not whole. Resolves with the image. */
export function receive(
  { vm, to }: Move,
  { lease, base }: MoveOrder,
  xml: string,
  signal: AbortSignal,
): Promise<PlacedImage | null> {
  return to.certain(signal, async (hypervisor) => {
    const found = await lookAt(to, lease, vm);
    if (found !== null && isRunning(found)) throw new VmError(`VM ${vm} runs on node ${to.node}, too`);
    const placed = needsImage(xml) ? await base(vm, hypervisor, signal) : null;
    await hypervisor.define(xml);
    return placed;
  });
}

/** It is where it is, by this order. */
export async function settle(hypervisor: Hypervisor, record: VmRecord, order: OrderId): Promise<void> {
  const { moving: _, ...rest } = record;
  await hypervisor.setMetadata(domainUuid(record.lease, record.vm), metadataXml({ ...rest, order }));
}

/** What it leaves behind is removed: it is on the other host for certain. */
export async function leave(move: Move, order: MoveOrder, signal: AbortSignal): Promise<void> {
  const { vm, host, to } = move;
  const { lease } = order;
  // Of one that ran libvirt has forgotten here where its disk was; it is in the same directory now.
  const arrived = (await to.certain(signal, () => lookAt(to, lease, vm)))?.record;
  await host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found !== null && isRunning(found)) throw new VmError(`VM ${vm} runs on node ${host.node}, too`);
    const keepsDisk = mayShareDisk(order.reachOf(host), order.reachOf(to), (arrived ?? found?.record)?.disks);
    await remove(hypervisor, found, keepsDisk);
    if (!keepsDisk && arrived !== undefined) await removeDisks(hypervisor, arrived);
    if (!isShared(move, order)) await removeVolumes(hypervisor, lease, vm, () => true);
  });
}

/** It stays where it is, as it was; what was made on the other host goes, now or when that is looked through. */
export async function stay(move: Move, order: MoveOrder, signal: AbortSignal): Promise<void> {
  const { vm, host, to } = move;
  const { lease } = order;
  const isThere = await host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null) return false;
    if (found.record.moving !== undefined) await settle(hypervisor, found.record, found.record.order);
    // It has failed meanwhile, and nobody else has looked.
    if (hasFailed(found)) await hypervisor.start(found.facts.uuid);
    return true;
  });
  if (!isThere || !to.isConnected) return;
  try {
    await discard(move, order);
  } catch (error) {
    if (!(error instanceof HypervisorError) && !(error instanceof VmError)) throw error;
  }
}

/** Whether what belongs to it is on both sides anyway. */
export function isShared({ host, to }: Move, { reachOf }: MoveOrder): boolean {
  return shareFiles(reachOf(host), reachOf(to));
}

/** What waits there for a VM that does not come stands still. */
async function discard(move: Move, order: MoveOrder): Promise<void> {
  const { vm, host, to } = move;
  const { lease } = order;
  const found = await lookAt(to, lease, vm);
  if (found?.facts.state === 'running') throw new VmError(`VM ${vm} runs on node ${to.node}, too`);
  await remove(to.hypervisor, found, mayShareDisk(order.reachOf(host), order.reachOf(to), found?.record.disks));
  if (!isShared(move, order)) await removeVolumes(to.hypervisor, lease, vm, () => true);
}

/** Files of the VM where it is, but for those that are on the other side anyway. `place`: where they lie. */
export function filesToCarry(
  move: Move,
  order: MoveOrder,
  { lease, disks }: Pick<VmRecord, 'lease' | 'disks'>,
  signal: AbortSignal,
): Promise<(VolumeFacts & { readonly place: DiskPlace })[]> {
  const { vm, host, to } = move;
  const filesIn = async (hypervisor: Hypervisor, place: DiskPlace) =>
    (await hypervisor.volumes(await poolAt(hypervisor, place))).flatMap((volume) => {
      const owner = ownerOfVolume(volume.name);
      return owner?.lease === lease && owner.vm === vm ? [{ ...volume, place }] : [];
    });
  const isDiskThere = shareDisk(order.reachOf(host), order.reachOf(to), disks);
  return host.certain(signal, async (hypervisor) => [
    ...(isShared(move, order) ? [] : await filesIn(hypervisor, undefined)),
    ...(isDiskThere || !isElsewhere(disks) ? [] : await filesIn(hypervisor, disks)),
  ]);
}

/** Through a file of this machine, which nobody else may read: guests' disks and memory hold secrets. */
export async function carryFile(
  { vm, host, to }: Move,
  name: string,
  known: Pick<Saved, 'bytes' | 'sha256'> | null,
  signal: AbortSignal,
  at?: DiskPlace,
): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'leasehold-carried-'));
  const file = join(place, name);
  try {
    await host.certain(signal, (hypervisor) => hypervisor.download(poolOf(at), name, file));
    const { sha256, bytes } = await digestOf(file);
    if (known !== null && (known.sha256 !== sha256 || known.bytes !== bytes))
      throw new VmError(`the saved memory of VM ${vm} is not what was saved: its checksum differs`);
    await to.certain(signal, async (hypervisor) => {
      const pool = await poolAt(hypervisor, at);
      await hypervisor.deleteVolume(pool, name);
      await hypervisor.createVolume(pool, plainVolumeXml(name, bytes));
      await hypervisor.upload(pool, name, file);
      const arrived = await hypervisor.digest(pool, name);
      if (arrived.sha256 !== sha256 || arrived.bytes !== bytes)
        throw new VmError(`${name} does not arrive on node ${to.node} as it is: its checksum differs`);
    });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function digestOf(file: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
