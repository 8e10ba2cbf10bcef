/** Images that somebody has put into our directory on a host: `NAME.qcow2` or `NAME.raw`. */

import type { Hypervisor } from './hypervisor.js';
import type { PlacedImage } from './machine.js';
import type { DiskFormat } from './names.js';
import { POOL, VmError } from './vm.js';

const FORMATS: readonly DiskFormat[] = ['qcow2', 'raw'];
/** Ours begin with this: nobody starts from the disk of a VM. */
const OURS = /^leasehold-/;

export function poolImages(directory: string) {
  return async (hypervisor: Hypervisor, image: string): Promise<PlacedImage> => {
    const volumes = OURS.test(image) ? [] : await hypervisor.volumes(POOL);
    for (const format of FORMATS) {
      const found = volumes.find(({ name }) => name === `${image}.${format}`);
      if (found !== undefined)
        return { path: `${directory}/${found.name}`, format, bytes: found.capacity, kernel: null };
    }
    throw new VmError(`there is no image ${image}: put ${image}.qcow2 into ${directory}`);
  };
}
