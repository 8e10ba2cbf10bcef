/**
 * Shapes: what a JSON value must look like, and the check that it does. Error messages name the member at fault by its place.
 */

import { unreachable } from '../kit/assert.js';
import { isDecimal } from '../kit/decimal.js';

export class CodecError extends Error {
  override readonly name = 'CodecError';
}

/** A shape: what a JSON value must look like. */
export type Shape =
  | { readonly kind: 'integer' | 'decimal' | 'string' | 'boolean' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'nullable' | 'optional'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [string, Shape])[] }
  | { readonly kind: 'tagged'; readonly tag: string; readonly cases: ReadonlyMap<string, Shape> };

export const integer: Shape = { kind: 'integer' };
/** To three places: only ever divided by, so that no sum depends on its order. */
export const decimal: Shape = { kind: 'decimal' };
export const text: Shape = { kind: 'string' };
export const flag: Shape = { kind: 'boolean' };
export const oneOf = (...values: string[]): Shape => ({ kind: 'one-of', values });
export const orNull = (of: Shape): Shape => ({ kind: 'nullable', of });
/** A member that may be left out: it came later than logs that are still read. */
export const optional = (of: Shape): Shape => ({ kind: 'optional', of });
export const list = (of: Shape): Shape => ({ kind: 'list', of });
export const map = (of: Shape): Shape => ({ kind: 'map', of });
export const object = (fields: Record<string, Shape>): Shape => ({ kind: 'object', fields: Object.entries(fields) });
export const tagged = (tag: string, cases: Record<string, Record<string, Shape>>): Shape => ({
  kind: 'tagged',
  tag,
  cases: new Map(Object.entries(cases).map(([name, fields]) => [name, object({ [tag]: text, ...fields })])),
});

/** Throws a CodecError unless `value` has the shape, and no member more. O(size of value). */
export function check(value: unknown, shape: Shape, path: string): void {
  switch (shape.kind) {
    case 'integer':
      if (!Number.isSafeInteger(value)) throw wrong(path, 'a whole number below 2^53', value);
      return;
    case 'decimal':
      if (!isDecimal(value)) throw wrong(path, 'a number of at most three decimals', value);
      return;
    case 'string':
      if (typeof value !== 'string') throw wrong(path, 'a string', value);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
      return;
    case 'one-of':
      if (!shape.values.includes(value as string)) throw wrong(path, shape.values.join(' or '), value);
      return;
    case 'nullable':
      if (value !== null) check(value, shape.of, path);
      return;
    case 'optional':
      check(value, shape.of, path);
      return;
    case 'list':
      if (!Array.isArray(value)) throw wrong(path, 'a list', value);
      for (let i = 0; i < value.length; i++) check(value[i], shape.of, path);
      return;
    case 'map':
      for (const member of Object.values(record(value, path))) check(member, shape.of, path);
      return;
    case 'object':
      checkObject(record(value, path), shape.fields, path);
      return;
    case 'tagged': {
      const members = record(value, path);
      const of = shape.cases.get(members[shape.tag] as string);
      if (of === undefined)
        throw wrong(`${path}.${shape.tag}`, [...shape.cases.keys()].join(' or '), members[shape.tag]);
      check(value, of, `${path}.${members[shape.tag] as string}`);
      return;
    }
    default:
      unreachable(shape);
  }
}

function checkObject(members: Record<string, unknown>, fields: readonly (readonly [string, Shape])[], path: string) {
  let absent = 0;
  for (const [name, shape] of fields) {
    const member = members[name];
    // Spelled out for the commonest shape: it is most of the cost of reading a log.
    if (shape.kind === 'integer' && Number.isSafeInteger(member)) continue;
    if (member === undefined && shape.kind === 'optional') {
      absent++;
      continue;
    }
    if (member === undefined) throw new CodecError(`${path}.${name} is missing`);
    check(member, shape, `${path}.${name}`);
  }
  const names = Object.keys(members);
  if (names.length > fields.length - absent) {
    const known = new Set(fields.map(([name]) => name));
    throw new CodecError(`${path}.${names.find((name) => !known.has(name))} is not known`);
  }
}

function record(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object', value);
  return value as Record<string, unknown>;
}

function wrong(path: string, expected: string, got: unknown): CodecError {
  return new CodecError(`${path} must be ${expected}, not ${shown(got)}`);
}

/** Never the whole of it: it may be of any size and depth. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
