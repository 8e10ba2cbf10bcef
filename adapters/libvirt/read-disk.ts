/** A VM's disk, read where it lies: by a connection of its own, so that nothing else waits for it. */

import { type DiskOnHost, ImageError } from '../image-port.js';
import { type Hypervisor, HypervisorError } from './hypervisor.js';
import { diskOf, poolOf } from './disk-pools.js';
import { recordOf } from './metadata.js';
import { domainUuid } from './names.js';

/** Into a new file. Throws an ImageError, or the reason of `signal`. */
export async function readDisk(
  connect: (uri: string) => Hypervisor,
  { uri, lease, vm }: DiskOnHost,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const hypervisor = connect(uri);
  const leave = () => void hypervisor.close();
  signal.addEventListener('abort', leave, { once: true });
  try {
    const uuid = domainUuid(lease, vm);
    const place = recordOf((await hypervisor.domain(uuid))?.metadata ?? null, uuid)?.disks;
    await hypervisor.download(poolOf(place), diskOf(lease, vm), file);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof HypervisorError)) throw error;
    throw new ImageError('source-failed', `its host could not be asked for the disk of VM ${vm}`, 'yes');
  } finally {
    signal.removeEventListener('abort', leave);
    await hypervisor.close();
  }
}
