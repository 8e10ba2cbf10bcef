/** Which addresses the VMs of a lease get: pure, from what others have. Once they are in the log they stay until it gives them back. */

import {
  addressesOf,
  formatAddress,
  handOut,
  parseAddress,
  type Subnet,
  subnetIn,
} from '../../adapters/libvirt/pools.js';
import type { LeaseId } from '../../engine/index.js';
import { type AddressNote, type NetworkNote, OWN_PREFIX, subnetOf, VMS_MAX } from './network-notes.js';

export interface Asking {
  readonly lease: LeaseId;
  readonly vms: number;
  readonly name: string;
  readonly network: NetworkNote;
}

/** Null: the network hands out none by itself. A text: why there are none to be had. O(VMs that have addresses of it). */
export function assigned(
  { lease, vms, name, network }: Asking,
  others: ReadonlyMap<LeaseId, AddressNote>,
): AddressNote | string | null {
  const subnet = subnetOf(network);
  if (subnet === null) return null;
  const there = [...others].flatMap(([id, note]) => (id !== lease && note.network === name ? [note] : []));
  if (network.kind === 'own') return ownSubnet(name, subnet, lease, vms, there);
  const used = new Set(there.flatMap(({ hosts }) => hosts));
  for (const host of outsiders(network, subnet)) used.add(host);
  const { first, last } = hostsOf(subnet);
  const ids = Array.from({ length: vms }, (_, i) => `${lease}-${i + 1}`);
  const hosts = handOut({ first, last }, used, ids);
  if (hosts !== null) return { network: name, hosts };
  return `the network ${name} has not enough free addresses: ${vms} needed, ${last - first + 1 - used.size} there`;
}

/** A subnet to itself, in which VMs follow one another. */
function ownSubnet(
  name: string,
  whole: Subnet,
  lease: LeaseId,
  vms: number,
  there: readonly AddressNote[],
): AddressNote | string {
  const used = new Set(there.flatMap(({ subnet }) => (subnet === undefined ? [] : [subnet])));
  const count = 2 ** (OWN_PREFIX - whole.prefix);
  const free = handOut({ first: 0, last: count - 1 }, used, [lease]);
  if (free === null) return `the network ${name} has no subnet left: ${count} leases have one`;
  const subnet = free[0]!;
  const { first } = hostsOf(subnetIn(whole, OWN_PREFIX, subnet));
  return { network: name, subnet, hosts: Array.from({ length: vms }, (_, i) => first + i) };
}

/** How many VMs one lease may have there at most. */
export function roomOn(network: NetworkNote): number {
  const subnet = subnetOf(network);
  if (subnet === null) return Number.POSITIVE_INFINITY;
  const { first, last } = hostsOf(network.kind === 'own' ? { ...subnet, prefix: OWN_PREFIX } : subnet);
  return last - first + 1 - outsiders(network, subnet).size;
}

/** Why so many VMs of one lease can never be on it; null: they can. */
export function faultOfNetwork(network: NetworkNote, vms: number): string | null {
  const most = network.range === null ? vms : Math.min(VMS_MAX, roomOn(network));
  return vms > most ? `has room for ${most} VMs of a lease at most` : null;
}

/** Places in a subnet that VMs may have. */
function hostsOf(subnet: Subnet): { readonly first: number; readonly last: number } {
  const { first, last } = addressesOf(subnet);
  return { first: first - subnet.address, last: last - subnet.address };
}

/** Places that somebody else has: the gateway and the name servers of the site. */
function outsiders({ gateway, nameservers }: NetworkNote, subnet: Subnet): Set<number> {
  const { first, last } = hostsOf(subnet);
  const places = [gateway, ...nameservers].flatMap((text) => {
    const address = text === null ? null : parseAddress(text);
    return address === null ? [] : [address - subnet.address];
  });
  return new Set(places.filter((place) => place >= first && place <= last));
}

/** The address of VM `vm`, which counts from 1. */
export function addressOf(subnet: Subnet, { hosts }: AddressNote, vm: number): string | null {
  const host = hosts[vm - 1];
  return host === undefined ? null : formatAddress(subnet.address + host);
}
