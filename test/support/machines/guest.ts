/** The guest of the tests: a small Debian of their own, built once on this machine. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BUILD = fileURLToPath(new URL('build-guest.sh', import.meta.url));
const run = promisify(execFile);

export interface Guest {
  /** qcow2; boots by itself. */
  readonly disk: string;
  /** With these it boots in half the time. */
  readonly kernel: string;
  readonly initrd: string;
}

/** Seconds when it has to be built, else one. */
export async function buildGuest(): Promise<Guest> {
  const directory = (await run(BUILD)).stdout.trim();
  return {
    disk: join(directory, 'disk.qcow2'),
    kernel: join(directory, 'vmlinuz'),
    initrd: join(directory, 'initrd.gz'),
  };
}

/** A volume over the guest's disk, as XML. */
export function overlay(name: string, guest: Guest): string {
  return `<volume>
  <name>${name}</name><capacity unit='MiB'>64</capacity>
  <target><format type='qcow2'/></target>
  <backingStore><path>${guest.disk}</path><format type='qcow2'/></backingStore>
</volume>`;
}
