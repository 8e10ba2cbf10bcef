/**
 * Leases in CSV: a row a lease, or a row a group where several rows have the same id. The columns are named like the
 * members of a lease in YAML, and mean the same; docs/workloads.md lists them.
 */

import { InputError, nearest, quoted } from '../input-error.js';
import { nameOf } from '../workloads/bytes.js';
import { WorkloadError } from '../workloads/entry.js';
import { workloadIn } from '../workloads/yaml-workload.js';
import type { Path, YamlFile } from '../yaml-file.js';
import { csvRecords } from './csv-text.js';
import { each, type LeaseSource, NOTHING_KNOWN, type ReadOptions } from './lease-source.js';
import { Losses } from './losses.js';

const ROWS_MAX = 1_000_000;
/** In a cell of JSON. */
const BRACKETS_MAX = 200;
const USED = [
  ...['id', 'submit', 'duration', 'run', 'vms', 'cpu', 'memoryMiB', 'diskMiB', 'image', 'imageMiB', 'group', 'start'],
  ...['before', 'at', 'notBefore', 'by', 'preemptible', 'user', 'project', 'name', 'queue', 'labels', 'where'],
  ...['held', 'priority', 'maxRate', 'after'],
];
/** Before the names of resources that have no column of their own. */
export const RESOURCE_PREFIX = 'resource.';

