/**
 * What things of ours are called on hosts: all names follow from the ids of leases and VMs, and none from what users
 * write. A name is never enough to take a thing for ours: see metadata.ts.
 */

import { createHash } from 'node:crypto';
import type { LeaseId } from '../../engine/index.js';

/** A lease id that is fit for names: those that the service gives are. Throws otherwise. */
function fit(lease: LeaseId): string {
  if (LEASE_ID.test(lease)) return lease;
  throw new RangeError('a lease id has 1 to 40 letters and digits here, and a number if it is of a series');
}

/** Those of a series end in their number. */
export const LEASE_ID = /^[A-Za-z0-9]{1,40}(-[1-9]\d{0,5})?$/;

/** VMs count from 1. */
export function domainName(lease: LeaseId, vm: number): string {
  if (!Number.isSafeInteger(vm) || vm < 1) throw new RangeError(`VM ${vm}: VMs count from 1`);
  return `leasehold-${fit(lease)}-${vm}`;
}

/** The namespace in which VMs have their UUIDs: made once, at random. */
const UUIDS = Buffer.from('5d1f0a5ee6a94b0c9c0b3a7d2f6c41e8', 'hex');

/** UUID version 5 (RFC 9562) of the lease and the number: always the same for the same VM. */
export function domainUuid(lease: LeaseId, vm: number): string {
  return nameBasedUuid(domainName(lease, vm));
}

export function nameBasedUuid(name: string): string {
  const bytes = createHash('sha1').update(UUIDS).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Of its first interface: locally administered, and the same for the same VM. Two of 10,000 are alike once in 20,000 sites. */
export function macAddress(lease: LeaseId, vm: number): string {
  const bytes = createHash('sha256').update(domainName(lease, vm)).digest('hex').slice(0, 10);
  return `02:${bytes.replace(/..(?=.)/g, '$&:')}`;
}

/** As the guest knows itself, and as others find it by DNS. Host names know no upper case. */
export function hostName(lease: LeaseId, vm: number): string {
  return domainName(lease, vm).slice('leasehold-'.length).toLowerCase();
}

export type DiskFormat = 'qcow2' | 'raw';

/** Volumes in our pool on a host; `disk` counts from 0. */
export function diskVolume(lease: LeaseId, vm: number, disk: number, format: DiskFormat): string {
  return `${domainName(lease, vm)}-disk${disk}.${format}`;
}

export function seedVolume(lease: LeaseId, vm: number): string {
  return `${domainName(lease, vm)}-seed.iso`;
}

/** Saved memory. One name an order: a save that is tried again writes over nothing. */
export function memoryVolume(lease: LeaseId, vm: number, order: string): string {
  if (!ORDER_ID.test(order)) throw new RangeError('an order is a turn and a number, as in 12.0');
  return `${domainName(lease, vm)}-${order}.memory`;
}

export function isMemory(volume: string): boolean {
  return volume.endsWith('.memory');
}

export const ORDER_ID = /^\d{1,16}\.\d{1,9}$/;

export function consoleLog(lease: LeaseId, vm: number): string {
  return `${domainName(lease, vm)}-console.log`;
}

/** Images are kept by what they hold. */
export function imageVolume(sha256: string, format: DiskFormat | 'iso'): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('an image is named by its SHA-256, in small hex digits');
  return `leasehold-image-${sha256}.${format}`;
}

/** The SHA-256 of the image; null: the volume is none, or the mark of one. */
export function imageInVolume(volume: string): string | null {
  return /^leasehold-image-([0-9a-f]{64})\.(qcow2|raw|iso)$/.exec(volume)?.[1] ?? null;
}

/** Whose a volume is; null: no VM's of ours. */
export function ownerOfVolume(volume: string): { readonly lease: LeaseId; readonly vm: number } | null {
  const [, lease, vm] =
    /^leasehold-([A-Za-z0-9]{1,40}(?:-[1-9]\d{0,5})?)-([1-9]\d{0,6})-[A-Za-z0-9.]{1,40}$/.exec(volume) ?? [];
  return lease === undefined ? null : { lease, vm: Number(vm) };
}

/** The network of a lease that has one to itself. */
export function leaseNetwork(lease: LeaseId): string {
  return `leasehold-${fit(lease)}`;
}
