/**
 * Images on nodes: which a host holds, by what is in them, and how one gets there. An image counts as there when what the host
 * has was read back and is the same; a mark beside it, a volume of its own, says so. Before one is sent, those that nobody
 * needs make room for it.
 */

import type { ImageFormat } from '../image-port.js';

export interface HostVolume {
  readonly name: string;
  readonly path: string;
  /** Bytes on the disk. */
  readonly allocation: number;
}

/** What is needed of a host. */
export interface HostStorage {
  /** Tells hosts apart. */
  readonly uri: string;
  volumes(pool: string): Promise<readonly HostVolume[]>;
  createVolume(pool: string, xml: string): Promise<void>;
  /** It may be gone already. */
  deleteVolume(pool: string, name: string): Promise<void>;
  upload(pool: string, name: string, file: string): Promise<void>;
  digest(pool: string, name: string): Promise<{ readonly sha256: string; readonly bytes: number }>;
}

/** An image as it lies in the repository. */
export interface StoredImage {
  readonly sha256: string;
  readonly format: ImageFormat;
  readonly bytes: number;
  readonly file: string;
}

export interface NodeCacheOptions {
  /** The pool of ours, which is there on every host. */
  readonly pool: string;
  /** What an image is called in it. */
  readonly volumeName: (sha256: string, format: ImageFormat) => string;
  /** The SHA-256 of the image that has this name; null: it is no image. */
  readonly imageIn: (volume: string) => string | null;
}

/** How much room images may take on a host, and which of them stay whatever room there is. */
export interface Room {
  /** Null: without limit. */
  readonly bytesMax: number | null;
  /** Whether somebody needs the image there, as far as is known just now. */
  needs(sha256: string): boolean;
  /** Whether the volume belongs to somebody who may need an image, and of whom nothing is known: then all of them stay. */
  isForeign(volume: string): boolean;
}

