/** Gets images: from where they are said to be into the store, whole, as they should be, and looked at. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DestinationError, Destinations, type Resolve } from '../destinations.js';
import { type Fetched, fetchInto, type Open } from './fetch.js';
import { fileSource, mayBeWithin } from './file-source.js';
import { ftpSource } from './ftp-source.js';
import { inspectImage } from './inspect.js';
import {
  type HeldImage,
  ImageError,
  type ImageFormat,
  type ImageLimits,
  type ImageProgress,
  type ImageRepository,
  type SavedDisk,
  type VmDisks,
  type WantedImage,
} from '../image-port.js';
import { canCheck, checkQcow2, flatten } from './qemu-img.js';
import type { Found } from './qcow2.js';
import { ImageStore, type Part } from './store.js';
import { webSource } from './web-source.js';

export interface ImagesOptions {
  readonly directory: string;
  /** Ranges of addresses that are not public, and may be fetched from. */
  readonly allowed: readonly string[];
  /** Directories of this machine below which images may be. */
  readonly roots: readonly string[];
  readonly limits: ImageLimits;
  /** Null, and without it: there are no VMs that have disks. */
  readonly disks?: VmDisks | null;
  /** Default: DNS. */
  readonly resolve?: Resolve;
}

/** A checksum that does not match is looked at twice: the first time it may have been the way. */
const COPIES_MAX = 2;
const SOURCE_MAX = 2048;
/** A VM of a lease. */
const DISK = /^lease:([A-Za-z0-9][A-Za-z0-9-]{0,63})\/([1-9]\d{0,4})$/;

export class Images implements ImageRepository {
  private constructor(
    private readonly store: ImageStore,
    private readonly destinations: Destinations,
    private readonly options: ImagesOptions,
  ) {}

  static async open(options: ImagesOptions): Promise<Images> {
    const store = await ImageStore.open(options.directory);
    const destinations = new Destinations({ http: true, ftp: true, allowed: options.allowed }, options.resolve);
    return new Images(store, destinations, options);
  }

  get takesDisks(): boolean {
    return (this.options.disks ?? null) !== null && canCheck();
  }

  sourceOf(text: string): string {
    if (/^nfs:/i.test(text))
      throw refusedSource('must not be an nfs URL: mount it, name the mount with --image-root, and give its path');
    if (/^lease:/i.test(text)) return this.diskIn(text);
    const isFile = text.startsWith('/') || /^file:/i.test(text);
    if (!isFile && !text.includes(':'))
      throw refusedSource('must be a URL, or a path of the machine of the service, from its / on');
    try {
      return isFile ? this.openedPath(pathIn(text)) : this.destinations.urlOf(text).href;
    } catch (error) {
      if (error instanceof DestinationError) throw refusedSource(error.message);
      throw error;
    }
  }

