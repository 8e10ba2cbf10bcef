/** Images of leases, brought to hosts: those that are registered are sent there; others are what somebody has put there. */

import { access } from 'node:fs/promises';
import { POOL, VmError } from '../../adapters/libvirt/vm.js';
import { poolImages } from '../../adapters/libvirt/pool-images.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import type { PlacedImage } from '../../adapters/libvirt/machine.js';
import { imageVolume } from '../../adapters/libvirt/names.js';
import { NodeCache, TransferError } from '../../adapters/images/node-cache.js';
import { imageFile } from '../../adapters/images/store.js';
import type { Notes } from '../access/tokens.js';
import { imageNote, isReady, unpinned } from './image-notes.js';

export interface Directories {
  /** Of this service: what it has fetched. */
  readonly images: string;
  /** Of each host: what is ours. */
  readonly hosts: string;
}

export function placing(notes: () => Notes, { images, hosts }: Directories) {
  const cache = new NodeCache({ pool: POOL, volumeName: imageVolume });
  const put = poolImages(hosts);
  return async (hypervisor: Hypervisor, image: string, signal: AbortSignal): Promise<PlacedImage> => {
    const named = unpinned(image);
    if (named === null) return put(hypervisor, image);
    const { name, sha256 } = named;
    const note = imageNote(notes(), name);
    const result = note?.result ?? null;
    if (note === null || !isReady(result) || result.sha256 !== sha256)
      throw new VmError(`the image ${name} is not what it was when the lease was asked for`);
    const file = imageFile(images, sha256);
    await access(file).catch(() => {
      throw new VmError(`the image ${name} is being fetched again`);
    });
    try {
      const { format } = note;
      const path = await cache.place(hypervisor, { sha256, format, bytes: result.bytes, file }, signal);
      return { path, format: format === 'qcow2' ? 'qcow2' : 'raw', bytes: result.virtualBytes, kernel: null };
    } catch (error) {
      throw error instanceof TransferError ? new VmError(error.message) : error;
    }
  };
}
