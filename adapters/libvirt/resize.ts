/**
 * VMs made larger or smaller: while they run, within what their domains were made for, or stopped for it and started again
 * on their disks. That a VM has this much may be said again: it is so once.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseId, OrderId } from '../../engine/index.js';
import { type Place, together } from './gang.js';
import type { Host } from './host.js';
import { type Hypervisor, HypervisorError } from './hypervisor.js';
import { metadataXml } from './metadata.js';
import { isRunning, type Known, lookAt, shutDown, VmError } from './vm.js';
import { readXml, writeXml, type XmlElement } from './xml.js';

/** What a VM has, or is to have. */
export interface Size {
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** Of its first disk; 0: that stays as it is. */
  readonly diskBytes: number;
}

/** Of a guest that was asked to shut down and does not: its power is cut, or it runs on as it was. */
export type Deaf = 'destroy' | 'keep';

export interface Resizing {
  readonly lease: LeaseId;
  readonly order: OrderId;
  /** How long a guest may take to shut down; null: the VM runs on. */
  readonly graceMs: number | null;
  /** What becomes of one that does not. */
  readonly deaf: Deaf;
  readonly from: (vm: number) => Size;
  readonly to: (vm: number) => Size;
}

/** The first disk of a VM. */
const DISK = 'vda';
/** So long a guest may take to give memory back. */
const GIVES_BACK_MS = 20_000;
/** QEMU says once a second how much a guest has: what is true for longer than that is no news from before. */
const SETTLED_MS = 1_500;
/** And to see processors that have come. */
const SEES_MS = 15_000;
const LOOK_MS = 250;
const AGENT_S = 5;
const VCPUS_MAX = 4096;

/** Those that were resized are as before where others could not be; what disks have grown by stays. */
export async function resizeAll(places: readonly Place[], resizing: Resizing, signal: AbortSignal): Promise<void> {
  const { from, to } = resizing;
  const failure = await together(places, ({ vm, host }) => resize(host, vm, resizing, from(vm), to(vm), signal));
  if (failure === null) return;
  await together(places, ({ vm, host }) =>
    resize(host, vm, resizing, to(vm), { ...from(vm), diskBytes: 0 }, signal, 'back'),
  );
  throw failure;
}

async function resize(
  host: Host,
  vm: number,
  { lease, order, graceMs, deaf }: Resizing,
  before: Size,
  size: Size,
  signal: AbortSignal,
  way: 'there' | 'back' = 'there',
): Promise<void> {
  const isMade = ({ record }: Known) => (record.resized === order) === (way === 'there');
  if (graceMs !== null && way === 'there') {
    const found = await host.certain(signal, () => lookAt(host, lease, vm));
    if (found !== null && !isMade(found)) {
      await shutDown(host, { lease, vm, graceMs }, signal);
      if (deaf === 'keep') await keepDeaf(host, lease, vm, order, signal);
    }
  }
  await host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null) throw new VmError(`VM ${vm} is not there`);
    const { uuid } = found.facts;
    if (graceMs !== null) {
      if (!isMade(found)) await makeAnew(hypervisor, found, { order: way === 'there' ? order : null, size });
      else if (!isRunning(found)) await hypervisor.start(uuid);
    } else if (!isRunning(found)) throw new VmError(`VM ${vm} does not run`);
    else await resizeLive(hypervisor, uuid, vm, before, size);
    if (size.diskBytes > 0) await grow(hypervisor, uuid, size.diskBytes);
  });
}

/** It was asked, and may heed that later: what was meant for this order must not end its lease. */
async function keepDeaf(host: Host, lease: LeaseId, vm: number, order: OrderId, signal: AbortSignal): Promise<void> {
  await host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null || !isRunning(found)) return;
    await hypervisor.setMetadata(found.facts.uuid, metadataXml({ ...found.record, kept: order }));
    throw new VmError(`the guest of VM ${vm} does not shut down`);
  });
}

/** It is off for a moment. What its definition says of this order was defined whole: then it only has to be started. */
async function makeAnew(
  hypervisor: Hypervisor,
  { facts: { uuid, state }, record }: Known,
  { order, size }: { readonly order: OrderId | null; readonly size: Size },
): Promise<void> {
  const { resized: _, kept: __, ...others } = record;
  const xml = withSize(
    await hypervisor.xml(uuid, 'defined'),
    size,
    metadataXml({ ...others, ...(order === null ? {} : { resized: order }) }),
  );
  if (state !== 'off' && state !== 'crashed') await hypervisor.destroy(uuid);
  await hypervisor.define(xml);
  await hypervisor.start(uuid);
}

async function resizeLive(
  hypervisor: Hypervisor,
  uuid: string,
  vm: number,
  before: Size,
  { vcpus, memoryMiB }: Size,
): Promise<void> {
  const has = sizeIn(await hypervisor.xml(uuid, 'live'));
  await hypervisor.setVcpus(uuid, vcpus);
  if (vcpus > has.vcpus) await wake(hypervisor, uuid, vcpus);
  await hypervisor.setMemory(uuid, memoryMiB);
  // Not by what it has just now: it may still be on its way to what it was to have before.
  if (memoryMiB < before.memoryMiB) await givenBack(hypervisor, uuid, vm, memoryMiB);
}