  async obtain(wanted: WantedImage, signal: AbortSignal, tell: (progress: ImageProgress) => void): Promise<HeldImage> {
    // 1. It may be there already.
    if (wanted.sha256 !== null && (await this.store.size(wanted.sha256)) !== null)
      return this.held(wanted.sha256, wanted.format);
    for (let copies = 1; ; copies++) {
      const part = await this.store.begin();
      try {
        // 2. All of it, and what it should be.
        const isDisk = wanted.disk !== undefined || wanted.source.startsWith('lease:');
        const fetched = isDisk
          ? await this.saved(part, wanted, signal)
          : await fetchInto(part.file, this.opener(wanted.source), this.options.limits, signal, tell);
        if (wanted.sha256 !== null && fetched.sha256 !== wanted.sha256) {
          await this.store.quarantine(part);
          if (copies < COPIES_MAX) continue;
          throw new ImageError('checksum-mismatch', `its sha256 is ${fetched.sha256}, and should be ${wanted.sha256}`);
        }
        // 3. Something that a guest may be given.
        const virtualBytes = await this.inspected(part, wanted.format, signal);
        await this.store.publish(part, fetched.sha256);
        return { ...fetched, virtualBytes };
      } finally {
        await this.store.discard(part);
      }
    }
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.store.size(sha256)) !== null;
  }

  path(sha256: string): string {
    return this.store.path(sha256);
  }

  async keepOnly(isWanted: (sha256: string) => boolean): Promise<void> {
    await this.store.keepOnly(isWanted);
  }

  /** Whoever registers images may know where they may be. */
  private openedPath(path: string): string {
    const { roots } = this.options;
    if (mayBeWithin(path, roots)) return path;
    throw refusedSource(
      roots.length === 0
        ? 'is a path, and the service takes none: name a directory with --image-root when it is started'
        : `must be below ${roots.join(' or ')}: the directories of --image-root`,
    );
  }

  private diskIn(text: string): string {
    if (!this.takesDisks)
      throw refusedSource(
        'is a disk of a VM: that takes --cluster libvirt, and qemu-img on the machine of the service',
      );
    if (DISK.test(text)) return text;
    throw refusedSource('must be lease:LEASE/VM with the number of one of its VMs, as in lease:Lq2ez…/1');
  }

  /** The disk of a VM, with all that it does not keep itself, as one file. */
  private async saved({ path, file }: Part, wanted: WantedImage, signal: AbortSignal): Promise<Fetched> {
    const { disks = null, limits } = this.options;
    const { format } = wanted;
    if (disks === null) throw refusedSource('is a disk of a VM, and there are none');
    if (format !== 'qcow2') throw new ImageError('image-refused', 'disks of VMs are saved as qcow2');
    const disk = `${path}.disk`;
    try {
      const { base } = await read(disks, wanted, disk, signal);
      const { differences = false } = await this.inspectedDisk(disk);
      await flatten(disk, differences ? await this.under(base) : null, path, limits, signal);
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
      return { sha256: hash.digest('hex'), bytes: (await file.stat()).size };
    } finally {
      await rm(disk, { force: true });
    }
  }

  /** What a disk is over that keeps only what differs from this image. */
  private async under({ sha256, format }: SavedDisk['base']): Promise<Parameters<typeof flatten>[1]> {
    if (format === 'iso') return null; // a CD beside it
    if ((await this.store.size(sha256)) === null)
      throw new ImageError('source-failed', 'the image that it began with is not here', 'yes');
    return { path: this.store.path(sha256), format };
  }

  /** It comes from a host: nothing in it is to lead anywhere else. */
  private async inspectedDisk(path: string): Promise<Extract<Found, { ok: true }>> {
    const file = await open(path, 'r');
    try {
      const limits = { virtualBytesMax: this.options.limits.bytesMax, differences: true } as const;
      const found = await inspectImage(file, 'qcow2', limits);
      if (!found.ok) throw new ImageError('image-refused', found.why);
      return found;
    } finally {
      await file.close();
    }
  }

  private opener(source: string): Open {
    const { limits, roots } = this.options;
    if (source.startsWith('/')) return fileSource(source, roots);
    if (source.startsWith('ftp:')) return ftpSource(source, this.destinations, limits);
    return webSource(source, this.destinations, limits);
  }

  private async inspected({ path, file }: Part, format: ImageFormat, signal: AbortSignal): Promise<number> {
    const { limits } = this.options;
    const found = await inspectImage(file, format, { virtualBytesMax: limits.bytesMax });
    if (!found.ok) throw new ImageError('image-refused', found.why);
    if (format === 'qcow2' && canCheck()) await checkQcow2(path, limits, signal);
    return found.virtualBytes;
  }

  /** Another image is the same; as this format it may be something else. */
  private async held(sha256: string, format: ImageFormat): Promise<HeldImage> {
    const file = await open(this.store.path(sha256), 'r');
    try {
      const found = await inspectImage(file, format, { virtualBytesMax: this.options.limits.bytesMax });
      if (!found.ok) throw new ImageError('image-refused', found.why);
      return { sha256, bytes: (await file.stat()).size, virtualBytes: found.virtualBytes };
    } finally {
      await file.close();
    }
  }
}

/** Whatever disk is wanted, in a new file. */
async function read(disks: VmDisks, { source, disk }: WantedImage, file: string, signal: AbortSignal) {
  if (disk === undefined) {
    const [, lease, vm] = DISK.exec(source)!;
    return disks.copy(lease!, Number(vm), file, signal);
  }
  await disks.read(disk, file, signal);
  return disk;
}

/** `file:///srv/a.img` and `/srv/a.img` are the same. */
function pathIn(text: string): string {
  if (text.length > SOURCE_MAX || /[\u0000-\u001f\u007f]/.test(text)) throw refusedSource('must be a plain path');
  if (text.startsWith('/')) return resolve(text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.host !== '' || url.search !== '' || url.hash !== '')
    throw refusedSource('must be a path of this machine: file:///srv/images/a.qcow2');
  try {
    const path = decodeURIComponent(url.pathname);
    if (/[\u0000-\u001f\u007f]/.test(path)) throw refusedSource('must be a plain path');
    return resolve(path);
  } catch (error) {
    if (error instanceof URIError) throw refusedSource('must be a plain path');
    throw error;
  }
}

function refusedSource(why: string): ImageError {
  return new ImageError('source-refused', why);
}
