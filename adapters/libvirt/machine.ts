/** What an order's terms mean on a host: the disks that a VM gets there, and the domain that it is. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join as joined } from 'node:path';
import {
  type Capacity,
  invariant,
  type LeaseId,
  type Order,
  type ResourceType,
  type Terms,
} from '../../engine/index.js';
import type { MachineWishes } from '../machine-wishes.js';
import { readyUrl, type Secret } from '../callback.js';
import { diskOf } from './disk-pools.js';
import { type DirectKernel, domainXml, type Machine, type Nic } from './domain-xml.js';
import type { Host } from './host.js';
import type { Hypervisor } from './hypervisor.js';
import { keepsDisks } from './kept-disks.js';
import type { VmRecord } from './metadata.js';
import { consoleLog, type DiskFormat, domainName, hostName, macAddress, seedVolume } from './names.js';
import type { Size } from './resize.js';
import { type Seed, seedImage } from './seed.js';
import { join, type NetworksPort, nicOn, seedNetworkOn } from './site-network.js';
import { readTemplate } from './template.js';
import { POOL, VmError } from './vm.js';
import { plainVolumeXml } from './volume-xml.js';
import type { WrittenImages } from './written-images.js';
import { element, writeXml } from './xml.js';

/** An image as it lies on a host. */
export interface PlacedImage {
  readonly path: string;
  readonly format: DiskFormat;
  /** As guests see it. */
  readonly bytes: number;
  /** Started without a boot loader; null: from its disk. */
  readonly kernel: DirectKernel | null;
  /** It is in the VM's drive for CDs, and its disk is empty. */
  readonly isCd?: true;
}

export interface MakerOptions {
  /** The meaning of every capacity vector of the site. */
  readonly resources: readonly ResourceType[];
  /** What its user says of the VMs. Throws an Error where nobody can tell any more. */
  readonly wishesOf: (terms: Terms) => MachineWishes;
  /** The network of VMs whose users name none; null: they have none. */
  readonly network: string | null;
  /** Those that were registered: what is named and is none of them is a network of libvirt's. Absent: there are none. */
  readonly networks?: Pick<NetworksPort, 'of'>;
  /** By which VMs reach the service, to say that they are ready; null, and without it: they do not. */
  readonly callbackUrl?: string | null;
  /** Absent: no VM writes its image. */
  readonly written?: Pick<WrittenImages, 'claim'>;
  /** Brings an image to the host, unless it is there. */
  readonly place: (hypervisor: Hypervisor, image: string, signal: AbortSignal) => Promise<PlacedImage>;
}

const MIB = 1024 * 1024;

export class Maker {
  private readonly cpu: number;
  private readonly memory: number;
  private readonly disk: number;

  constructor(private readonly options: MakerOptions) {
    const indexOf = (name: string) => options.resources.findIndex((resource) => resource.name === name);
    [this.cpu, this.memory, this.disk] = [indexOf('cpu'), indexOf('memory'), indexOf('disk')];
  }

  /** Makes the VM's disks on the host, and resolves with the domain's XML. May be done again. `secret`: it is to call with. */
  async prepare(
    { terms }: Order,
    record: VmRecord,
    host: Host,
    hypervisor: Hypervisor,
    signal: AbortSignal,
    secret: Secret | null = null,
  ): Promise<string> {
    const { lease, vm } = record;
    const told = secret === null ? null : this.readyUrl(lease, vm, secret);
    const type = await typeOn(host);
    const { demand, max = demand, image } = groupOf(terms, vm);
    const wishes = this.options.wishesOf(terms);
    const network = wishes.network ?? this.options.network;
    if (image !== null) await this.options.written?.claim(image, record, signal);
    const placed = image === null ? null : await this.options.place(hypervisor, image, signal);
    const least = this.amount(demand, this.disk, 0) * MIB;
    const disks =
      placed === null
        ? []
        : await makeDisks(hypervisor, host, { lease, vm }, placed, {
            least,
            keeps: keepsDisks(terms),
            isFull: wishes.disk === 'full',
          });
    const on = this.options.networks?.of(lease, terms) ?? null;
    if (on !== null) await join(hypervisor, record.site, on, vm, signal);
    const given = { readyUrl: told, network: on === null ? null : seedNetworkOn(on, vm) };
    // The guest sets itself up once on each disk; one that is to call is told to, whatever it begins from.
    const instance =
      keepsDisks(terms) && secret === null ? domainName(lease, vm) : `${domainName(lease, vm)}-${record.run}`;
    const seed = placed === null ? null : await makeSeed(hypervisor, host, record, wishes, given, instance);
    const { vcpus, memoryMiB } = this.sizeOf(demand);
    const most = this.sizeOf(max);
    return domainXml({
      record,
      ...{
        type,
        arch: null,
        board: wishes.board ?? null,
        firmware: wishes.firmware ?? 'bios',
        cpu: wishes.cpuModel ?? null,
      },
      ...{ vcpus, vcpusMax: most.vcpus, memoryMiB, memoryMaxMiB: most.memoryMiB, kernel: placed?.kernel ?? null },
      ...{ disks, cdroms: placed?.isCd === true ? [placed.path] : [], seed },
      consoleLog: placed === null ? null : await makeConsoleLog(hypervisor, host, record),
      nics: on !== null ? [nicOn(on, vm)] : network === null ? [] : [plainNic(network, lease, vm)],
      template: wishes.template === null ? null : readTemplate(wishes.template),
    });
  }

