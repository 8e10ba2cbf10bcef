/**
 * Disks of VMs that go to another directory of their host while the VMs run: the disk is copied until both are the same, and
 * the VM goes on from the copy. Where its disk is, the domain itself says; what it does not go on from is removed. Until the
 * copy is whole the VM is as it was, so that one that is cut off is begun anew.
 */

import type { LeaseId } from '../../engine/index.js';
import { withEither } from '../either-signal.js';
import { OWN_PLACE } from '../disk-places.js';
import { failpoint } from '../failpoint.js';
import { diskOf, poolAt, removeDisks } from './disk-pools.js';
import { diskTarget } from './domain-xml.js';
import { OrderError, type Place } from './gang.js';
import type { Host } from './host.js';
import { type Hypervisor, HypervisorError } from './hypervisor.js';
import { metadataXml } from './metadata.js';
import { isRunning, type Known, lookAt, POOL, VmError } from './vm.js';
import { element, readXml, writeXml } from './xml.js';

export interface DiskMove {
  readonly lease: LeaseId;
  /** A directory, or OWN_PLACE. */
  readonly to: string;
}

/** The first disk, of which there is one at most. */
const DISK = diskTarget(0);

export class DiskMoves {
  /** Moves that were ordered and are not done, by lease: some wait for what is done with it before. */
  private readonly underWay = new Map<LeaseId, AbortController>();

  /** `bandwidth`: megabytes a second of each copy; null: no limit. */
  constructor(
    private readonly tell: (message: string) => void,
    private readonly bandwidth: number | null,
  ) {}

  /** It is ordered, and begins as soon as it may. */
  expect(lease: LeaseId): void {
    this.underWay.set(lease, new AbortController());
  }

  /** What comes next for the lease does not wait for its disks: they stay where they are. */
  giveWay(lease: LeaseId): void {
    this.underWay.get(lease)?.abort(new OrderError('its disks are left where they are: something else is due'));
  }

  /** One after another. Where one cannot be moved, those before it go back. */
  async move(places: readonly Place[], { lease, to }: DiskMove, signal: AbortSignal): Promise<void> {
    const way = this.underWay.get(lease) ?? new AbortController();
    try {
      const moved: (Place & { readonly from: string })[] = [];
      for (const place of places) {
        const moveOne = (one: Place, where: string) =>
          attempted(() => this.moveOne(one, { lease, to: where }, way.signal, signal), signal);
        const outcome = await moveOne(place, to);
        if (!(outcome instanceof Error)) {
          moved.push({ ...place, from: outcome });
          continue;
        }
        const stranded: number[] = [];
        for (const { vm, host, from } of moved.reverse())
          if ((await moveOne({ vm, host }, from)) instanceof Error) stranded.push(vm);
        const rest = stranded.length === 0 ? '' : `; disks of VMs ${stranded.join(', ')} have moved`;
        throw new OrderError(`VM ${place.vm} on node ${place.host.node}: ${outcome.message}${rest}`);
      }
    } finally {
      if (this.underWay.get(lease) === way) this.underWay.delete(lease);
    }
  }

  /** Nobody goes on with a copy that was begun: it ends, and what the VM does not go on from is removed. */
  async settle({ vm, host }: Place, lease: LeaseId, signal: AbortSignal): Promise<void> {
    const outcome = await attempted(() => host.certain(signal, (one) => settled(host, one, lease, vm)), signal);
    if (outcome instanceof HypervisorError) throw outcome; // one that does not run has nothing to go on with
  }

  /** Resolves with where it was before, when it is there. `way`: ends the copy, not what has to be put right after it. */
  private async moveOne(
    { vm, host }: Place,
    { lease, to }: DiskMove,
    way: AbortSignal,
    signal: AbortSignal,
  ): Promise<string> {
    const target = to === host.directory ? OWN_PLACE : to;
    let before: string | null = null;
    for (let failure: Error | null = null; ; ) {
      signal.throwIfAborted();
      const now = await host.certain(signal, (hypervisor) => settled(host, hypervisor, lease, vm));
      before ??= now?.place ?? target;
      if (now === null || now.place === target) return before;
      if (failure !== null) throw failure;
      const begun = performance.now();
      const copied = () =>
        withEither([way, signal], (either) =>
          copy({ vm, host }, now.known, { to: target, bandwidth: this.bandwidth }, either),
        );
      const outcome = await attempted(copied, signal);
      failure = outcome instanceof Error ? outcome : null;
      if (failure !== null) continue;
      const took = ((performance.now() - begun) / 1000).toFixed(1);
      this.tell(`the disk of VM ${vm} of lease ${lease} on node ${host.node} has moved to ${target} after ${took} s`);
    }
  }
}

