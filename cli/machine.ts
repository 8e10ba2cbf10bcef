/** What `leasehold submit` says of VMs: from options and the files that they name. */

import { readFileSync, statSync } from 'node:fs';
import type { LeaseRequest } from './api.js';
import { isoDurationOf } from './durations.js';
import { CliError, EXIT } from './errors.js';

export interface MachineOptions {
  readonly network?: string;
  readonly sshKey?: readonly string[];
  readonly userData?: string;
  readonly template?: string;
  readonly fullDisk?: boolean;
  readonly cpuModel?: string;
  readonly firmware?: 'bios' | 'efi';
  readonly board?: string;
  readonly ready?: string;
  readonly readyTimeout?: string;
  readonly readyAtLeast?: number;
}

/** What a request can hold in all. */
const BYTES_MAX = 64 * 1024;

/** Undefined: nothing is said. Throws a CliError where a file cannot be read. */
export function machineOf({
  network,
  sshKey,
  userData,
  template,
  fullDisk,
  firmware,
  board,
  cpuModel,
  ready,
  readyTimeout,
  readyAtLeast,
}: MachineOptions): LeaseRequest['machine'] {
  if (readyTimeout !== undefined && ready === undefined)
    throw new CliError('--ready-timeout belongs to --ready', 'Give both, or neither.', EXIT.usage);
  if (readyAtLeast !== undefined && ready === undefined)
    throw new CliError('--ready-at-least belongs to --ready', 'Give both, or neither.', EXIT.usage);
  const said = {
    ...(network === undefined ? {} : { network }),
    ...(sshKey === undefined ? {} : { sshKeys: sshKey.flatMap(keysIn) }),
    ...(userData === undefined ? {} : { userData: textOf('--user-data', userData) }),
    ...(template === undefined ? {} : { template: textOf('--template', template) }),
    ...(fullDisk === true ? { disk: 'full' as const } : {}),
    ...(firmware === undefined ? {} : { firmware }),
    ...(board === undefined ? {} : { board }),
    ...(cpuModel === undefined ? {} : { cpuModel }),
    ...(ready === undefined ? {} : { ready: readyIn(ready, readyTimeout, readyAtLeast) }),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

type Ready = NonNullable<NonNullable<LeaseRequest['machine']>['ready']>;

/** `agent`, `callback`, or `tcp:22`. */
function readyIn(ready: string, timeout: string | undefined, atLeast: number | undefined): Ready {
  const within = {
    ...(timeout === undefined ? {} : { timeout: isoDurationOf('--ready-timeout', timeout) }),
    ...(atLeast === undefined ? {} : { atLeast }),
  };
  if (ready === 'agent' || ready === 'callback') return { probe: ready, ...within };
  const [, port] = /^tcp:([1-9]\d{0,4})$/.exec(ready) ?? [];
  if (port === undefined)
    throw new CliError(
      `--ready ${ready} is not known`,
      'Give --ready agent, --ready callback, or --ready tcp:22.',
      EXIT.usage,
    );
  return { probe: { tcp: Number(port) }, ...within };
}

/** A key a line, as in `authorized_keys`; empty lines and comments are passed over. */
function keysIn(file: string): readonly string[] {
  const lines = textOf('--ssh-key', file).split(/\r?\n/);
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  // Sent nowhere: the service would refuse it, but it is not to leave this machine at all.
  if (keys.some((key) => key.includes('PRIVATE KEY')))
    throw new CliError(`${file} holds a private key`, 'Name the file that ends in .pub instead.', EXIT.usage);
  if (keys.length > 0) return keys;
  throw new CliError(`${file} holds no key`, 'Name the file that ends in .pub.', EXIT.usage);
}

function textOf(option: string, file: string): string {
  try {
    if (statSync(file).size <= BYTES_MAX) return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const why = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message;
    throw new CliError(`${option} ${file} cannot be read: ${why}`, 'Name a text file.', EXIT.usage);
  }
  throw new CliError(`${option} ${file} has more than ${BYTES_MAX} bytes`, 'A request cannot hold more.', EXIT.usage);
}
