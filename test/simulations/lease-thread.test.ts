/** Leases that are written by a thread of their own: the same bytes as without one, and failures that are told. */

import { fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reason } from '../../engine/index.js';
import type { FinishedLease } from '../../simulations/report/finished-lease.js';
import { BlockWriter, leasesOf } from '../../simulations/report/lease-block.js';
import { LeaseThread } from '../../simulations/report/lease-thread-client.js';
import { type LeaseFiles, LeaseWriter } from '../../simulations/report/lease-writer.js';
import { TextFile } from '../../simulations/report/text-file.js';
import { needs } from '../support/needs.js';
import { directory } from './files.js';
import { finished } from './leases.js';

const THREAD = new URL('../../dist/simulations/report/lease-thread.js', import.meta.url);

const time = fc.oneof(fc.nat({ max: 1e9 }), fc.maxSafeNat());
const nodes = fc.array(fc.tuple(fc.nat({ max: 1e6 }), fc.nat({ max: 9 })), { maxLength: 5 }).map((spans) => {
  return spans.flatMap(([first, more]) => [first, first + more]);
});
const step = fc.record({ start: time, end: time, vms: nodes, nodes });
const lease: fc.Arbitrary<FinishedLease> = fc
  .record({
    id: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    kind: fc.constantFrom('best-effort', 'advance', 'immediate', 'deadline'),
    state: fc.constantFrom('done', 'failed', 'cancelled', 'rejected', 'expired'),
    submit: time,
    start: fc.option(time),
    end: fc.option(time),
    vms: fc.integer({ min: 1, max: 1e6 }),
    requested: time,
    runs: fc.array(fc.record({ start: time, end: time, nodes }), { maxLength: 3 }),
    // Most leases only run.
    suspensions: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(step) }),
    reasons: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.constant([reason('preempted', {})])),
  })
  .map((given) => finished(given.id, [0, 0, 0], given as Partial<FinishedLease>));

test('leases come out of blocks as they went in, however many fit', () => {
  const wide = finished('wide', [0, 0, 1], {
    runs: [{ start: 0, end: 1, nodes: Array.from({ length: 40_000 }, (_, i) => 3 * (i >> 1)) }],
  });
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 20, arbitrary: lease }, fc.constant(wide)), { maxLength: 200 }),
      (given) => {
        const block = new BlockWriter();
        const read = [];
        for (const one of given) {
          if (block.add(one)) continue;
          read.push(...leasesOf(block.take()));
          expect(block.add(one)).toBe(true);
        }
        read.push(...leasesOf(block.take()));
        expect(read).toEqual(given.map(({ cpu: _cpu, preemptions: _times, terms: _terms, ...written }) => written));
      },
    ),
  );
});

describe('a thread of its own', needs('build'), () => {
  test('writes the same bytes, many blocks of them', () => {
    const some = fc.sample(lease, { numRuns: 500, seed: 7 });
    const write = (open: (jobs: TextFile, leases: TextFile) => LeaseFiles): string[] => {
      const paths = ['jobs', 'leases'].map((name) => join(directory(), name));
      const files = open(...(paths.map((path) => TextFile.create(path)) as [TextFile, TextFile]));
      for (let i = 0; i < 30_000; i++) files.lease(some[i % some.length]!);
      files.finish();
      files.close();
      return paths.map((path) => readFileSync(path, 'utf8'));
    };
    const here = write((jobs, leases) => new LeaseWriter(jobs, leases, 'w'));
    const aside = write((jobs, leases) => thread(jobs.descriptor, leases.descriptor));
    expect(aside.map((text, i) => text === here[i])).toEqual([true, true]);
    const without = write((jobs) => thread(jobs.descriptor, null));
    expect([without[0] === here[0], without[1]]).toEqual([true, '']);
  });

  test('that cannot write says so, at the end or while there is still more to write', () => {
    const some = fc.sample(lease, { numRuns: 500, seed: 8 });
    const full = () => openSync('/dev/full', 'w');
    const few = thread(full(), full());
    for (const one of some) few.lease(one);
    expect(() => few.finish()).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    few.close();
    const many = thread(full(), full());
    expect(() => {
      for (;;) for (const one of some) many.lease(one);
    }).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    many.close();
  });

  test('that is told to stop has closed its files', () => {
    const descriptors = [openSync('/dev/null', 'w'), openSync('/dev/null', 'w')] as const;
    const files = thread(...descriptors);
    for (const one of fc.sample(lease, { numRuns: 2_000, seed: 9 })) files.lease(one);
    files.close();
    files.close();
    for (const descriptor of descriptors)
      expect(() => fstatSync(descriptor)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});

function thread(jobs: number, leases: number | null): LeaseThread {
  return new LeaseThread(THREAD, { jobs, leases, workload: 'w' });
}
