/** `qemu-img`, for what only QEMU can say of an image: by its own path, of a file that we have named, in a narrow place. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ImageError, type ImageLimits } from '../image-port.js';

const QEMU_IMG = '/usr/bin/qemu-img';
const PRLIMIT = '/usr/bin/prlimit';
const OUTPUT_MAX = 1024 * 1024;
/** Clusters that nobody uses: room is lost, nothing else. */
const LEAKS = 3;

/** Where these are not installed, the image has been looked at by its header alone. */
export function canCheck(): boolean {
  return existsSync(QEMU_IMG) && existsSync(PRLIMIT);
}

/** Whether the tables of a qcow2 image are what they should be. Throws an ImageError. The header has been inspected. */
export async function checkQcow2(
  path: string,
  { checkMs, checkMemoryMiB }: Pick<ImageLimits, 'checkMs' | 'checkMemoryMiB'>,
  signal: AbortSignal,
): Promise<void> {
  if (!isAbsolute(path)) throw new Error('only what we have named is checked');
  const limits = [
    `--as=${checkMemoryMiB * 1024 * 1024}`,
    `--cpu=${Math.ceil(checkMs / 1000)}`,
    '--core=0',
    '--fsize=0',
  ];
  const code = await exitCode(PRLIMIT, [...limits, QEMU_IMG, 'check', '-f', 'qcow2', '--', path], checkMs, signal);
  signal.throwIfAborted();
  if (code === 0 || code === LEAKS) return;
  if (code === null) throw new ImageError('image-refused', 'qemu-img could not check it within its limits');
  throw new ImageError('image-refused', 'its tables are damaged: qemu-img check tells more');
}

/**
 * Makes one file of a disk that keeps only what differs from `base`; null: that is over nothing. Throws an ImageError. What the disk says of its base itself
 * is written over before anybody follows it; its header has been inspected.
 */
export async function flatten(
  disk: string,
  base: { readonly path: string; readonly format: 'qcow2' | 'raw' } | null,
  target: string,
  { bytesMax, deadlineMs, checkMemoryMiB }: Pick<ImageLimits, 'bytesMax' | 'deadlineMs' | 'checkMemoryMiB'>,
  signal: AbortSignal,
): Promise<void> {
  if (![disk, base?.path ?? '/', target].every(isAbsolute)) throw new Error('only what we have named is read');
  const limits = [
    `--as=${checkMemoryMiB * 1024 * 1024}`,
    `--cpu=${Math.ceil(deadlineMs / 1000)}`,
    '--core=0',
    `--fsize=${bytesMax}`,
  ];
  const steps = [
    ['rebase', '-u', '-f', 'qcow2', ...(base === null ? ['-b', ''] : ['-F', base.format, '-b', base.path]), '--', disk],
    ['convert', '-f', 'qcow2', '-O', 'qcow2', '--', disk, target],
  ];
  for (const step of steps) {
    const code = await exitCode(PRLIMIT, [...limits, QEMU_IMG, ...step], deadlineMs, signal);
    signal.throwIfAborted();
    if (code !== 0)
      throw new ImageError('source-failed', 'qemu-img could not make one file of the disk: is there room?');
  }
}

/** Null: it was ended, or said too much. */
function exitCode(file: string, args: readonly string[], timeout: number, signal: AbortSignal): Promise<number | null> {
  const options = {
    cwd: '/',
    env: { LC_ALL: 'C' },
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_MAX,
    signal,
  } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error) => {
      const { code } = (error ?? { code: 0 }) as { readonly code?: unknown };
      resolve(typeof code === 'number' ? code : null);
    });
  });
}
