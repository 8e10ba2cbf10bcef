/** The slow twin of `evaluate`: an expression becomes a function, made of small tables of functions. */

import type { Arithmetic, Comparison, Expression, Facts, Value } from '../../engine/model/expression.js';

export type Compiled = (facts: Facts) => Value | undefined;

export function compiled(expression: Expression): Compiled {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'name':
      return (facts) => facts(expression.name);
    case 'defined':
      return (facts) => typeof facts(expression.name) !== 'undefined';
    case 'unary': {
      const operand = compiled(expression.operand);
      if (expression.operator === '!') return (facts) => !truth(operand(facts));
      return withNumbers([operand], ([a]) => a! * -1);
    }
    case 'logic': {
      const sides = [compiled(expression.left), compiled(expression.right)];
      if (expression.operator === '&&') return (facts) => sides.every((side) => truth(side(facts)));
      return (facts) => sides.some((side) => truth(side(facts)));
    }
    case 'comparison': {
      const [left, right] = [compiled(expression.left), compiled(expression.right)];
      return (facts) => OUTCOMES[expression.operator].includes(compared(left(facts), right(facts)));
    }
    case 'arithmetic':
      return withNumbers([compiled(expression.left), compiled(expression.right)], CALCULATIONS[expression.operator]);
    case 'choice': {
      const sorted = (numbers: number[]) => numbers.sort((a, b) => a - b);
      return withNumbers(expression.of.map(compiled), (numbers) =>
        expression.which === 'min' ? sorted(numbers)[0]! : sorted(numbers).at(-1)!,
      );
    }
  }
}

type Outcome = 'less' | 'same' | 'more' | 'other' | 'unknown';

const OUTCOMES: Readonly<Record<Comparison, readonly Outcome[]>> = {
  '==': ['same'],
  '!=': ['less', 'more', 'other'],
  '<': ['less'],
  '<=': ['less', 'same'],
  '>': ['more'],
  '>=': ['more', 'same'],
};

const CALCULATIONS: Readonly<Record<Arithmetic, (numbers: number[]) => number>> = {
  '+': ([a, b]) => a! + b!,
  '-': ([a, b]) => a! - b!,
  '*': ([a, b]) => a! * b!,
  '/': ([a, b]) => (b === 0 ? Number.NaN : a! / b!),
  '%': ([a, b]) => (b === 0 ? Number.NaN : a! % b!),
};

function compared(a: Value | undefined, b: Value | undefined): Outcome {
  if (a === undefined || b === undefined) return 'unknown';
  const kinds = [typeof a, typeof b];
  if (kinds.includes('boolean')) return truthOrText(a) === truthOrText(b) ? 'same' : 'other';
  if (kinds.includes('number')) {
    const [x, y] = [asNumber(a), asNumber(b)];
    return x === null || y === null ? 'other' : x === y ? 'same' : x < y ? 'less' : 'more';
  }
  return a === b ? 'same' : [a, b].sort()[0] === a ? 'less' : 'more';
}

function truthOrText(value: Value): string {
  return typeof value === 'number' ? `number ${value}` : `${value}`;
}

function withNumbers(parts: readonly Compiled[], use: (numbers: number[]) => number): Compiled {
  return (facts) => {
    const numbers = parts.map((part) => asNumber(part(facts)));
    if (numbers.includes(null)) return undefined;
    const result = use(numbers as number[]);
    if (Number.isNaN(result) || Math.abs(result) === Number.POSITIVE_INFINITY) return undefined;
    return Object.is(result, -0) ? 0 : result;
  };
}

function truth(value: Value | undefined): boolean {
  return [true, 'true'].includes(value as boolean);
}

/** Null: it is none. */
function asNumber(value: Value | undefined): number | null {
  if (value === true || value === false) return Number(value);
  if (typeof value === 'number') return value;
  if (value === undefined) return null;
  const [whole, fraction, ...rest] = (value.startsWith('-') ? value.slice(1) : value).split('.');
  const digits = (part: string) =>
    part.length > 0 && part.length <= 15 && [...part].every((c) => '0123456789'.includes(c));
  if (rest.length > 0 || !digits(whole!) || (fraction !== undefined && !digits(fraction))) return null;
  return Number.parseFloat(value);
}
