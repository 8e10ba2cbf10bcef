/** libvirt, for tests: the process beside is a compiled one (`needs('build', 'libvirt')`), whatever runs the sources. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connectLibvirt } from '../../adapters/libvirt/binding/libvirt.js';
import type { Hypervisor, LifecycleEvent } from '../../adapters/libvirt/hypervisor.js';
import { eventually } from './eventually.js';

export const LIBVIRT_WORKER = new URL('../../dist/adapters/libvirt/binding/libvirt-worker.js', import.meta.url);
export const LIBVIRT_WORKER_PATH = fileURLToPath(LIBVIRT_WORKER);

/** What a listener has heard, in order. */
export interface Heard {
  readonly lifecycle: { readonly uuid: string; readonly event: LifecycleEvent; readonly detail: number }[];
  readonly connection: ('connected' | string)[];
}

/** Connects, and waits until it is. */
export async function connected(uri: string): Promise<{ hypervisor: Hypervisor; heard: Heard }> {
  const hypervisor = connectLibvirt(uri, LIBVIRT_WORKER);
  const heard: Heard = { lifecycle: [], connection: [] };
  hypervisor.listen({
    lifecycle: (uuid, event, detail) => heard.lifecycle.push({ uuid, event, detail }),
    connected: () => heard.connection.push('connected'),
    disconnected: (why) => heard.connection.push(why),
  });
  await eventually(() => heard.connection.at(-1)).toBe('connected');
  return { hypervisor, heard };
}

/** Resolves when it answers; inside a test or before. */
export async function reached(uri: string): Promise<Hypervisor> {
  const hypervisor = connectLibvirt(uri, LIBVIRT_WORKER);
  await hypervisor.host();
  return hypervisor;
}

/** Processes that talk to libvirt, by whose they are. `uri`: those for one host. */
export function workersOf(parent: number, uri = ''): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const command = read(`/proc/${pid}/cmdline`);
      const isWorker = command.includes('libvirt-worker') && command.includes(uri);
      return isWorker && lives(pid) && statOf(pid)[1] === String(parent);
    });
}

export function lives(pid: number): boolean {
  const [state = ''] = statOf(pid);
  return state !== '' && state !== 'Z';
}

/** State and parent; nothing where there is no such process. */
function statOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
