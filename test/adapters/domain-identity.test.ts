/** Which domains are ours, and what things of ours are called. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordOf, metadataXml } from '../../adapters/libvirt/metadata.js';
import {
  consoleLog,
  diskVolume,
  domainName,
  domainUuid,
  hostName,
  imageInVolume,
  imageVolume,
  leaseNetwork,
  memoryVolume,
  ownerOfVolume,
  seedVolume,
} from '../../adapters/libvirt/names.js';
import { anyRecord } from './vm-records.js';

const SITE = '0123456789abcdef';
const LEASE = 'Lqezvms5owk5xaenlihor';
const lease = fc.stringMatching(/^L[a-z2-7]{20}(-[1-9]\d{0,2})?$/);

describe('a domain', () => {
  test('is called by its lease and number, always the same', () => {
    expect(domainName(LEASE, 3)).toBe('leasehold-Lqezvms5owk5xaenlihor-3');
    // Kept: who changes how it is made loses every VM that runs.
    expect(domainUuid(LEASE, 3)).toBe('fae8dcc2-6927-599a-bbf2-442d990e67b2');
    expect(hostName(LEASE, 3)).toBe('lqezvms5owk5xaenlihor-3');
    expect(() => domainName(LEASE, 0)).toThrow(RangeError);
    expect(() => domainName('../x', 1)).toThrow(RangeError);
  });

  test('is ours by its metadata and UUID together', () => {
    fc.assert(
      fc.property(anyRecord, anyRecord, (own, other) => {
        const uuid = domainUuid(own.lease, own.vm);
        expect(recordOf(metadataXml(own), uuid)).toEqual(own);
        expect(recordOf(metadataXml(own), uuid.toUpperCase())).toEqual(own);
        expect(recordOf(null, uuid)).toBeNull();
        // A copy of the element in another domain makes that one nobody's.
        if (other.lease !== own.lease) expect(recordOf(metadataXml(own), domainUuid(other.lease, other.vm))).toBeNull();
      }),
    );
  });

  test('is known whether libvirt gives the prefix or not, and with what a later version adds', () => {
    const uuid = domainUuid('L1', 2);
    const known = { site: SITE, lease: 'L1', vm: 2, vms: 2, run: '3.0', order: '3.0', epoch: 4, saved: null };
    const said = `site="${SITE}" lease="L1" vm="2" vms="2" run="3.0" order="3.0"`;
    expect(recordOf(`<vm ${said} epoch="4"/>`, uuid)).toEqual(known);
    expect(recordOf(`<vm ${said} epoch="4" more="5"/>`, uuid)).toEqual(known);
    expect(recordOf(`<vm ${said}/>`, uuid)).toBeNull();
    expect(recordOf(`<vm ${said} epoch="4" saved="5.0" at="6"/>`, uuid)).toBeNull();
    expect(recordOf(`<other ${said} epoch="4"/>`, uuid)).toBeNull();
  });
});

test('no two things have the same name, and volumes say whose they are', () => {
  const names = (of: string, number: number) => [
    diskVolume(of, number, 0, 'qcow2'),
    diskVolume(of, number, 1, 'qcow2'),
    seedVolume(of, number),
    memoryVolume(of, number, '1.0'),
    memoryVolume(of, number, '1.1'),
    consoleLog(of, number),
  ];
  const all = ['L1', 'L11', 'L2', 'L1-1', 'L1-11', 'L1-2'].flatMap((of) =>
    [1, 11, 2].flatMap((number) => names(of, number)),
  );
  expect(new Set(all).size).toBe(all.length);
  for (const of of ['L1', 'L1-3'])
    for (const name of names(of, 11)) expect(ownerOfVolume(name)).toEqual({ lease: of, vm: 11 });
  for (const other of [imageVolume('a'.repeat(64), 'raw'), 'leasehold-L1', 'x', '../leasehold-L1-1-seed.iso'])
    expect(ownerOfVolume(other)).toBeNull();
  expect(() => imageVolume('../x', 'raw')).toThrow(RangeError);
  expect(imageInVolume(imageVolume('a'.repeat(64), 'qcow2'))).toBe('a'.repeat(64));
  for (const other of [
    `${imageVolume('a'.repeat(64), 'raw')}.whole`,
    'leasehold-image-a.raw',
    diskVolume('L1', 1, 0, 'raw'),
  ])
    expect(imageInVolume(other)).toBeNull();
});

test('the network of a lease has names that libvirt and Linux take', () => {
  fc.assert(
    fc.property(lease, (of) => {
      expect(leaseNetwork(of)).toBe(`leasehold-${of}`);
    }),
  );
});
