/** The files of a store: created for their owner only, and there after a power loss. */

import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory, syncDirectory } from '../durable-files.js';
import { failpoint } from '../failpoint.js';
import { StoreError } from './errors.js';

/** Creates the directory of `path` (0700) where it is missing. */
export function createDirectory(path: string): void {
  const directory = dirname(path);
  try {
    makeDirectory(directory);
  } catch (error) {
    throw new StoreError('path', `${directory}: cannot be created: ${(error as Error).message}`);
  }
}

/** Creates the file (0600) where it is missing, and never touches one that is there. */
export function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    failpoint('file-created');
    syncDirectory(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new StoreError('path', `${path}: cannot be created: ${(error as Error).message}`);
  }
}
