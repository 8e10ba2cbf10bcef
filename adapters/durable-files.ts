/** Directories that are there after a power loss. */

import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failpoint } from './failpoint.js';

/** Makes the directory (0700), and those above it that are missing; each is in its parent for good when this returns. */
export function makeDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  failpoint('directory-made');
  const top = dirname(resolve(first));
  let made = resolve(directory);
  do {
    made = dirname(made);
    syncDirectory(made);
  } while (made !== top);
}

/** What was created or renamed in it is there after a power loss. This thread waits. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** As `syncDirectory`, and this thread goes on meanwhile. */
export async function directorySynced(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