/** What the guest does not give back others could not have. Where nobody can tell how much it has, it is believed. */
async function givenBack(hypervisor: Hypervisor, uuid: string, vm: number, memoryMiB: number): Promise<void> {
  const end = performance.now() + GIVES_BACK_MS;
  let since = Number.POSITIVE_INFINITY;
  for (;;) {
    const { memoryKiB } = await hypervisor.usage(uuid).catch((error: unknown) => {
      if (error instanceof HypervisorError && error.kind === 'failed') return { memoryKiB: null };
      throw error;
    });
    if (memoryKiB === null) return;
    const now = performance.now();
    since = memoryKiB <= memoryMiB * 1024 ? Math.min(since, now) : Number.POSITIVE_INFINITY;
    if (now - since >= SETTLED_MS) return;
    if (now > end && since > now) throw new VmError(`the guest of VM ${vm} does not give its memory back`);
    await sleep(LOOK_MS);
  }
}

/**
 * Processors that have come may sleep until somebody in the guest wakes them, and it takes the guest a while to see them.
 * Without an agent that is the guest's own business.
 */
async function wake(hypervisor: Hypervisor, uuid: string, vcpus: number): Promise<void> {
  const end = performance.now() + SEES_MS;
  try {
    for (;;) {
      const told = await hypervisor.agent(uuid, { execute: 'guest-get-vcpus' }, AGENT_S);
      const seen = Array.isArray(told) ? told.slice(0, VCPUS_MAX) : [];
      const asleep = seen.flatMap(sleeping);
      const wish = asleep.map((id) => ({ 'logical-id': id, online: true }));
      if (asleep.length > 0)
        await hypervisor.agent(uuid, { execute: 'guest-set-vcpus', arguments: { vcpus: wish } }, AGENT_S);
      if (seen.length >= vcpus || performance.now() > end) return;
      await sleep(LOOK_MS);
    }
  } catch (error) {
    if (!(error instanceof HypervisorError)) throw error;
  }
}

function sleeping(one: unknown): number[] {
  if (typeof one !== 'object' || one === null) return [];
  const { 'logical-id': id, online } = one as Record<string, unknown>;
  return online === false && Number.isSafeInteger(id) ? [id as number] : [];
}

/** A disk that is larger already stays so. */
async function grow(hypervisor: Hypervisor, uuid: string, bytes: number): Promise<void> {
  const size = await hypervisor.diskSize(uuid, DISK);
  if (size !== null && size < bytes) await hypervisor.resizeDisk(uuid, DISK, bytes);
}

// ---- what libvirt has defined ----------------------------------------------------------------------------------------

const MIB_IN: Readonly<Record<string, number>> = { KiB: 1 / 1024, MiB: 1, GiB: 1024 };

/** How much of its processors and memory the domain uses. */
export function sizeIn(xml: string): Pick<Size, 'vcpus' | 'memoryMiB'> {
  const { children } = readXml(xml);
  const vcpu = children.find(({ name }) => name === 'vcpu');
  const memory =
    children.find(({ name }) => name === 'currentMemory') ?? children.find(({ name }) => name === 'memory');
  const unit = MIB_IN[memory?.attributes.unit ?? 'KiB'] ?? 1 / 1024;
  return {
    vcpus: Number(vcpu?.attributes.current ?? vcpu?.text ?? 1),
    memoryMiB: Math.round(Number(memory?.text ?? 0) * unit),
  };
}

/** The same domain of this size: it may have had more, and still may. */
export function withSize(
  xml: string,
  { vcpus, memoryMiB }: Pick<Size, 'vcpus' | 'memoryMiB'>,
  metadata: string,
): string {
  const domain = readXml(xml);
  const most = (name: string, unit: (one: XmlElement) => number): number => {
    const one = domain.children.find((child) => child.name === name);
    return one === undefined ? 0 : Math.floor(Number(one.text) * unit(one));
  };
  const memoryMax = Math.max(
    memoryMiB,
    most('memory', (one) => MIB_IN[one.attributes.unit ?? 'KiB'] ?? 1 / 1024),
  );
  const vcpusMax = Math.max(
    vcpus,
    most('vcpu', () => 1),
  );
  const children = domain.children.map((child): XmlElement => {
    switch (child.name) {
      case 'memory':
        return { ...child, attributes: { unit: 'MiB' }, text: String(memoryMax) };
      case 'currentMemory':
        return { ...child, attributes: { unit: 'MiB' }, text: String(memoryMiB) };
      case 'vcpu':
        return { ...child, attributes: { ...child.attributes, current: String(vcpus) }, text: String(vcpusMax) };
      case 'metadata':
        return { ...child, children: [readXml(metadata)] };
      default:
        return child;
    }
  });
  return writeXml({ ...domain, children: children.filter(({ name }) => name !== 'vcpus') });
}
