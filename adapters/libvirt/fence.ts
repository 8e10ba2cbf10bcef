/**
 * Fencing: a host that does not answer is switched off by a program of the operator's, so that it is certain that no VM runs
 * there. No shell reads what it is called with; only that it ends with 0 says that the host is off.
 * One that does not end in time is ended, with all that it has begun.
 */

import { spawn } from 'node:child_process';

export interface Fenced {
  readonly node: number;
  readonly name: string;
}

/** In its words: the number of the node, and its name. */
export const PLACEHOLDERS = ['{node}', '{name}'] as const;

const TIME_MS = 120_000;
/** What it has begun may go on, and hold its output open. */
const OUTPUT_MS = 1_000;
const OUTPUT_MAX = 64 * 1024;
const SHOWN = 200;

/** Null: it is off for certain. Else why nobody knows. `command`: a program, and what it is called with. */
export function fence(command: readonly string[], { node, name }: Fenced, ms = TIME_MS): Promise<string | null> {
  const words = command.map((word) => word.replaceAll('{node}', String(node)).replaceAll('{name}', name));
  const [program, ...args] = words as [string, ...string[]];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: '/',
      // Nothing of the service's own: tokens may be among it.
      env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true, // the first of its group
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, OUTPUT_MAX);
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      endGroup(child.pid!);
    }, ms);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const tell = (): void => {
        clearTimeout(output);
        child.stderr.destroy();
        resolve(isLate ? `it did not end within ${ms / 1000} s` : faultOf(code, signal, said));
      };
      const output = setTimeout(tell, OUTPUT_MS);
      child.once('close', tell);
    });
  });
}

function faultOf(code: number | null, signal: NodeJS.Signals | null, said: string): string | null {
  if (code === 0) return null;
  const line = said.trim().split('\n')[0]!.slice(0, SHOWN);
  return `it ended with ${code ?? signal}${line === '' ? '' : `: ${line}`}`;
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has just ended
  }
}
