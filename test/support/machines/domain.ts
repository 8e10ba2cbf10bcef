/** Domains for the tests' guest, as XML: small, and under emulation, wherever they are. */

import type { Guest } from './guest.js';

export interface GuestDomain {
  readonly name: string;
  readonly uuid: string;
  /** Null: nothing is booted; it runs, and does nothing. */
  readonly guest: Guest | null;
  /** A qcow2 on the host; the guest's root is there. */
  readonly disk: string | null;
  /** An ISO image on the host. */
  readonly seed?: string;
  /** A network of libvirt. */
  readonly network?: { readonly name: string; readonly mac: string };
  /** `acpi=ignore`: it does not look at its power button. `agent=silent`: its agent does not answer. */
  readonly wishes?: readonly string[];
  readonly memoryMiB?: number;
  readonly vcpusMax?: number;
}

export function guestDomain(domain: GuestDomain): string {
  const { name, uuid, guest, disk, seed, network, wishes = [], memoryMiB = 128, vcpusMax = 1 } = domain;
  return `
<domain type='qemu'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <memory unit='MiB'>${memoryMiB}</memory>
  <vcpu current='1'>${vcpusMax}</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    ${guest === null ? '' : kernel(guest, wishes)}
  </os>
  <features><acpi/></features>
  <on_crash>destroy</on_crash>
  <devices>
    ${disk === null ? '' : guestDisk(disk)}
    ${seed === undefined ? '' : readOnlyDisk(seed)}
    ${network === undefined ? '' : nic(network)}
    <serial type='pty'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <controller type='usb' model='none'/>
    <memballoon model='virtio'><stats period='1'/></memballoon>
  </devices>
</domain>`;
}

function kernel(guest: Guest, wishes: readonly string[]): string {
  const line = ['console=ttyS0', 'quiet', ...wishes.map((wish) => `leasehold.${wish}`)].join(' ');
  return `<kernel>${guest.kernel}</kernel><initrd>${guest.initrd}</initrd><cmdline>${line}</cmdline>`;
}

/** The guest's own disk. */
export function guestDisk(path: string): string {
  return `<disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='vda' bus='virtio'/>
    </disk>`;
}

function readOnlyDisk(path: string): string {
  return `<disk type='file' device='disk'>
      <driver name='qemu' type='raw'/><source file='${path}'/><target dev='vdz' bus='virtio'/><readonly/>
    </disk>`;
}

function nic({ name, mac }: { readonly name: string; readonly mac: string }): string {
  return `<interface type='network'>
      <mac address='${mac}'/><source network='${name}'/><model type='virtio'/>
    </interface>`;
}
