/**
 * Images that a lease names, as the scheduler gets them: by what is in them, and how large they are to send. While nothing is
 * registered every name is taken, since simulated machines need no images.
 */

import type { Group, ResourceType } from '../../engine/index.js';
import type { Notes } from '../access/tokens.js';
import { Problem, quoted } from '../problems.js';
import { imageNames, imageNote, isReady, namedInTerms } from './image-notes.js';

export interface WithImages {
  readonly groups: Group[];
  /** MiB, of the largest of them; null: none was registered. */
  readonly imageSize: number | null;
}

const MIB = 1024 * 1024;
const NAMES_SHOWN = 10;

/**
 * `pointerOf`: where in the request the i-th group is. Throws a Problem where one is still on its way. O(groups), and O(notes)
 * where one is not known.
 */
export function withImages(
  groups: readonly Group[],
  pointerOf: (index: number) => string,
  resources: readonly ResourceType[],
  notes: Notes,
  faults: { add(pointer: string, detail: string): void },
): WithImages {
  let names: readonly string[] | null = null;
  const disk = resources.findIndex(({ name }) => name === 'disk');
  let imageSize = 0;
  const known = groups.map((group, i): Group => {
    const { image, demand } = group;
    const note = image === null ? null : imageNote(notes, image);
    if (image === null) return group;
    if (note === null) {
      names ??= imageNames(notes);
      if (names.length === 0) return group;
      faults.add(`${pointerOf(i)}/image`, `${quoted(image)} is not registered; there ${shown(names)}`);
      return group;
    }
    if (!isReady(note.result)) throw notReady(image, note.result?.detail ?? null);
    const { sha256, bytes, virtualBytes } = note.result;
    const diskMiB = disk < 0 ? 0 : (demand[disk] ?? 0);
    if (diskMiB > 0 && diskMiB * MIB < virtualBytes)
      faults.add(
        `${pointerOf(i)}/resources/diskMiB`,
        `the disk of image ${quoted(image)} has ${Math.ceil(virtualBytes / MIB)} MiB`,
      );
    imageSize = Math.max(imageSize, Math.ceil(bytes / MIB));
    const named = namedInTerms(image, note, sha256);
    if (note.persistent !== true) return { ...group, image: named };
    const others = groups.some((other, j) => j < i && other.image === image);
    if (group.vms > 1 || others)
      faults.add(`${pointerOf(i)}/image`, `${quoted(image)} is persistent: one VM writes it, and no other has it then`);
    return { ...group, image: named, writesImage: true };
  });
  return { groups: known, imageSize: imageSize === 0 ? null : imageSize };
}

function shown(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  const some = names.slice(0, NAMES_SHOWN).join(', ');
  return `${names.length === 1 ? 'is' : 'are'} ${some}${more > 0 ? ` and ${more} more` : ''}`;
}

const COME_BACK_S = 5;

function notReady(name: string, failure: string | null): Problem {
  if (failure === null)
    return new Problem('image-not-ready', `the image ${quoted(name)} is being fetched`, [], {}, COME_BACK_S);
  return new Problem('image-not-ready', `the image ${quoted(name)} could not be had: ${failure}`);
}
