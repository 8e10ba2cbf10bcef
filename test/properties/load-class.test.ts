/** Classes of load: by what was sampled and what was seen before, and a node at a boundary is reported once. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyLoad, LOAD_CLASSES, type LoadClass } from '../../engine/index.js';

const samples = fc.double({ min: 0, max: 1, noNaN: true });
const classes = fc.constantFrom(...LOAD_CLASSES);
const BUSIER: readonly LoadClass[] = ['idle', 'low', 'high'];

/** Classes as they follow one another, repetitions left out. */
function reported(sampled: readonly (number | null)[]): LoadClass[] {
  const reports: LoadClass[] = [];
  let previous: LoadClass = 'unknown';
  for (const sample of sampled) {
    const load = classifyLoad(previous, sample);
    if (load !== previous) reports.push(load);
    previous = load;
  }
  return reports;
}

test.each<[LoadClass, number | null, LoadClass]>([
  ['unknown', 0.049, 'idle'],
  ['unknown', 0.05, 'low'],
  ['unknown', 0.599, 'low'],
  ['unknown', 0.6, 'high'],
  ['idle', 0.099, 'idle'],
  ['idle', 0.1, 'low'],
  ['idle', 0.6, 'high'],
  ['low', 0.05, 'low'],
  ['low', 0.049, 'idle'],
  ['low', 0.6, 'high'],
  ['high', 0.55, 'high'],
  ['high', 0.549, 'low'],
  ['high', 0, 'idle'],
  ['high', 1.5, 'high'],
  ['high', null, 'unknown'],
  ['idle', Number.NaN, 'unknown'],
])('%s, and then a sample of %d: %s', (previous, sample, load) => {
  expect(classifyLoad(previous, sample)).toBe(load);
});

test('samples within 0.05 of each other change the class once at most', () => {
  const near = fc.tuple(samples, fc.array(fc.double({ min: 0, max: 0.0499, noNaN: true }), { minLength: 1 }));
  fc.assert(
    fc.property(near, ([base, more]) => {
      expect(reported(more.map((sample) => base + sample)).length).toBeLessThanOrEqual(2); // the first comes from nowhere
    }),
    { numRuns: 2000, examples: [[[0.03, [0, 0.04, 0, 0.04]]], [[0.56, [0, 0.049, 0, 0.049]]]] },
  );
});

test('the same sample again changes nothing, and a higher one never means a lower class', () => {
  fc.assert(
    fc.property(classes, samples, samples, (previous, one, other) => {
      const load = classifyLoad(previous, one);
      expect(classifyLoad(load, one)).toBe(load);
      const [low, high] = one < other ? [one, other] : [other, one];
      const place = (sample: number) => BUSIER.indexOf(classifyLoad(previous, sample));
      expect(place(low)).toBeLessThanOrEqual(place(high));
    }),
    { numRuns: 2000 },
  );
});

test('what went before is soon forgotten', () => {
  const clear = fc.oneof(
    fc.double({ min: 0, max: 0.0499, noNaN: true }),
    fc.double({ min: 0.1, max: 0.5499, noNaN: true }),
    fc.double({ min: 0.6, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(classes, classes, clear, (one, other, sample) => {
      expect(classifyLoad(one, sample)).toBe(classifyLoad(other, sample));
    }),
  );
});
