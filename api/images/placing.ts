/** Images of leases, brought to hosts: those that are registered are sent there; others are what somebody has put there. */

import { access } from 'node:fs/promises';
import { POOL, VmError } from '../../adapters/libvirt/vm.js';
import { poolImages } from '../../adapters/libvirt/pool-images.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import type { PlacedImage } from '../../adapters/libvirt/machine.js';
import { imageInVolume, imageVolume, ownerOfVolume } from '../../adapters/libvirt/names.js';
import { NodeCache, type Room, TransferError } from '../../adapters/images/node-cache.js';
import { imageFile } from '../../adapters/images/store.js';
import type { StateView } from '../../engine/index.js';
import { contentsInUse, imageNote, isReady, unpinned } from './image-notes.js';

const MIB = 1024 * 1024;

export interface Directories {
  /** Of this service: what it has fetched. */
  readonly images: string;
  /** Of each host: what is ours. */
  readonly hosts: string;
}

export interface Placing {
  /** As it is just now. */
  readonly state: () => Pick<StateView, 'notes' | 'leases' | 'images' | 'policy'>;
  /** The nodes that this host is. */
  readonly nodesAt: (uri: string) => readonly number[];
}

export function placing(about: Placing, { images, hosts }: Directories) {
  const cache = new NodeCache({ pool: POOL, volumeName: imageVolume, imageIn: imageInVolume });
  const put = poolImages(hosts);
  return async (hypervisor: Hypervisor, image: string, signal: AbortSignal): Promise<PlacedImage> => {
    const named = unpinned(image);
    if (named === null) return put(hypervisor, image);
    const { name, sha256 } = named;
    const note = imageNote(about.state().notes, name);
    const result = note?.result ?? null;
    const isOther = (now: string) => (sha256 === null ? note?.persistent !== true : now !== sha256);
    if (note === null || !isReady(result) || isOther(result.sha256))
      throw new VmError(`the image ${name} is not what it was when the lease was asked for`);
    const file = imageFile(images, result.sha256);
    await access(file).catch(() => {
      throw new VmError(`the image ${name} is being fetched again`);
    });
    try {
      const { format } = note;
      const stored = { sha256: result.sha256, format, bytes: result.bytes, file };
      const path = await cache.place(hypervisor, stored, signal, roomOn(hypervisor.uri, about));
      const placed = { path, bytes: result.virtualBytes, kernel: null };
      return format === 'iso' ? { ...placed, format: 'raw', isCd: true } : { ...placed, format };
    } catch (error) {
      throw error instanceof TransferError ? new VmError(error.message) : error;
    }
  };
}

/**
 * Those stay that leases which are not over name, and those that the schedule counts on there. Nothing goes where there are disks
 * of leases that are not known: they may be of another site.
 */
function roomOn(uri: string, { state, nodesAt }: Placing): Room {
  const { imageReuse, imageCacheMax } = state().policy;
  let inUse: ReadonlySet<string> | null = null;
  const isInUse = (sha256: string): boolean => {
    inUse ??= contentsInUse(state());
    return inUse.has(sha256);
  };
  return {
    bytesMax: imageReuse === 'none' ? 0 : imageCacheMax === null ? null : imageCacheMax * MIB,
    needs: (sha256) =>
      isInUse(sha256) ||
      nodesAt(uri).some((node) =>
        state()
          .images.get(node)
          ?.some(({ image }) => unpinned(image)?.sha256 === sha256),
      ),
    isForeign: (volume) => {
      const owner = ownerOfVolume(volume);
      return owner !== null && !state().leases.has(owner.lease);
    },
  };
}
