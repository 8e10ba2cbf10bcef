/**
 * What users may say of the hardware of their VMs: a `<domain>` of libvirt's with a few elements that touch nothing but
 * the VM itself. No files, networks, host devices, sizes, commands, and nothing that we say ourselves.
 */

import { checkAgainst, COUNT, ON_OFF, type Rule, rule, several, WORD, words, YES_NO } from './grammar.js';
import { element, readXml, type XmlElement } from './xml.js';

export const TEMPLATE_LENGTH_MAX = 16 * 1024;

/** Read and checked. Throws an XmlError that says what is not accepted. */
export function readTemplate(text: string): XmlElement {
  const template = readXml(text, TEMPLATE_LENGTH_MAX);
  checkAgainst(rule({ children: { domain: TEMPLATE } }), element('template', {}, [template]));
  return template;
}

/**
 * `domain` with what the template says: its elements in place of those of the same name, its devices beside ours. The
 * order within `<domain>` and `<devices>` is of no account to libvirt.
 */
export function withTemplate(domain: XmlElement, template: XmlElement): XmlElement {
  const said = template.children.filter(({ name }) => name !== 'devices');
  const devices = template.children.find(({ name }) => name === 'devices')?.children ?? [];
  const names = new Set(said.map(({ name }) => name));
  const children = domain.children
    .filter(({ name }) => !names.has(name))
    .map((child) => (child.name === 'devices' ? element('devices', {}, [...child.children, ...devices]) : child));
  return { ...domain, children: [...children, ...said] };
}

const state = rule({ attributes: { state: ON_OFF } });

const CPU = rule({
  attributes: {
    mode: words('custom', 'host-model', 'host-passthrough', 'maximum'),
    match: words('minimum', 'exact', 'strict'),
    check: words('none', 'partial', 'full'),
    migratable: ON_OFF,
  },
  children: {
    model: rule({ attributes: { fallback: words('allow', 'forbid') }, text: WORD }),
    vendor: rule({ text: WORD }),
    topology: rule({ attributes: { sockets: COUNT, dies: COUNT, cores: COUNT, threads: COUNT } }),
    feature: several(64, {
      attributes: { name: WORD, policy: words('force', 'require', 'optional', 'disable', 'forbid') },
    }),
  },
});

const FEATURES = rule({
  children: {
    acpi: rule(),
    apic: rule(),
    pae: rule(),
    pmu: state,
    vmport: state,
    kvm: rule({ children: { hidden: state } }),
    hyperv: rule({
      attributes: { mode: words('custom', 'passthrough') },
      children: {
        relaxed: state,
        vapic: state,
        spinlocks: rule({ attributes: { state: ON_OFF, retries: COUNT } }),
        vpindex: state,
        runtime: state,
        synic: state,
        stimer: state,
        frequencies: state,
      },
    }),
  },
});

const CLOCK = rule({
  attributes: { offset: words('utc', 'localtime') },
  children: {
    timer: several(8, {
      attributes: {
        name: words('pit', 'rtc', 'hpet', 'tsc', 'kvmclock', 'hypervclock'),
        present: YES_NO,
        tickpolicy: words('delay', 'catchup', 'merge', 'discard'),
      },
    }),
  },
});

/** Devices of a template: beside ours. */
export const TEMPLATE_DEVICES: Readonly<Record<string, Rule>> = {
  video: several(2, {
    children: {
      model: rule({
        attributes: {
          type: words('none', 'vga', 'cirrus', 'virtio', 'bochs'),
          // KiB, up to 64 MiB: it is memory of the host's.
          vram: /^([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-6])$/,
          heads: /^[1-4]$/,
        },
      }),
    },
  }),
  input: several(4, { attributes: { type: words('mouse', 'keyboard', 'tablet'), bus: words('ps2', 'virtio') } }),
  watchdog: rule({
    attributes: { model: words('i6300esb', 'diag288'), action: words('reset', 'shutdown', 'poweroff', 'none') },
  }),
  panic: rule({ attributes: { model: words('isa', 'pseries', 's390') } }),
};

/** Elements of a template: in place of ours. */
export const TEMPLATE_ELEMENTS: Readonly<Record<string, Rule>> = { cpu: CPU, features: FEATURES, clock: CLOCK };

const TEMPLATE = rule({ children: { ...TEMPLATE_ELEMENTS, devices: rule({ children: TEMPLATE_DEVICES }) } });