  /** What a VM gets that is to have so much. */
  sizeOf(demand: Capacity): Size {
    return {
      vcpus: Math.max(1, Math.ceil(this.amount(demand, this.cpu, 1000) / 1000)),
      memoryMiB: Math.max(1, this.amount(demand, this.memory, MEMORY_MIB)),
      diskBytes: this.amount(demand, this.disk, 0) * MIB,
    };
  }

  /** Brings an image to the host, unless it is there: nothing is made of it. */
  place(hypervisor: Hypervisor, image: string, signal: AbortSignal): Promise<PlacedImage> {
    return this.options.place(hypervisor, image, signal);
  }

  private readyUrl(lease: LeaseId, vm: number, secret: Secret): string {
    const { callbackUrl = null } = this.options;
    if (callbackUrl === null)
      throw new VmError('it cannot call when it is ready: the service has no --vm-callback-url');
    return readyUrl(callbackUrl, lease, vm, secret);
  }

  private amount(demand: Capacity, resource: number, otherwise: number): number {
    return resource < 0 ? otherwise : demand[resource]!;
  }
}

/** What libvirt calls it. Throws a VmError where VMs cannot be started as the operator wants them. */
async function typeOn(host: Host): Promise<Machine['type']> {
  const { type, fault } = await host.acceleration;
  if (type === null) throw new VmError(`they are to run under KVM: ${fault}`);
  return type;
}

/** On a network of the host itself. */
function plainNic(network: string, lease: LeaseId, vm: number): Nic {
  return { mac: macAddress(lease, vm), to: { kind: 'network', network } };
}

/** Of VMs on sites that do not count memory. */
const MEMORY_MIB = 512;

/** VMs are numbered from 1 through the groups in order. */
export function groupOf({ groups }: Terms, vm: number): Terms['groups'][number] {
  let left = vm;
  for (const group of groups) {
    if (left <= group.vms) return group;
    left -= group.vms;
  }
  invariant(false, 'an order names VMs of its lease only');
}

interface DiskWishes {
  /** In bytes. */
  readonly least: number;
  /** It goes on with the disk that is there. */
  readonly keeps: boolean;
  readonly isFull: boolean;
}

/**
 * Anew each time, unless it is to go on with the disk that is there: a VM that is started begins with its image, or with an
 * empty disk beside a CD if it is to have any.
 */
async function makeDisks(
  hypervisor: Hypervisor,
  { directory }: Host,
  { lease, vm }: Pick<VmRecord, 'lease' | 'vm'>,
  image: PlacedImage,
  { least, keeps, isFull }: DiskWishes,
): Promise<Machine['disks']> {
  const name = diskOf(lease, vm);
  const over = image.isCd === true ? null : image;
  const bytes = Math.max(over?.bytes ?? 0, least);
  if (!keeps || !(await isThere(hypervisor, name))) {
    await hypervisor.deleteVolume(POOL, name);
    if (bytes === 0) return [];
    // That one to go on with is there says that it is whole: a copy may be half of one, an overlay may not.
    if (over !== null && isFull && !keeps) {
      const copy = { from: basename(over.path), format: over.format, bytes };
      await hypervisor.copyVolume(POOL, diskXml(name, bytes, null), copy);
      return [{ path: `${directory}/${name}`, format: 'qcow2', backing: null }];
    }
    await hypervisor.createVolume(POOL, diskXml(name, bytes, over));
  }
  const backing = over === null ? null : { path: over.path, format: over.format };
  return [{ path: `${directory}/${name}`, format: 'qcow2', backing }];
}

async function isThere(hypervisor: Hypervisor, volume: string): Promise<boolean> {
  return (await hypervisor.volumes(POOL)).some(({ name }) => name === volume);
}

async function makeSeed(
  hypervisor: Hypervisor,
  { directory }: Host,
  { lease, vm }: VmRecord,
  { sshKeys, userData }: MachineWishes,
  given: Pick<Seed, 'readyUrl' | 'network'>,
  instance: string,
): Promise<string> {
  const name = seedVolume(lease, vm);
  const bytes = seedImage({ instance, hostname: hostName(lease, vm), sshKeys, userData, ...given });
  await hypervisor.deleteVolume(POOL, name);
  await hypervisor.createVolume(POOL, plainVolumeXml(name, bytes.length));
  // Uploads are of files; it may hold secrets, and is read by nobody else.
  const place = await mkdtemp(joined(tmpdir(), 'leasehold-seed-'));
  try {
    await writeFile(joined(place, name), bytes, { mode: 0o600 });
    await hypervisor.upload(POOL, name, joined(place, name));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  return `${directory}/${name}`;
}

/** Made as a volume first: it is found among the others, and removed with them, also while an image is sent to the host. */
async function makeConsoleLog(
  hypervisor: Hypervisor,
  { directory }: Host,
  { lease, vm }: Pick<VmRecord, 'lease' | 'vm'>,
): Promise<string> {
  const name = consoleLog(lease, vm);
  await hypervisor.deleteVolume(POOL, name);
  await hypervisor.createVolume(POOL, plainVolumeXml(name, 0));
  return `${directory}/${name}`;
}

/** A disk on which only differences from an image are kept; null: it is empty. */
export function diskXml(name: string, bytes: number, over: PlacedImage | null): string {
  return writeXml(
    element('volume', {}, [
      element('name', {}, name),
      element('capacity', { unit: 'bytes' }, String(bytes)),
      element('target', {}, [element('format', { type: 'qcow2' })]),
      over === null
        ? null
        : element('backingStore', {}, [element('path', {}, over.path), element('format', { type: over.format })]),
    ]),
  );
}
