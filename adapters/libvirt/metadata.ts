/**
 * What marks a domain as ours: an element in its metadata that says which VM it is, and of which order. A domain is ours
 * only if its UUID is that VM's, too: whoever copies the element into a domain of their own has made nothing ours.
 */

import type { Epoch, Instant, LeaseId, OrderId } from '../../engine/index.js';
import { isDirectory, OWN_PLACE } from '../disk-places.js';
import { domainUuid, LEASE_ID, ORDER_ID } from './names.js';
import { element, readXml, writeXml, type XmlElement, XmlError } from './xml.js';

export const METADATA_NAMESPACE = 'urn:leasehold:domain:1';
export const METADATA_PREFIX = 'leasehold';
const LENGTH_MAX = 4096;

/** What a domain says of itself: enough to go on from without anything beside it. */
export interface VmRecord {
  /** Whose it is: by which log. Another Leasehold may command the same hosts. */
  readonly site: string;
  readonly lease: LeaseId;
  /** Counts from 1. */
  readonly vm: number;
  /** How many the lease has. */
  readonly vms: number;
  /** The start order of this run. */
  readonly run: OrderId;
  /** By which it was made, or changed last. */
  readonly order: OrderId;
  readonly epoch: Epoch;
  /** Null: it runs, or has run. */
  readonly saved: Saved | null;
  /** It is not ready yet, and must be by then; 0: that is not settled. Absent: it is, or runs without. */
  readonly booting?: Instant;
  /** It is to call when it is ready: the digest of the secret by which it is known then. Absent: it need not, or has been told of. */
  readonly callback?: string;
  /** The last order to reboot or reset it: about to begin, or done. Absent: there was none. */
  readonly reboot?: { readonly order: OrderId; readonly isDone: boolean };
  /** The last order by which it was made anew, for another size. Absent: there was none. */
  readonly resized?: OrderId;
  /** This order has asked its guest to shut down, in vain: should that come yet, nobody wants it. Absent: none has. */
  readonly kept?: OrderId;
  /** It is on its way, by this order, to this node: there it is not whole yet. Absent: it is where it is. */
  readonly moving?: { readonly order: OrderId; readonly to: number };
  /** The last order by which it came here while it ran. Absent: there was none. */
  readonly moved?: OrderId;
  /** The directory that its disk lies in, or OWN_PLACE. Absent: our own. */
  readonly disks?: string;
  /** Where a copy of its disk may lie, which it is to go on from, or does already. Absent: there is none. */
  readonly copying?: string;
}

/** Memory that was saved, and read back. */
export interface Saved {
  readonly order: OrderId;
  /** When it stopped running. */
  readonly at: Instant;
  readonly bytes: number;
  readonly sha256: string;
}

/** The element, as in `<metadata>`. */
export function metadataElement(record: VmRecord): XmlElement {
  const { site, lease, vm, vms, run, order, epoch, saved, reboot, booting, callback, moving, resized, moved } = record;
  const { disks, copying, kept } = record;
  const name = `${METADATA_PREFIX}:vm`;
  const memory = saved === null ? {} : { saved: saved.order, at: saved.at, bytes: saved.bytes, sha256: saved.sha256 };
  const again = reboot === undefined ? {} : { [reboot.isDone ? 'rebooted' : 'rebooting']: reboot.order };
  const way = moving === undefined ? {} : { moving: moving.order, to: moving.to };
  const size = resized === undefined ? {} : { resized };
  const came = moved === undefined ? {} : { moved };
  const boots = booting === undefined ? {} : { booting };
  const calls = callback === undefined ? {} : { callback };
  const attributes = {
    site,
    lease,
    vm,
    vms,
    run,
    order,
    epoch,
    ...memory,
    ...again,
    ...boots,
    ...calls,
    ...way,
    ...size,
    ...(kept === undefined ? {} : { kept }),
    ...came,
    ...(disks === undefined ? {} : { disks }),
    ...(copying === undefined ? {} : { copying }),
  };
  return element(name, { [`xmlns:${METADATA_PREFIX}`]: METADATA_NAMESPACE, ...attributes });
}

