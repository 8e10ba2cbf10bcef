/** From the image that a lease names to the one that its VM begins with, on a host. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { diskVolume, imageVolume } from '../../adapters/libvirt/names.js';
import { VmError } from '../../adapters/libvirt/vm.js';
import { type ImageNote, keyOfImage, pinned, writtenImage } from '../../api/images/image-notes.js';
import { placing } from '../../api/images/placing.js';
import { emptyState, type Lease, type State } from '../../engine/index.js';
import { DirectoryHost } from '../support/directory-host.js';
import { MIB, rawImage } from '../support/image-files.js';

const DISK = rawImage();
const sha256 = createHash('sha256').update(DISK).digest('hex');
const WANTED = new AbortController().signal;

let directory = '';
let notes: Map<string, string>;
let state: State;
let hosts = '';
let host: DirectoryHost;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-placing-'));
  mkdirSync(join(directory, 'blobs'));
  writeFileSync(join(directory, 'blobs', sha256), DISK);
  hosts = mkdtempSync(join(directory, 'host-'));
  host = new DirectoryHost(hosts);
  const note: ImageNote = {
    ...{ source: '/srv/disk.img', format: 'raw', sha256: null, created: 0, by: 'admin', attempt: 'a' },
    result: { sha256, bytes: MIB, virtualBytes: MIB },
  };
  state = emptyState();
  notes = new Map([[keyOfImage('disk'), writtenImage(note)]]);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Of a hypervisor it needs the storage alone. */
const place = (image: string) =>
  placing({ state: () => ({ ...state, notes }), nodesAt: () => [1] }, { images: directory, hosts })(
    host as unknown as Hypervisor,
    image,
    WANTED,
  );

it('a registered image is sent to the host', async () => {
  const placed = await place(pinned('disk', sha256));
  expect(placed).toMatchObject({ format: 'raw', bytes: MIB, kernel: null });
  expect(readFileSync(placed.path).equals(DISK)).toBe(true);
  expect(host.uploads).toBe(1);
});

it('an image that was not registered is one that somebody has put there', async () => {
  writeFileSync(join(hosts, 'mine.raw'), DISK);
  expect(await place('mine')).toMatchObject({ path: join(hosts, 'mine.raw') });
  await expect(place('none')).rejects.toThrow(VmError);
});

it('an image that is another one by now, or is not here, is not begun with', async () => {
  await expect(place(pinned('disk', 'a'.repeat(64)))).rejects.toThrow('is not what it was');
  rmSync(join(directory, 'blobs', sha256));
  await expect(place(pinned('disk', sha256))).rejects.toThrow('being fetched again');
  notes.clear();
  await expect(place(pinned('disk', sha256))).rejects.toThrow(VmError);
});

it('makes room for an image: what no lease names and the schedule does not count on there goes', async () => {
  const volumes = ['1', '2', '3'].map((digit) => imageVolume(digit.repeat(64), 'raw'));
  const disk = diskVolume('L1', 1, 0, 'qcow2');
  for (const name of [...volumes, disk]) writeFileSync(join(hosts, name), DISK);
  const there = () => volumes.filter((name) => existsSync(join(hosts, name)));
  state.policy = { ...state.policy, imageCacheMax: 1 };
  // The disk may be that of another site's lease, whose image nobody knows.
  await place(pinned('disk', sha256));
  expect(there()).toEqual(volumes);
  const terms = { groups: [{ image: pinned('a', '1'.repeat(64)) }] };
  state.leases.add({ id: 'L1', sequence: 1, terms } as unknown as Lease);
  state.images.set(1, [{ image: pinned('b', '2'.repeat(64)), size: 1, until: 0 }]);
  rmSync(join(hosts, imageVolume(sha256, 'raw')));
  await place(pinned('disk', sha256));
  expect(there()).toEqual(volumes.slice(0, 2));
});
