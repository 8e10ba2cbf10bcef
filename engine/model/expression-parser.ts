/**
 * Expressions from text: `gpu >= 1 && site == "lyon"`. Written by users, so everything has a limit, and what is wrong is
 * told with its column. Precedence, from loose to tight: `||`, `&&`, comparisons (which do not chain), `+ -`, `* / %`,
 * `! -`.
 */

import type { Arithmetic, Comparison, Expression } from './expression.js';

export const EXPRESSION_LENGTH_MAX = 1_024;
/** Parentheses, signs and calls within one another. */
export const EXPRESSION_DEPTH_MAX = 32;
/** Literals, names, operators and calls. */
export const EXPRESSION_PARTS_MAX = 256;

/** Columns count from 1. `problem` says what was expected. */
export type Parsed =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly column: number; readonly problem: string };

/** Leases are tried again and again, with the same few texts. The oldest text is forgotten first. */
const KNOWN_MAX = 512;
const known = new Map<string, Parsed>();

/** O(text) the first time, O(1) for a text that is remembered. */
export function parseExpression(text: string): Parsed {
  const remembered = known.get(text);
  if (remembered !== undefined) return remembered;
  if (text.length > EXPRESSION_LENGTH_MAX)
    return {
      ok: false,
      column: EXPRESSION_LENGTH_MAX + 1,
      problem: `an expression has at most ${EXPRESSION_LENGTH_MAX} characters`,
    };
  const parsed = new Parser(text).parse();
  if (known.size === KNOWN_MAX) known.delete(known.keys().next().value!);
  known.set(text, parsed);
  return parsed;
}

// ---- words ---------------------------------------------------------------------------------------------------------

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end' | 'wrong';
  /** As written; of a `wrong` one, what was expected. */
  readonly written: string;
  readonly column: number;
}

const BLANKS = /[ \t\r\n]*/y;
const WORDS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /\d+(\.\d+)?(?![A-Za-z0-9_.])/y],
  ['text', /"([^"\\\x00-\x1f\x7f]|\\["\\])*"/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['sign', /&&|\|\||==|!=|<=|>=|[<>!+\-*/%(),]/y],
];

/** What somebody probably meant who began a word like this. */
const MEANT: Readonly<Record<string, string>> = {
  '"': 'expected text to end with " on the same line; a quote in it is written \\", a backslash \\\\',
  "'": 'expected text in double quotes',
  '=': 'expected ==',
  '&': 'expected &&',
  '|': 'expected ||',
};

/** How many digits a number keeps exactly, whatever they are. */
const DIGITS_MAX = 15;

function wordAt(text: string, from: number): Token & { readonly end: number } {
  BLANKS.lastIndex = from;
  BLANKS.test(text);
  const start = BLANKS.lastIndex;
  const column = start + 1;
  if (start === text.length) return { kind: 'end', written: 'the end', column, end: start };
  for (const [kind, pattern] of WORDS) {
    pattern.lastIndex = start;
    const [written] = pattern.exec(text) ?? [];
    if (written === undefined) continue;
    if (kind !== 'number' || written.replace('.', '').length <= DIGITS_MAX)
      return { kind, written, column, end: start + written.length };
  }
  const first = text[start]!;
  const meant = /\d/.test(first) ? `expected a number like 12 or 0.5, of at most ${DIGITS_MAX} digits` : MEANT[first];
  return { kind: 'wrong', written: meant ?? `${JSON.stringify(first)} is not used here`, column, end: text.length };
}

// ---- sentences -----------------------------------------------------------------------------------------------------

const LEVELS: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  ...{ '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3 },
  ...{ '+': 4, '-': 4 },
  ...{ '*': 5, '/': 5, '%': 5 },
};
const COMPARISON = 3;

/** Each method returns null when it has noted what is wrong. */
class Parser {
  private wrong: { readonly column: number; readonly problem: string } | null = null;
  private word: ReturnType<typeof wordAt>;
  private depth = 0;
  private parts = 0;

  constructor(private readonly text: string) {
    this.word = wordAt(text, 0);
  }

  parse(): Parsed {
    const expression = this.operation(1);
    if (expression !== null && this.word.kind !== 'end') this.expected('an operator or the end');
    if (expression === null || this.wrong !== null) return { ok: false, ...this.wrong! };
    return { ok: true, expression };
  }

  /** Operands joined by operators of `least` or a tighter level, the left ones first. */
  private operation(least: number): Expression | null {
    let left = this.operand();
    while (left !== null && this.word.kind === 'sign') {
      const operator = this.word.written;
      const level = LEVELS[operator] ?? 0;
      if (level < least) break;
      const { column } = this.word;
      this.next();
      const right = this.operation(level + 1);
      if (right === null) return null;
      left = this.part(joined(operator, left, right), column);
      if (level === COMPARISON && LEVELS[this.word.written] === COMPARISON && this.word.kind === 'sign')
        return this.fail('expected && or ||: comparisons do not chain');
    }
    return left;
  }

