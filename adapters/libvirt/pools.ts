/**
 * Numbers handed out of a range, none twice at a time: for addresses, MACs and subnets. Pure: what is in use is said each
 * time, by whoever can see it.
 */

import { createHash } from 'node:crypto';

/** Numbers from `first` to `last`. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * One number for each of `ids`, in their order; null: there are not enough. Where the search for one begins follows from
 * its id: who comes back finds its old number, and one that was just given up is seldom the next to be handed out.
 * O(ids + used) as long as the range is roomy, O(ids * range) at worst.
 */
export function handOut(range: Range, used: ReadonlySet<number>, ids: readonly string[]): readonly number[] | null {
  const size = range.last - range.first + 1;
  const taken = new Set<number>();
  for (const number of used) if (number >= range.first && number <= range.last) taken.add(number);
  if (taken.size + ids.length > size) return null;
  return ids.map((id) => {
    let number = range.first + preferred(id, size);
    while (taken.has(number)) number = number === range.last ? range.first : number + 1;
    taken.add(number);
    return number;
  });
}

/** Evenly over 0 to `size` - 1. */
function preferred(id: string, size: number): number {
  return createHash('sha256').update(id).digest().readUIntBE(0, 6) % size;
}

/** QEMU's own prefix; the three bytes that follow are the number. */
export const MAC_RANGE: Range = { first: 1, last: 0xfffffe };
const MAC_PREFIX = '52:54:00';

export function macOf(number: number): string {
  return `${MAC_PREFIX}:${number
    .toString(16)
    .padStart(6, '0')
    .replace(/..(?=.)/g, '$&:')}`;
}

/** Null: not one of ours. */
export function numberOfMac(mac: string): number | null {
  const [, digits] = /^52:54:00:([0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2})$/.exec(mac.toLowerCase()) ?? [];
  return digits === undefined ? null : Number.parseInt(digits.replaceAll(':', ''), 16);
}

/** An IPv4 subnet: `10.77.3.0/24`. */
export interface Subnet {
  readonly address: number;
  readonly prefix: number;
}

/** Null: not an IPv4 subnet, or bits of hosts in it. */
export function parseSubnet(text: string): Subnet | null {
  const [, written, digits] = /^([\d.]{7,15})\/(\d{1,2})$/.exec(text) ?? [];
  const address = written === undefined ? null : parseAddress(written);
  const prefix = Number(digits);
  if (address === null || prefix < 8 || prefix > 30 || address % 2 ** (32 - prefix) !== 0) return null;
  return { address, prefix };
}

export function formatSubnet({ address, prefix }: Subnet): string {
  return `${formatAddress(address)}/${prefix}`;
}

/** Null: not an IPv4 address in four decimal parts. */
export function parseAddress(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** The host's own: the first. */
export function gatewayOf({ address }: Subnet): number {
  return address + 1;
}

/** For VMs: all but the network's, the host's and the broadcast address. */
export function addressesOf({ address, prefix }: Subnet): Range {
  return { first: address + 2, last: address + 2 ** (32 - prefix) - 2 };
}

/** The i-th subnet with `prefix` in `whole`. */
export function subnetIn(whole: Subnet, prefix: number, index: number): Subnet {
  return { address: whole.address + index * 2 ** (32 - prefix), prefix };
}

/** Of subnets with `prefix` in `whole`: those that `taken` overlap. For `handOut`. O(taken + subnets that they cover). */
export function subnetsInUse(whole: Subnet, prefix: number, taken: readonly Subnet[]): ReadonlySet<number> {
  const size = 2 ** (32 - prefix);
  const count = 2 ** (prefix - whole.prefix);
  const used = new Set<number>();
  for (const other of taken) {
    const first = Math.max(0, Math.floor((other.address - whole.address) / size));
    const last = Math.floor((other.address + 2 ** (32 - other.prefix) - 1 - whole.address) / size);
    for (let i = first; i <= Math.min(last, count - 1); i++) used.add(i);
  }
  return used;
}
