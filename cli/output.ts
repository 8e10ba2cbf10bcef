/** How results are printed: data on stdout, in the format that was asked for. */

import { printable } from './errors.js';

export const FORMATS = ['table', 'json', 'ndjson', 'csv', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

/** A column of a table or of CSV. */
export interface Column<T> {
  readonly title: string;
  readonly value: (item: T) => string | number | null;
}

/** Prints a list: whole items as JSON and YAML, columns as a table and CSV. */
export async function printList<T>(items: readonly T[], columns: readonly Column<T>[], format: Format): Promise<void> {
  switch (format) {
    case 'table':
      return printTable(items, columns);
    case 'csv':
      return write(csvOf(items, columns));
    case 'ndjson':
      return write(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    case 'json':
    case 'yaml':
      return printValue(items, format);
  }
}

/** A table; on stderr where stdout is for data. */
export async function printTable<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  stream: NodeJS.WriteStream = process.stdout,
): Promise<void> {
  // A terminal only, whatever CI or FORCE_COLOR say: what is piped into a program is plain.
  return write(await tableOf(items, columns, stream.isTTY === true && stream.hasColors()), stream);
}

/** Prints one thing; `table`: by its fields, one a line. */
export async function printOne<T extends object>(item: T, fields: readonly Column<T>[], format: Format): Promise<void> {
  if (format === 'csv') return write(csvOf([item], fields));
  if (format !== 'table') return printValue(item, format);
  const shown = fields.map(({ title, value }) => [title, text(value(item))] as const).filter(([, one]) => one !== '');
  const width = Math.max(...shown.map(([title]) => title.length));
  return write(shown.map(([title, one]) => `${title.padEnd(width)}  ${one}\n`).join(''));
}

export async function printValue(value: unknown, format: Exclude<Format, 'table' | 'csv'>): Promise<void> {
  if (format === 'json') return write(`${JSON.stringify(value, null, 2)}\n`);
  if (format === 'ndjson') return write(`${JSON.stringify(value)}\n`);
  const { stringify } = await import('yaml');
  return write(stringify(value));
}

/** Resolves when the stream has taken the text, so that a slow reader slows us down. A reader that has gone is no error. */
export function write(output: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(output, (error) => {
      if (error === null || error === undefined || (error as NodeJS.ErrnoException).code === 'EPIPE') resolve();
      else reject(error);
    });
  });
}

async function tableOf<T>(items: readonly T[], columns: readonly Column<T>[], inColour: boolean): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const { default: picocolors } = await import('picocolors');
  const colours = picocolors.createColors(inColour);
  const bare = Object.fromEntries(BORDERS.map((border) => [border, '']));
  const table = new Table({
    head: columns.map(({ title }) => colours.bold(title.toUpperCase())),
    chars: { ...bare, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map(({ value }) => (items.every((item) => typeof value(item) === 'number') ? 'right' : 'left')),
  });
  for (const item of items) {
    table.push(
      columns.map(({ title, value }) => {
        const cell = text(value(item));
        return title === 'state' || title === 'status' ? coloured(cell, colours) : cell;
      }),
    );
  }
  return `${table.toString().replaceAll(/[ ]+$/gm, '')}\n`;
}

const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
];

type Colours = ReturnType<typeof import('picocolors').createColors>;

/** States by how they went. */
function coloured(word: string, colours: Colours): string {
  switch (word) {
    case 'active':
    case 'done':
    case 'up':
      return colours.green(word);
    case 'rejected':
    case 'failed':
    case 'expired':
    case 'lost':
      return colours.red(word);
    case 'suspended':
    case 'suspending':
    case 'resuming':
    case 'draining':
      return colours.yellow(word);
    default:
      return word;
  }
}

function csvOf<T>(items: readonly T[], columns: readonly Column<T>[]): string {
  const rows = [
    columns.map(({ title }) => title),
    ...items.map((item) => columns.map(({ value }) => text(value(item)))),
  ];
  return rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** RFC 4180. A leading `=`, `+`, `-` or `@` would be a formula in a spreadsheet: an apostrophe makes it text. */
function csvField(field: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function text(value: string | number | null): string {
  return value === null ? '' : printable(String(value));
}
