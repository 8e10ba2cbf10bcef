/** Samples of hosts and VMs, as long as they are worth something: an hour of each host, and of VMs the last one. */

import type { FoundAddress, HostSample, VmSample } from '../../adapters/host-samples.js';
import type { Instant, LeaseId } from '../../engine/index.js';

/** Of a host without its VMs. */
export type HostFigures = Omit<HostSample, 'vms'> & { readonly vms: number };

/** Of one host: an hour, at one in ten seconds. */
export const OF_HOST_MAX = 360;
/** Of all hosts together: where there are many, those that have most lose their oldest. More hosts than that have none. */
export const SAMPLES_MAX = 100_000;

export interface FoundVm extends VmSample {
  readonly node: number;
  readonly at: Instant;
}

export interface VmAddress extends FoundAddress {
  readonly vm: number;
  readonly node: number;
}

export class Samples {
  /** Oldest first. */
  private readonly figures = new Map<number, HostFigures[]>();
  private readonly last = new Map<number, HostSample>();

  constructor(private readonly max = { ofHost: OF_HOST_MAX, all: SAMPLES_MAX }) {}

  private total = 0;

  /** O(samples kept of the host); O(hosts) where there is no room for more. */
  add(sample: HostSample): void {
    const { vms, ...figures } = sample;
    const kept = this.figures.get(sample.node) ?? [];
    this.figures.set(sample.node, kept);
    kept.push({ ...figures, vms: vms.length });
    this.total++;
    if (kept.length > this.max.ofHost) this.drop(kept);
    else if (this.total > this.max.all) this.drop(this.longest());
    this.last.set(sample.node, sample);
  }

  private drop(kept: HostFigures[]): void {
    kept.shift();
    this.total--;
  }

  private longest(): HostFigures[] {
    return [...this.figures.values()].reduce((most, kept) => (kept.length > most.length ? kept : most));
  }

  clear(): void {
    this.figures.clear();
    this.total = 0;
    this.last.clear();
  }

  /** Newest first, at most `count`. */
  ofNode(node: number, count: number): HostFigures[] {
    return (this.figures.get(node) ?? []).slice(-count).reverse();
  }

  /** By VM and node: one that moves may be seen on two. O(VMs). */
  ofLease(lease: LeaseId): FoundVm[] {
    const found: FoundVm[] = [];
    for (const { node, at, vms } of this.last.values())
      for (const vm of vms) if (vm.lease === lease) found.push({ ...vm, node, at });
    return found.sort((a, b) => a.vm - b.vm || a.node - b.node);
  }

  /** Where VMs of each lease are reached. O(VMs). */
  addresses(): Map<LeaseId, VmAddress[]> {
    const found = new Map<LeaseId, VmAddress[]>();
    for (const { node, vms } of this.newest())
      for (const { lease, vm, addresses } of vms) {
        if (addresses.length === 0) continue;
        const of = found.get(lease) ?? [];
        found.set(lease, of);
        for (const one of addresses) of.push({ vm, node, ...one });
      }
    for (const of of found.values()) of.sort((a, b) => a.vm - b.vm || a.node - b.node);
    return found;
  }

  /** The last of each host, by node. */
  *newest(): Iterable<HostSample> {
    for (const node of [...this.last.keys()].sort((a, b) => a - b)) yield this.last.get(node)!;
  }
}
