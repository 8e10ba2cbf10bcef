import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FOREVER, Profile } from '../../engine/index.js';
import { Rising } from '../../engine/schedule/rising.js';
import { SlowProfile } from '../models/slow-profile.js';

const span = fc.record({
  from: fc.integer({ min: 0, max: 40 }),
  length: fc.integer({ min: 1, max: 20 }),
  nodes: fc.integer({ min: 1, max: 4 }),
});

test('the rising steps say when so many nodes are free first, and never too late where holds move', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 20 }), fc.array(span, { maxLength: 6 }), (held, freed) => {
      const fast = new Profile([8]);
      const slow = new SlowProfile([8]);
      const add = ({ from, length, nodes }: typeof span extends fc.Arbitrary<infer S> ? S : never, factor: number) => {
        fast.add(from, from + length, [nodes], factor);
        slow.add(from, from + length, [nodes], factor);
      };
      const first = (nodes: number) => slow.earliest(5, [nodes], 1, FOREVER);
      for (const one of held) add(one, -1);
      const rising = new Rising(fast, 5);
      for (let nodes = 1; nodes <= 8; nodes++) expect(rising.first(nodes)).toBe(first(nodes));
      for (const one of freed) {
        add(one, 1);
        add({ ...one, from: one.from + 3 }, -1); // what it now holds is not noted
        const until = one.from + one.length;
        if (until > 5) rising.raise(Math.max(5, one.from), fast.most(Math.max(5, one.from), until));
        for (let nodes = 1; nodes <= 12; nodes++) expect(rising.first(nodes)).toBeLessThanOrEqual(first(nodes));
      }
    }),
    { numRuns: 2000 },
  );
});
