/** Its slow twin is JSON.stringify: the same bytes for whatever events may hold. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonBytes } from '../../../adapters/event-store/json-bytes.js';

/** Numbers around which digits are counted and split. */
const edges = [
  0,
  -0,
  9,
  10,
  999_999_999,
  1_000_000_000,
  1_000_000_001,
  2 ** 31,
  2 ** 32,
  10 ** 15,
  2 ** 53 - 1,
  2 ** 53,
];
const number = fc.oneof(
  fc.constantFrom(...edges),
  fc.maxSafeInteger(),
  fc.integer({ min: 0, max: 10_000_000_000 }),
  fc.double(),
);
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ minLength: 60, maxLength: 70 }));
const name = fc.oneof(fc.constantFrom('lease', 'order', '__proto__', '12', ''), text);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    number,
    text,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}));
const members = fc.dictionary(name, value, { maxKeys: 5 });

/** Small at first, so that it has to grow. */
const lines = () => new JsonBytes(16);

test('values are written as JSON.stringify writes them, one behind another', () => {
  fc.assert(
    fc.property(fc.array(members, { maxLength: 10 }), (values) => {
      const written = lines();
      for (const one of values) {
        written.value(one);
        written.endLine();
      }
      expect(written.take(null).toString('utf8')).toBe(values.map((one) => `${JSON.stringify(one)}\n`).join(''));
    }),
    { numRuns: 150 },
  );
});

test('what was taken stays as it is until it is given back, and what is cut off is gone', () => {
  fc.assert(
    fc.property(members, members, members, (first, second, third) => {
      const written = lines();
      written.value(first);
      const before = written.length;
      written.value(third);
      written.truncate(before);
      const taken = written.take(null);
      written.value(second);
      expect(taken.toString()).toBe(JSON.stringify(first));
      const next = written.take(taken);
      written.value(third);
      written.text('ü"');
      expect(next.toString()).toBe(JSON.stringify(second));
      expect(written.take(null).toString()).toBe(`${JSON.stringify(third)}ü"`);
    }),
  );
});
