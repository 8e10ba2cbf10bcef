/** Disks that are to become the image that they began with: they are read before they go. */

import { failpoint } from '../failpoint.js';
import { diskOf, POOL } from './disk-pools.js';
import type { Host } from './host.js';
import { find, isOn, turnOff } from './vm.js';
import type { WritingVm } from './written-images.js';

/**
 * Before a VM goes: it is off, and what it has written is in its image, when this resolves. `spared`: a run whose disk is not
 * read, for it goes on.
 */
export async function keepWritten(
  host: Host,
  { lease, vm }: Pick<WritingVm, 'lease' | 'vm'>,
  signal: AbortSignal,
  spared: WritingVm['run'] | null = null,
): Promise<void> {
  const { written } = host;
  const run = written?.runOf(lease, vm) ?? null;
  if (written === null || run === null || run === spared) return;
  const isThere = await host.certain(signal, async (hypervisor) => {
    const found = await find(host, lease, vm);
    // Where nobody knows the domain any more, its disk may still be there.
    if (found === null) return (await hypervisor.volumes(POOL)).some(({ name }) => name === diskOf(lease, vm));
    if (found.record.run !== run) return false;
    if (isOn(found.facts)) await turnOff(hypervisor, found.facts.uuid);
    return true;
  });
  if (!isThere) return;
  failpoint('image-keeping');
  await written.keep({ lease, vm, run }, host.hypervisor.uri, signal);
  failpoint('image-kept');
}
