/** What libvirt has defined, with VMs of another size. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataXml, type VmRecord } from '../../adapters/libvirt/metadata.js';
import { domainUuid } from '../../adapters/libvirt/names.js';
import { sizeIn, withSize } from '../../adapters/libvirt/resize.js';
import { hasFailed, hasShutDown, type Known } from '../../adapters/libvirt/vm.js';
import { readXml } from '../../adapters/libvirt/xml.js';

const record = { lease: 'A', vm: 1, vms: 1, run: '1.0', order: '1.0', epoch: 1, saved: null };
const metadata = metadataXml({ ...record, site: '0123456789abcdef', resized: '2.0' });
/** As libvirt gives it: in KiB, with processors one by one, and much that it has added itself. */
const DEFINED = `<domain type='qemu'>
  <name>leasehold-A-1</name>
  <uuid>${domainUuid('A', 1)}</uuid>
  <metadata>
    <leasehold:vm xmlns:leasehold="urn:leasehold:domain:1" site="0123456789abcdef" lease="A"/>
  </metadata>
  <memory unit='KiB'>262144</memory>
  <currentMemory unit='KiB'>131072</currentMemory>
  <vcpu placement='static' current='1'>2</vcpu>
  <vcpus>
    <vcpu id='0' enabled='yes' hotpluggable='no' order='1'/>
    <vcpu id='1' enabled='no' hotpluggable='yes'/>
  </vcpus>
  <devices>
    <memballoon model='virtio'/>
  </devices>
</domain>`;

describe('a domain', () => {
  it('has the size that libvirt tells of', () => {
    expect(sizeIn(DEFINED)).toEqual({ vcpus: 1, memoryMiB: 128 });
    expect(sizeIn(`<domain><memory unit='GiB'>2</memory><vcpu>3</vcpu></domain>`)).toEqual({
      vcpus: 3,
      memoryMiB: 2048,
    });
  });

  it('keeps all but its size and its record, and may still have what it was made for', () => {
    const text = (xml: string, name: string) => readXml(xml).children.find((child) => child.name === name)?.text;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 4096 }), (vcpus, memoryMiB) => {
        const xml = withSize(DEFINED, { vcpus, memoryMiB }, metadata);
        expect(sizeIn(xml)).toEqual({ vcpus, memoryMiB });
        expect(text(xml, 'vcpu')).toBe(String(Math.max(2, vcpus)));
        expect(text(xml, 'memory')).toBe(String(Math.max(256, memoryMiB)));
        expect(withSize(xml, { vcpus, memoryMiB }, metadata)).toBe(xml);
        expect(readXml(xml).children.map(({ name }) => name)).toEqual([
          ...['name', 'uuid', 'metadata', 'memory', 'currentMemory', 'vcpu', 'devices'],
        ]);
      }),
    );
    expect(withSize(DEFINED, { vcpus: 2, memoryMiB: 512 }, metadata)).toContain(`resized='2.0'`);
  });
});

describe('a VM that is off', () => {
  const SHUT_DOWN = 1;
  const asFound = (more: Partial<VmRecord>): Known => ({
    facts: { uuid: domainUuid('A', 1), name: 'A', state: 'off', reason: SHUT_DOWN, persistent: true, metadata: null },
    record: { ...record, site: '0123456789abcdef', ...more },
  });

  it('is so because its guest wanted that, unless the guest was asked to, and kept when it did not', () => {
    fc.assert(
      fc.property(fc.boolean(), (isKept) => {
        const found = asFound(isKept ? { kept: '2.0' } : {});
        expect([hasShutDown(found), hasFailed(found)]).toEqual([!isKept, isKept]);
      }),
    );
  });
});
