/** Expressions: what is written is read again, values agree with the slow twin, and no text does any harm. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, type Expression, holds, namesIn, rankOf, type Value } from '../../engine/model/expression.js';
import {
  EXPRESSION_DEPTH_MAX,
  EXPRESSION_LENGTH_MAX,
  EXPRESSION_PARTS_MAX,
  parseExpression,
} from '../../engine/model/expression-parser.js';
import { compiled } from '../models/compiled-expression.js';
import { written } from '../models/written-expression.js';

const NAMES = ['cpu', 'gpu', 'site', 'min', 'true', 'gpu-model', 'x "y" \\', '__proto__'];
const TEXTS = ['lyon', 'true', 'false', '12', '-3.5', '-0', '007', '', '"', '\\', 'é'];

const numbers = fc.oneof(
  fc.nat(20),
  fc.nat(999_999_999_999_999),
  fc.nat(1_000_000).map((n) => n / 1000),
);
const literals = fc.oneof(numbers, fc.constantFrom(...TEXTS), fc.boolean());
const values: fc.Arbitrary<Value | undefined> = fc.oneof(
  literals,
  numbers.map((n) => 0 - n),
  fc.constant(undefined),
);

/** Every member has one of the shapes of `Expression`. */
const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const sides = { left: tie('expression'), right: tie('expression') };
  return {
    expression: fc.oneof(
      { maxDepth: 6, depthSize: 'small', withCrossShrink: true },
      fc.record({ kind: fc.constant('literal' as const), value: literals }),
      fc.record({ kind: fc.constant('name' as const), name: fc.constantFrom(...NAMES) }),
      fc.record({ kind: fc.constant('defined' as const), name: fc.constantFrom(...NAMES) }),
      fc.record({
        kind: fc.constant('unary' as const),
        operator: fc.constantFrom('!' as const, '-' as const),
        operand: tie('expression'),
      }),
      fc.record({
        kind: fc.constant('logic' as const),
        operator: fc.constantFrom('&&' as const, '||' as const),
        ...sides,
      }),
      fc.record({
        kind: fc.constant('comparison' as const),
        operator: fc.constantFrom(
          '==' as const,
          '!=' as const,
          '<' as const,
          '<=' as const,
          '>' as const,
          '>=' as const,
        ),
        ...sides,
      }),
      fc.record({
        kind: fc.constant('arithmetic' as const),
        operator: fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const, '%' as const),
        ...sides,
      }),
      fc.record({
        kind: fc.constant('choice' as const),
        which: fc.constantFrom('min' as const, 'max' as const),
        of: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }),
      }),
    ),
  };
});

const facts = fc
  .tuple(...NAMES.map(() => values))
  .map((known) => new Map(NAMES.map((name, i) => [name, known[i]] as const)));

test('what is written is read as it was', () => {
  fc.assert(
    fc.property(expression, (one) => {
      const text = written(one);
      fc.pre(text.length <= EXPRESSION_LENGTH_MAX);
      const parsed = parseExpression(text);
      if (!parsed.ok) expect(parsed.problem).toMatch(/^(nested more than|an expression has at most \d+ parts)/);
      else expect(parsed.expression).toEqual(one);
    }),
    { numRuns: 2000 },
  );
});

test('values are those of the slow twin, whatever is missing', () => {
  fc.assert(
    fc.property(expression, facts, (one, known) => {
      const value = evaluate(one, (name) => known.get(name));
      expect(value).toBe(compiled(one)((name) => known.get(name)));
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      expect(holds(one, (name) => known.get(name))).toBe(value === true || value === 'true');
      const rank = rankOf(one, (name) => known.get(name));
      if (typeof value === 'number') expect(rank).toBe(value);
      if (value === undefined) expect(rank).toBeNull();
    }),
    { numRuns: 3000 },
  );
});

test('only names that occur are asked for', () => {
  fc.assert(
    fc.property(expression, facts, (one, known) => {
      const asked = new Set<string>();
      evaluate(one, (name) => {
        asked.add(name);
        return known.get(name);
      });
      const names = namesIn(one);
      for (const name of asked) expect(names).toContain(name);
    }),
  );
});

const scraps = fc.constantFrom(
  ...[
    '(',
    ')',
    '!',
    '-',
    '&&',
    '||',
    '==',
    '=',
    '<',
    '"',
    '"a"',
    '\\',
    ',',
    'min',
    'label',
    'defined',
    'true',
    '1',
    '0.5',
  ],
  ...['1.', '.5', '1e5', '99999999999999999999', 'cpu', ' ', '\t', '\n', '\u0000', 'é', "'", '%', '&', '#', '{'],
);

test('any text gives an expression within the limits, or a column in it and what was expected', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(scraps, { maxLength: 40 }).map((list) => list.join('')),
        fc.string({ unit: 'binary', maxLength: 60 }),
      ),
      (text) => {
        const parsed = parseExpression(text);
        expect(parseExpression(text)).toEqual(parsed);
        if (parsed.ok) {
          evaluate(parsed.expression, () => undefined);
          return;
        }
        expect(parsed.column).toBeGreaterThanOrEqual(1);
        expect(parsed.column).toBeLessThanOrEqual(text.length + 1);
        expect(parsed.problem).not.toBe('');
      },
    ),
    { numRuns: 3000 },
  );
});

test('what is larger than the limits is refused, what just fits is read', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}1${')'.repeat(depth)}`;
  const sum = (parts: number) => Array.from({ length: (parts + 1) / 2 }, () => '1').join('+');
  const long = (length: number) => `"${'a'.repeat(length - 2)}"`;
  const negated = (depth: number) => `${'!'.repeat(depth)}true`;
  const all = (size: (of: number) => string, most: number) =>
    [most, most + 1].map((of) => parseExpression(size(of))).map((parsed) => (parsed.ok ? 'read' : parsed.column));
  expect(all(nested, EXPRESSION_DEPTH_MAX)).toEqual(['read', EXPRESSION_DEPTH_MAX + 1]);
  expect(all(negated, EXPRESSION_DEPTH_MAX)).toEqual(['read', EXPRESSION_DEPTH_MAX + 1]);
  expect(all(long, EXPRESSION_LENGTH_MAX)).toEqual(['read', EXPRESSION_LENGTH_MAX + 1]);
  expect(all(sum, EXPRESSION_PARTS_MAX - 1)[0]).toBe('read');
  expect(parseExpression(sum(EXPRESSION_PARTS_MAX + 1))).toMatchObject({ ok: false, problem: /256 parts/ });
});
