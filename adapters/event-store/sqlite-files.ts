/** The files of a store: created for their owner only, and there after a power loss. */

import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from './errors.js';

/** Creates the directory of `path` (0700) where it is missing. */
export function createDirectory(path: string): void {
  const directory = dirname(path);
  try {
    const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (first !== undefined) syncDirectory(dirname(first));
  } catch (error) {
    throw new StoreError('path', `${directory}: cannot be created: ${(error as Error).message}`);
  }
}

/** Creates the file (0600) where it is missing, and never touches one that is there. */
export function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    syncDirectory(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new StoreError('path', `${path}: cannot be created: ${(error as Error).message}`);
  }
}

/** What was created or renamed in it is there after a power loss. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
