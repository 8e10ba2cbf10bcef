/** The accountings of several simulations side by side: for `leasehold accounting`. Nothing that is read is trusted. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, nearest, quoted, USAGE } from '../input-error.js';
import { COUNTERS_FILE, LEASES_FILE, SERIES_FILE, SUMMARY_FILE } from '../report/report.js';
import { csvRecords } from '../workload-tools/csv-text.js';
import { isObject, member, type Members, readJson } from '../workload-tools/json-file.js';

/** Of each run its figures, or its leases; or one counter over time. */
export type TableKind = 'per-run' | 'per-lease' | 'counter';

/** In all directories together: a table is put together in memory. */
export const ROWS_MAX = 250_000;

export type Cell = string | number | null;

export interface Row {
  /** The directory, as given. */
  readonly run: string;
  readonly attributes: ReadonlyMap<string, Cell>;
  readonly cells: ReadonlyMap<string, Cell>;
}

export interface Table {
  /** Names of attributes and of cells, in order of appearance; not every row has all. */
  readonly attributes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Reads the table from the directories that `simulate --out` wrote. `counter` is needed for one of a counter. */
export async function readTable(
  directories: readonly string[],
  kind: TableKind,
  counter: string | null,
): Promise<Table> {
  const rows: Row[] = [];
  for (const run of directories) {
    const content = await readCounters(run, kind === 'per-run');
    const attributes = scalars(member(content, 'attributes'));
    for await (const cells of cellsOf(run, kind, counter, content)) {
      if (rows.length >= ROWS_MAX) throw tooMany(run);
      rows.push({ run, attributes, cells });
    }
  }
  return { attributes: namesOf(rows, 'attributes'), columns: namesOf(rows, 'cells'), rows };
}

async function* cellsOf(
  run: string,
  kind: TableKind,
  counter: string | null,
  content: Members,
): AsyncGenerator<ReadonlyMap<string, Cell>> {
  if (kind === 'per-run') yield await figures(run, content);
  else if (kind === 'per-lease') yield* leases(run);
  else yield* counterRows(run, counterName(run, counter, content));
}

/** What stands in `counters.json`; where it may be missing, as in a report without accounting, nothing. */
async function readCounters(run: string, mayBeMissing: boolean): Promise<Members> {
  const path = join(run, COUNTERS_FILE);
  if (mayBeMissing && !existsSync(path) && existsSync(join(run, SUMMARY_FILE))) return {};
  if (!existsSync(path)) {
    const hint = `Name directories that were written with: leasehold simulate … --out DIR --accounting all.`;
    throw new InputError(`has no ${COUNTERS_FILE}`, { file: run }, hint, USAGE);
  }
  const content = await readJson(path);
  if (isObject(content) && isObject(member(content, 'counters'))) return content;
  throw new InputError('is no accounting', { file: path }, 'Let the simulation write it again.');
}

/** The plain members of the summary, then the figures and the averages of the accounting. */
async function figures(run: string, content: Members): Promise<ReadonlyMap<string, Cell>> {
  const summary = join(run, SUMMARY_FILE);
  const cells = new Map([
    ...scalars(existsSync(summary) ? await readJson(summary) : {}),
    ...scalars(member(content, 'figures')),
  ]);
  for (const [name, counter] of Object.entries(countersIn(content))) {
    const average = isObject(counter) ? member(counter, 'average') : null;
    if (typeof average === 'number') cells.set(`${name}, average`, average);
  }
  return cells;
}

function countersIn(content: Members): Members {
  const counters = member(content, 'counters');
  return isObject(counters) ? counters : {};
}

/** The name as the file has it. */
function counterName(run: string, wanted: string | null, content: Members): string {
  const place = { file: '--counter' };
  const names = Object.keys(countersIn(content));
  if (wanted === null) throw new InputError('a counter is needed', place, `Name one of: ${names.join(', ')}.`, USAGE);
  const found = names.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  const meant = nearest(wanted, names);
  const hint = meant === null ? `Name one of: ${names.join(', ')}.` : `Did you mean "${meant}"?`;
  throw new InputError(`${quoted(wanted)} is no counter of ${quoted(run)}`, place, hint, USAGE);
}

async function* counterRows(run: string, name: string): AsyncGenerator<ReadonlyMap<string, Cell>> {
  for await (const record of records(join(run, SERIES_FILE))) {
    if (record.get('counter') !== name) continue;
    yield new Map(['time', 'value', 'average'].map((column) => [column, numberOf(record.get(column) ?? '')]));
  }
}

/** Cells of text: they stay what they are, whatever they look like. */
const TEXTS = new Set(['lease', 'kind', 'state', 'user']);

async function* leases(run: string): AsyncGenerator<ReadonlyMap<string, Cell>> {
  for await (const record of records(join(run, LEASES_FILE))) {
    const cells = new Map<string, Cell>();
    for (const [name, text] of record)
      cells.set(name, TEXTS.has(name) || name.startsWith('extra_') ? text || null : numberOf(text));
    yield cells;
  }
}

/** The rows of a CSV file by the names in its first line. */
async function* records(path: string): AsyncGenerator<ReadonlyMap<string, string>> {
  let names: readonly string[] | null = null;
  for await (const { line, cells } of csvRecords(path)) {
    if (names === null) {
      names = cells;
      continue;
    }
    if (cells.length !== names.length) {
      const problem = `${cells.length} cells under ${names.length} names`;
      throw new InputError(problem, { file: path, line }, 'Let the simulation write it again.');
    }
    yield new Map(names.map((name, i) => [name, cells[i]!]));
  }
}

/** An empty cell is null, and text stays text. */
function numberOf(cell: string): Cell {
  if (cell === '') return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : cell;
}

/** The members that are numbers, texts or null. */
function scalars(value: unknown): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const [name, cell] of Object.entries(isObject(value) ? value : {}))
    if (cell === null || typeof cell === 'number' || typeof cell === 'string') cells.set(name, cell);
  return cells;
}

function namesOf(rows: readonly Row[], part: 'attributes' | 'cells'): readonly string[] {
  const names = new Set<string>();
  let last: ReadonlyMap<string, Cell> | null = null;
  for (const row of rows) {
    if (row[part] !== last) for (const name of row[part].keys()) names.add(name);
    last = row[part];
  }
  return [...names];
}

function tooMany(run: string): InputError {
  const hint = `Name fewer directories, or read ${LEASES_FILE} and ${SERIES_FILE} themselves: they are CSV.`;
  return new InputError(`more than ${ROWS_MAX} rows`, { file: run }, hint);
}
