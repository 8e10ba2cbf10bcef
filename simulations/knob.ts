/** A knob of the policy: what its value may be, in words and as JSON Schema, and how it is read. */

import { DURATION_MAX } from '../engine/index.js';
import { DURATION_PATTERN, durationOf } from './amounts.js';

/** What a value may be, in words and as JSON Schema, and how it is read; undefined: it is not accepted. */
export interface Knob<T> {
  readonly about: string;
  readonly accepts: string;
  readonly schema: Readonly<Record<string, unknown>>;
  read(value: unknown): T | undefined;
}

export const WHOLE_MAX = 1_000_000_000;

export function choice<T extends string>(about: string, values: readonly T[]): Knob<T> {
  return {
    about,
    accepts: values.join(' or '),
    schema: { enum: values },
    read: (value) => values.find((known) => known === value),
  };
}

export function whole(about: string, min: number): Knob<number> {
  return {
    about,
    accepts: `a whole number from ${min} to ${WHOLE_MAX}`,
    schema: { type: 'integer', minimum: min, maximum: WHOLE_MAX },
    read: (value) => (isWhole(value, min) ? value : undefined),
  };
}

export function isWhole(value: unknown, min: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= WHOLE_MAX;
}

export function flag(about: string): Knob<boolean> {
  return {
    about,
    accepts: 'true or false',
    schema: { type: 'boolean' },
    read: (value) => (typeof value === 'boolean' ? value : undefined),
  };
}

/** In milliseconds; `nullable` knobs may be null. */
export function duration(about: string, nullable: false): Knob<number>;
export function duration(about: string, nullable: true): Knob<number | null>;
export function duration(about: string, nullable: boolean): Knob<number | null> {
  const lengths = [
    { type: 'number', minimum: 0, maximum: DURATION_MAX / 1000 },
    { type: 'string', pattern: DURATION_PATTERN },
  ];
  return {
    about,
    accepts: `a duration (10m, PT10M, or seconds)${nullable ? ' or null' : ''}`,
    schema: { anyOf: nullable ? [{ type: 'null' }, ...lengths] : lengths },
    read: (value) => {
      if (value === null) return nullable ? null : undefined;
      if (typeof value !== 'string' && typeof value !== 'number') return undefined;
      return durationOf(value) ?? undefined;
    },
  };
}

/** Some of these kinds of lease, in this order. */
export function kinds<K extends string>(about: string, known: readonly K[]): Knob<readonly K[]> {
  return {
    about,
    accepts: `a list of ${known.join(', ')}`,
    schema: { type: 'array', uniqueItems: true, items: { enum: known } },
    read: (value) => {
      if (!Array.isArray(value) || new Set(value).size !== value.length) return undefined;
      return value.every((kind) => known.includes(kind)) ? known.filter((kind) => value.includes(kind)) : undefined;
    },
  };
}