/** It arrived broken: the way there, or the disk, is not to be trusted. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

const UNLIMITED: Room = { bytesMax: null, needs: () => true, isForeign: () => false };
const MARK = '.whole';
const COPIES_MAX = 2;

export class NodeCache {
  /** Transfers under way, by host and volume: whoever wants the same waits for the same. */
  private readonly sending = new Map<string, Promise<string>>();
  /** Removals under way: whoever wants the same sends it again. */
  private readonly removing = new Map<string, Promise<void>>();
  /** When each was wanted last, counted. What was before this began comes first. */
  private readonly wanted = new Map<string, number>();
  private count = 0;

  constructor(private readonly options: NodeCacheOptions) {}

  /**
   * Where the image is on the host, once it is there. Rejects when `signal` is aborted, and the transfer goes on for others;
   * with a TransferError where it does not arrive as it is, and with what the host says.
   */
  async place(host: HostStorage, image: StoredImage, signal: AbortSignal, room: Room = UNLIMITED): Promise<string> {
    const name = this.nameOf(image);
    const key = keyOf(host, name);
    this.wanted.set(key, ++this.count);
    await this.removing.get(key);
    signal.throwIfAborted();
    const known = this.sending.get(key);
    const sent = known ?? this.send(host, image, name, room).finally(() => this.sending.delete(key));
    if (known === undefined) this.sending.set(key, sent);
    // Whoever began it may have left.
    sent.catch(() => {});
    return whileWanted(sent, signal);
  }

  /** What the host has whole, of these. O(volumes). */
  async held<I extends Pick<StoredImage, 'sha256' | 'format'>>(host: HostStorage, images: readonly I[]): Promise<I[]> {
    const names = new Set((await host.volumes(this.options.pool)).map(({ name }) => name));
    return images.filter((image) => {
      const name = this.nameOf(image);
      return names.has(name) && names.has(name + MARK);
    });
  }

  /** It may be gone already. The mark goes first: what is left of the rest counts for nothing. */
  async remove(host: HostStorage, image: Pick<StoredImage, 'sha256' | 'format'>): Promise<void> {
    const name = this.nameOf(image);
    await this.sending.get(keyOf(host, name))?.catch(() => {});
    await this.clear(host, name);
  }

  private async send(host: HostStorage, image: StoredImage, name: string, room: Room): Promise<string> {
    const { pool } = this.options;
    // 1. It may be there.
    const there = await host.volumes(pool);
    const found = there.find((one) => one.name === name);
    if (found !== undefined && there.some((one) => one.name === name + MARK)) return found.path;
    await this.makeRoom(host, there, image.bytes, room);
    // 2. Sent, and read back. Of what did not get there nothing stays: it may be what fills the disk.
    try {
      await this.copy(host, image, name);
    } catch (error) {
      await this.clear(host, name).catch(() => {});
      throw error;
    }
    // 3. From now on it is there.
    await host.createVolume(pool, volumeXml(name + MARK, 1));
    const volume = (await host.volumes(pool)).find((one) => one.name === name);
    if (volume === undefined) throw new TransferError(`the image was removed from ${host.uri} while it was sent`);
    return volume.path;
  }

  /** Room for so many bytes more: those that nobody needs go, the one wanted longest ago first. */
  private async makeRoom(host: HostStorage, there: readonly HostVolume[], bytes: number, room: Room): Promise<void> {
    if (room.bytesMax === null || there.some(({ name }) => room.isForeign(name))) return;
    const images = there.flatMap(({ name, allocation }) => {
      const sha256 = this.options.imageIn(name);
      return sha256 === null ? [] : [{ name, sha256, allocation, last: this.wanted.get(keyOf(host, name)) ?? 0 }];
    });
    images.sort((a, b) => a.last - b.last || (a.name < b.name ? -1 : 1));
    let total = images.reduce((sum, { allocation }) => sum + allocation, bytes);
    for (const { name, sha256, allocation } of images) {
      if (total <= room.bytesMax) return;
      const key = keyOf(host, name);
      // Whoever asks for it from here on waits until it is gone.
      if (room.needs(sha256) || this.sending.has(key) || this.removing.has(key)) continue;
      // What cannot be removed is in nobody's way: the next time it is tried again.
      const gone = this.clear(host, name)
        .catch(() => {})
        .finally(() => this.removing.delete(key));
      this.removing.set(key, gone);
      await gone;
      this.wanted.delete(key);
      total -= allocation;
    }
  }

  private async copy(host: HostStorage, image: StoredImage, name: string): Promise<void> {
    const { pool } = this.options;
    for (let copies = 0; copies < COPIES_MAX; copies++) {
      await this.clear(host, name);
      await host.createVolume(pool, volumeXml(name, image.bytes));
      await host.upload(pool, name, image.file);
      const { sha256, bytes } = await host.digest(pool, name);
      if (sha256 === image.sha256 && bytes === image.bytes) return;
    }
    throw new TransferError(`the image ${image.sha256.slice(0, 12)} does not arrive on ${host.uri} as it is`);
  }

  private async clear(host: HostStorage, name: string): Promise<void> {
    await host.deleteVolume(this.options.pool, name + MARK);
    await host.deleteVolume(this.options.pool, name);
  }

  private nameOf({ sha256, format }: Pick<StoredImage, 'sha256' | 'format'>): string {
    return this.options.volumeName(sha256, format);
  }
}

function keyOf(host: HostStorage, name: string): string {
  return `${host.uri} ${name}`;
}

/** A volume that takes a file as it is, whatever its format: libvirt is not to make anything of it. */
export function volumeXml(name: string, bytes: number): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) throw new RangeError('a volume has a plain name');
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw new RangeError('a volume has a size');
  return (
    `<volume type='file'><name>${name}</name><capacity unit='bytes'>${bytes}</capacity>` +
    `<allocation unit='bytes'>0</allocation><target><format type='raw'/></target></volume>`
  );
}

async function whileWanted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave: () => void = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
