/**
 * The images that were registered: notes in the log under `image/<name>`, so that every service of the log knows them. What is
 * in them lies beside the service that fetched it.
 */

import type { ImageFailure, ImageFormat } from '../../adapters/image-port.js';
import type { LeaseId, StateView } from '../../engine/index.js';
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
}

const PREFIX = 'image/';
/** Between the name of an image and what was in it when a lease asked for it. */
const PINNED = '@sha256:';

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

/** Null: it is of no image that was registered. */
export function unpinned(image: string): { readonly name: string; readonly sha256: string } | null {
  const at = image.lastIndexOf(PINNED);
  return at < 0 ? null : { name: image.slice(0, at), sha256: image.slice(at + PINNED.length) };
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
