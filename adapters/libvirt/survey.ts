/** What hosts' domains, those of ours, have to tell. */

import { compact, type Instant, type LeaseId, type Observation, type OrderId } from '../../engine/index.js';
import type { Host } from './host.js';
import type { VmRecord } from './metadata.js';
import { isRunning, type Known, known } from './vm.js';

/** What is true of leases whose VMs all run or are saved. Hosts that do not answer are left out. */
export async function surveyOf(hosts: Iterable<Host>, now: Instant): Promise<Observation[]> {
  const leases = new Map<LeaseId, Map<number, VmRecord>>();
  for (const host of hosts)
    for (const one of host.isConnected ? await oursOn(host).catch(() => []) : []) {
      const { record } = one;
      if (!isRunning(one) && (record.saved === null || isArriving(host, one))) continue;
      const vms = leases.get(record.lease) ?? new Map<number, VmRecord>();
      leases.set(record.lease, vms);
      // What has arrived is in two places until it is removed from where it came from.
      if (isRunning(one) || record.moving === undefined || !vms.has(record.vm)) vms.set(record.vm, record);
    }
  return [...leases.values()].flatMap((vms) => observationsOf([...vms.values()], now));
}

/** It is on its way there, and is not whole yet. */
function isArriving({ node }: Host, { record }: Known): boolean {
  return record.moving?.to === node;
}

export async function oursOn(host: Host): Promise<Known[]> {
  const all = await host.hypervisor.domains();
  return all.flatMap((facts) => known(host, facts) ?? []);
}

/** What the records of one lease's VMs, all of those that run or are saved, have to tell. */
function observationsOf(records: readonly VmRecord[], now: Instant): Observation[] {
  const [{ lease, run, vms }] = records as [VmRecord, ...VmRecord[]];
  if (records.length < vms || records.some((record) => record.run !== run)) return [];
  if (records.some(({ booting }) => booting !== undefined)) return []; // its start goes on
  const told: Observation[] = [{ type: 'VmsStarted', at: now, lease, order: run, vms: null }];
  const orders = new Map<OrderId, VmRecord[]>();
  const arrivals = new Map<OrderId, number[]>();
  for (const record of records) {
    const { moved, vm } = record;
    if (moved !== undefined) arrivals.set(moved, [...(arrivals.get(moved) ?? []), vm]);
    // Saved memory may have been carried elsewhere by an order since.
    const order = record.saved?.order ?? record.order;
    if (order !== run) orders.set(order, [...(orders.get(order) ?? []), record]);
  }
  for (const [order, of] of orders) {
    const numbers = compact(of.map(({ vm }) => vm).sort((a, b) => a - b));
    const [{ saved }] = of as [VmRecord, ...VmRecord[]];
    if (saved === null) told.push({ type: 'VmsResumed', at: now, lease, order, vms: numbers });
    else told.push({ type: 'VmsSuspended', at: now, lease, order, vms: numbers, stoppedAt: saved.at });
  }
  for (const [order, vms] of arrivals)
    told.push({ type: 'VmsLiveMigrated', at: now, lease, order, vms: compact(vms.sort((a, b) => a - b)) });
  return told;
}