  private operand(): Expression | null {
    const { kind, written, column } = this.word;
    if (kind === 'number' || kind === 'text') {
      this.next();
      return this.part({ kind: 'literal', value: kind === 'number' ? Number(written) : unquoted(written) }, column);
    }
    if (kind === 'name') return this.named(written);
    if (written !== '!' && written !== '-' && written !== '(') return this.expected('a value');
    return this.nested(() => {
      this.next();
      if (written === '(') {
        const inside = this.operation(1);
        return inside !== null && this.take(')', 'an operator or )') ? inside : null;
      }
      const operand = this.operand();
      return operand === null ? null : this.part({ kind: 'unary', operator: written, operand }, column);
    });
  }

  /** A fact, `true`, `false`, `label("…")`, `defined(…)`, `min(…)` or `max(…)`. */
  private named(word: string): Expression | null {
    const { column } = this.word;
    if (word === 'label') {
      const name = this.name();
      return name === null ? null : this.part({ kind: 'name', name }, column);
    }
    this.next();
    if (word === 'true' || word === 'false') return this.part({ kind: 'literal', value: word === 'true' }, column);
    if (word === 'defined') {
      if (!this.take('(', '(')) return null;
      const name = this.name();
      return name !== null && this.take(')', ')') ? this.part({ kind: 'defined', name }, column) : null;
    }
    if (word !== 'min' && word !== 'max') return this.part({ kind: 'name', name: word }, column);
    return this.nested(() => {
      const of = this.list();
      return of === null ? null : this.part({ kind: 'choice', which: word, of }, column);
    });
  }

  /** A plain name, or any at all: `label("gpu-model")`. */
  private name(): string | null {
    const { kind, written } = this.word;
    if (kind !== 'name' || (RESERVED.has(written) && written !== 'label')) return this.expected('a name');
    this.next();
    if (written !== 'label') return written;
    if (!this.take('(', '(')) return null;
    const quoted = this.word;
    if (quoted.kind !== 'text') return this.expected('the name of a label in double quotes');
    this.next();
    return this.take(')', ')') ? unquoted(quoted.written) : null;
  }

  private list(): Expression[] | null {
    if (!this.take('(', '(')) return null;
    const list: Expression[] = [];
    for (;;) {
      const one = this.operation(1);
      if (one === null) return null;
      list.push(one);
      if (this.word.written !== ',' || this.word.kind !== 'sign') break;
      this.next();
    }
    return this.take(')', 'an operator, a comma or )') ? list : null;
  }

  private nested(read: () => Expression | null): Expression | null {
    if (this.depth === EXPRESSION_DEPTH_MAX) return this.fail(`nested more than ${EXPRESSION_DEPTH_MAX} deep`);
    this.depth++;
    const inside = read();
    this.depth--;
    return inside;
  }

  private part(expression: Expression, column: number): Expression | null {
    if (++this.parts <= EXPRESSION_PARTS_MAX) return expression;
    return this.fail(`an expression has at most ${EXPRESSION_PARTS_MAX} parts`, column);
  }

  private next(): void {
    this.word = wordAt(this.text, this.word.end);
  }

  private take(sign: string, expected: string): boolean {
    if (this.word.kind !== 'sign' || this.word.written !== sign) return this.expected(expected) !== null;
    this.next();
    return true;
  }

  private expected(what: string): null {
    const { kind, written } = this.word;
    if (kind === 'wrong') return this.fail(written);
    return this.fail(`expected ${what}, found ${kind === 'end' ? written : JSON.stringify(written.slice(0, 40))}`);
  }

  private fail(problem: string, column = this.word.column): null {
    this.wrong ??= { column, problem };
    return null;
  }
}

/** Words that are no names of facts, unless written `label("min")`. */
const RESERVED: ReadonlySet<string> = new Set(['true', 'false', 'min', 'max', 'defined', 'label']);

function joined(operator: string, left: Expression, right: Expression): Expression {
  if (operator === '&&' || operator === '||') return { kind: 'logic', operator, left, right };
  if (LEVELS[operator] === COMPARISON) return { kind: 'comparison', operator: operator as Comparison, left, right };
  return { kind: 'arithmetic', operator: operator as Arithmetic, left, right };
}

function unquoted(written: string): string {
  return written.slice(1, -1).replace(/\\(["\\])/g, '$1');
}
