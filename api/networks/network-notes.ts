/**
 * The networks that were registered: notes in the log under `network/<name>`, so that every service of the log knows them; and
 * which addresses the VMs of a lease have there, under `address/<lease>`, from before they start until they are gone.
 */

import { parseSubnet, type Subnet, subnetIn } from '../../adapters/libvirt/pools.js';
import type { LeaseId } from '../../engine/index.js';
import type { Notes } from '../access/tokens.js';
import { canonical } from '../canonical.js';

export const NETWORK_KINDS = ['nat', 'isolated', 'own', 'bridge'] as const;
export type NetworkKind = (typeof NETWORK_KINDS)[number];

/** What is kept of a network. */
export interface NetworkNote {
  readonly kind: NetworkKind;
  /** IPv4 that VMs are given addresses of; null: whoever is behind the bridge hands them out. */
  readonly range: string | null;
  /** Of bridges, on every host. */
  readonly bridge: string | null;
  readonly openVswitch: boolean;
  readonly vlan: number | null;
  /** Of bridges with a range. */
  readonly gateway: string | null;
  readonly nameservers: readonly string[];
  readonly created: number;
  readonly by: string;
}

/** What a lease has of a network. */
export interface AddressNote {
  readonly network: string;
  /** The lease's own: which one of those in the range. Absent: it is the network's. */
  readonly subnet?: number;
  /** Of each VM in turn: its place in the subnet. */
  readonly hosts: readonly number[];
}

const NETWORK = 'network/';
const ADDRESS = 'address/';
/** Of networks of leases alone. */
export const OWN_PREFIX = 24;
/** Of one lease, on a network with a range: what is kept of them has to fit into a note. */
export const VMS_MAX = 1000;

export function keyOfNetwork(name: string): string {
  return `${NETWORK}${name}`;
}

/** Null: the key is that of something else. */
export function networkOfKey(key: string): string | null {
  return key.startsWith(NETWORK) ? key.slice(NETWORK.length) : null;
}

export function keyOfAddresses(lease: LeaseId): string {
  return `${ADDRESS}${lease}`;
}

export function leaseOfKey(key: string): LeaseId | null {
  return key.startsWith(ADDRESS) ? key.slice(ADDRESS.length) : null;
}

export function networkNote(notes: Notes, name: string): NetworkNote | null {
  const text = notes.get(keyOfNetwork(name));
  return text === undefined ? null : (JSON.parse(text) as NetworkNote);
}

export function writtenNetwork(note: NetworkNote): string {
  return canonical(note);
}

export function addressNote(notes: Notes, lease: LeaseId): AddressNote | null {
  const text = notes.get(keyOfAddresses(lease));
  return text === undefined ? null : (JSON.parse(text) as AddressNote);
}

export function writtenAddresses(note: AddressNote): string {
  return canonical(note);
}

/** In order of name. O(notes + networks log networks). */
export function networkNames(notes: Notes): string[] {
  const names = [...notes.keys()].map(networkOfKey).filter((name) => name !== null);
  return names.sort((a, b) => (a < b ? -1 : 1));
}

/** Which leases have addresses of which network. O(notes). */
export function addressNotes(notes: Notes): Map<LeaseId, AddressNote> {
  const found = new Map<LeaseId, AddressNote>();
  for (const key of notes.keys()) {
    const lease = leaseOfKey(key);
    const note = lease === null ? null : addressNote(notes, lease);
    if (lease !== null && note !== null) found.set(lease, note);
  }
  return found;
}

export function subnetOf({ range }: Pick<NetworkNote, 'range'>): Subnet | null {
  return range === null ? null : parseSubnet(range);
}

/** The subnet that the lease's VMs are in. */
export function subnetOfLease(network: Subnet, { subnet }: AddressNote): Subnet {
  return subnet === undefined ? network : subnetIn(network, OWN_PREFIX, subnet);
}
