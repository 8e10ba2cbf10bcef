/** Expressions worked out by hand: what they mean, and what is said of those that mean nothing. */

import { describe, expect, test } from 'vitest';
import { evaluate, holds, rankOf, type Value } from '../../engine/model/expression.js';
import { parseExpression } from '../../engine/model/expression-parser.js';

/** A node in Lyon. Labels are text. */
const NODE: Readonly<Record<string, Value>> = {
  cpu: 8,
  cpuFree: 2.5,
  memory: 32_768,
  gpu: 2,
  vms: 3,
  site: 'lyon',
  ssd: 'true',
  rack: '07',
  priority: '10',
  'gpu-model': 'a100',
};
const facts = (name: string): Value | undefined => (Object.hasOwn(NODE, name) ? NODE[name] : undefined);

function read(text: string) {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(`${text}: column ${parsed.column}: ${parsed.problem}`);
  return parsed.expression;
}

test.each<[string, Value | undefined]>([
  // Numbers.
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['10 - 2 - 3', 5],
  ['-2 * -3', 6],
  ['7 % 4', 3],
  ['-7 % 4', -3],
  ['0.1 * 10', 1],
  ['cpu - cpuFree', 5.5],
  ['min(cpu, 4, vms)', 3],
  ['max(gpu)', 2],
  // What is not there.
  ['1 / 0', undefined],
  ['1 % 0', undefined],
  ['fpga + 1', undefined],
  ['min(1, fpga)', undefined],
  ['-site', undefined],
  ['fpga', undefined],
  ['fpga == fpga', false],
  ['fpga != 1', false],
  ['fpga < 1', false],
  ['!(fpga < 1)', true],
  ['!fpga', true],
  ['defined(fpga)', false],
  ['defined(gpu)', true],
  ['defined(label("gpu-model"))', true],
  // Text and truth.
  ['site == "lyon"', true],
  ['site < "paris"', true],
  ['"a\\"b\\\\" == "a\\"b\\\\"', true],
  ['label("gpu-model") == "a100"', true],
  ['true || fpga', true],
  ['1 && true', false],
  // A label is taken as what is needed.
  ['priority > 9', true],
  ['priority > "9"', false],
  ['priority * 2', 20],
  ['rack == 7', true],
  ['rack == "7"', false],
  ['ssd', 'true'],
  ['ssd && cpu > 4', true],
  ['ssd == true', true],
  ['(ssd == true) * 100', 100],
  // Different kinds differ.
  ['site == 5', false],
  ['site != 5', true],
  ['site < 5', false],
  ['true == 1', false],
  ['true != 1', true],
  ['true > false', false],
  // Precedence.
  ['true || true && false', true],
  ['!false && false', false],
  ['1 + 1 == 2 && 2 * 2 > 3', true],
  ['(1 < 2) == true', true],
])('%s is %s', (text, value) => {
  expect(evaluate(read(text), facts)).toBe(value);
});

test('a lease that asks for a GPU in Lyon, and prefers nodes with little on them', () => {
  expect(holds(read('gpu >= 1 && site == "lyon"'), facts)).toBe(true);
  expect(holds(read('gpu >= 4 || site == "nancy"'), facts)).toBe(false);
  expect(rankOf(read('-(vms*50 + cpuFree)'), facts)).toBe(-152.5);
  expect(rankOf(read('site == "lyon"'), facts)).toBe(1);
  expect(rankOf(read('site'), facts)).toBeNull();
});

describe('what is wrong', () => {
  test.each([
    ['', 1, 'expected a value, found the end'],
    ['gpu >=', 7, 'expected a value, found the end'],
    ['gpu > = 1', 7, 'expected =='],
    ['gpu = 1', 5, 'expected =='],
    ['a & b', 3, 'expected &&'],
    ["site == 'lyon'", 9, 'expected text in double quotes'],
    ['site == "lyon', 9, 'expected text to end with "'],
    ['1 < cpu < 4', 9, 'expected && or ||: comparisons do not chain'],
    ['(cpu', 5, 'expected an operator or ), found the end'],
    ['cpu)', 4, 'expected an operator or the end, found ")"'],
    ['cpu memory', 5, 'expected an operator or the end, found "memory"'],
    ['gpu-model ==', 13, 'expected a value, found the end'],
    ['min()', 5, 'expected a value, found ")"'],
    ['min(1 2)', 7, 'expected an operator, a comma or ), found "2"'],
    ['max', 4, 'expected (, found the end'],
    ['defined(1)', 9, 'expected a name, found "1"'],
    ['defined(min)', 9, 'expected a name, found "min"'],
    ['label(gpu)', 7, 'expected the name of a label in double quotes, found "gpu"'],
    ['1e5', 1, 'expected a number like 12 or 0.5'],
    ['.5', 1, '"." is not used here'],
    ['1234567890123456', 1, 'of at most 15 digits'],
    ['cpu > #1', 7, '"#" is not used here'],
    ['__proto__ && constructor(1)', 25, 'expected an operator or the end, found "("'],
  ])('%j: column %i', (text, column, problem) => {
    const parsed = parseExpression(text);
    expect(parsed).toMatchObject({ ok: false, column });
    expect(parsed.ok ? '' : parsed.problem).toContain(problem);
  });
});
