/**
 * Expressions over the facts of a node: what a lease requires of its nodes, and how it ranks them. A value for every
 * expression and every node, never an exception, and the same one on every machine. Text becomes an expression in
 * expression-parser.ts; docs/requirements.md is the language as users see it.
 */

import { unreachable } from '../kit/assert.js';

export type Value = number | string | boolean;

/** What is known of a node by name; undefined: it has no such fact. Labels are text. */
export type Facts = (name: string) => Value | undefined;

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** Literal numbers are never negative: `-1` is a minus before a 1. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'defined'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression }
  | { readonly kind: 'logic'; readonly operator: '&&' | '||'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'comparison';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'choice'; readonly which: 'min' | 'max'; readonly of: readonly Expression[] };

/** Whether the expression is true of the node; what is missing, or no truth value, is not. O(parts). */
export function holds(expression: Expression, facts: Facts): boolean {
  return isTrue(evaluate(expression, facts));
}

/** The rank of the node as a number (true is 1, false 0), or null where that is missing. O(parts). */
export function rankOf(expression: Expression, facts: Facts): number | null {
  return numberOf(evaluate(expression, facts)) ?? null;
}

/** The value, or undefined: something that it needs is missing. Total. O(parts). */
export function evaluate(expression: Expression, facts: Facts): Value | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      return facts(expression.name);
    case 'defined':
      return facts(expression.name) !== undefined;
    case 'unary': {
      const operand = evaluate(expression.operand, facts);
      if (expression.operator === '!') return !isTrue(operand);
      const number = numberOf(operand);
      return number === undefined ? undefined : 0 - number;
    }
    case 'logic': {
      const left = isTrue(evaluate(expression.left, facts));
      if (left !== (expression.operator === '&&')) return left;
      return isTrue(evaluate(expression.right, facts));
    }
    case 'comparison':
      return compare(expression.operator, evaluate(expression.left, facts), evaluate(expression.right, facts));
    case 'arithmetic': {
      const left = numberOf(evaluate(expression.left, facts));
      const right = numberOf(evaluate(expression.right, facts));
      return left === undefined || right === undefined ? undefined : calculate(expression.operator, left, right);
    }
    case 'choice':
      return choose(expression.which, expression.of, facts);
    default:
      return unreachable(expression);
  }
}

/** The names that occur, each once, in order of occurrence. O(parts). */
export function namesIn(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  const open: Expression[] = [expression];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (part.kind === 'name' || part.kind === 'defined') names.add(part.name);
    else if (part.kind === 'unary') open.push(part.operand);
    else if (part.kind === 'choice') open.push(...[...part.of].reverse());
    else if (part.kind !== 'literal') open.push(part.right, part.left);
  }
  return names;
}

// ---- values --------------------------------------------------------------------------------------------------------

/** Labels are text: one that reads as a truth value or a number is taken as one where one is needed. */
function isTrue(value: Value | undefined): boolean {
  return value === true || value === 'true';
}

const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

function numberOf(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value !== undefined && NUMBER.test(value) ? Number(value) + 0 : undefined; // "-0" is 0
}

/** Nothing compares with what is missing. Values of different kinds differ, and none is the greater. */
function compare(operator: Comparison, left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    if (String(left) !== String(right)) return operator === '!=';
    return operator === '==' || operator === '<=' || operator === '>=';
  }
  if (typeof left === 'string' && typeof right === 'string') return ordered(operator, left, right);
  const a = numberOf(left);
  const b = numberOf(right);
  return a === undefined || b === undefined ? operator === '!=' : ordered(operator, a, b);
}

function ordered<T extends number | string>(operator: Comparison, a: T, b: T): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return unreachable(operator);
  }
}

/** Missing where the result would be no finite number: divisions by zero, and what grows beyond all bounds. */
function calculate(operator: Arithmetic, a: number, b: number): number | undefined {
  const result = applied(operator, a, b);
  return Number.isFinite(result) ? result + 0 : undefined; // + 0: there is one zero only
}

function applied(operator: Arithmetic, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    default:
      return unreachable(operator);
  }
}

function choose(which: 'min' | 'max', of: readonly Expression[], facts: Facts): number | undefined {
  let best: number | undefined;
  for (const part of of) {
    const value = numberOf(evaluate(part, facts));
    if (value === undefined) return undefined;
    if (best === undefined || (which === 'min' ? value < best : value > best)) best = value;
  }
  return best;
}
