/** VMs to be described in tests, and a reader of what was written of them. */

import type { Disk, Machine, Nic } from '../../adapters/libvirt/domain-xml.js';
import type { DiskFormat } from '../../adapters/libvirt/names.js';
import { recordOf } from '../../adapters/libvirt/metadata.js';
import { writeXml, type XmlElement } from '../../adapters/libvirt/xml.js';

const POOL = '/var/lib/leasehold';

/** A plain one: an overlay over an image, a seed, and a network of libvirt's. */
export function machine(more: Partial<Machine> = {}): Machine {
  return {
    record: {
      ...{ site: '0123456789abcdef', lease: 'Lqezvms5owk5xaenlihor', vm: 3, vms: 4 },
      ...{ run: '12.0', order: '12.0', epoch: 4, saved: null },
    },
    type: 'qemu',
    arch: 'x86_64',
    board: 'q35',
    firmware: 'bios',
    cpu: null,
    vcpus: 1,
    vcpusMax: 1,
    memoryMiB: 512,
    memoryMaxMiB: 512,
    kernel: null,
    disks: [{ path: `${POOL}/disk.qcow2`, format: 'qcow2', backing: { path: `${POOL}/image.raw`, format: 'raw' } }],
    cdroms: [],
    seed: `${POOL}/seed.iso`,
    nics: [{ mac: '52:54:00:00:00:01', to: { kind: 'network', network: 'default' } }],
    consoleLog: `${POOL}/console.log`,
    template: null,
    ...more,
  };
}

/** The description, from the tree of what was written: the opposite of `domainXml`, without a template. */
export function described(domain: XmlElement): Machine {
  const devices = child(domain, 'devices')!;
  const os = child(domain, 'os')!;
  const drives = all(devices, 'disk');
  const seeds = drives.filter((disk) => /^x?vdz$/.test(child(disk, 'target')!.attributes.dev!));
  const { arch, machine: board } = child(os, 'type')!.attributes;
  const kernel = textOf(os, 'kernel');
  return {
    record: recordOf(writeXml(child(domain, 'metadata')!.children[0]!).trim(), textOf(domain, 'uuid')!)!,
    type: domain.attributes.type as Machine['type'],
    arch: arch ?? null,
    board: board ?? null,
    firmware: os.attributes.firmware === 'efi' ? 'efi' : 'bios',
    cpu: cpuOf(child(domain, 'cpu')),
    vcpus: Number(child(domain, 'vcpu')!.attributes.current),
    vcpusMax: Number(textOf(domain, 'vcpu')),
    memoryMiB: Number(textOf(domain, 'currentMemory')),
    memoryMaxMiB: Number(textOf(domain, 'memory')),
    kernel:
      kernel === null
        ? null
        : { image: kernel, initrd: textOf(os, 'initrd'), commandLine: textOf(os, 'cmdline') ?? '' },
    disks: drives.filter((disk) => disk.attributes.device === 'disk' && !seeds.includes(disk)).map(diskOf),
    cdroms: drives.filter((disk) => disk.attributes.device === 'cdrom').map(fileOf),
    seed: seeds[0] === undefined ? null : fileOf(seeds[0]),
    nics: all(devices, 'interface').map(nicOf),
    consoleLog: child(child(devices, 'serial')!, 'log')?.attributes.file ?? null,
    template: null,
  };
}

function diskOf(disk: XmlElement): Disk {
  const behind = child(disk, 'backingStore')!;
  const format = (of: XmlElement, name: string) => child(of, name)!.attributes.type as DiskFormat;
  const backing = behind.children.length === 0 ? null : { path: fileOf(behind), format: format(behind, 'format') };
  return { path: fileOf(disk), format: format(disk, 'driver'), backing };
}

function nicOf(nic: XmlElement): Nic {
  const { network, bridge } = child(nic, 'source')!.attributes;
  const mac = child(nic, 'mac')!.attributes.address!;
  if (network !== undefined) return { mac, to: { kind: 'network', network } };
  const tag = child(nic, 'vlan')?.children[0]?.attributes.id;
  const openVswitch = child(nic, 'virtualport') !== undefined;
  return { mac, to: { kind: 'bridge', bridge: bridge!, openVswitch, vlan: tag === undefined ? null : Number(tag) } };
}

function cpuOf(cpu: XmlElement | undefined): string | null {
  if (cpu === undefined) return null;
  return cpu.attributes.mode === 'custom' ? textOf(cpu, 'model') : cpu.attributes.mode!;
}

const fileOf = (of: XmlElement): string => child(of, 'source')!.attributes.file!;
const all = ({ children }: XmlElement, name: string) => children.filter((one) => one.name === name);
const child = (of: XmlElement, name: string): XmlElement | undefined => all(of, name)[0];
const textOf = (of: XmlElement, name: string): string | null => child(of, name)?.text ?? null;
