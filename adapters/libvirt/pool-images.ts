/** Images that somebody has put into our directory on a host: `NAME.qcow2`, `NAME.raw`, or the CD `NAME.iso`. */

import type { Hypervisor } from './hypervisor.js';
import type { PlacedImage } from './machine.js';
import { POOL, VmError } from './vm.js';

const FORMATS = ['qcow2', 'raw', 'iso'] as const;
/** Ours begin with this: nobody starts from the disk of a VM. */
const OURS = /^leasehold-/;

export function poolImages(directory: string) {
  return async (hypervisor: Hypervisor, image: string): Promise<PlacedImage> => {
    const volumes = OURS.test(image) ? [] : await hypervisor.volumes(POOL);
    for (const format of FORMATS) {
      const found = volumes.find(({ name }) => name === `${image}.${format}`);
      if (found === undefined) continue;
      const placed = { path: `${directory}/${found.name}`, bytes: found.capacity, kernel: null };
      return format === 'iso' ? { ...placed, format: 'raw', isCd: true } : { ...placed, format };
    }
    throw new VmError(`there is no image ${image}: put ${image}.qcow2 into ${directory}`);
  };
}
