/** Networks of leases for whoever makes VMs: which one, and which addresses, decided once and kept in the log before they are used. */

import type { LeaseNetwork, NetworksPort, SiteNetwork } from '../../adapters/libvirt/site-network.js';
import { VmError } from '../../adapters/libvirt/vm.js';
import { Places } from '../../adapters/places.js';
import type { LeaseId, Terms } from '../../engine/index.js';
import type { Notes } from '../access/tokens.js';
import { assigned } from './assigning.js';
import {
  addressNote,
  addressNotes,
  keyOfAddresses,
  type NetworkNote,
  networkNote,
  subnetOf,
  subnetOfLease,
  writtenAddresses,
} from './network-notes.js';

export interface LeaseNetworksOptions {
  /** As the log has them now. */
  readonly notes: () => Notes;
  /** The network that the terms name, or the site's usual one. Throws where nobody can tell any more. */
  readonly nameOf: (terms: Terms) => string | null;
  /** Resolves when it is durable; false: it is not what was expected. */
  readonly keep: (note: { key: string; value: string | null; expected: string | null }) => Promise<boolean>;
}

export class LeaseNetworks implements NetworksPort {
  /** Addresses are chosen one lease after the other. */
  private readonly turn = new Places(1);

  constructor(private readonly options: LeaseNetworksOptions) {}

  of(lease: LeaseId, terms: Terms | null): LeaseNetwork | null {
    const notes = this.options.notes();
    const kept = addressNote(notes, lease);
    const name = kept?.network ?? (terms === null ? null : this.options.nameOf(terms));
    const note = name === null ? null : networkNote(notes, name);
    if (name === null || note === null) return null;
    const network = siteNetwork(name, note);
    if (network.subnet === null) return { network, lease, subnet: null, hosts: [] };
    return kept === null ? null : { network, lease, subnet: subnetOfLease(network.subnet, kept), hosts: kept.hosts };
  }

  async assign(lease: LeaseId, terms: Terms, vms: number, signal: AbortSignal): Promise<void> {
    const name = this.options.nameOf(terms);
    await this.turn.within(signal, async () => {
      const notes = this.options.notes();
      const network = name === null ? null : networkNote(notes, name);
      const kept = addressNote(notes, lease);
      if (kept !== null && network !== null && kept.network === name && kept.hosts.length === vms) return;
      const plan =
        name === null || network === null ? null : assigned({ lease, vms, name, network }, addressNotes(notes));
      if (typeof plan === 'string') throw new VmError(plan);
      await this.keep(lease, plan === null ? null : writtenAddresses(plan));
    });
  }

  release(lease: LeaseId): Promise<void> {
    return this.keep(lease, null);
  }

  leases(): readonly LeaseId[] {
    return [...addressNotes(this.options.notes()).keys()];
  }

  isRegistered(network: string): boolean {
    return networkNote(this.options.notes(), network) !== null;
  }

  private async keep(lease: LeaseId, value: string | null): Promise<void> {
    const key = keyOfAddresses(lease);
    const expected = this.options.notes().get(key) ?? null;
    if (value === expected) return;
    const kept = await this.options.keep({ key, value, expected }).catch(() => false);
    if (!kept) throw new VmError('the log has not taken what addresses its VMs have');
  }
}

/** As hosts are told of it. */
function siteNetwork(name: string, note: NetworkNote): SiteNetwork {
  const { kind, bridge, openVswitch, vlan, gateway, nameservers } = note;
  return { name, kind, subnet: subnetOf(note), bridge, openVswitch, vlan, gateway, nameservers };
}
