/** How many leases a draft has put on each pool is what counting them one by one says, whenever somebody began to ask. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Held, Tally } from '../../engine/schedule/held.js';

const POOLS = 4;
const SPAN = 40;

const held: fc.Arbitrary<Held> = fc
  .record({
    pools: fc.uniqueArray(fc.nat(POOLS - 1), { minLength: 1 }),
    from: fc.nat(SPAN),
    length: fc.nat(SPAN),
  })
  .map(({ pools, from, length }) => ({
    loads: pools.map((pool) => ({ pool, amounts: [1] })),
    from,
    until: from + length,
  }));

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ what: fc.constant('place' as const), held }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('lift' as const), which: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('ask' as const), pool: fc.nat(POOLS - 1), at: fc.nat(2 * SPAN) }),
  },
);

it('counts whom it is told of, whatever it has forgotten', () => {
  const tally = new Tally();
  fc.assert(
    fc.property(fc.array(held, { maxLength: 5 }), fc.array(step, { maxLength: 150 }), (first, steps) => {
      const all = [...first];
      tally.forget();
      for (const one of first) tally.add(one, 1);
      for (const one of steps) {
        if (one.what === 'place') {
          all.push(one.held);
          tally.add(one.held, 1);
        } else if (one.what === 'lift' && all.length > 0) {
          const [gone] = all.splice(one.which % all.length, 1);
          tally.add(gone!, -1);
        } else if (one.what === 'ask') {
          const { pool, at } = one;
          const there = all.filter((other) => other.from <= at && at < other.until);
          expect(tally.on(pool, at)).toBe(there.filter(({ loads }) => loads.some((load) => load.pool === pool)).length);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