interface Way {
  readonly to: string;
  readonly bandwidth: number | null;
}

interface Settled {
  readonly known: Known;
  /** Where its disk is. */
  readonly place: string;
}

/** No copy is under way, and of a disk that was copied there is one. Null: it has no disk. Throws where it does not run. */
async function settled(host: Host, hypervisor: Hypervisor, lease: LeaseId, vm: number): Promise<Settled | null> {
  const look = async () => {
    const known = await lookAt(host, lease, vm);
    if (known === null) throw new VmError(`VM ${vm} is not there`);
    return { known, disk: diskIn(await hypervisor.xml(known.facts.uuid, 'live')) };
  };
  let { known, disk } = await look();
  // 1. One that is under way began before we were here, or was not ended by whoever was asked to.
  if (disk?.isCopied === true) {
    await hypervisor.abortJob(known.facts.uuid).catch((error: unknown) => {
      if (!(error instanceof HypervisorError) || error.kind !== 'failed') throw error; // it is over
    });
    ({ known, disk } = await look());
    if (disk?.isCopied === true) throw new VmError(`the disk of VM ${vm} is still being copied`);
  }
  // 2. What it does not go on from.
  const { record } = known;
  const { copying, disks = OWN_PLACE, ...rest } = record;
  const place = disk === null ? disks : placeOf(host, disk.path);
  if (copying !== undefined) {
    const other = place === copying ? disks : copying;
    if (other === OWN_PLACE) await hypervisor.deleteVolume(POOL, diskOf(lease, vm));
    else await removeDisks(hypervisor, { lease, vm, disks: other });
    await hypervisor.setMetadata(known.facts.uuid, metadataXml(place === OWN_PLACE ? rest : { ...rest, disks: place }));
  }
  if (!isRunning(known)) throw new VmError(`VM ${vm} does not run`);
  return disk === null ? null : { known, place };
}

/** What became of it whoever looks finds out. */
async function copy(
  { vm, host }: Place,
  { facts, record }: Known,
  { to, bandwidth }: Way,
  signal: AbortSignal,
): Promise<void> {
  const { uuid } = facts;
  const file = diskOf(record.lease, vm);
  await host.certain(signal, async (hypervisor) => {
    await hypervisor.setMetadata(uuid, metadataXml({ ...record, copying: to }));
    await hypervisor.deleteVolume(await poolAt(hypervisor, to), file);
  });
  failpoint('disk-copying');
  signal.throwIfAborted();
  const { hypervisor } = host;
  const abort = (): void => void hypervisor.abortJob(uuid).catch(() => {});
  signal.addEventListener('abort', abort, { once: true });
  try {
    await hypervisor.moveDisk(uuid, DISK, diskXml(`${to === OWN_PLACE ? host.directory : to}/${file}`), bandwidth);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
  failpoint('disk-copied');
}

/** What is behind it libvirt knows. */
function diskXml(path: string): string {
  return writeXml(
    element('disk', { type: 'file', device: 'disk' }, [
      element('driver', { name: 'qemu', type: 'qcow2' }),
      element('source', { file: path }),
      element('target', { dev: DISK, bus: 'virtio' }),
    ]),
  );
}

/** Null: it has none. */
function diskIn(xml: string): { readonly path: string; readonly isCopied: boolean } | null {
  const devices = readXml(xml).children.find(({ name }) => name === 'devices')?.children ?? [];
  for (const { name, children } of devices) {
    if (name !== 'disk' || !children.some((one) => one.name === 'target' && one.attributes.dev === DISK)) continue;
    const path = children.find((one) => one.name === 'source')?.attributes.file;
    if (path !== undefined) return { path, isCopied: children.some((one) => one.name === 'mirror') };
  }
  return null;
}

function placeOf({ directory }: Host, path: string): string {
  const place = path.slice(0, path.lastIndexOf('/'));
  return place === directory ? OWN_PLACE : place;
}

/** What was refused, in place of what was to be had. Rejects as the signal says. */
async function attempted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    const isKnown = error instanceof VmError || error instanceof HypervisorError || error instanceof OrderError;
    if (signal.aborted || !isKnown) throw error;
    return error;
  }
}
