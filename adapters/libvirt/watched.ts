/** Hosts as whoever watches them sees them: a few questions to each, whatever runs there. */

import type { LeaseId } from '../../engine/index.js';
import type { FoundAddress, MoveProgress } from '../host-samples.js';
import type { Host } from './host.js';
import { type DomainUsage, type Hypervisor, HypervisorError, type HostLoad, type PoolSpace } from './hypervisor.js';
import type { VmRecord } from './metadata.js';
import { oursOn } from './survey.js';
import { POOL } from './vm.js';

/** A URI without a host is of this machine. */
const LOCAL = /^(qemu|qemu\+unix|xen):\/\/\//;

export interface WatchedVm extends DomainUsage {
  readonly uuid: string;
  readonly lease: string;
  readonly vm: number;
  readonly addresses: readonly FoundAddress[];
  readonly moving: MoveProgress | null;
}

export interface WatchedHost {
  readonly node: number;
  readonly isLocal: boolean;
  look(disk: boolean): Promise<{
    readonly load: HostLoad;
    readonly space: PoolSpace | null;
    readonly vms: readonly WatchedVm[];
  }>;
}

/** `macsOf`: of the interfaces of a VM. */
export function watched(host: Host, macsOf: (lease: LeaseId, vm: number) => readonly string[]): WatchedHost {
  const { node, hypervisor } = host;
  return {
    node,
    isLocal: LOCAL.test(hypervisor.uri),
    async look(disk) {
      if (!host.isConnected) throw new HypervisorError('failed', 'it does not answer');
      const [load, usages, ours, space] = await Promise.all([
        hypervisor.hostLoad(),
        hypervisor.usages(),
        oursOn(host),
        disk ? hypervisor.poolSpace(POOL) : null,
      ]);
      const records = new Map(ours.map(({ facts, record }) => [facts.uuid, record]));
      const running = usages.flatMap((usage) => {
        const record = records.get(usage.uuid);
        return record === undefined ? [] : [{ ...usage, lease: record.lease, vm: record.vm }];
      });
      const found = host.addresses.of(new Map(running.map(({ uuid, lease, vm }) => [uuid, macsOf(lease, vm)])));
      const vms = await Promise.all(
        running.map(async (vm) => ({
          ...vm,
          addresses: found.get(vm.uuid) ?? [],
          moving: await progressOf(hypervisor, vm.uuid, records.get(vm.uuid)!),
        })),
      );
      return { load, space, vms };
    },
  };
}

/** Asked of those alone that are on record as on their way; null: it is not, or nobody can say. */
async function progressOf(hypervisor: Hypervisor, uuid: string, record: VmRecord): Promise<MoveProgress | null> {
  const what = record.copying !== undefined ? 'disk' : record.moving !== undefined ? 'vm' : null;
  if (what === null) return null;
  const found = await (what === 'disk' ? hypervisor.copies(uuid) : hypervisor.job(uuid)).catch(() => null);
  return found === null ? null : { what, doneMiB: mebi(found.processed), totalMiB: mebi(found.total) };
}

function mebi(bytes: number): number {
  return Math.ceil(bytes / (1024 * 1024));
}
