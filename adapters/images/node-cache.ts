/**
 * Images on nodes: which a host holds, by what is in them, and how one gets there. An image counts as there when what the host
 * has was read back and is the same; a mark beside it, a volume of its own, says so. The engine decides what goes.
 */

import type { ImageFormat } from '../image-port.js';

export interface HostVolume {
  readonly name: string;
  readonly path: string;
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
}

/** It arrived broken: the way there, or the disk, is not to be trusted. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

const MARK = '.whole';
const COPIES_MAX = 2;

export class NodeCache {
  /** Transfers under way, by host and volume: whoever wants the same waits for the same. */
  private readonly sending = new Map<string, Promise<string>>();

  constructor(private readonly options: NodeCacheOptions) {}

  /**
   * Where the image is on the host, once it is there. Rejects when `signal` is aborted, and the transfer goes on for others;
   * with a TransferError where it does not arrive as it is, and with what the host says.
   */
  async place(host: HostStorage, image: StoredImage, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const name = this.nameOf(image);
    const key = `${host.uri} ${name}`;
    const known = this.sending.get(key);
    const sent = known ?? this.send(host, image, name).finally(() => this.sending.delete(key));
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
    await this.sending.get(`${host.uri} ${name}`)?.catch(() => {});
    await this.clear(host, name);
  }

  private async send(host: HostStorage, image: StoredImage, name: string): Promise<string> {
    const { pool } = this.options;
    // 1. It may be there.
    const there = await host.volumes(pool);
    const found = there.find((one) => one.name === name);
    if (found !== undefined && there.some((one) => one.name === name + MARK)) return found.path;
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
