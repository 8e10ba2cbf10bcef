/** Files of a host: directories as pools, files as volumes, what they hold through streams. */

import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { HypervisorError, type PoolSpace, type VolumeCopy, type VolumeFacts } from '../hypervisor.js';
import { element, readXml, writeXml } from '../xml.js';
import { eachOf, XML_MAX } from './domains.js';
import { FAULT, type Lane, unless, using } from './lane.js';
import { type Count, now, type Pointer, textAt } from './library.js';

const VOLUMES_MAX = 10_000;
const PATH_MAX = 4096;
/** What one message of libvirt's protocol carries. */
const CHUNK_BYTES = 262_120;
/** A transfer may take as long as it likes, but not stand still for so long. */
const STILL_MS = 60_000;
const TELL_MS = 1000;

export async function ensurePool(lane: Lane, name: string, path: string): Promise<void> {
  const there = await unless([FAULT.noPool], null, () => poolNamed(lane, name));
  const xml = writeXml(
    element('pool', { type: 'dir' }, [element('name', {}, name), element('target', {}, [element('path', {}, path)])]),
  );
  const pool = there ?? (await lane.pointer('virStoragePoolDefineXML', lane.connection, xml, 0));
  await using(pool, 'virStoragePoolFree', async (one) => {
    if (there !== null) await samePlace(lane, one, name, path);
    if ((await lane.status('virStoragePoolIsActive', one)) === 1) return;
    await lane.status('virStoragePoolBuild', one, 0);
    await lane.status('virStoragePoolCreate', one, 0);
    await lane.status('virStoragePoolSetAutostart', one, 1);
  });
}

async function samePlace(lane: Lane, pool: Pointer, name: string, path: string): Promise<void> {
  const { children } = readXml(await lane.text(XML_MAX, 'virStoragePoolGetXMLDesc', pool, 0), XML_MAX);
  const target = children.find((child) => child.name === 'target')?.children ?? [];
  if (target.some((child) => child.name === 'path' && child.text === path)) return;
  throw new HypervisorError(
    'failed',
    `pool ${name} is there already, and not at ${path}: remove it, or choose another name`,
  );
}

/** As its file system is now. */
export async function poolSpace(lane: Lane, name: string): Promise<PoolSpace | null> {
  return unless([FAULT.noPool], null, () =>
    withPool(lane, name, async (pool) => {
      await refresh(lane, pool);
      const info: { capacity?: Count; allocation?: Count; available?: Count } = {};
      await lane.status('virStoragePoolGetInfo', pool, info);
      const [capacity, allocation, available] = [info.capacity, info.allocation, info.available].map(Number);
      return { capacity: capacity!, allocation: allocation!, available: available! };
    }),
  );
}

export async function volumes(lane: Lane, pool: string): Promise<readonly VolumeFacts[]> {
  return withPool(lane, pool, async (one) => {
    await refresh(lane, one);
    const found: VolumeFacts[] = [];
    const all = ['virStoragePoolListAllVolumes', one] as const;
    await eachOf(lane, 'virStorageVolFree', VOLUMES_MAX, all, 0, async (volume) => {
      const facts = await unless([FAULT.noVolume], null, () => volumeOf(lane, volume));
      if (facts !== null) found.push(facts);
    });
    return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  });
}

async function volumeOf(lane: Lane, volume: Pointer): Promise<VolumeFacts> {
  const info: { capacity?: Count; allocation?: Count } = {};
  await lane.status('virStorageVolGetInfo', volume, info);
  return {
    name: textAt(now<Pointer>('virStorageVolGetName', volume), PATH_MAX) ?? '',
    path: await lane.text(PATH_MAX, 'virStorageVolGetPath', volume),
    capacity: Number(info.capacity),
    allocation: Number(info.allocation),
  };
}

export async function createVolume(lane: Lane, pool: string, xml: string): Promise<void> {
  await withPool(lane, pool, async (one) =>
    now('virStorageVolFree', await lane.pointer('virStorageVolCreateXML', one, xml, 0)),
  );
}

export async function copyVolume(
  lane: Lane,
  pool: string,
  xml: string,
  { from: name, format, bytes }: VolumeCopy,
): Promise<void> {
  await withPool(lane, pool, async (one) => {
    await refresh(lane, one);
    await withVolume(lane, pool, name, async (from) => {
      // What was uploaded libvirt has yet to look at, and does so only while nothing else is written there.
      const taken = formatIn(await lane.text(XML_MAX, 'virStorageVolGetXMLDesc', from, 0));
      if ((taken === 'qcow2' ? 'qcow2' : 'raw') !== format)
        throw new HypervisorError('unknown', `${name} is taken for ${taken} as yet, and is ${format}`);
      const copied = await lane.pointer('virStorageVolCreateXMLFrom', one, xml, from, 0);
      // It is as large as what it was copied from, whatever the XML says.
      await using(copied, 'virStorageVolFree', (copy) => lane.status('virStorageVolResize', copy, bytes, 0));
    });
  });
}

