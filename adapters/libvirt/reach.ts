/** How hosts reach each other: the URI by which one is told to send a VM to another, and whether they share their files. */

import { diskPlaces } from '../disk-places.js';
import { checkedUri } from './binding/uri.js';
import { isElsewhere, type Place } from './disk-pools.js';
import { VmError } from './vm.js';

/** What a node's labels say of it to other nodes. */
export interface Reach {
  /** By which other hosts reach its libvirt; null: nobody has said, and its own is for this service alone. */
  readonly uri: string | null;
  /** What storage our directory is on, where several hosts share it; null: its own. */
  readonly storage: string | null;
  /** Other directories that disks may lie in, and what storage each is on, as above. */
  readonly directories: ReadonlyMap<string, string | null>;
}

/** These say the same wherever they are read. */
const FROM_ANYWHERE = /^qemu\+(ssh|tls|tcp):/;

/** The parameters of a node's own URI are files of this machine. */
export function reachOf(labels: Readonly<Record<string, string>>, name: string): Reach {
  const { uri = '', storage = null } = labels;
  const directories = new Map<string, string | null>();
  for (const place of diskPlaces(labels).values()) directories.set(place.directory, place.storage);
  const own = FROM_ANYWHERE.test(uri) ? uri.split('?')[0]! : null;
  return { uri: (labels['migration-uri'] ?? own)?.replaceAll('{name}', name) ?? null, storage, directories };
}

/** Why it is no URI that hosts can be given for another; null: it is one. */
export function faultOfReach({ uri }: Reach): string | null {
  if (uri === null)
    return 'no other host can reach it by its label "uri": say how by the label "migration-uri", as in qemu+tls://HOST/system';
  const verdict = checkedUri(uri);
  if (!verdict.ok) return `its label "migration-uri" is ${verdict.detail}`;
  return FROM_ANYWHERE.test(uri) ? null : 'its label "migration-uri" is this machine for whoever reads it: name a host';
}

/** Whether our directory is the same on both: what one writes there the other reads. */
export function shareFiles(one: Reach, other: Reach): boolean {
  return one.storage !== null && one.storage === other.storage;
}

/** Whether a disk in this directory is on both sides anyway. Throws a VmError where the other host has no such directory. */
export function shareDisk(one: Reach, other: Reach, place: Place): boolean {
  if (!isElsewhere(place)) return shareFiles(one, other);
  const there = other.directories.get(place);
  if (there === undefined)
    throw new VmError(`its disk lies in ${place}, and the other node has no label "disks-…" that names it`);
  return there !== null && there === one.directories.get(place);
}

/** Before something is removed: where nobody says what the directory is over there, it may be the same. */
export function mayShareDisk(one: Reach, other: Reach, place: Place): boolean {
  return (isElsewhere(place) && !other.directories.has(place)) || shareDisk(one, other, place);
}
