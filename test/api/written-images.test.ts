/** Whose disk becomes an image that is written: as the log has it, whoever changes it at the same time. */

import { beforeEach, expect, test } from 'vitest';
import { VmError } from '../../adapters/libvirt/vm.js';
import type { WritingVm } from '../../adapters/libvirt/written-images.js';
import {
  type ImageNote,
  imageNote,
  keyOfImage,
  readImage,
  written,
  writtenImage,
} from '../../api/images/image-notes.js';
import { NotedImages } from '../../api/images/written-images.js';
import { emptyState, type Lease } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';

const NOTE: ImageNote = {
  ...{ source: '/srv/home.qcow2', format: 'qcow2', sha256: null, created: 0, by: 'admin', attempt: 'a' },
  result: { sha256: '1'.repeat(64), bytes: 1, virtualBytes: 1 },
  persistent: true,
};
const IMAGE = written('home');
const A: WritingVm = { lease: 'A', vm: 1, run: '1.0' };
const B: WritingVm = { lease: 'B', vm: 1, run: '2.0' };

let notes: Map<string, string>;
let warned: string[];
let leases: ReturnType<typeof emptyState>['leases'];
let images: NotedImages;
/** How often the log takes nothing yet. */
let refusals = 0;
let wanted: AbortController;

beforeEach(() => {
  notes = new Map([[keyOfImage('home'), writtenImage(NOTE)]]);
  warned = [];
  refusals = 0;
  wanted = new AbortController();
  ({ leases } = emptyState());
  for (const id of ['A', 'B']) leases.add({ id, sequence: leases.size + 1 } as Lease);
  images = new NotedImages({
    state: () => ({ notes, leases }),
    keep: async ({ key, value, expected }) => {
      if (refusals-- > 0 || (notes.get(key) ?? null) !== expected) return false;
      if (value === null) notes.delete(key);
      else notes.set(key, value);
      return true;
    },
    warn: (message) => warned.push(message),
  });
});

const use = () => imageNote(notes, 'home')!.use;
const claim = (vm: WritingVm) => images.claim(IMAGE, vm, wanted.signal);
const keep = (vm: WritingVm) => images.keep(vm, 'test:///default', wanted.signal);
/** What has been read from the disk of `use` is the image now. */
function save(): void {
  const { use: _, ...rest } = readImage(notes.get(keyOfImage('home'))!);
  notes.set(keyOfImage('home'), writtenImage(rest));
}

test('it is noted before the disk is made, also where others change it at the same time', async () => {
  refusals = 2;
  await claim(A);
  expect(use()).toEqual({ lease: 'A', vm: 1, run: '1.0' });
  expect(images.runOf('A', 1)).toBe('1.0');
  expect(images.runOf('A', 2)).toBe(null);
  await claim(A);
  expect(use()).toEqual({ lease: 'A', vm: 1, run: '1.0' });
});

test('images that are only read are nobody’s', async () => {
  notes.set(keyOfImage('home'), writtenImage((({ persistent: _, ...rest }) => rest)(NOTE)));
  await claim(A);
  await images.claim('some-file', A, wanted.signal);
  expect(images.runOf('A', 1)).toBe(null);
  await keep(A);
});

test('no other lease has it while its lease is not over', async () => {
  await claim(A);
  await expect(claim(B)).rejects.toThrow(VmError);
  await expect(claim(B)).rejects.toThrow('the image home is written by lease A');
});

test('a disk that is out of reach gives way to a later run, is told of, and never becomes the image', async () => {
  await claim(A);
  await claim({ ...A, run: '3.0' });
  expect(warned).toEqual([expect.stringContaining('what it wrote is not in the image home')]);
  // The first host is back: its disk is of a run that is nobody's.
  await keep(A);
  expect(use()).toEqual({ ...A, run: '3.0' });
});

test('the disk of a lease that is over becomes the image when its host is back, unless another one has', async () => {
  await claim(A);
  leases.delete(leases.get('A')!);
  const kept = keep(A);
  await eventually(() => use()?.save?.uri).toBe('test:///default');
  // Who comes meanwhile begins with what is being read.
  const next = claim(B);
  save();
  await Promise.all([kept, next]);
  expect(use()).toEqual(B);
  await keep(A);
  expect(use()).toEqual(B);
});

test('nothing goes before it is read, and whoever is told to leave it does', async () => {
  await claim(A);
  let isKept = false;
  const kept = keep(A).then(() => {
    isKept = true;
  });
  await eventually(() => use()?.save).toEqual({ uri: 'test:///default' });
  expect(isKept).toBe(false);
  wanted.abort(new Error('it is stopped'));
  await expect(kept).rejects.toThrow();
  expect(use()?.save).toEqual({ uri: 'test:///default' });
});
