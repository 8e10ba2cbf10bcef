/** From rows of an SWF log to leases: a job on p processors asks for p VMs of one cpu each. */

import { AMOUNT_MAX, type Group, type ResourceType, type Start } from '../../engine/index.js';
import { indexOfResource } from '../site-figures.js';
import { WorkloadError, type WorkloadEntry } from './entry.js';
import type { SwfBatch } from './swf-scan.js';

const WHEN_POSSIBLE: Start = { kind: 'best-effort', before: null };
/** Jobs of the same width and memory share their groups; so many are remembered. */
const REMEMBERED_MAX = 65_536;

/**
 * Makes the entry of row `i` of a batch, for a site with these resources. `file` is for messages. Memory counts where
 * the site has it and the row says how much (field 10, KiB per processor, rounded up to MiB).
 */
export function swfEntries(
  file: string,
  resources: readonly ResourceType[],
): (batch: SwfBatch, i: number) => WorkloadEntry {
  const groupsFor = groupsOf(file, resources);
  const users = new Map<number, string>();
  return (batch, i) => ({
    line: batch.line[i]!,
    id: String(batch.id[i]!),
    submit: batch.submit[i]! * 1000,
    run: batch.run[i]! * 1000,
    terms: {
      groups: groupsFor(batch.procs[i]!, batch.memory[i]!),
      duration: batch.estimate[i]! * 1000,
      start: WHEN_POSSIBLE,
      preemptible: true,
      where: null,
      name: null,
      user: userName(users, batch.user[i]!),
      project: null,
      labels: null,
    },
  });
}

type GroupsFor = (procs: number, memoryKiB: number) => readonly Group[];

function groupsOf(file: string, resources: readonly ResourceType[]): GroupsFor {
  const cpu = indexOfResource(resources, 'cpu');
  const memory = indexOfResource(resources, 'memory');
  if (cpu < 0) {
    throw new WorkloadError('SWF jobs ask for cpus', { file }, 'Declare the resource "cpu" in the site file.');
  }
  const oneCpu = resources.map((_, r) => (r === cpu ? 1000 : 0));
  const remembered = new Map<number, readonly Group[]>();
  return (procs, memoryKiB) => {
    const mebibytes = memory < 0 || memoryKiB <= 0 ? 0 : Math.min(Math.ceil(memoryKiB / 1024), AMOUNT_MAX);
    const key = mebibytes * 2 ** 20 + procs;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const demand = mebibytes === 0 ? oneCpu : oneCpu.map((amount, r) => (r === memory ? mebibytes : amount));
    const groups = [{ name: null, vms: procs, demand, image: null }];
    if (remembered.size < REMEMBERED_MAX) remembered.set(key, groups);
    return groups;
  };
}

function userName(users: Map<number, string>, user: number): string | null {
  if (user < 0) return null;
  let name = users.get(user);
  if (name === undefined) {
    name = `u${user}`;
    if (users.size < REMEMBERED_MAX) users.set(user, name);
  }
  return name;
}
