/** What the value of an option may be: in words, and as a function that reads it. */

import { DURATION_MAX, SAVING_RATE_MAX, SAVING_RATE_MIN, savingRateOf } from '../../engine/index.js';

/** `read` answers undefined where the text is not accepted. */
export interface Kind<T> {
  readonly accepts: string;
  read(text: string): T | undefined;
}

/** An option: its kind, its value where it is not given (null: it must be), and whether it is of any effect here. */
export interface Option<T> extends Kind<T> {
  readonly fallback: { readonly value: T } | null;
  readonly idle: boolean;
}

/** Options by name, and what a section of them is read into. */
export type Options = Readonly<Record<string, Option<unknown>>>;
export type ValuesOf<O> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

const WHOLE_MAX = 1_000_000_000;

export function required<T>(kind: Kind<T>): Option<T> {
  return { ...kind, fallback: null, idle: false };
}

export function byDefault<T>(kind: Kind<T>, value: NoInfer<T>): Option<T> {
  return { ...kind, fallback: { value }, idle: false };
}

export function optional<T>(kind: Kind<T>): Option<T | null> {
  return { ...kind, fallback: { value: null }, idle: false };
}

/** Read and checked, but nothing here depends on it. */
export function idle<T>(option: Option<T>): Option<T> {
  return { ...option, idle: true };
}

export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return { accepts: orList(values), read: (text) => values.find((value) => value === text) };
}

/** Some of these words, each once, between blanks. */
export function wordsOf<const T extends string>(...known: readonly T[]): Kind<readonly T[]> {
  return {
    accepts: `words among ${known.join(', ')}`,
    read: (text) => {
      const words = text.split(/\s+/).filter((word) => word !== '');
      if (new Set(words).size !== words.length || words.some((word) => !known.some((name) => name === word))) {
        return undefined;
      }
      return known.filter((name) => words.includes(name));
    },
  };
}

export const anyText: Kind<string> = { accepts: 'a text', read: (text) => (text === '' ? undefined : text) };

/** Names of files between blanks. */
export const fileList: Kind<readonly string[]> = {
  accepts: 'names of files between blanks',
  read: (text) => (text.trim() === '' ? undefined : text.trim().split(/\s+/)),
};

export const flag: Kind<boolean> = {
  accepts: 'True or False',
  read: (text) => {
    if (/^(true|yes|on|1)$/i.test(text)) return true;
    return /^(false|no|off|0)$/i.test(text) ? false : undefined;
  },
};

export function whole(min: number, max = WHOLE_MAX, unit = ''): Kind<number> {
  return {
    accepts: `a whole number from ${min} to ${max}${unit}`,
    read: (text) => within(/^-?\d{1,10}$/.test(text), Number(text), min, max),
  };
}

export function decimal(min: number, max: number, unit = ''): Kind<number> {
  return {
    accepts: `a number from ${min} to ${max}${unit}`,
    read: (text) => within(/^-?\d{1,10}(\.\d{1,9})?$/.test(text), Number(text), min, max),
  };
}

/** MB of memory a second. */
export const rate: Kind<number> = {
  accepts: `MB a second: a number from ${SAVING_RATE_MIN} to ${SAVING_RATE_MAX}`,
  read: (text) => (/^\d{1,10}(\.\d{1,30})?$/.test(text) ? (savingRateOf(Number(text)) ?? undefined) : undefined),
};

/** In milliseconds. */
export const seconds: Kind<number> = {
  accepts: 'a whole number of seconds',
  read: (text) => within(/^\d{1,11}$/.test(text), Number(text) * 1000, 0, DURATION_MAX),
};

/** `[DD:]HH:MM:SS`, in milliseconds. */
export const dayTime: Kind<number> = {
  accepts: 'DD:HH:MM:SS',
  read: (text) => {
    const [, days, hours, minutes, rest] = /^(?:(\d{1,6}):)?(\d{1,6}):([0-5]?\d):([0-5]?\d)$/.exec(text) ?? [];
    const length = (((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest)) * 1000;
    return within(rest !== undefined, length, 0, DURATION_MAX);
  },
};

/** `2006-11-25 13:00:00`, taken as UTC, in milliseconds since 1970. */
export const instant: Kind<number> = {
  accepts: 'YYYY-MM-DD HH:MM:SS',
  read: (text) => {
    const [, day, time] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?$/.exec(text) ?? [];
    if (day === undefined) return undefined;
    const value = Date.parse(`${day}T${time ?? '00:00'}Z`);
    // A 31st of February would be taken for a day in March.
    return Number.isFinite(value) && new Date(value).toISOString().startsWith(day) ? value : undefined;
  },
};

/** `key=value,key=value` */
export const pairs: Kind<Readonly<Record<string, string>>> = {
  accepts: 'name=value pairs separated by commas',
  read: (text) => {
    const found = new Map<string, string>();
    for (const part of text.split(',')) {
      const split = part.indexOf('=');
      if (split < 1) return undefined;
      found.set(part.slice(0, split).trim(), part.slice(split + 1).trim());
    }
    return Object.fromEntries(found);
  },
};

function within(isNumber: boolean, value: number, min: number, max: number): number | undefined {
  return isNumber && value >= min && value <= max ? value : undefined;
}

function orList(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
