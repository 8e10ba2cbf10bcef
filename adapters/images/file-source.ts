/** Images of this machine: files below directories that an operator has named, wherever links lead. */

import { constants, realpathSync } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import type { Open } from './fetch.js';
import { ImageError } from '../image-port.js';

const CHUNK_BYTES = 256 * 1024;

/** `roots`: directories below which files may be read. */
export function fileSource(path: string, roots: readonly string[]): Open {
  return async (_from, _validator, signal) => {
    const file = await openWithin(path, roots);
    signal.addEventListener('abort', () => void file.close(), { once: true });
    const before = await file.stat({ bigint: true });
    const validator = `${before.ino} ${before.size} ${before.mtimeNs}`;
    return { from: 0, total: Number(before.size), validator, bytes: bytesOf(file, validator) };
  };
}

async function* bytesOf(file: FileHandle, before: string): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
      if (bytesRead === 0) break;
      yield buffer.subarray(0, bytesRead);
    }
    const { ino, size, mtimeNs } = await file.stat({ bigint: true });
    if (`${ino} ${size} ${mtimeNs}` !== before)
      throw new ImageError('source-failed', 'it was written while it was read', 'anew');
  } finally {
    await file.close();
  }
}

/** What is opened is looked at once more, by what the system says that it has opened: links may have changed meanwhile. */
async function openWithin(path: string, roots: readonly string[]): Promise<FileHandle> {
  const real = await realpath(path).catch(() => null);
  const inside = await Promise.all(roots.map((root) => realpath(root).catch(() => null)));
  if (real === null || !isWithin(real, inside)) throw notThere();
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(fault);
  const opened = await readlink(`/proc/self/fd/${file.fd}`).catch(() => real);
  const isInside = isWithin(opened, inside);
  if (isInside && (await file.stat()).isFile()) return file;
  await file.close();
  throw isInside ? new ImageError('source-refused', 'it is no file, but a directory or the like') : notThere();
}

/** It is below the directories, so its operator may know. */
function fault(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EACCES') throw notThere();
  throw new ImageError('source-refused', 'the user that the service runs as may not read it');
}

/** What can be said of a path before it is opened, and before anything is there. */
export function mayBeWithin(path: string, roots: readonly string[]): boolean {
  const places = [path, realOf(path)];
  return places.every((place) => isWithin(place, [...roots, ...roots.map(realOf)]));
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isWithin(path: string, roots: readonly (string | null)[]): boolean {
  return roots.some((root) => {
    const way = root === null ? '..' : relative(root, path);
    return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
  });
}

/** One answer for all: what else is on this machine is nobody's business. */
function notThere(): ImageError {
  return new ImageError(
    'source-refused',
    'there is no such file below the directories of --image-root on the machine of the service',
  );
}
