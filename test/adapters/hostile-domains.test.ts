/** Hostile values in every place of a VM's description: refused with a reason, or written so that they stay where they are. */

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { domainXml, type Machine } from '../../adapters/libvirt/domain-xml.js';
import { recordOf, metadataXml } from '../../adapters/libvirt/metadata.js';
import { domainUuid } from '../../adapters/libvirt/names.js';
import { bridgeNetworkXml, madeNetworkXml, networkHostXml } from '../../adapters/libvirt/networks.js';
import { parseSubnet } from '../../adapters/libvirt/pools.js';
import { readTemplate } from '../../adapters/libvirt/template.js';
import { readXml, XmlError } from '../../adapters/libvirt/xml.js';
import { needs } from '../support/needs.js';
import { HOSTILE } from './hostile-values.js';
import { described, machine } from './machines.js';

const kernel = { image: '/vmlinuz', initrd: null, commandLine: 'quiet' };
const { record } = machine();

/** Each place, with the value in it. */
const PLACES: Readonly<Record<string, (value: string) => Machine>> = {
  lease: (lease) => machine({ record: { ...record, lease } }),
  order: (order) => machine({ record: { ...record, order } }),
  type: (type) => machine({ type: type as Machine['type'] }),
  arch: (arch) => machine({ arch }),
  board: (board) => machine({ board }),
  cpu: (cpu) => machine({ cpu }),
  kernel: (image) => machine({ kernel: { ...kernel, image } }),
  initrd: (initrd) => machine({ kernel: { ...kernel, initrd } }),
  'command line': (commandLine) => machine({ kernel: { ...kernel, commandLine } }),
  disk: (path) => machine({ disks: [{ path, format: 'raw', backing: null }] }),
  format: (format) => machine({ disks: [{ path: '/a', format: format as 'raw', backing: null }] }),
  backing: (path) => machine({ disks: [{ path: '/a', format: 'qcow2', backing: { path, format: 'raw' } }] }),
  cdrom: (path) => machine({ cdroms: [path] }),
  seed: (seed) => machine({ seed }),
  console: (consoleLog) => machine({ consoleLog }),
  mac: (mac) => machine({ nics: [{ mac, to: { kind: 'network', network: 'a' } }] }),
  network: (network) => machine({ nics: [{ mac: '52:54:00:00:00:01', to: { kind: 'network', network } }] }),
  bridge: (bridge) =>
    machine({ nics: [{ mac: '52:54:00:00:00:01', to: { kind: 'bridge', bridge, openVswitch: true, vlan: null } }] }),
};

/** What became of it: the XML, or null where it was refused. */
function written(describe: () => string): string | null {
  try {
    return describe();
  } catch (error) {
    if (!(error instanceof XmlError || error instanceof RangeError)) throw error;
    expect(error.message).toMatch(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]{10,400}$/u);
    return null;
  }
}

test('there are enough of them', () => {
  expect(new Set(HOSTILE).size).toBeGreaterThan(300);
});

test.each(Object.entries(PLACES))('as a %s: refused, or it stays there', (_, of) => {
  let refused = 0;
  for (const value of HOSTILE) {
    const xml = written(() => domainXml(of(value)));
    if (xml === null) refused++;
    else expect(described(readXml(xml)), JSON.stringify(value)).toEqual(of(value));
  }
  // Of what is printable a path may have almost anything.
  expect(refused).toBeGreaterThan(150);
});

test('another reader of XML finds the same in all of them', needs('python3'), () => {
  const accepted = Object.values(PLACES).flatMap((of) =>
    HOSTILE.flatMap((value) => written(() => domainXml(of(value))) ?? []),
  );
  const script = `
import json, sys, xml.etree.ElementTree as E
tree = lambda e: [e.tag.replace('{urn:leasehold:domain:1}', 'leasehold:'), dict(e.attrib), [tree(c) for c in e], '' if len(e) else (e.text or '')]
print(json.dumps([tree(E.fromstring(x)) for x in json.load(sys.stdin)]))`;
  const told = execFileSync('python3', ['-c', script], { input: JSON.stringify(accepted), maxBuffer: 2 ** 28 });
  expect(accepted.length).toBeGreaterThan(100);
  expect(JSON.parse(told.toString('utf8'))).toEqual(accepted.map((xml) => treeOf(readXml(xml))));
});

function treeOf({ name, attributes, children, text }: ReturnType<typeof readXml>): unknown {
  const { 'xmlns:leasehold': _, ...others } = attributes;
  return [name, others, children.map(treeOf), text];
}

