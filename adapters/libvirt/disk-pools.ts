/** Our own pool on a host, and those of other directories that disks of VMs may lie in. */

import { createHash } from 'node:crypto';
import type { LeaseId } from '../../engine/index.js';
import { OWN_PLACE } from '../disk-places.js';
import type { Hypervisor } from './hypervisor.js';
import type { VmRecord } from './metadata.js';
import { diskVolume } from './names.js';

/** Ours on every host. */
export const POOL = 'leasehold';

/** Where a disk lies: OWN_PLACE, and that is what undefined means, or another directory. */
export type Place = string | undefined;

export function isElsewhere(place: Place): place is string {
  return place !== undefined && place !== OWN_PLACE;
}

export function poolOf(place: Place): string {
  if (!isElsewhere(place)) return POOL;
  return `${POOL}-${createHash('sha256').update(place).digest('hex').slice(0, 12)}`;
}

/** The pool's name; it is there when this resolves. */
export async function poolAt(hypervisor: Hypervisor, place: Place): Promise<string> {
  const name = poolOf(place);
  if (isElsewhere(place)) await hypervisor.ensurePool(name, place);
  return name;
}

/** The one disk that VMs have. */
export function diskOf(lease: LeaseId, vm: number): string {
  return diskVolume(lease, vm, 0, 'qcow2');
}

/** Those that lie elsewhere than in our own pool, and copies there that were begun. They may be gone already. */
export async function removeDisks(
  hypervisor: Hypervisor,
  { lease, vm, disks, copying }: Pick<VmRecord, 'lease' | 'vm' | 'disks' | 'copying'>,
): Promise<void> {
  for (const place of [disks, copying])
    if (isElsewhere(place)) await hypervisor.deleteVolume(await poolAt(hypervisor, place), diskOf(lease, vm));
}
