/**
 * The images that were fetched, by what is in them: `blobs/<sha256>`. Whatever has that name is whole and was inspected; what is
 * on its way lies in `parts/`, and what was not what it should have been, in `quarantine/last`.
 */

import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { directorySynced, makeDirectory } from '../durable-files.js';

export interface Part {
  readonly path: string;
  readonly file: FileHandle;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** Where an image is, or would be. */
export function imageFile(directory: string, sha256: string): string {
  if (!DIGEST.test(sha256)) throw new Error('blobs have digests for names');
  return join(directory, 'blobs', sha256);
}

export class ImageStore {
  private constructor(private readonly directory: string) {}

  /** What was on its way when the service ended is gone. */
  static async open(directory: string): Promise<ImageStore> {
    const store = new ImageStore(directory);
    await rm(store.in('parts'), { recursive: true, force: true });
    for (const name of ['blobs', 'parts', 'quarantine']) makeDirectory(store.in(name));
    return store;
  }

  path(sha256: string): string {
    return imageFile(this.directory, sha256);
  }

  /** How many bytes; null: it is not there. */
  async size(sha256: string): Promise<number | null> {
    const found = await stat(this.path(sha256)).catch(() => null);
    return found === null ? null : found.size;
  }

  async begin(): Promise<Part> {
    const path = this.in('parts', randomUUID());
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    return { path, file: await open(path, flags, 0o600) };
  }

  /** From now on it is there, also after a power loss. Nobody writes it any more. */
  async publish({ path, file }: Part, sha256: string): Promise<void> {
    await file.chmod(0o400);
    await file.sync();
    await file.close();
    await rename(path, this.path(sha256));
    await directorySynced(this.in('blobs'));
  }

  /** The last one is kept, for whoever looks into it. */
  async quarantine({ path, file }: Part): Promise<void> {
    await file.close();
    await rename(path, this.in('quarantine', 'last'));
  }

  async discard({ path, file }: Part): Promise<void> {
    await file.close().catch(() => {});
    await rm(path, { force: true });
  }

  /** Removes every image that is not to be kept. O(images). */
  async keepOnly(isWanted: (sha256: string) => boolean): Promise<void> {
    for (const name of await readdir(this.in('blobs')))
      if (DIGEST.test(name) && !isWanted(name)) await rm(this.in('blobs', name), { force: true });
  }

  private in(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }
}