describe('a template', () => {
  test.each([
    ['a file', "<domain><devices><disk type='file'><source file='/etc/shadow'/></disk></devices></domain>", '<"disk">'],
    ['a host device', "<domain><devices><hostdev mode='subsystem' type='pci'/></devices></domain>", '<"hostdev">'],
    ['a shared directory', "<domain><devices><filesystem type='mount'/></devices></domain>", '<"filesystem">'],
    [
      'a listening screen',
      "<domain><devices><graphics type='vnc' listen='0.0.0.0'/></devices></domain>",
      '<"graphics">',
    ],
    ['another network', "<domain><devices><interface type='bridge'/></devices></domain>", '<"interface">'],
    ['another emulator', '<domain><devices><emulator>/tmp/x</emulator></devices></domain>', '<"emulator">'],
    [
      'commands',
      "<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:commandline/></domain>",
      'xmlns:qemu',
    ],
    ['commands without a namespace', '<domain><qemu:commandline/></domain>', 'qemu:commandline'],
    ['another name', '<domain><name>leasehold-other-1</name></domain>', '<"name">'],
    ['another id', '<domain><uuid>x</uuid></domain>', '<"uuid">'],
    ['our mark', "<domain><metadata><leasehold:vm lease='L1'/></metadata></domain>", '<"metadata">'],
    ['another size', '<domain><memory>1</memory></domain>', '<"memory">'],
    ['more cpus', '<domain><vcpu>64</vcpu></domain>', '<"vcpu">'],
    ['another kernel', '<domain><os><kernel>/etc/x</kernel></os></domain>', '<"os">'],
    ['another type', "<domain type='kvm'/>", '"type"'],
    ['a core dump', "<domain><devices><watchdog model='i6300esb' action='dump'/></devices></domain>", '"dump"'],
    ['much memory for a screen', "<domain><devices><video><model vram='65537'/></video></devices></domain>", '"65537"'],
    ['a label', "<domain><seclabel type='none'/></domain>", '<"seclabel">'],
    ['many of one', `<domain>${'<cpu/>'.repeat(2)}</domain>`, 'more than once'],
    ['text in between', '<domain><cpu>x</cpu></domain>', 'text'],
    ['an entity', '<!DOCTYPE domain [<!ENTITY x "y">]><domain/>', 'DOCTYPE'],
    ['an entity of no document', '<domain><cpu><model>&x;</model></cpu></domain>', '&x;'],
    ['a number for a letter', '<domain><cpu><model>&#x61;</model></cpu></domain>', '&#x61'],
    ['a section as it is', '<domain><![CDATA[x]]></domain>', 'CDATA'],
    ['an instruction', '<?xml version="1.0"?><domain/>', '<?xml'],
    ['two of them', '<domain/><domain/>', 'one'],
    ['another element', '<network/>', '<"network">'],
    ['half of one', '<domain>', 'Unclosed'],
    ['nothing', '', 'expected'],
    ['much', `<domain>${' '.repeat(20_000)}</domain>`, 'more than 16384'],
    ['many blanks', `<domain${' '.repeat(2_000)}/>`, 'blanks'],
    ['depth', `${'<domain>'.repeat(100)}${'</domain>'.repeat(100)}`, 'nested'],
    ['a member of all objects', '<domain><constructor/></domain>', 'constructor'],
    ['its prototype', '<domain __proto__="x"/>', '__proto__'],
  ])('with %s is refused', (_, template, reason) => {
    expect(() => readTemplate(template)).toThrow(XmlError);
    expect(() => readTemplate(template)).toThrow(reason);
  });

  test('with any hostile value in it is refused', () => {
    for (const value of HOSTILE) {
      const places = [
        `<domain><cpu><model>${value}</model></cpu></domain>`,
        `<domain><cpu mode='${value}'/></domain>`,
        value,
      ];
      for (const text of places) {
        const harmless = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$|^$/.test(value) && text === places[0];
        if (!harmless) expect(() => readTemplate(text), JSON.stringify(value)).toThrow(XmlError);
      }
    }
  });
});

test('networks take them neither', () => {
  const subnet = parseSubnet('10.0.0.0/24')!;
  const uuid = domainUuid(record.lease, record.vm);
  const mark = { site: record.site, network: 'a', lease: null };
  const made = { name: 'a', uuid, mark, bridge: 'a', reach: 'nat', subnet, hosts: [] } as const;
  const host = { mac: '52:54:00:00:00:01', address: '10.0.0.2', name: 'a-1' };
  const plain = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
  for (const value of HOSTILE.filter((one) => !plain.test(one))) {
    expect(
      written(() => madeNetworkXml({ ...made, name: value })),
      value,
    ).toBeNull();
    expect(
      written(() => madeNetworkXml({ ...made, bridge: value })),
      value,
    ).toBeNull();
    for (const member of ['site', 'network', 'lease'])
      expect(
        written(() => madeNetworkXml({ ...made, mark: { ...mark, [member]: value } })),
        value,
      ).toBeNull();
    expect(written(() => bridgeNetworkXml({ name: 'a', bridge: value, openVswitch: false, vlan: null }))).toBeNull();
    for (const member of ['mac', 'address', 'name'])
      expect(
        written(() => networkHostXml({ ...host, [member]: value })),
        value,
      ).toBeNull();
  }
});

test('metadata of any kind makes a domain ours only if it is', () => {
  const uuid = domainUuid(record.lease, record.vm);
  for (const value of HOSTILE) {
    expect(recordOf(value, uuid)).toBeNull();
    for (const member of ['site', 'lease', 'vm', 'vms', 'run', 'order', 'epoch'])
      expect(
        recordOf(
          metadataXml(record).replace(new RegExp(` ${member}='[^']*'`), () => ` ${member}='${value}'`),
          uuid,
        ) ?? record,
      ).toMatchObject({ lease: record.lease, vm: record.vm });
  }
});
