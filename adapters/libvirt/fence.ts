/**
 * Fencing: a host that does not answer is switched off by a program of the operator's, so that it is certain that no VM runs
 * there. No shell reads what it is called with; only that it ends with 0 says that the host is off.
 */

import { execFile } from 'node:child_process';

export interface Fenced {
  readonly node: number;
  readonly name: string;
}

/** In its words: the number of the node, and its name. */
export const PLACEHOLDERS = ['{node}', '{name}'] as const;

const TIME_MS = 120_000;
const OUTPUT_MAX = 64 * 1024;
const SHOWN = 200;

/** Null: it is off for certain. Else why nobody knows. `command`: a program, and what it is called with. */
export function fence(command: readonly string[], { node, name }: Fenced, ms = TIME_MS): Promise<string | null> {
  const words = command.map((word) => word.replaceAll('{node}', String(node)).replaceAll('{name}', name));
  const [program, ...args] = words as [string, ...string[]];
  const options = {
    cwd: '/',
    // Nothing of the service's own: tokens may be among it.
    env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    timeout: ms,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_MAX,
    encoding: 'utf8',
  } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (error, _stdout, stderr) => {
      if (error === null) return resolve(null);
      const { code, killed } = error;
      const said = stderr.trim().split('\n')[0]!.slice(0, SHOWN);
      if (killed === true) resolve(`it did not end within ${ms / 1000} s`);
      else resolve(typeof code === 'number' ? `it ended with ${code}${said === '' ? '' : `: ${said}`}` : error.message);
    });
  });
}
