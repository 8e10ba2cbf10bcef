/**
 * A VM as libvirt is told of it: XML from a plain description. Whatever the values, what is written is read back, held
 * against a list of all that may stand in it, and must say exactly what was described.
 */

import { isDeepStrictEqual } from 'node:util';
import { DOMAIN } from './domain-rules.js';
import { checkAgainst } from './grammar.js';
import { metadataElement, type VmRecord } from './metadata.js';
import { type DiskFormat, domainName, domainUuid } from './names.js';
import { withTemplate } from './template.js';
import { element, readXml, writeXml, type XmlElement, XmlError } from './xml.js';

export interface Machine {
  readonly record: VmRecord;
  /** `test`: of libvirt's own test driver. `xen` is written for its format alone: nobody has started one. */
  readonly type: 'qemu' | 'kvm' | 'xen' | 'test';
  /** `x86_64`, `aarch64`; null: the host's own. */
  readonly arch: string | null;
  /** `q35`, `pc-i440fx-7.2`; null: what libvirt takes for the architecture. */
  readonly board: string | null;
  readonly firmware: 'bios' | 'efi';
  /** `host-model`, `host-passthrough`, `maximum` or a name that QEMU knows; null: what it takes by itself. */
  readonly cpu: string | null;
  /** Now, and up to how many while it runs. */
  readonly vcpus: number;
  readonly vcpusMax: number;
  readonly memoryMiB: number;
  readonly memoryMaxMiB: number;
  /** Started without a boot loader; null: from its first disk. */
  readonly kernel: DirectKernel | null;
  /** Virtio disks `vda`, `vdb`, … in this order. At most DISKS_MAX. */
  readonly disks: readonly Disk[];
  /** Images of CDs, which are booted from where there is no disk that can be. */
  readonly cdroms: readonly string[];
  /** The seed's image, as the read-only disk SEED_TARGET; null: none. */
  readonly seed: string | null;
  readonly nics: readonly Nic[];
  /**
   * Where on the host the serial console is written. virtlogd limits its size (2 MiB and 3 older ones unless its own
   * settings say otherwise); a host whose qemu.conf has `stdio_handler = "file"` has no limit: give null there.
   */
  readonly consoleLog: string | null;
  /** A user's, as `readTemplate` gives it. */
  readonly template: XmlElement | null;
}

export interface DirectKernel {
  readonly image: string;
  readonly initrd: string | null;
  readonly commandLine: string;
}

export interface Disk {
  readonly path: string;
  readonly format: DiskFormat;
  /** What an overlay is over; null: nothing. Said always: nobody is to find out by looking into what guests have written. */
  readonly backing: { readonly path: string; readonly format: DiskFormat } | null;
}

export interface Nic {
  readonly mac: string;
  readonly to:
    | { readonly kind: 'network'; readonly network: string }
    /** A VLAN needs Open vSwitch, or libvirt 11. */
    | { readonly kind: 'bridge'; readonly bridge: string; readonly openVswitch: boolean; readonly vlan: number | null };
}

export const DISKS_MAX = 16;
export const SEED_TARGET = 'vdz';
/** How often the guest tells of its memory. */
const BALLOON_PERIOD_S = 10;

/** Throws an XmlError that says which value is not accepted. */
export function domainXml(machine: Machine): string {
  const plain = domainOf(machine);
  const domain = machine.template === null ? plain : withTemplate(plain, machine.template);
  const xml = writeXml(domain);
  const read = readXml(xml);
  if (!isDeepStrictEqual(read, domain)) throw new XmlError('what was written reads otherwise; this is a defect');
  checkAgainst(DOMAIN, read);
  return xml;
}

/**
 * Whether a VM that is defined so needs the image that it began with: as a CD, or because its disk keeps only what differs. Where
 * the definition does not say what its disk is over, it counts as over the image.
 */
export function needsImage(xml: string): boolean {
  const devices = readXml(xml).children.find(({ name }) => name === 'devices')?.children ?? [];
  return devices.some(({ name, attributes, children }) => {
    if (name !== 'disk' || attributes.device === 'cdrom') return name === 'disk';
    const child = (wanted: string) => children.find((one) => one.name === wanted);
    if (child('target')?.attributes.dev !== diskTarget(0)) return false;
    return child('backingStore')?.children.length !== 0;
  });
}

/** The target of the disk, by its place. */
export function diskTarget(index: number): string {
  return `vd${String.fromCharCode(97 + index)}`;
}

function domainOf(machine: Machine): XmlElement {
  const { lease, vm } = machine.record;
  return element('domain', { type: machine.type }, [
    element('name', {}, domainName(lease, vm)),
    element('uuid', {}, domainUuid(lease, vm)),
    element('metadata', {}, [metadataElement(machine.record)]),
    element('memory', { unit: 'MiB' }, String(machine.memoryMaxMiB)),
    element('currentMemory', { unit: 'MiB' }, String(machine.memoryMiB)),
    element('vcpu', { placement: 'static', current: machine.vcpus }, String(machine.vcpusMax)),
    osOf(machine),
    element('features', {}, [element('acpi'), /^(x86_64|i686)?$/.test(machine.arch ?? '') ? element('apic') : null]),
    machine.cpu === null ? null : cpuOf(machine.cpu),
    element('clock', { offset: 'utc' }),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'destroy'),
    // A guest that puts itself to sleep could be neither shut down nor saved.
    machine.type === 'xen' ? null : powerOf(),
    element('devices', {}, devicesOf(machine)),
  ]);
}