function formatIn(xml: string): string | null {
  const target = readXml(xml, XML_MAX).children.find(({ name }) => name === 'target');
  return target?.children.find(({ name }) => name === 'format')?.attributes.type ?? null;
}

export async function deleteVolume(lane: Lane, pool: string, name: string): Promise<void> {
  const deleted = () => withVolume(lane, pool, name, (volume) => lane.status('virStorageVolDelete', volume, 0));
  // One that is still being copied can be removed when that is done: nobody can end it.
  const busy = await unless([FAULT.operationInvalid], true, () => unless([FAULT.noVolume], 0, deleted));
  if (busy === true) throw new HypervisorError('unknown', `${name} cannot be removed as long as it is being written`);
}

export async function upload(
  lane: Lane,
  within: (ms: number) => void,
  pool: string,
  name: string,
  file: string,
): Promise<void> {
  const source = await open(file, 'r');
  try {
    const { size } = await source.stat();
    await withVolume(lane, pool, name, (volume) =>
      throughStream(lane, within, async (stream, moved) => {
        await lane.status('virStorageVolUpload', volume, stream, 0, size, 0);
        const chunk = Buffer.alloc(CHUNK_BYTES);
        for (;;) {
          const { bytesRead } = await source.read(chunk, 0, CHUNK_BYTES, null);
          if (bytesRead === 0) return;
          await sendWhole(lane, stream, chunk.subarray(0, bytesRead));
          moved();
        }
      }),
    );
  } finally {
    await source.close();
  }
}

async function sendWhole(lane: Lane, stream: Pointer, bytes: Buffer): Promise<void> {
  for (let sent = 0; sent < bytes.length; ) {
    sent += await lane.status('virStreamSend', stream, bytes.subarray(sent), bytes.length - sent);
  }
}

export async function download(
  lane: Lane,
  within: (ms: number) => void,
  pool: string,
  name: string,
  file: string,
): Promise<void> {
  const target = await open(file, 'w', 0o600);
  try {
    await eachChunk(lane, within, pool, name, (chunk) => writeWhole(target, chunk));
    await target.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await target.close();
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
  }
}

export async function digest(
  lane: Lane,
  within: (ms: number) => void,
  pool: string,
  name: string,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await eachChunk(lane, within, pool, name, async (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  return { sha256: hash.digest('hex'), bytes };
}

/** What a volume holds, a piece at a time; the next one is asked for when `work` is done with one. */
async function eachChunk(
  lane: Lane,
  within: (ms: number) => void,
  pool: string,
  name: string,
  work: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  await withVolume(lane, pool, name, (volume) =>
    throughStream(lane, within, async (stream, moved) => {
      await lane.status('virStorageVolDownload', volume, stream, 0, 0, 0);
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const received = await lane.status('virStreamRecv', stream, chunk, CHUNK_BYTES);
        if (received === 0) return;
        await work(chunk.subarray(0, received));
        moved();
      }
    }),
  );
}

/** A stream is finished, or aborted: one that is only left keeps its volume busy. */
async function throughStream(
  lane: Lane,
  within: (ms: number) => void,
  work: (stream: Pointer, moved: () => void) => Promise<void>,
): Promise<void> {
  await using(await lane.pointer('virStreamNew', lane.connection, 0), 'virStreamFree', async (stream) => {
    within(STILL_MS);
    let told = performance.now();
    const moved = () => {
      if (performance.now() - told < TELL_MS) return;
      told = performance.now();
      within(STILL_MS);
    };
    try {
      await work(stream, moved);
    } catch (error) {
      await lane.status('virStreamAbort', stream).catch(() => {});
      throw error;
    }
    await lane.status('virStreamFinish', stream);
  });
}

function poolNamed(lane: Lane, name: string): Promise<Pointer> {
  return lane.pointer('virStoragePoolLookupByName', lane.connection, name);
}

async function withPool<T>(lane: Lane, name: string, work: (pool: Pointer) => Promise<T>): Promise<T> {
  return using(await poolNamed(lane, name), 'virStoragePoolFree', work);
}

function withVolume<T>(lane: Lane, pool: string, name: string, work: (volume: Pointer) => Promise<T>): Promise<T> {
  return withPool(lane, pool, async (one) => {
    const look = () => lane.pointer('virStorageVolLookupByName', one, name);
    const known = await unless([FAULT.noVolume], null, look);
    // A file that libvirt has not made itself, as when it saved a VM, is a volume once it has looked.
    if (known === null) await refresh(lane, one);
    return using(known ?? (await look()), 'virStorageVolFree', work);
  });
}

/** While something is written to the pool it cannot be looked through; what libvirt knows of it has to do. */
async function refresh(lane: Lane, pool: Pointer): Promise<void> {
  await unless([FAULT.operationInvalid, FAULT.internal], 0, () => lane.status('virStoragePoolRefresh', pool, 0));
}
