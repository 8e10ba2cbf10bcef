/** How many leases a draft has put on each pool, and how many of a set hold something, is what counting them one by one says, whenever somebody began to ask. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LeaseSet } from '../../engine/index.js';
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

it('counts those of a set who hold something, whoever comes, goes and moves, and whenever it is asked', () => {
  const time = fc.nat(SPAN);
  const change = fc.record({
    who: fc.nat(9),
    what: fc.constantFrom('join', 'leave', 'move'),
    from: time,
    length: time,
  });
  const asked = fc.array(fc.nat(2 * SPAN), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(change, asked), { maxLength: 100 }), (steps) => {
      const all = Array.from({ length: 10 }, (_, slot) => ({ id: `${slot}`, sequence: slot, slot, from: 0, until: 0 }));
      const set = new LeaseSet<(typeof all)[number]>();
      for (const [{ who, what, from, length }, instants] of steps) {
        const one = all[who]!;
        if (what === 'leave') set.delete(one);
        else {
          if (what === 'join') set.add(one);
          else set.moved();
          Object.assign(one, { from, until: from + length });
          if (what === 'join') set.moved();
        }
        for (const at of instants)
          expect(set.holding(at)).toBe([...set].filter((other) => other.from <= at && at < other.until).length);
      }
    }),
    { numRuns: 2000 },
  );
});