function osOf({ arch, board, firmware, kernel }: Machine): XmlElement {
  const kind = { ...(arch === null ? {} : { arch }), ...(board === null ? {} : { machine: board }) };
  const secure = element('firmware', {}, [element('feature', { enabled: 'no', name: 'secure-boot' })]);
  return element('os', firmware === 'efi' ? { firmware } : {}, [
    element('type', kind, 'hvm'),
    firmware === 'efi' ? secure : null,
    kernel === null ? null : element('kernel', {}, kernel.image),
    kernel === null || kernel.initrd === null ? null : element('initrd', {}, kernel.initrd),
    kernel === null || kernel.commandLine === '' ? null : element('cmdline', {}, kernel.commandLine),
  ]);
}

const CPU_MODES: readonly string[] = ['host-model', 'host-passthrough', 'maximum'];

function cpuOf(cpu: string): XmlElement {
  if (CPU_MODES.includes(cpu)) return element('cpu', { mode: cpu });
  // No check before the start: under emulation QEMU leaves out what it cannot do, and says so itself.
  const model = element('model', { fallback: 'forbid' }, cpu);
  return element('cpu', { mode: 'custom', match: 'exact', check: 'none' }, [model]);
}

function powerOf(): XmlElement {
  return element('pm', {}, [
    element('suspend-to-mem', { enabled: 'no' }),
    element('suspend-to-disk', { enabled: 'no' }),
  ]);
}

function devicesOf(machine: Machine): (XmlElement | null)[] {
  const { type, disks, cdroms, seed, nics, kernel, consoleLog } = machine;
  if (disks.length > DISKS_MAX) throw new XmlError(`${disks.length} disks; a VM has at most ${DISKS_MAX}`);
  const xen = type === 'xen';
  const boots = kernel === null;
  return [
    ...disks.map((disk, i) => diskOf(disk, i, xen, boots)),
    ...cdroms.map((path, i) => cdromOf(path, i, boots ? disks.length + i + 1 : null)),
    seed === null ? null : seedOf(seed, xen),
    ...nics.map((nic) => nicOf(nic, xen)),
    element('serial', { type: 'pty' }, [
      consoleLog === null ? null : element('log', { file: consoleLog, append: 'on' }),
      element('target', { port: 0 }),
    ]),
    ...(xen ? [] : paravirtualOf()),
  ];
}

function diskOf({ path, format, backing }: Disk, index: number, xen: boolean, boots: boolean): XmlElement {
  return element('disk', { type: 'file', device: 'disk' }, [
    element('driver', { name: 'qemu', type: format, discard: 'unmap' }),
    element('source', { file: path }),
    backing === null
      ? element('backingStore')
      : element('backingStore', { type: 'file' }, [
          element('format', { type: backing.format }),
          element('source', { file: backing.path }),
          element('backingStore'),
        ]),
    targetOf(diskTarget(index), xen),
    boots ? element('boot', { order: index + 1 }) : null,
  ]);
}

function cdromOf(path: string, index: number, order: number | null): XmlElement {
  return element('disk', { type: 'file', device: 'cdrom' }, [
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    element('backingStore'),
    element('target', { dev: `sd${String.fromCharCode(97 + index)}`, bus: 'sata' }),
    element('readonly'),
    order === null ? null : element('boot', { order }),
  ]);
}

function seedOf(path: string, xen: boolean): XmlElement {
  return element('disk', { type: 'file', device: 'disk' }, [
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    element('backingStore'),
    targetOf(SEED_TARGET, xen),
    element('readonly'),
  ]);
}

function targetOf(dev: string, xen: boolean): XmlElement {
  return element('target', xen ? { dev: `x${dev}`, bus: 'xen' } : { dev, bus: 'virtio' });
}

function nicOf({ mac, to }: Nic, xen: boolean): XmlElement {
  const vlan = to.kind === 'bridge' && to.vlan !== null ? element('vlan', {}, [element('tag', { id: to.vlan })]) : null;
  return element('interface', { type: to.kind }, [
    element('mac', { address: mac }),
    element('source', to.kind === 'network' ? { network: to.network } : { bridge: to.bridge }),
    to.kind === 'bridge' && to.openVswitch ? element('virtualport', { type: 'openvswitch' }) : null,
    vlan,
    xen ? null : element('model', { type: 'virtio' }),
  ]);
}

function paravirtualOf(): XmlElement[] {
  return [
    element('channel', { type: 'unix' }, [element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' })]),
    element('controller', { type: 'usb', model: 'none' }),
    element('memballoon', { model: 'virtio' }, [element('stats', { period: BALLOON_PERIOD_S })]),
    element('rng', { model: 'virtio' }, [element('backend', { model: 'random' }, '/dev/urandom')]),
  ];
}
