/** All that may stand in the XML of a VM of ours, a user's template included. What is not here is never given to libvirt. */

import { OWN_PLACE } from '../disk-places.js';
import { COUNT, type Rule, rule, several, WORD, words } from './grammar.js';
import { METADATA_NAMESPACE, METADATA_PREFIX, NUMBER, SHA256, SITE } from './metadata.js';
import { LEASE_ID, ORDER_ID } from './names.js';
import { TEMPLATE_DEVICES, TEMPLATE_ELEMENTS } from './template.js';

/** Absolute, and nothing in it leads upwards. Which characters it may have, writing decides. */
export const PATH = /^(?!.*\/\.\.?(\/|$))(\/[^/\n]{1,255}){1,32}$/;
/** Where a disk lies. */
const PLACE = new RegExp(`^${OWN_PLACE}$|${PATH.source}`);
export const MAC = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/;
/** As Linux takes them. */
export const BRIDGE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/;
export const NETWORK = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
export const VLAN = /^([1-9]\d{0,2}|[1-3]\d{3}|40[0-8]\d|409[0-4])$/;
const FORMAT = words('qcow2', 'raw');
const ORDER = /^\d{1,2}$/;
/** Printable ASCII. */
const COMMAND_LINE = /^[\x20-\x7e]{1,2048}$/;

const text = (pattern: RegExp): Rule => rule({ text: pattern });
const attributes = (of: Readonly<Record<string, RegExp>>): Rule => rule({ attributes: of });

/** Ours begin with the device's file alone: the chain ends with the first that is over nothing. */
const source = attributes({ file: PATH });
const nothingBehind = rule();
const backingStore = rule({
  attributes: { type: words('file') },
  children: { format: attributes({ type: FORMAT }), source, backingStore: nothingBehind },
});

const disk = several(64, {
  attributes: { type: words('file'), device: words('disk', 'cdrom') },
  children: {
    driver: attributes({ name: words('qemu'), type: FORMAT, discard: words('unmap') }),
    source,
    backingStore,
    target: attributes({ dev: /^(x?vd|sd)[a-z]$/, bus: words('virtio', 'xen', 'sata') }),
    readonly: rule(),
    boot: attributes({ order: ORDER }),
  },
});

const nic = several(32, {
  attributes: { type: words('network', 'bridge') },
  children: {
    mac: attributes({ address: MAC }),
    source: attributes({ network: NETWORK, bridge: BRIDGE }),
    virtualport: attributes({ type: words('openvswitch') }),
    vlan: rule({ children: { tag: attributes({ id: VLAN }) } }),
    model: attributes({ type: words('virtio') }),
  },
});

const devices = rule({
  children: {
    disk,
    interface: nic,
    serial: rule({
      attributes: { type: words('pty') },
      children: {
        log: attributes({ file: PATH, append: words('on') }),
        target: attributes({ port: words('0') }),
      },
    }),
    channel: rule({
      attributes: { type: words('unix') },
      children: { target: attributes({ type: words('virtio'), name: words('org\\.qemu\\.guest_agent\\.0') }) },
    }),
    controller: attributes({ type: words('usb'), model: words('none') }),
    memballoon: rule({
      attributes: { model: words('virtio') },
      children: { stats: attributes({ period: COUNT }) },
    }),
    rng: rule({
      attributes: { model: words('virtio') },
      children: { backend: rule({ attributes: { model: words('random') }, text: words('/dev/urandom') }) },
    }),
    ...TEMPLATE_DEVICES,
  },
});

const enabled = attributes({ enabled: words('no') });

export const DOMAIN = rule({
  attributes: { type: words('qemu', 'kvm', 'xen', 'test') },
  children: {
    name: text(/^leasehold-[A-Za-z0-9]{1,40}(-[1-9]\d{0,6}){1,2}$/),
    uuid: text(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    metadata: rule({
      children: {
        [`${METADATA_PREFIX}:vm`]: attributes({
          [`xmlns:${METADATA_PREFIX}`]: words(METADATA_NAMESPACE),
          site: SITE,
          lease: LEASE_ID,
          vm: COUNT,
          vms: COUNT,
          run: ORDER_ID,
          order: ORDER_ID,
          epoch: NUMBER,
          saved: ORDER_ID,
          at: NUMBER,
          bytes: NUMBER,
          sha256: SHA256,
          rebooting: ORDER_ID,
          rebooted: ORDER_ID,
          moving: ORDER_ID,
          to: NUMBER,
          booting: NUMBER,
          callback: SHA256,
          resized: ORDER_ID,
          kept: ORDER_ID,
          moved: ORDER_ID,
          disks: PLACE,
          copying: PLACE,
        }),
      },
    }),
    memory: rule({ attributes: { unit: words('MiB') }, text: COUNT }),
    currentMemory: rule({ attributes: { unit: words('MiB') }, text: COUNT }),
    vcpu: rule({ attributes: { placement: words('static'), current: COUNT }, text: COUNT }),
    os: rule({
      attributes: { firmware: words('efi') },
      children: {
        type: rule({ attributes: { arch: WORD, machine: WORD }, text: words('hvm') }),
        firmware: rule({ children: { feature: attributes({ enabled: words('no'), name: words('secure-boot') }) } }),
        kernel: text(PATH),
        initrd: text(PATH),
        cmdline: text(COMMAND_LINE),
      },
    }),
    on_poweroff: text(words('destroy')),
    on_reboot: text(words('restart')),
    on_crash: text(words('destroy')),
    pm: rule({ children: { 'suspend-to-mem': enabled, 'suspend-to-disk': enabled } }),
    devices,
    ...TEMPLATE_ELEMENTS,
  },
});
