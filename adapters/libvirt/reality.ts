/** What a host really has, for whoever is to say what may be leased of it. */

import type { HostReality } from '../host-health.js';
import type { Hypervisor } from './hypervisor.js';
import { POOL } from './vm.js';

const MIB = 1024 * 1024;
/** What drivers without an id of their host say. */
const NO_UUID = /^[0-]+$/;

export async function realityOf(hypervisor: Pick<Hypervisor, 'host' | 'poolSpace'>): Promise<HostReality> {
  const [{ uuid, hostname, cpus, memoryMiB }, space] = await Promise.all([
    hypervisor.host(),
    hypervisor.poolSpace(POOL),
  ]);
  return {
    uuid: NO_UUID.test(uuid) ? null : uuid,
    hostname,
    cpus,
    memoryMiB,
    diskMiB: space === null ? null : Math.floor(space.capacity / MIB),
  };
}

/** MiB that leases can have of the host's disk: what is free, and what files of ours take of it already. */
export async function leasableDisk(hypervisor: Pick<Hypervisor, 'poolSpace' | 'volumes'>): Promise<number | null> {
  const space = await hypervisor.poolSpace(POOL);
  if (space === null) return null;
  const ours = (await hypervisor.volumes(POOL)).reduce((sum, { allocation }) => sum + allocation, 0);
  return Math.floor(Math.min(space.capacity, space.available + ours) / MIB);
}
