/** Disks of VMs, to be saved as images: read on their hosts while their lease is suspended, and nobody writes them. */

import { ImageError, type SavedDisk, type VmDisks } from '../../adapters/image-port.js';
import { expand, type Lease, type NodeClass, type StateView } from '../../engine/index.js';
import { imageNote, isReady, unpinned } from './image-notes.js';

export interface VmDisksDeps {
  readonly state: () => Pick<StateView, 'leases' | 'notes'>;
  readonly classes: () => readonly NodeClass[];
  /** Reads a disk on its host into a new file. Throws an ImageError, or the reason of `signal`. */
  readonly read: VmDisks['read'];
}

export function vmDisks(deps: VmDisksDeps): VmDisks {
  return {
    copy: async (id, vm, file, signal) => {
      // 1. Whose disk it is, what it began with, and where it lies.
      const before = savedLease(deps, id, vm);
      const base = baseOf(deps, before, vm);
      // 2. All of it, while nobody writes it.
      await deps.read({ uri: before.uri, lease: before.id, vm }, file, signal);
      // 3. What was read while it went on is a disk that never was.
      const after = savedLease(deps, id, vm);
      if (after.node !== before.node || after.remaining !== before.remaining || after.run !== before.run)
        throw new ImageError('source-failed', 'the lease went on while the disk was read', 'yes');
      return { base };
    },
    read: (disk, file, signal) => deps.read(disk, file, signal),
  };
}

interface SavedLease extends Pick<Lease, 'id' | 'terms' | 'run' | 'remaining'> {
  readonly node: number;
  readonly uri: string;
}

function savedLease({ state, classes }: VmDisksDeps, id: string, vm: number): SavedLease {
  const lease = state().leases.get(id);
  if (lease === undefined) throw new ImageError('source-failed', `there is no lease ${id} that is not over`);
  if (vm > lease.vms) throw new ImageError('source-failed', `the lease has ${lease.vms} VMs`);
  if (lease.phase !== 'suspended' || lease.nodes === null)
    throw new ImageError('source-failed', `the lease is ${lease.phase}: suspend it, and nobody writes its disks`);
  const { terms, run, remaining } = lease;
  const node = expand(lease.nodes)[vm - 1]!;
  const nodes = classes().find(({ first, count }) => node >= first && node < first + count);
  const uri = nodes?.labels.uri;
  if (nodes === undefined || uri === undefined)
    throw new ImageError('source-failed', `nobody knows where the host of node ${node} is`);
  const name = nodes.names?.[node - nodes.first] ?? `n${node}`;
  return { id: lease.id, terms, run, remaining, node, uri: uri.replaceAll('{name}', name) };
}

function baseOf({ state }: VmDisksDeps, { terms }: SavedLease, vm: number): SavedDisk['base'] {
  const image = terms.groups.flatMap((group) => new Array<string | null>(group.vms).fill(group.image))[vm - 1]!;
  const named = image === null ? null : unpinned(image);
  const note = named === null ? null : imageNote(state().notes, named.name);
  if (named === null || note === null)
    throw new ImageError('source-failed', 'the VM did not begin with an image that is registered');
  const sha256 = named.sha256 ?? (isReady(note.result) ? note.result.sha256 : null);
  if (sha256 === null) throw new ImageError('source-failed', 'the image that it began with is not there');
  return { sha256, format: note.format };
}
