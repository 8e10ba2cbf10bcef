/** What a setting may be: in words, as JSON Schema, and how it is read from a file, and from a flag or a variable. */

export interface Kind<T> {
  /** In a message: "write …". */
  readonly accepts: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  readonly schema: Readonly<Record<string, unknown>>;
  /** Choices, where there are few. */
  readonly values?: readonly string[];
  /** A flag may be given again, and what is given is a list. */
  readonly many?: true;
  /** A file or directory: in a file it is meant from where that file lies. */
  readonly path?: true;
  /** From a file; undefined: it is not accepted. */
  read(value: unknown): T | undefined;
  /** Text of flags and variables as it would stand in a file. */
  parse(text: string): unknown;
}

export function whole(min: number, max: number): Kind<number> {
  return {
    accepts: `a whole number from ${min} to ${max}`,
    placeholder: 'number',
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (value) => (Number.isInteger(value) && within(value as number, min, max) ? (value as number) : undefined),
    parse: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text),
  };
}

/** With at most three decimals. */
export function decimal(min: number, max: number): Kind<number> {
  return {
    accepts: `a number from ${min} to ${max}`,
    placeholder: 'factor',
    schema: { type: 'number', minimum: min, maximum: max },
    read: (value) => (typeof value === 'number' && within(value, min, max) ? value : undefined),
    parse: (text) => (/^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : text),
  };
}

export function choice<const V extends string>(values: readonly V[]): Kind<V> {
  return {
    accepts: values.join(', '),
    placeholder: 'choice',
    values,
    schema: { enum: values },
    read: (value) => values.find((one) => one === value),
    parse: asIs,
  };
}

export function yesOrNo(): Kind<boolean> {
  return {
    accepts: 'true or false',
    placeholder: '',
    schema: { type: 'boolean' },
    read: (value) => (typeof value === 'boolean' ? value : undefined),
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  };
}

/** Text on one line. */
export function text(placeholder: string, accepts: string, pattern: RegExp, lengthMax: number): Kind<string> {
  return {
    accepts,
    placeholder,
    schema: { type: 'string', maxLength: lengthMax, pattern: pattern.source },
    read: (value) =>
      typeof value === 'string' && value.length <= lengthMax && pattern.test(value) ? value : undefined,
    parse: asIs,
  };
}

/** A file or a directory. */
export function path(placeholder: 'file' | 'dir' | 'path'): Kind<string> {
  return { ...text(placeholder, 'a path without control characters', PATH, 4096), path: true };
}

const PATH = /^[^\u0000-\u001f\u007f]+$/;

/** In a file a list, or one item; in text items with `separator` between them. */
export function list(item: Kind<string>, separator: string, itemsMax: number): Kind<readonly string[]> {
  return {
    accepts: `${item.accepts}, or a list of such`,
    placeholder: item.placeholder,
    many: true,
    schema: { anyOf: [item.schema, { type: 'array', maxItems: itemsMax, items: item.schema }] },
    read: (value) => {
      const items = (Array.isArray(value) ? value : [value]).map((one) => item.read(one));
      return items.length <= itemsMax && items.every((one) => one !== undefined) ? items : undefined;
    },
    parse: (given) =>
      given
        .split(separator)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
  };
}

/** As it is, or not set: there is no way to write that, other than to leave it out. */
export function optional<T>(kind: Kind<T>): Kind<T | null> {
  return kind;
}

function within(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function asIs(given: string): string {
  return given;
}
