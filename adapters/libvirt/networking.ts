/** What becomes of networks while VMs of leases come and go: addresses before the first, and nothing left after the last. */

import type { LeaseId, Order, Terms } from '../../engine/index.js';
import { OrderError, type Place } from './gang.js';
import type { Host } from './host.js';
import { HypervisorError } from './hypervisor.js';
import { macAddress } from './names.js';
import { join, macOn, type NetworksPort, part, sweepNetworks } from './site-network.js';
import { VmError } from './vm.js';

export class Networking {
  constructor(
    /** Null: none are registered here. */
    private readonly port: NetworksPort | null,
    private readonly warn: (message: string) => void,
  ) {}

  /** Throws an OrderError where there are no addresses. */
  private async assign(lease: LeaseId, terms: Terms, vms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.port?.assign(lease, terms, vms, signal);
    } catch (error) {
      throw error instanceof VmError ? new OrderError(error.message) : error;
    }
  }

  /** Starts VMs that have their addresses; those whose start fails give them back. */
  async during(order: Order, places: readonly Place[], signal: AbortSignal, start: () => Promise<void>): Promise<void> {
    const { lease } = order.decision;
    await this.assign(lease, order.terms, places.length, signal);
    try {
      await start();
    } catch (error) {
      // What is cut short is stopped, or goes on with the next service.
      if (!signal.aborted) await this.end(places, lease, signal);
      throw error;
    }
  }

  /** The host has what VM `vm`, which comes from another one, needs of its network. */
  async receive(to: Host, order: Order, vm: number, signal: AbortSignal): Promise<void> {
    const of = this.port?.of(order.decision.lease, order.terms) ?? null;
    if (of === null) return;
    try {
      await join(to.hypervisor, to.site(), of, vm, signal);
    } catch (error) {
      throw error instanceof VmError ? new OrderError(error.message) : error;
    }
  }

  /** The VMs are gone from these hosts, and none is left elsewhere. */
  async end(places: readonly Place[], lease: LeaseId, signal: AbortSignal): Promise<void> {
    if (this.port === null || this.port.of(lease, null) === null) return;
    for (const [host, vms] of byHost(places)) await this.leave(host, lease, vms, true, signal);
    await this.port.release(lease).catch((error: Error) => this.warn(`lease ${lease}: ${error.message}`));
  }

  /** These VMs are gone from this host. `isLast`: and so are all of the lease. */
  async leave(host: Host, lease: LeaseId, vms: readonly number[], isLast: boolean, signal: AbortSignal): Promise<void> {
    const of = this.port?.of(lease, null) ?? null;
    if (of === null) return;
    try {
      await host.certain(signal, (hypervisor) => part(hypervisor, host.site(), of, vms, isLast, signal));
    } catch (error) {
      if (!(error instanceof HypervisorError) && !(error instanceof VmError)) throw error;
      this.warn(`node ${host.node}: the network of lease ${lease} is left there: ${error.message}`);
    }
  }

  /** By which VM `vm` is known on its network. */
  macsOf(lease: LeaseId, vm: number): readonly string[] {
    const of = this.port?.of(lease, null) ?? null;
    return [of === null ? macAddress(lease, vm) : macOn(of, vm)];
  }

  /** What is left on these hosts of networks and leases that are no more. `isGoing`: it has VMs. Never rejects. */
  async sweep(
    hosts: readonly Host[],
    all: () => readonly Host[],
    isGoing: (lease: LeaseId) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { port } = this;
    if (port === null) return;
    const isWanted = (network: string, lease: LeaseId | null) =>
      port.isRegistered(network) && (lease === null || isGoing(lease));
    try {
      for (const { hypervisor, site, isConnected } of hosts)
        if (isConnected) await sweepNetworks(hypervisor, site(), isWanted, signal);
      // One that is out of reach may have VMs of leases that are over.
      if (!all().every((host) => host.isConnected)) return;
      for (const lease of port.leases()) if (!isGoing(lease)) await port.release(lease);
    } catch (error) {
      this.warn(`networks could not be looked through: ${(error as Error).message}`);
    }
  }
}

function byHost(places: readonly Place[]): Map<Host, number[]> {
  const hosts = new Map<Host, number[]>();
  for (const { host, vm } of places) hosts.set(host, [...(hosts.get(host) ?? []), vm]);
  return hosts;
}
