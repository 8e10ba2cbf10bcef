/**
 * The images that were registered: notes in the log under `image/<name>`, so that every service of the log knows them. What is
 * in them lies beside the service that fetched it.
 */

import type { ImageFailure, ImageFormat } from '../../adapters/image-port.js';
import type { LeaseId, OrderId, StateView } from '../../engine/index.js';
import type { Notes } from '../access/tokens.js';
import { canonical } from '../canonical.js';

/** What became of it. */
export type ImageResult =
  | { readonly sha256: string; readonly bytes: number; readonly virtualBytes: number }
  | { readonly code: ImageFailure; readonly detail: string };

/** What is kept of an image. */
export interface ImageNote {
  readonly source: string;
  readonly format: ImageFormat;
  /** What it must be; null: whatever came the first time. */
  readonly sha256: string | null;
  readonly created: number;
  readonly by: string;
  /** Which attempt to get it this is: whoever answers for an earlier one is not heard. */
  readonly attempt: string;
  /** Null: it is on its way. */
  readonly result: ImageResult | null;
  /** What the one VM that has it writes stays in it. Absent: it is only read. */
  readonly persistent?: true;
  /** Whose disk begins with it, and is to become it. Absent: nobody's. */
  readonly use?: ImageUse;
}

/** A run of a VM that writes an image. */
export interface ImageUse {
  readonly lease: LeaseId;
  readonly vm: number;
  /** The start order: of two disks that began with the image one alone becomes it. */
  readonly run: OrderId;
  /** Its disk is not written any more, and is to be read on this host. Absent: it may still be written. */
  readonly save?: { readonly uri: string; readonly failure?: Extract<ImageResult, { readonly code: ImageFailure }> };
}

const PREFIX = 'image/';
/** Between the name of an image and what was in it when a lease asked for it. */
const PINNED = '@sha256:';
/** After the name of an image that is written: what is in it is what was written last. */
const WRITTEN = '@persistent';

export function keyOfImage(name: string): string {
  return `${PREFIX}${name}`;
}

/** Null: the key is that of something else. */
export function imageOfKey(key: string): string | null {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
}

export function readImage(text: string): ImageNote {
  return JSON.parse(text) as ImageNote;
}

export function writtenImage(note: ImageNote): string {
  return canonical(note);
}

export function imageNote(notes: Notes, name: string): ImageNote | null {
  const text = notes.get(keyOfImage(name));
  return text === undefined ? null : readImage(text);
}

/** In order of name. O(notes + images log images). */
export function imageNames(notes: Notes): string[] {
  const names = [...notes.keys()].map(imageOfKey).filter((name) => name !== null);
  return names.sort((a, b) => (a < b ? -1 : 1));
}

export function isReady(result: ImageResult | null): result is Extract<ImageResult, { readonly sha256: string }> {
  return result !== null && 'sha256' in result;
}

/** What the terms of a lease name: the same name may stand for something else later, and the lease goes on with this. */
export function pinned(name: string, sha256: string): string {
  return `${name}${PINNED}${sha256}`;
}

export function written(name: string): string {
  return `${name}${WRITTEN}`;
}

/** `sha256` is null where it is an image that is written. Null: it is of no image that was registered. */
export function unpinned(image: string): { readonly name: string; readonly sha256: string | null } | null {
  if (image.endsWith(WRITTEN)) return { name: image.slice(0, -WRITTEN.length), sha256: null };
  const at = image.lastIndexOf(PINNED);
  return at < 0 ? null : { name: image.slice(0, at), sha256: image.slice(at + PINNED.length) };
}

/** How terms name the image, as long as it is what it is. */
export function namedInTerms(name: string, { persistent }: ImageNote, sha256: string): string {
  return persistent === true ? written(name) : pinned(name, sha256);
}

/** What disks of VMs lie over, as far as leases that are not over say, and images that are written. O(leases × groups + notes). */
export function contentsInUse(state: Pick<StateView, 'leases' | 'notes'>): Set<string> {
  const contents = new Set<string>();
  for (const image of imagesInUse(state).keys()) {
    const { sha256 } = unpinned(image)!;
    if (sha256 !== null) contents.add(sha256);
  }
  for (const name of imageNames(state.notes)) {
    const { use, result } = imageNote(state.notes, name)!;
    if (use !== undefined && isReady(result)) contents.add(result.sha256);
  }
  return contents;
}

/** Which leases that are not over name which image, by its name and what is in it. O(leases x groups). */
export function imagesInUse({ leases }: Pick<StateView, 'leases'>): Map<string, LeaseId[]> {
  const used = new Map<string, LeaseId[]>();
  for (const { id, terms } of leases.values())
    for (const image of new Set(terms.groups.map((group) => group.image))) {
      if (image === null || unpinned(image) === null) continue;
      const list = used.get(image) ?? [];
      used.set(image, list);
      list.push(id);
    }
  return used;
}
