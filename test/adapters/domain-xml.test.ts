/** VMs as libvirt is told of them: kept as files, taken by libvirt, and saying exactly what was described. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { diskTarget, DISKS_MAX, domainXml, type Machine } from '../../adapters/libvirt/domain-xml.js';
import { readTemplate } from '../../adapters/libvirt/template.js';
import { readXml } from '../../adapters/libvirt/xml.js';
import { needs } from '../support/needs.js';
import { described, machine } from './machines.js';
import { anyRecord } from './vm-records.js';

const TEMPLATE = `
<domain>
  <cpu mode='custom' match='exact' check='none'>
    <model fallback='allow'>qemu64</model>
    <topology sockets='1' cores='2' threads='1'/>
    <feature policy='disable' name='svm'/>
  </cpu>
  <clock offset='localtime'><timer name='hpet' present='no'/></clock>
  <devices>
    <video><model type='virtio' vram='16384' heads='1'/></video>
    <watchdog model='i6300esb' action='reset'/>
  </devices>
</domain>`;

const MACHINES: Readonly<Record<string, Machine>> = {
  plain: machine(),
  'kvm-efi': machine({ type: 'kvm', firmware: 'efi', cpu: 'host-model', vcpus: 2, vcpusMax: 4, memoryMaxMiB: 1024 }),
  kernel: machine({
    board: 'pc',
    kernel: { image: '/var/lib/leasehold/vmlinuz', initrd: '/var/lib/leasehold/initrd', commandLine: 'quiet a="<b>"' },
    cpu: 'qemu64',
    consoleLog: null,
  }),
  bridges: machine({
    seed: null,
    nics: [
      { mac: '52:54:00:00:00:02', to: { kind: 'bridge', bridge: 'br0', openVswitch: false, vlan: null } },
      { mac: '52:54:00:00:00:03', to: { kind: 'bridge', bridge: 'ovs0', openVswitch: true, vlan: 42 } },
    ],
  }),
  disks: machine({
    disks: [
      { path: '/srv/a b/it\'s <mine> & "yours".qcow2', format: 'qcow2', backing: null },
      { path: '/srv/ä/データ.raw', format: 'raw', backing: null },
    ],
    cdroms: ['/srv/install.iso'],
  }),
  arm: machine({ arch: 'aarch64', board: 'virt', cpu: 'maximum' }),
  templated: machine({ vcpus: 2, vcpusMax: 2, template: readTemplate(TEMPLATE) }),
  'test-driver': machine({ type: 'test', arch: null, board: null }),
  xen: machine({ type: 'xen', arch: null, board: null }),
};

describe.each(Object.entries(MACHINES))('%s', (name, described) => {
  const xml = domainXml(described);

  test('is written as it was', async () => {
    await expect(xml).toMatchFileSnapshot(`domain-xml/${name}.xml`);
  });

  test('is valid by the schema of libvirt, which takes it', needs('libvirt-clients'), () => {
    const directory = mkdtempSync(join(tmpdir(), 'leasehold-xml-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'domain.xml');
    writeFileSync(file, xml);
    execFileSync('virt-xml-validate', [file, 'domain'], { stdio: 'pipe' });
    const defined = execFileSync('virsh', ['-q', '-c', 'test:///default', `define ${file}; dumpxml ${ID}`], {
      encoding: 'utf8',
    });
    const { lease, vm, order, epoch } = described.record;
    expect(defined).toContain(`lease="${lease}" vm="${vm}" vms="4" run="${order}" order="${order}" epoch="${epoch}"`);
  });
});

const ID = 'leasehold-Lqezvms5owk5xaenlihor-3';

/** Letters of any kind, and those that XML and QEMU read in their own way. */
const letter = fc.oneof(
  fc.constantFrom(...`<>&"'=;,]#%$\`\\-_.: `),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).filter((text) => !/[\p{C}\p{Zl}\p{Zp}/]/u.test(text)),
);
const words = fc.array(letter, { minLength: 1, maxLength: 20 }).map((letters) => letters.join(''));
const path = fc
  .array(
    words.filter((part) => !/^\.{1,2}$/.test(part)),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `/${parts.join('/')}`);
const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/);
const format = fc.constantFrom('qcow2' as const, 'raw' as const);
const mac = fc.stringMatching(/^52:54:00(:[0-9a-f]{2}){3}$/);
const to = fc.oneof(
  fc.record({ kind: fc.constant('network' as const), network: word }),
  fc.record({
    kind: fc.constant('bridge' as const),
    bridge: word,
    openVswitch: fc.boolean(),
    vlan: fc.option(fc.integer({ min: 1, max: 4094 })),
  }),
);
const anyMachine: fc.Arbitrary<Machine> = fc.record({
  record: anyRecord,
  type: fc.constantFrom('qemu' as const, 'kvm' as const, 'xen' as const, 'test' as const),
  arch: fc.constantFrom('x86_64', 'aarch64', null),
  board: fc.option(word),
  firmware: fc.constantFrom('bios' as const, 'efi' as const),
  cpu: fc.option(fc.oneof(word, fc.constantFrom('host-model', 'host-passthrough', 'maximum'))),
  vcpus: fc.integer({ min: 1, max: 512 }),
  vcpusMax: fc.integer({ min: 1, max: 512 }),
  memoryMiB: fc.integer({ min: 1, max: 1_000_000 }),
  memoryMaxMiB: fc.integer({ min: 1, max: 1_000_000 }),
  kernel: fc.option(
    fc.record({ image: path, initrd: fc.option(path), commandLine: fc.stringMatching(/^[\x21-\x7e]{0,40}$/) }),
  ),
  disks: fc.array(fc.record({ path, format, backing: fc.option(fc.record({ path, format })) }), { maxLength: 4 }),
  cdroms: fc.array(path, { maxLength: 2 }),
  seed: fc.option(path),
  nics: fc.array(fc.record({ mac, to }), { maxLength: 3 }),
  consoleLog: fc.option(path),
  template: fc.constant(null),
});

test('says exactly what was described, whatever that is', () => {
  fc.assert(
    fc.property(anyMachine, (any) => {
      expect(described(readXml(domainXml(any)))).toEqual(any);
    }),
    { numRuns: 500 },
  );
});

test('disks have letters, and as many as there are', () => {
  const disk = { path: '/a', format: 'raw', backing: null } as const;
  const xml = domainXml(machine({ disks: Array.from({ length: DISKS_MAX }, () => disk) }));
  expect(xml).toContain(`<target dev='${diskTarget(DISKS_MAX - 1)}' bus='virtio'/>`);
  expect(() => domainXml(machine({ disks: Array.from({ length: DISKS_MAX + 1 }, () => disk) }))).toThrow(/at most 16/);
});

test('a template takes the place of elements and adds devices, and nothing else changes', () => {
  const without = readXml(domainXml(machine()));
  const templated = readXml(domainXml(machine({ template: readTemplate(TEMPLATE) })));
  const replaced = ['cpu', 'clock', 'devices'];
  const rest = (of: typeof without) => of.children.filter(({ name }) => !replaced.includes(name));
  expect(rest(templated)).toEqual(rest(without));
  const devices = (of: typeof without) => of.children.find(({ name }) => name === 'devices')!.children;
  expect(devices(templated).slice(0, devices(without).length)).toEqual(devices(without));
  expect(
    devices(templated)
      .slice(devices(without).length)
      .map(({ name }) => name),
  ).toEqual(['video', 'watchdog']);
});
