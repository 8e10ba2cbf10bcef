/** Images on nodes: sent once, read back, and there only when they are whole. The host is a directory of this machine. */

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { type HostStorage, NodeCache, type StoredImage, volumeXml } from '../../../adapters/images/node-cache.js';
import type { Hypervisor } from '../../../adapters/libvirt/hypervisor.js';
import { imageInVolume, imageVolume } from '../../../adapters/libvirt/names.js';
import { DirectoryHost } from '../../support/directory-host.js';
import { rawImage } from '../../support/image-files.js';

const POOL = 'leasehold';
const WANTED = new AbortController().signal;

let directory = '';
let image: StoredImage;
let host: DirectoryHost;
const cacheOf = () => new NodeCache({ pool: POOL, volumeName: imageVolume, imageIn: imageInVolume });
/** As large as `image`, and with something else in it. */
function another(number: number): StoredImage {
  const file = join(directory, `image-${number}`);
  const content = Buffer.alloc(image.bytes, number);
  writeFileSync(file, content);
  return { ...image, sha256: createHash('sha256').update(content).digest('hex'), file };
}
const left = async () => (await host.volumes()).map(({ name }) => name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-node-'));
  const file = join(mkdtempSync(join(directory, 'repository-')), 'image');
  const content = rawImage();
  writeFileSync(file, content);
  image = { sha256: createHash('sha256').update(content).digest('hex'), format: 'raw', bytes: content.length, file };
  host = new DirectoryHost(mkdtempSync(join(directory, 'pool-')));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('an image on a node', () => {
  it('is sent once, whoever asks and however often, also after a restart', async () => {
    const cache = cacheOf();
    const paths = await Promise.all([cache.place(host, image, WANTED), cache.place(host, image, WANTED)]);
    paths.push(await cacheOf().place(host, image, WANTED));
    expect(new Set(paths).size).toBe(1);
    expect(readFileSync(paths[0]!).equals(readFileSync(image.file))).toBe(true);
    expect(host.uploads).toBe(1);
    expect(await cache.held(host, [image, { ...image, format: 'qcow2' }])).toEqual([image]);
    await cache.remove(host, image);
    await cache.remove(host, image);
    expect(await left()).toEqual([]);
    expect(await cache.held(host, [image])).toEqual([]);
  });

  it('that arrives broken is sent again, and given up when it does so again', async () => {
    let broken = 1;
    host.onUpload = (path) => {
      if (broken-- > 0) writeFileSync(path, 'x');
    };
    await cacheOf().place(host, image, WANTED);
    expect(host.uploads).toBe(2);
    await cacheOf().remove(host, image);
    broken = 2;
    await expect(cacheOf().place(host, image, WANTED)).rejects.toThrow('does not arrive');
    expect(await left()).toEqual([]);
  });

  it('that was half sent when somebody was killed is sent again', async () => {
    await host.createVolume(POOL, volumeXml(imageVolume(image.sha256, 'raw'), image.bytes));
    expect(await cacheOf().held(host, [image])).toEqual([]);
    await cacheOf().place(host, image, WANTED);
    expect(host.uploads).toBe(1);
    // What is gone but for its mark is not there.
    await host.deleteVolume(POOL, imageVolume(image.sha256, 'raw'));
    expect(await cacheOf().held(host, [image])).toEqual([]);
    const path = await cacheOf().place(host, image, WANTED);
    expect(existsSync(path)).toBe(true);
  });

  it('goes on to the others when one of those who wait leaves', async () => {
    let arrive = (): void => {};
    host.onUpload = () => new Promise((resolve) => (arrive = resolve));
    const leaving = new AbortController();
    const cache = cacheOf();
    const gone = cache.place(host, image, leaving.signal);
    const stays = cache.place(host, image, WANTED);
    await expect.poll(() => host.uploads).toBe(1);
    leaving.abort(new Error('not wanted'));
    await expect(gone).rejects.toThrow('not wanted');
    arrive();
    expect(existsSync(await stays)).toBe(true);
  });

  it('makes room: those that nobody needs go, the one wanted longest ago first, and no more than it takes', async () => {
    const [a, b, c, d] = [1, 2, 3, 4].map(another);
    const cache = cacheOf();
    for (const one of [a!, b!, c!, a!]) await cache.place(host, one, WANTED);
    const needed = new Set<string>();
    const room = { bytesMax: 3 * image.bytes, needs: (sha256: string) => needed.has(sha256), isForeign: () => false };
    await cache.place(host, d!, WANTED, room);
    expect(await cache.held(host, [a!, b!, c!, d!])).toEqual([a, c, d]);
    needed.add(c!.sha256);
    await cache.place(host, b!, WANTED, room);
    expect(await cache.held(host, [a!, b!, c!, d!])).toEqual([b, c, d]);
    // After a restart nobody knows who was wanted when.
    await cacheOf().place(host, a!, WANTED, { ...room, bytesMax: 0 });
    expect(await cache.held(host, [a!, b!, c!, d!])).toEqual([a, c]);
  });

  it('makes no room where there is enough, nor beside disks of strangers', async () => {
    const [a, b, c] = [1, 2, 3].map(another);
    const cache = cacheOf();
    await cache.place(host, a!, WANTED);
    const room = { bytesMax: 2 * image.bytes, needs: () => false, isForeign: (name: string) => name === 'disk.qcow2' };
    await cache.place(host, b!, WANTED, room);
    await host.createVolume(POOL, volumeXml('disk.qcow2', 1));
    await cache.place(host, c!, WANTED, room);
    expect(await cache.held(host, [a!, b!, c!])).toEqual([a, b, c]);
  });

  it('that is asked for while it goes is sent again', async () => {
    const [a, b] = [1, 2].map(another);
    const cache = cacheOf();
    await cache.place(host, a!, WANTED);
    let again: Promise<string> | null = null;
    host.onDelete = () => {
      again ??= cache.place(host, a!, WANTED);
    };
    await cache.place(host, b!, WANTED, { bytesMax: 0, needs: () => false, isForeign: () => false });
    expect(existsSync(await again!)).toBe(true);
    expect(await cache.held(host, [a!, b!])).toEqual([a, b]);
  });

  it('has no name that could mean anything to libvirt', () => {
    for (const name of ["a'/>", '../a', '', '-o', 'a b', 'a\n', 'x'.repeat(129)])
      expect(() => volumeXml(name, 1)).toThrow('plain name');
    for (const bytes of [0, -1, 1.5, Number.NaN]) expect(() => volumeXml('a', bytes)).toThrow('size');
  });

  it('needs of a host what a hypervisor can', () => {
    expectTypeOf<Hypervisor>().toExtend<HostStorage>();
  });
});
