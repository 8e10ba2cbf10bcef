/** Directories that disks may lie in, as labels name them. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diskPlaces, isDirectory } from '../../adapters/disk-places.js';
import { mayShareDisk, reachOf, shareDisk } from '../../adapters/libvirt/reach.js';

const segment = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,10}$/);
const directory = fc.array(segment, { minLength: 1, maxLength: 8 }).map((parts) => `/${parts.join('/')}`);

test('a directory is taken as it is written, with the storage that it is on', () => {
  fc.assert(
    fc.property(directory, segment, (path, word) => {
      fc.pre(!word.startsWith('_'));
      expect(isDirectory(path)).toBe(true);
      const places = diskPlaces({ 'disks-a': path, 'disks-b': `${word}:${path}`, uri: path });
      expect([...places]).toEqual([
        ['a', { directory: path, storage: null }],
        ['b', { directory: path, storage: word }],
      ]);
    }),
  );
});

test.each([
  '',
  '/',
  'mnt',
  '/mnt/',
  '//mnt',
  '/mnt/../etc',
  '/.ssh',
  '/mnt a',
  "/mnt'",
  '/mnt\n',
  'a:b:/mnt',
  '/a'.repeat(9),
])('%j names none', (value) => {
  expect(diskPlaces({ 'disks-a': value }).size).toBe(0);
  expect(isDirectory(value)).toBe(false);
});

test('a disk is on both sides where both say so of its directory; where one says nothing it may be', () => {
  const [here, there, apart, silent] = (
    [
      { storage: 'home', 'disks-a': 'vault:/mnt/a' },
      { storage: 'home', 'disks-other': 'vault:/mnt/a' },
      { 'disks-a': '/mnt/a' },
      {},
    ] as Record<string, string>[]
  ).map((labels) => reachOf(labels, 'n1'));
  expect(shareDisk(here!, there!, '/mnt/a')).toBe(true);
  expect(shareDisk(here!, apart!, '/mnt/a')).toBe(false);
  expect(shareDisk(apart!, apart!, '/mnt/a')).toBe(false);
  expect(shareDisk(here!, there!, undefined)).toBe(true);
  expect(shareDisk(here!, apart!, 'vm-dir')).toBe(false);
  expect(() => shareDisk(here!, silent!, '/mnt/a')).toThrow('no label "disks-…"');
  expect(mayShareDisk(here!, silent!, '/mnt/a')).toBe(true);
  expect(mayShareDisk(here!, apart!, '/mnt/a')).toBe(false);
});