/** A row, by column; empty cells are left out. */
interface Row {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/** Reads a CSV file whole. Throws InputError. */
export async function csvSource({ source, site: given }: ReadOptions): Promise<LeaseSource> {
  const file = nameOf(source);
  const losses = new Losses();
  const rows = await rowsOf(source, file, losses);
  const leases = grouped(rows);
  const read = workloadIn(() => document(file, leases), given);
  for (const note of read.notes) losses.changed(note, null);
  const { site, resources, entries } = read;
  return { about: NOTHING_KNOWN, site, resources, leases: each(entries), losses };
}

async function rowsOf(source: string, file: string, losses: Losses): Promise<readonly Row[]> {
  let columns: readonly string[] | null = null;
  const rows: Row[] = [];
  for await (const { line, cells } of csvRecords(source)) {
    if (columns === null) {
      columns = columnsOf(cells, file, line, losses);
      continue;
    }
    if (rows.length === ROWS_MAX)
      throw new WorkloadError(`more than ${ROWS_MAX} rows`, { file, line }, 'Split the file.');
    if (cells.length > columns.length) {
      throw new WorkloadError('more cells than the header has', { file, line }, 'Is a quote missing?');
    }
    const filled = cells.map((cell, i) => [columns![i]!, cell.trim()] as const).filter(([, cell]) => cell !== '');
    rows.push({ line, cells: new Map(filled) });
  }
  return rows;
}

/** Names of columns are told apart by letters only, not by capitals. */
function columnsOf(cells: readonly string[], file: string, line: number, losses: Losses): readonly string[] {
  const columns = cells.map((cell) => {
    const name = cell.trim();
    const known = USED.find((used) => used.toLowerCase() === name.toLowerCase());
    if (known === undefined && !name.startsWith(RESOURCE_PREFIX)) {
      const near = nearest(name, USED);
      losses.leftOut(`column ${quoted(name, 30)}${near === null ? '' : ` (is it ${quoted(near)}?)`}`, line);
    }
    return known ?? name;
  });
  for (const needed of ['submit', 'duration', 'vms']) {
    if (!columns.includes(needed)) {
      const hint = `The first row names the columns; at least submit, duration and vms.`;
      throw new WorkloadError(`no column ${quoted(needed)}`, { file, line }, hint);
    }
  }
  return columns;
}

/** Rows with the same id are the groups of one lease. */
function grouped(rows: readonly Row[]): readonly (readonly Row[])[] {
  const leases: Row[][] = [];
  const byId = new Map<string, Row[]>();
  for (const row of rows) {
    const id = row.cells.get('id');
    const known = id === undefined ? undefined : byId.get(id);
    if (known !== undefined) {
      known.push(row);
      continue;
    }
    const lease = [row];
    leases.push(lease);
    if (id !== undefined) byId.set(id, lease);
  }
  return leases;
}

/** The rows as the document that a workload in YAML would be, with their own lines for messages. */
function document(file: string, leases: readonly (readonly Row[])[]): YamlFile {
  const line = ([, lease, , group]: Path) => {
    const rows = typeof lease === 'number' ? leases[lease] : undefined;
    return (rows?.[typeof group === 'number' ? group : 0] ?? rows?.[0])?.line ?? 1;
  };
  const fault = (path: Path, problem: string, hint: string) => {
    const column =
      path
        .slice(2)
        .filter((step): step is string => typeof step === 'string')
        .at(-1) ?? null;
    return new InputError(problem, { file, line: line(path), path: column }, hint);
  };
  return { value: { leases: leases.map((rows) => leaseOf(rows, file)) }, line, fault };
}

function leaseOf(rows: readonly Row[], file: string): Readonly<Record<string, unknown>> {
  const first = rows[0]!;
  const text = (name: string) => first.cells.get(name);
  const labels = labelsOf(first, file);
  const where = text('where') === undefined ? undefined : json(first, 'where', file);
  return present({
    id: text('id'),
    submit: text('submit'),
    duration: text('duration'),
    run: text('run'),
    imageMiB: numberIn(text('imageMiB')),
    ...(rows.length === 1 && text('group') === undefined
      ? groupOf(first, false)
      : { groups: rows.map((row) => groupOf(row, true)) }),
    start: startOf(first),
    preemptible: flagIn(text('preemptible')),
    held: flagIn(text('held')),
    priority: numberIn(text('priority')),
    maxRate: numberIn(text('maxRate')),
    after: text('after') === undefined ? undefined : json(first, 'after', file),
    user: text('user'),
    project: text('project'),
    name: text('name'),
    labels,
    where,
  });
}

function groupOf({ cells }: Row, isPart: boolean): Readonly<Record<string, unknown>> {
  const resources: [string, unknown][] = [];
  for (const [column, cell] of cells) {
    if (['cpu', 'memoryMiB', 'diskMiB'].includes(column)) resources.push([column, numberIn(cell)]);
    else if (column.startsWith(RESOURCE_PREFIX)) resources.push([column.slice(RESOURCE_PREFIX.length), numberIn(cell)]);
  }
  return present({
    name: isPart ? cells.get('group') : undefined,
    vms: numberIn(cells.get('vms')),
    resources: Object.fromEntries(resources),
    image: cells.get('image'),
  });
}

function startOf({ cells }: Row): Readonly<Record<string, unknown>> | undefined {
  const members = ['before', 'at', 'notBefore', 'by'].map((name) => [name, cells.get(name)] as const);
  const given = members.filter(([, cell]) => cell !== undefined);
  const kind = cells.get('start');
  if (kind === undefined && given.length === 0) return undefined;
  return { kind: kind ?? 'best-effort', ...Object.fromEntries(given) };
}

/** The labels, as JSON in their cell, and the queue. */
function labelsOf(row: Row, file: string): unknown {
  const labels = row.cells.get('labels') === undefined ? undefined : json(row, 'labels', file);
  const queue = row.cells.get('queue');
  if (queue === undefined) return labels;
  return { queue, ...(typeof labels === 'object' && labels !== null && !Array.isArray(labels) ? labels : {}) };
}

function json({ line, cells }: Row, column: string, file: string): unknown {
  const text = cells.get(column)!;
  try {
    if ((text.match(/[[{]/g)?.length ?? 0) <= BRACKETS_MAX) return JSON.parse(text);
    throw new SyntaxError('nested too deep');
  } catch {
    const hint = 'Write JSON, in quotes as CSV wants it: "{""gpu"": ""a100""}".';
    throw new WorkloadError('not JSON', { file, line, path: column }, hint);
  }
}

/** As a number where it is one; otherwise the reader of leases says what is wrong with it. */
function numberIn(cell: string | undefined): number | string | undefined {
  return cell !== undefined && /^\d{1,12}(\.\d{1,6})?$/.test(cell) ? Number(cell) : cell;
}

function flagIn(cell: string | undefined): boolean | string | undefined {
  const word = cell?.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : cell;
}

function present(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