export function metadataXml(record: VmRecord): string {
  return writeXml(metadataElement(record)).trimEnd();
}

/** What the element of our namespace in the domain `uuid` says; null: it is not ours. Never throws. */
export function recordOf(metadata: string | null, uuid: string): VmRecord | null {
  const attributes = metadata === null ? null : attributesIn(metadata);
  if (attributes === null) return null;
  const { site = '', lease = '', vm = '', vms = '', run = '', order = '', epoch = '' } = attributes;
  if (!SITE.test(site)) return null;
  if (!LEASE_ID.test(lease) || !VM.test(vm) || !VM.test(vms) || !ORDER_ID.test(run) || !ORDER_ID.test(order))
    return null;
  if (!NUMBER.test(epoch) || domainUuid(lease, Number(vm)) !== uuid.toLowerCase()) return null;
  const saved = savedIn(attributes);
  const [reboot, moving] = [rebootIn(attributes), movingIn(attributes)];
  const { booting, callback, resized, kept, moved, disks, copying } = attributes;
  if (saved === undefined || reboot === null || moving === null) return null;
  if (booting !== undefined && !NUMBER.test(booting)) return null;
  if (callback !== undefined && !SHA256.test(callback)) return null;
  if (resized !== undefined && !ORDER_ID.test(resized)) return null;
  if (kept !== undefined && !ORDER_ID.test(kept)) return null;
  if (moved !== undefined && !ORDER_ID.test(moved)) return null;
  if (![disks, copying].every((place) => place === undefined || place === OWN_PLACE || isDirectory(place))) return null;
  return {
    ...{ site, lease, vm: Number(vm), vms: Number(vms), run, order, epoch: Number(epoch), saved },
    ...(reboot === undefined ? {} : { reboot }),
    ...(booting === undefined ? {} : { booting: Number(booting) }),
    ...(callback === undefined ? {} : { callback }),
    ...(moving === undefined ? {} : { moving }),
    ...(resized === undefined ? {} : { resized }),
    ...(kept === undefined ? {} : { kept }),
    ...(moved === undefined ? {} : { moved }),
    ...(disks === undefined ? {} : { disks }),
    ...(copying === undefined ? {} : { copying }),
  };
}

/** Undefined: it is where it is. Null: it says something that makes no sense. */
function movingIn({ moving: order, to = '' }: Attributes): VmRecord['moving'] | null {
  if (order === undefined) return undefined;
  return ORDER_ID.test(order) && NUMBER.test(to) ? { order, to: Number(to) } : null;
}

/** Undefined: it says something that makes no sense. */
function savedIn({ saved: order, at = '', bytes = '', sha256 = '' }: Attributes): Saved | null | undefined {
  if (order === undefined) return null;
  if (!ORDER_ID.test(order) || !NUMBER.test(at) || !NUMBER.test(bytes) || !SHA256.test(sha256)) return undefined;
  return { order, at: Number(at), bytes: Number(bytes), sha256 };
}

/** Undefined: there was none. Null: it says something that makes no sense. */
function rebootIn({ rebooting, rebooted }: Attributes): VmRecord['reboot'] | null {
  const order = rebooted ?? rebooting;
  if (order === undefined) return undefined;
  return ORDER_ID.test(order) ? { order, isDone: rebooted !== undefined } : null;
}

/** By which one log is told from another. */
export const SITE = /^[0-9a-f]{16}$/;
const VM = /^[1-9]\d{0,6}$/;
export const NUMBER = /^\d{1,15}$/;
export const SHA256 = /^[0-9a-f]{64}$/;

type Attributes = Readonly<Record<string, string>>;

/** libvirt gives the element with its prefix or without, as it was asked. What else is in it is of a later version. */
function attributesIn(metadata: string): Attributes | null {
  try {
    const { name, attributes } = readXml(metadata, LENGTH_MAX);
    return name === 'vm' || name === `${METADATA_PREFIX}:vm` ? attributes : null;
  } catch (error) {
    if (error instanceof XmlError) return null;
    throw error;
  }
}
