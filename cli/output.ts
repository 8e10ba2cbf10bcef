/** How results are printed: data on stdout, in the format that was asked for. */

import { CliError, EXIT, printable } from './errors.js';
import type { Colours, Layout } from './table.js';
import type { ShowTime, TimeOptions, TimeStyle } from './when.js';

export const FORMATS = ['table', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'name'] as const;
export type Format = (typeof FORMATS)[number];

export type Cell = string | number | null;

/** A column of a table or of CSV. The first one names the thing: it is never shortened, and is what `-o name` prints. */
export interface Column<T> {
  readonly title: string;
  readonly value: (item: T) => Cell;
  /** Written as the API writes it; people are shown it as they say it. */
  readonly as?: 'time' | 'duration';
  /** Never shortened. */
  readonly whole?: true;
  /** Only in wide tables, or where it is asked for. */
  readonly wide?: true;
  /** Left out of tables that a terminal is too narrow for. */
  readonly spare?: true;
}

/** How something is to be printed: the options of the commands that print. */
export interface Printing extends TimeOptions {
  readonly output: Format;
  readonly columns?: readonly string[];
  readonly sort?: string;
  readonly headers?: boolean;
}

/** Prints a list: whole items as JSON and YAML, columns as a table and CSV. */
export async function printList<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  how: Format | Printing,
): Promise<void> {
  const printing = printingOf(how);
  const sorted = sortedBy(items, columns, printing.sort);
  switch (printing.output) {
    case 'table':
    case 'wide':
      return write(await tableText(sorted, columns, printing, process.stdout));
    case 'csv':
      return write(csvOf(sorted, chosen(columns, printing), printing.headers !== false));
    case 'name':
      return write(sorted.map((item) => `${cellText(columns[0]!.value(item))}\n`).join(''));
    case 'ndjson':
      return write(sorted.map((item) => `${jsonOf(item)}\n`).join(''));
    case 'json':
    case 'yaml':
      return printValue(sorted, printing.output);
  }
}

/** A table; on stderr where stdout is for data. */
export async function printTable<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  stream: NodeJS.WriteStream = process.stdout,
): Promise<void> {
  return write(await tableText(items, columns, { output: 'table' }, stream), stream);
}

/** Prints one thing; `table`: by its fields, one a line. */
export async function printOne<T extends object>(
  item: T,
  fields: readonly Column<T>[],
  how: Format | Printing,
): Promise<void> {
  const printing = printingOf(how);
  if (isValueFormat(printing.output)) return printValue(item, printing.output);
  if (printing.output === 'csv' || printing.output === 'name') return printList([item], fields, printing);
  return write(await fieldsText(item, fields, printing));
}

/** The fields of one thing, one a line; those that are empty are left out. */
export async function fieldsText<T>(item: T, fields: readonly Column<T>[], printing: Printing): Promise<string> {
  const show = await showing(printing, 'both', fields);
  const shown = fields
    .filter(({ title, wide }) => printing.columns?.includes(title) ?? (wide !== true || printing.output === 'wide'))
    .map((field) => [field.title, show(field, item)] as const)
    .filter(([, text]) => text !== '');
  const width = Math.max(0, ...shown.map(([title]) => title.length));
  return shown.map(([title, text]) => `${title.padEnd(width)}  ${text}\n`).join('');
}

/** Formats of anything that the API answers, as it answers it. */
export type ValueFormat = 'json' | 'ndjson' | 'yaml';

export function isValueFormat(format: Format): format is ValueFormat {
  return format === 'json' || format === 'ndjson' || format === 'yaml';
}

export async function printValue(value: unknown, format: ValueFormat): Promise<void> {
  if (format === 'json') return write(`${jsonOf(value, 2)}\n`);
  if (format === 'ndjson') return write(`${jsonOf(value)}\n`);
  const { stringify } = await import('yaml');
  // A text with line breaks would be written as it is, whatever else is in it.
  return write(stringify(value, { blockQuote: false, lineWidth: 0 }).replace(BEYOND_ASCII, '\ufffd'));
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

/** As NO_COLOR and FORCE_COLOR say, in this order (--color sets both); else a terminal that has colours. */
export function inColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM } = process.env;
  if (no) return false;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

/** The columns that were asked for, in that order. */
export function chosen<T>(columns: readonly Column<T>[], { columns: asked, output }: Printing): readonly Column<T>[] {
  if (asked === undefined) return columns.filter(({ wide }) => wide !== true || output === 'wide');
  return asked.map((title) => columnNamed(columns, title, '--columns'));
}

