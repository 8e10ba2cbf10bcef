/**
 * VMs that begin again from the disks that they had, on storage that hosts share: those of leases that migrate when a node is
 * lost. That a disk is there is all that is known of it, and says that its VM had begun: what ends for good leaves none.
 */

import type { LeaseId, OrderId, StopOrdered, Terms } from '../../engine/index.js';
import { diskOf, POOL } from './disk-pools.js';
import type { KeptDisks, Place } from './gang.js';
import type { Host } from './host.js';
import { isMemory } from './names.js';
import { lookAt, remove, removeVolumes } from './vm.js';

export function keepsDisks({ onNodeLost }: Terms): boolean {
  return onNodeLost === 'migrate';
}

/** Whether the VMs that are stopped are to begin again from their disks. */
export function staysOnDisk(terms: Terms, { cause, then }: StopOrdered): boolean {
  return keepsDisks(terms) && cause === 'node-lost' && then === 'queue';
}

/** Those that have disks where they are to begin. On hosts with the same files nothing else has them when it resolves. */
export async function keptAmong(
  places: readonly Place[],
  { lease, run }: { readonly lease: LeaseId; readonly run: OrderId },
  sharing: (host: Host) => readonly Host[],
  signal: AbortSignal,
): Promise<KeptDisks> {
  const kept = new Set<number>();
  for (const { vm, host } of places) {
    const file = diskOf(lease, vm);
    const volumes = await host.certain(signal, (hypervisor) => hypervisor.volumes(POOL));
    if (!volumes.some(({ name }) => name === file)) continue;
    kept.add(vm);
    // One that was said to be off, and was not, would write on it, too.
    for (const other of sharing(host))
      await other.certain(signal, async (hypervisor) => {
        const found = await lookAt(other, lease, vm);
        if (found !== null && found.record.run !== run) await remove(hypervisor, found, true);
      });
    // It boots: what it had in memory is of no use to it.
    if ((await host.certain(signal, () => lookAt(host, lease, vm)))?.record.run !== run)
      await host.certain(signal, (hypervisor) => removeVolumes(hypervisor, lease, vm, isMemory));
  }
  return kept;
}
