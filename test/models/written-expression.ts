/** Expressions as text, with no more parentheses than they need: the opposite of the parser. */

import type { Expression } from '../../engine/model/expression.js';

const RESERVED = ['true', 'false', 'min', 'max', 'defined', 'label'];
/** Loose to tight; a comparison takes no comparison on either side without parentheses. */
const LEVELS = [['||'], ['&&'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];
const COMPARISON = 2;
const TIGHTEST = LEVELS.length;

export function written(expression: Expression, least = 0): string {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'string' ? quoted(expression.value) : decimal(expression.value);
    case 'name':
      return named(expression.name);
    case 'defined':
      return `defined(${named(expression.name)})`;
    case 'choice':
      return `${expression.which}(${expression.of.map((one) => written(one)).join(', ')})`;
    case 'unary':
      return `${expression.operator}${written(expression.operand, TIGHTEST)}`;
    default: {
      const level = LEVELS.findIndex((operators) => operators.includes(expression.operator));
      const left = written(expression.left, level === COMPARISON ? level + 1 : level);
      const text = `${left} ${expression.operator} ${written(expression.right, level + 1)}`;
      return level < least ? `(${text})` : text;
    }
  }
}

function named(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !RESERVED.includes(name) ? name : `label(${quoted(name)})`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Never with an exponent. */
function decimal(value: number | boolean): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(6).replace(/0+$/, '') : `${value}`;
}