/** 1. by the column, as numbers where it has numbers  2. as the service lists them. What is empty comes last. */
export function sortedBy<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  sort: string | undefined,
): readonly T[] {
  if (sort === undefined) return items;
  const falling = sort.startsWith('-');
  const { value } = columnNamed(columns, falling ? sort.slice(1) : sort, '--sort');
  const keyed = items.map((item, index) => ({ item, index, key: value(item) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.index - b.index;
    return (falling ? -1 : 1) * compare(a.key, b.key) || a.index - b.index;
  });
  return keyed.map(({ item }) => item);
}

/** A table in which times are told from now on, as wide as the stream is. */
export async function tableText<T>(
  items: readonly T[],
  all: readonly Column<T>[],
  printing: Printing,
  stream: NodeJS.WriteStream,
): Promise<string> {
  const { lineOf } = await import('./table.js');
  const { columns, rows, layouts, widths } = await laidOut(items, all, printing, stream);
  const paint = await painter(columns, stream);
  const head = layouts.map(({ title }) => title);
  const lines = rows.map((row) => lineOf(row, layouts, widths, paint.cell));
  if (printing.headers !== false) lines.unshift(lineOf(head, layouts, widths, paint.head));
  return lines.map((line) => `${line}\n`).join('');
}

/** Cells and widths, without the spare columns that a terminal has no room for. */
async function laidOut<T>(
  items: readonly T[],
  all: readonly Column<T>[],
  printing: Printing,
  stream: NodeJS.WriteStream,
) {
  const { widthOf, widthsFor } = await import('./table.js');
  const room = stream.isTTY === true ? stream.columns : null;
  let columns = chosen(all, printing);
  const show = await showing(printing, printing.output === 'wide' ? 'clock' : 'relative', columns);
  for (;;) {
    const rows = items.map((item) => columns.map((column) => show(column, item)));
    const layouts = layoutsOf(columns, all[0], items);
    const widths = widthsFor(layouts, rows, room);
    const spare = printing.columns === undefined ? columns.map((column) => column.spare).lastIndexOf(true) : -1;
    if (room === null || spare < 0 || widthOf(widths) <= room) return { columns, rows, layouts, widths };
    columns = columns.filter((_, i) => i !== spare);
  }
}

function layoutsOf<T>(columns: readonly Column<T>[], name: Column<T> | undefined, items: readonly T[]): Layout[] {
  return columns.map((column) => ({
    title: column.title.toUpperCase(),
    alignRight: items.length > 0 && items.every((item) => typeof column.value(item) === 'number'),
    whole: column === name || column.whole === true,
  }));
}

async function painter<T>(columns: readonly Column<T>[], stream: NodeJS.WriteStream) {
  const { coloured } = await import('./table.js');
  const { default: picocolors } = await import('picocolors');
  const colours: Colours = picocolors.createColors(inColour(stream));
  const hasState = columns.map(({ title }) => title === 'state' || title === 'status');
  return {
    head: (cell: string) => colours.bold(cell),
    cell: (cell: string, column: number) => (hasState[column] === true ? coloured(cell, colours) : cell),
  };
}

/** How cells are shown to people. */
async function showing<T>(
  printing: Printing,
  style: TimeStyle,
  columns: readonly Column<T>[],
): Promise<(column: Column<T>, item: T) => string> {
  let time: ShowTime = (text) => text;
  if (columns.some(({ as }) => as === 'time')) {
    const { timesShown } = await import('./when.js');
    time = await timesShown(printing, style);
  }
  return ({ value, as }, item) => {
    const cell = value(item);
    if (typeof cell !== 'string' || cell === '') return cellText(cell);
    if (as === 'time') return cellText(/^\d/.test(cell) ? time(cell) : cell);
    return cellText(as === 'duration' && printing.iso !== true ? cell.replace(/^PT(?=\d)/, '').toLowerCase() : cell);
  };
}

function printingOf(how: Format | Printing): Printing {
  return typeof how === 'string' ? { output: how } : how;
}

function columnNamed<T>(columns: readonly Column<T>[], title: string, option: string): Column<T> {
  const found = columns.find((column) => column.title === title.trim().toLowerCase());
  if (found !== undefined) return found;
  const known = columns.map((column) => column.title).join(', ');
  throw new CliError(`${option}: there is no column ${JSON.stringify(title)}`, `There are ${known}.`, EXIT.usage);
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

function csvOf<T>(items: readonly T[], columns: readonly Column<T>[], headers: boolean): string {
  const rows = items.map((item) => columns.map(({ value }) => rawText(value(item))));
  if (headers) rows.unshift(columns.map(({ title }) => title));
  return rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** RFC 4180. A leading `=`, `+`, `-` or `@` would be a formula in a spreadsheet: an apostrophe makes it text. */
function csvField(field: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Control characters that JSON and YAML leave as they are: a terminal might obey them. */
const BEYOND_ASCII = /[\u007f-\u009f]/g;

function jsonOf(value: unknown, indent?: number): string {
  const escaped = (character: string): string => `\\u00${character.charCodeAt(0).toString(16)}`;
  return JSON.stringify(value, null, indent).replace(BEYOND_ASCII, escaped);
}

function rawText(value: Cell): string {
  return value === null ? '' : printable(String(value));
}

/** In a table everything is on one line. */
function cellText(value: Cell): string {
  return rawText(value).replaceAll('\n', ' ');
}
