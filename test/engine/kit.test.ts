import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addAll,
  compact,
  countFitting,
  expand,
  format,
  Heap,
  intersects,
  Random,
  removeAll,
  size,
  takeLowest,
  toSet,
} from '../../engine/index.js';

const numbers = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
const ascending = (set: ReadonlySet<number>) => [...set].sort((a, b) => a - b);

describe('runs of node numbers', () => {
  test('assignments keep order and repetitions', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        expect(expand(compact(list))).toEqual(list);
      }),
    );
  });

  test('sets behave as sets', () => {
    fc.assert(
      fc.property(numbers, numbers, numbers, (a, b, c) => {
        const runs = toSet(compact(a));
        const model = new Set(a);
        expect(expand(runs)).toEqual(ascending(model));
        addAll(runs, compact(b));
        for (const n of b) model.add(n);
        expect(expand(runs)).toEqual(ascending(model));
        removeAll(runs, compact(c));
        for (const n of c) model.delete(n);
        expect(expand(runs)).toEqual(ascending(model));
        expect(runs).toEqual(toSet(runs));
        expect(size(runs)).toBe(model.size);
        expect(intersects(runs, compact(a))).toBe(a.some((n) => model.has(n)));
      }),
    );
  });

  test('large sets behave as sets, whatever is added and removed (10^5 operations)', () => {
    const change = fc.record({
      adds: fc.boolean(),
      first: fc.integer({ min: 1, max: 999 }),
      length: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1000, maxLength: 1000 }), (changes) => {
        const set: number[] = [];
        const model = new Uint8Array(1004);
        for (const { adds, first, length } of changes) {
          const last = first + length - 1;
          (adds ? addAll : removeAll)(set, [first, last]);
          model.fill(adds ? 1 : 0, first, last + 1);
        }
        const expected = [...model.keys()].filter((n) => model[n] === 1);
        expect(set).toEqual(compact(expected));
      }),
      { numRuns: 100 },
    );
  });

  test('the lowest numbers are taken first', () => {
    fc.assert(
      fc.property(numbers, fc.nat(30), (list, count) => {
        const runs = toSet(compact(list));
        const all = expand(runs);
        const taken = takeLowest(runs, Math.min(count, all.length));
        expect(expand(taken)).toEqual(all.slice(0, count));
        expect(expand(runs)).toEqual(all.slice(count));
      }),
    );
  });

  test('are written as interval sets', () => {
    expect(format(compact([1, 2, 3, 5, 9, 10]))).toBe('1-3 5 9-10');
  });
});

describe('the heap', () => {
  test('gives back in order of time, then sequence, and finds what is due', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), fc.nat(20), (times, bound) => {
        const items = times.map((time, sequence) => ({ time, sequence }));
        const heap = new Heap<{ time: number; sequence: number }>();
        for (const item of items) heap.push(item);
        const due: number[] = [];
        heap.forEachUntil(bound, (item) => due.push(item.sequence));
        expect(due.sort((a, b) => a - b)).toEqual(items.filter((i) => i.time <= bound).map((i) => i.sequence));
        heap.filter((item) => item.sequence % 3 !== 0);
        const out: { time: number; sequence: number }[] = [];
        while (heap.size > 0) out.push(heap.pop()!);
        const expected = items
          .filter((item) => item.sequence % 3 !== 0)
          .sort((a, b) => a.time - b.time || a.sequence - b.sequence);
        expect(out).toEqual(expected);
      }),
    );
  });
});

describe('capacity', () => {
  test('counts how many VMs fit side by side', () => {
    expect(countFitting([500, 1024], [2000, 4096], 10)).toBe(4);
    expect(countFitting([500, 0], [2000, 0], 3)).toBe(3);
    expect(countFitting([500, 1024], [-1, 4096], 10)).toBe(0);
    expect(countFitting([500, 0], [2000, -1], 10)).toBe(0);
  });
});

describe('seeded random numbers', () => {
  test('are the same everywhere', () => {
    const random = new Random(42);
    expect([random.next(), random.next(), random.below(10)]).toEqual([2581720956, 1925393290, 8]);
  });
});
