import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FOREVER, Profile } from '../../engine/index.js';
import { SlowProfile } from '../models/slow-profile.js';

const instant = fc.integer({ min: 0, max: 60 });
const amount = fc.integer({ min: 0, max: 5 });

/** Profiles of one to three resources, and what is done to them. */
const histories = fc.integer({ min: 1, max: 3 }).chain((width) =>
  fc.record({
    initial: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: width, maxLength: width }),
    changes: fc.array(
      fc.record({
        from: instant,
        length: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(FOREVER)),
        amounts: fc.array(amount, { minLength: width, maxLength: width }),
        factor: fc.constantFrom(-1, 1, -2),
      }),
      { maxLength: 40 },
    ),
    questions: fc.array(
      fc.record({
        at: instant,
        need: fc.array(fc.integer({ min: -3, max: 12 }), { minLength: width, maxLength: width }),
        duration: fc.integer({ min: 1, max: 40 }),
        limit: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(FOREVER)),
      }),
      { minLength: 1, maxLength: 10 },
    ),
    forgetBefore: instant,
  }),
);

describe('the availability profile', () => {
  test('answers as its slow twin does, whatever was added', () => {
    fc.assert(
      fc.property(histories, ({ initial, changes, questions, forgetBefore }) => {
        const fast = new Profile(initial);
        const slow = new SlowProfile(initial);
        for (const { from, length, amounts, factor } of changes) {
          const until = length === FOREVER ? FOREVER : from + length;
          fast.add(from, until, amounts, factor);
          slow.add(from, until, amounts, factor);
        }
        fast.advance(forgetBefore);
        const copy = new Profile(initial);
        copy.copyFrom(fast);
        for (const profile of [fast, copy])
          for (const { at, need, duration, limit } of questions) {
            const from = Math.max(at, forgetBefore);
            initial.forEach((_, r) => expect(profile.freeAt(from, r)).toBe(slow.freeAt(from, r)));
            const least = initial.map(() => 0);
            profile.minimum(from, from + duration, least);
            expect(least).toEqual(slow.minimum(from, from + duration));
            for (const max of [1, 20])
              expect(profile.countOver(from, from + duration, need, max)).toBe(
                slow.countOver(from, from + duration, need, max),
              );
            expect(profile.earliest(from, need, duration, limit)).toBe(slow.earliest(from, need, duration, limit));
            if (initial.length === 1 && need[0]! > 0)
              for (const later of [from + 1, from + duration, limit].filter((one) => one > from && one < FOREVER))
                expect(profile.earliestInstead(from, need[0]!, duration, later)).toBe(
                  slow.earliestInstead(from, need[0]!, duration, later),
                );
            expect(initial.length > 1 || profile.most(from, from + duration) === slow.most(from, from + duration)).toBe(
              true,
            );
            expect(profile.nextChange(from)).toBe(slow.nextChange(from));
          }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is added and taken away again leaves no breakpoint', () => {
    const profile = new Profile([4]);
    profile.add(10, 20, [2], -1);
    profile.add(15, 30, [1], -1);
    expect(profile.size).toBe(5);
    profile.add(10, 20, [2], 1);
    profile.add(15, 30, [1], 1);
    expect(profile.size).toBe(1);
  });

  test('a span that ends at an instant is free at that instant', () => {
    const profile = new Profile([1]);
    profile.add(0, 10, [1], -1);
    expect(profile.freeAt(9, 0)).toBe(0);
    expect(profile.freeAt(10, 0)).toBe(1);
    expect(profile.earliest(0, [1], 5, FOREVER)).toBe(10);
  });
});
