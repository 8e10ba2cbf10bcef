/** What leases ask for, as it is noted side by side, beside a slow twin that looks at their terms. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitsInto, needOf, type Terms } from '../../engine/index.js';
import { Asks } from '../../engine/state/asks.js';
import { termsOf } from '../support/play.js';

const amounts = fc.array(fc.nat(9), { minLength: 3, maxLength: 3 });
const groups = fc.array(fc.record({ vms: fc.integer({ min: 1, max: 4 }), demand: amounts }), {
  minLength: 1,
  maxLength: 2,
});

/** Somebody has a slot from now on, or has other terms, and is asked about; now and then the site has more resources. */
const steps = fc.array(
  fc.record({ slot: fc.nat(20), groups, zoned: fc.boolean(), isNew: fc.boolean(), free: amounts, demand: amounts }),
  { minLength: 1, maxLength: 60 },
);

test('says what the terms say, whoever has the slot', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 2 }), fc.nat(60), (all, before, change) => {
      const asks = new Asks();
      const leases = new Map<number, Terms>();
      for (const [i, { slot, isNew, free, demand, ...more }] of all.entries()) {
        const resources = i < change ? before : 3;
        const old = leases.get(slot);
        const terms = isNew || old === undefined ? asked(more, resources) : old;
        leases.set(slot, terms);
        const [group] = terms.groups;
        const known = terms.groups.length === 1 && terms.where === null && group!.demand.length === resources;
        expect(asks.vms({ slot, terms }, resources)).toBe(known ? group!.vms : 0);
        if (!known) continue;
        const [there, each] = [free.slice(0, resources), demand.slice(0, resources)];
        expect(asks.exceed(slot, there)).toBe(there.some((amount, r) => needOf(terms, r) > amount));
        expect(asks.reach(slot, each)).toBe(fitsInto(each, group!.demand));
      }
    }),
    { numRuns: 500 },
  );
});

interface More {
  readonly groups: readonly { readonly vms: number; readonly demand: readonly number[] }[];
  readonly zoned: boolean;
}

function asked({ groups: some, zoned }: More, resources: number): Terms {
  return {
    ...termsOf({ id: 'a', vms: 1, minutes: 1 }),
    groups: some.map(({ vms, demand }) => ({ name: null, vms, demand: demand.slice(0, resources), image: null })),
    where: zoned ? (termsOf({ id: 'a', vms: 1, minutes: 1, zone: 'a' }).where ?? null) : null,
  };
}
