/** Networks as libvirt is told of them, and the numbers that are handed out in them. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bridgeNetworkXml, madeNetworkXml, networkHostXml, readNetwork } from '../../adapters/libvirt/networks.js';
import {
  addressesOf,
  formatAddress,
  formatSubnet,
  gatewayOf,
  handOut,
  MAC_RANGE,
  macOf,
  numberOfMac,
  parseAddress,
  parseSubnet,
  subnetIn,
  subnetsInUse,
} from '../../adapters/libvirt/pools.js';
import { needs } from '../support/needs.js';

const subnet = parseSubnet('10.77.3.0/24')!;
const hosts = [
  { mac: '52:54:00:00:00:01', address: '10.77.3.2', name: 'l1-1' },
  { mac: '52:54:00:00:00:02', address: '10.77.3.3', name: 'l1-2' },
];
const uuid = '8d7cbc5e-7a52-5d9c-9b32-6d2d7f6b3a11';
const mark = { site: '0123456789abcdef', network: 'lab', lease: 'L1' };
const made = { name: 'leasehold-L1', uuid, mark, bridge: 'lh0123456789ab', subnet, hosts } as const;

const NETWORKS = {
  nat: madeNetworkXml({ ...made, reach: 'nat' }),
  isolated: madeNetworkXml({ ...made, reach: 'isolated' }),
  bridge: bridgeNetworkXml({ name: 'campus', bridge: 'br0', openVswitch: false, vlan: null }),
  vlan: bridgeNetworkXml({ name: 'campus-42', bridge: 'ovs0', openVswitch: true, vlan: 42 }),
};

describe.each(Object.entries(NETWORKS))('a network of kind %s', (kind, xml) => {
  test('is written as it was', async () => {
    await expect(xml).toMatchFileSnapshot(`network-xml/${kind}.xml`);
  });

  test('is valid by the schema of libvirt, which takes it', needs('libvirt-clients'), () => {
    const directory = mkdtempSync(join(tmpdir(), 'leasehold-xml-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'network.xml');
    writeFileSync(file, xml);
    execFileSync('virt-xml-validate', [file, 'network'], { stdio: 'pipe' });
    const { name } = readNetwork(xml);
    const told = execFileSync('virsh', ['-q', '-c', 'test:///default', `net-define ${file}; net-dumpxml ${name}`]);
    // What libvirt makes of it says the same of who is on it.
    const own = told.toString('utf8').slice(told.indexOf('<network'));
    expect(readNetwork(own.trim())).toEqual(readNetwork(xml));
  });
});

test('what is in use on a network is read from its XML, whoever has made it', () => {
  expect(readNetwork(NETWORKS.nat)).toEqual({ name: 'leasehold-L1', mark, subnets: [subnet], hosts });
  const other = `<network><name>a</name><ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp><host mac='52:54:00:AA:00:01' ip='192.168.122.9'/><host name='x' ip='192.168.122.10'/></dhcp></ip>
    <ip family='ipv6' address='fd00::1' prefix='64'/></network>`;
  const read = readNetwork(other);
  expect(read.subnets.map(formatSubnet)).toEqual(['192.168.122.0/24']);
  expect(read.mark).toBeNull();
  expect(read.hosts).toEqual([{ mac: '52:54:00:aa:00:01', address: '192.168.122.9', name: '' }]);
  expect(() => readNetwork('<domain/>')).toThrow('not a network');
  expect(networkHostXml(hosts[0]!)).toBe("<host mac='52:54:00:00:00:01' name='l1-1' ip='10.77.3.2'/>");
});

test('addresses and subnets are read and written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 8, max: 30 }), (number, prefix) => {
      expect(parseAddress(formatAddress(number))).toBe(number);
      const size = 2 ** (32 - prefix);
      const whole = { address: number - (number % size), prefix };
      expect(parseSubnet(formatSubnet(whole))).toEqual(whole);
      const { first, last } = addressesOf(whole);
      expect(gatewayOf(whole)).toBe(first - 1);
      expect([first > whole.address, last < whole.address + size - 1]).toEqual([true, true]);
    }),
  );
  for (const wrong of [
    '',
    '10.0.0.0',
    '10.0.0.1/24',
    '10.0.0.0/7',
    '10.0.0.0/31',
    '010.0.0.0/24',
    '256.0.0.0/8',
    '1.2.3/24',
  ])
    expect(parseSubnet(wrong), wrong).toBeNull();
});

test('MACs are numbers with the prefix of QEMU', () => {
  expect(macOf(0xabcdef)).toBe('52:54:00:ab:cd:ef');
  fc.assert(
    fc.property(fc.integer({ min: MAC_RANGE.first, max: MAC_RANGE.last }), (number) => {
      expect(numberOfMac(macOf(number))).toBe(number);
    }),
  );
  for (const other of ['', '52:54:01:00:00:01', '52:54:00:00:00', 'x']) expect(numberOfMac(other)).toBeNull();
});

describe('numbers are handed out', () => {
  const range = fc.record({ first: fc.nat(20), size: fc.integer({ min: 1, max: 30 }) });
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 12 });

  test('each once, within the range, as long as there are any', () => {
    fc.assert(
      fc.property(range, numbers, ids, ({ first, size }, used, wanted) => {
        const of = { first, last: first + size - 1 };
        const free = Array.from({ length: size }, (_, i) => first + i).filter((number) => !used.includes(number));
        const given = handOut(of, new Set(used), wanted);
        if (given === null) {
          expect(free.length).toBeLessThan(wanted.length);
          return;
        }
        expect(new Set(given).size).toBe(wanted.length);
        expect(given.every((number) => free.includes(number))).toBe(true);
        expect(handOut(of, new Set(used), wanted)).toEqual(given);
      }),
    );
  });

  test('none twice at a time, whoever comes and goes', () => {
    const of = { first: 1, last: 8 };
    const steps = fc.array(fc.record({ id: fc.constantFrom(...'abcdefghijkl'), goes: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const held = new Map<string, number>();
        for (const { id, goes } of all) {
          if (goes) held.delete(id);
          else if (!held.has(id)) {
            const [number] = handOut(of, new Set(held.values()), [id]) ?? [];
            if (number === undefined) expect(held.size).toBe(8);
            else held.set(id, number);
          }
          expect(new Set(held.values()).size).toBe(held.size);
        }
      }),
    );
  });

  test('to who comes back, the same again', () => {
    const [first] = handOut(MAC_RANGE, new Set(), ['L1/1'])!;
    const [, again] = handOut(MAC_RANGE, new Set([1, 2, 3]), ['L2/1', 'L1/1'])!;
    expect(again).toBe(first);
  });

  test('as subnets, none that overlaps another', () => {
    const whole = parseSubnet('10.0.0.0/16')!;
    const taken = ['10.0.0.0/24', '10.0.4.0/22', '10.0.1.128/25', '192.168.0.0/24'].map((text) => parseSubnet(text)!);
    expect([...subnetsInUse(whole, 24, taken)].sort((a, b) => a - b)).toEqual([0, 1, 4, 5, 6, 7]);
    expect(subnetsInUse(whole, 24, [{ address: 0, prefix: 0 }]).size).toBe(256);
    expect(formatSubnet(subnetIn(whole, 24, 255))).toBe('10.0.255.0/24');
    const overlaps = (a: typeof whole, b: typeof whole) => {
      const [end, otherEnd] = [a, b].map(({ address, prefix }) => address + 2 ** (32 - prefix));
      return a.address < otherEnd! && b.address < end!;
    };
    const any = fc
      .record({ number: fc.nat(2 ** 17), prefix: fc.integer({ min: 14, max: 30 }) })
      .map(({ number, prefix }) => {
        const address = whole.address + number;
        return { address: address - (address % 2 ** (32 - prefix)), prefix };
      });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (others) => {
        const used = subnetsInUse(whole, 24, others);
        for (let i = 0; i < 256; i++)
          expect(used.has(i)).toBe(others.some((other) => overlaps(other, subnetIn(whole, 24, i))));
      }),
      { numRuns: 30 },
    );
  });
});
