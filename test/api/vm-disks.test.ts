/** A disk of a VM becomes an image: read on its host while its lease is suspended, and made one file. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IMAGE_LIMITS, type ImageError } from '../../adapters/image-port.js';
import { Images } from '../../adapters/images/images.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { diskVolume } from '../../adapters/libvirt/names.js';
import { readDisk } from '../../adapters/libvirt/read-disk.js';
import { type ImageNote, keyOfImage, pinned, writtenImage } from '../../api/images/image-notes.js';
import { vmDisks } from '../../api/images/vm-disks.js';
import { emptyState, type Lease, type NodeClass } from '../../engine/index.js';
import { DirectoryHost } from '../support/directory-host.js';
import { MIB, rawImage } from '../support/image-files.js';
import { needs } from '../support/needs.js';

const BASE = rawImage();
const sha256 = createHash('sha256').update(BASE).digest('hex');
const WANTED = new AbortController().signal;
const OTHERWISE = 'written by the guest';
const CLASSES = [{ first: 1, count: 1, names: null, labels: { uri: 'directory:///' } }] as unknown as NodeClass[];

let directory = '';
let host: DirectoryHost;
let lease: { -readonly [K in keyof Lease]?: Lease[K] };
let images: Images;
let notes: Map<string, string>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-disks-'));
  for (const name of ['pool', 'images', 'images/blobs']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'images', 'blobs', sha256), BASE);
  host = new DirectoryHost(join(directory, 'pool'));
  const state = emptyState();
  const terms = { groups: [{ vms: 1, image: pinned('base', sha256) }] } as unknown as Lease['terms'];
  lease = { id: 'L1', sequence: 1, vms: 1, phase: 'suspended', nodes: [1, 1], remaining: 9, run: '3.0', terms };
  state.leases.add(lease as Lease);
  notes = new Map([[keyOfImage('base'), writtenImage(noteOf('raw'))]]);
  const connect = () => host as unknown as Hypervisor;
  const disks = vmDisks({
    state: () => ({ ...state, notes }),
    classes: () => CLASSES,
    read: (...args) => readDisk(connect, ...args),
  });
  images = await Images.open({
    ...{
      directory: join(directory, 'images'),
      allowed: [],
      roots: [],
      limits: { ...IMAGE_LIMITS, bytesMax: 64 * MIB },
    },
    disks,
  });
});
afterEach(() => rmSync(directory, { recursive: true }));

const noteOf = (format: ImageNote['format']): ImageNote => ({
  ...{ source: '/srv/disk.img', format, sha256: null, created: 0, by: 'admin', attempt: 'a' },
  result: { sha256, bytes: MIB, virtualBytes: MIB },
});

/** The disk of VM 1: the image, but for what its guest has written. Where its image lies on the host is of no account here. */
function diskOfGuest(): string {
  const [disk, base] = [join(directory, 'pool', diskVolume('L1', 1, 0, 'qcow2')), join(directory, 'base.raw')];
  writeFileSync(base, BASE);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, disk, '2M']);
  const written = join(directory, 'written');
  writeFileSync(written, OTHERWISE.padEnd(512, '.'));
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -q -s ${written} 4096 512`, disk]);
  rmSync(base);
  return disk;
}

const save = (source: string, format: 'qcow2' | 'raw' = 'qcow2') =>
  images.obtain({ source: images.sourceOf(source), format, sha256: null }, WANTED, () => {});

test('with what the guest has written, and what it has not', needs('qemu-img'), async () => {
  diskOfGuest();
  const held = await save('lease:L1/1');
  expect(held.virtualBytes).toBe(2 * MIB);
  const plain = join(directory, 'plain');
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', images.path(held.sha256), plain]);
  const disk = readFileSync(plain);
  expect(disk.subarray(4096, 4096 + OTHERWISE.length).toString()).toBe(OTHERWISE);
  expect(disk.subarray(0, 4096).equals(BASE.subarray(0, 4096))).toBe(true);
  expect(disk.subarray(8192, MIB).equals(BASE.subarray(8192))).toBe(true);
  expect(
    createHash('sha256')
      .update(readFileSync(images.path(held.sha256)))
      .digest('hex'),
  ).toBe(held.sha256);
});

test('by itself, where what the VM began with was a CD', needs('qemu-img'), async () => {
  const disk = join(directory, 'pool', diskVolume('L1', 1, 0, 'qcow2'));
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '2M']);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 7 4096 512', disk]);
  notes.set(keyOfImage('base'), writtenImage(noteOf('iso')));
  const held = await save('lease:L1/1');
  const plain = join(directory, 'plain');
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', images.path(held.sha256), plain]);
  const expected = Buffer.alloc(2 * MIB);
  expected.fill(7, 4096, 4096 + 512);
  expect(readFileSync(plain).equals(expected)).toBe(true);
});

test('all of it, where it is a copy of its image', needs('qemu-img'), async () => {
  const [disk, raw] = [join(directory, 'pool', diskVolume('L1', 1, 0, 'qcow2')), join(directory, 'base.raw')];
  writeFileSync(raw, BASE);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, disk]);
  // What its guest has emptied is empty, whatever is in the image.
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -z -u 0 512k', disk]);
  const held = await save('lease:L1/1');
  const plain = join(directory, 'plain');
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', images.path(held.sha256), plain]);
  const expected = Buffer.from(BASE).fill(0, 0, MIB / 2);
  expect(readFileSync(plain).equals(expected)).toBe(true);
});

test('only of a lease that is suspended, and stays so', needs('qemu-img'), async () => {
  diskOfGuest();
  lease.phase = 'active';
  await expect(save('lease:L1/1')).rejects.toThrow('the lease is active: suspend it');
  lease.phase = 'suspended';
  host.onDownload = () => {
    lease.remaining = 8;
  };
  await expect(save('lease:L1/1')).rejects.toThrow('went on while the disk was read');
  await expect(save('lease:L1/2')).rejects.toThrow('the lease has 1 VMs');
  await expect(save('lease:L2/1')).rejects.toThrow('there is no lease L2');
});

test('of a host that lies leads nowhere else', needs('qemu-img'), async () => {
  const disk = diskOfGuest();
  const content = readFileSync(disk);
  // An incompatible feature: the data is in another file.
  content.writeBigUInt64BE(1n << 2n, 72);
  writeFileSync(disk, content);
  const refusal = await save('lease:L1/1').catch((error: ImageError) => error);
  expect(refusal).toMatchObject({ code: 'image-refused', message: expect.stringContaining('another file') });
});

test('sources that are none are refused', needs('qemu-img'), async () => {
  for (const source of ['lease:', 'lease:L1', 'lease:L1/0', 'lease:../x/1', 'lease:L1/1/2', 'LEASE:L1/1'])
    expect(() => images.sourceOf(source)).toThrow('must be lease:LEASE/VM');
  const none = await Images.open({ directory: join(directory, 'other'), allowed: [], roots: [], limits: IMAGE_LIMITS });
  expect(() => none.sourceOf('lease:L1/1')).toThrow('--cluster libvirt');
  await expect(save('lease:L1/1', 'raw')).rejects.toThrow('saved as qcow2');
});
