/**
 * Slurm's accounting as leases: what `sacct --parsable2` (or `--parsable`) prints. The header says which columns there
 * are; --allocations leaves out the steps, which are left out here, too.
 */

import { nearest, quoted } from '../input-error.js';
import { nameOf } from '../workloads/bytes.js';
import { WorkloadError } from '../workloads/entry.js';
import { clockTimeOf, instantOf, JobRows } from './job-rows.js';
import { CPU_AND_MEMORY, each, type LeaseSource, NOTHING_KNOWN, type ReadOptions } from './lease-source.js';
import { Losses } from './losses.js';
import { linesOf } from './text-lines.js';

/** In lower case. `state` is only looked at. */
const USED = [
  ...['jobid', 'jobidraw', 'user', 'uid', 'account', 'partition', 'submit', 'start', 'end', 'elapsed', 'elapsedraw'],
  ...['timelimit', 'timelimitraw', 'reqcpus', 'alloccpus', 'ncpus', 'nnodes', 'allocnodes', 'reqnodes', 'reqmem'],
  ...['state'],
];
const COLUMNS_MAX = 256;

/** Reads what sacct printed. Throws InputError. */
export async function sacctSource({ source, site }: ReadOptions): Promise<LeaseSource> {
  const file = nameOf(source);
  const losses = new Losses();
  const resources = site?.resources ?? CPU_AND_MEMORY;
  const rows = new JobRows(file, resources, losses);
  let columns: readonly string[] | null = null;
  let line = 0;
  for await (const lines of linesOf(source)) {
    for (const text of lines) {
      line++;
      if (text.trim() === '') continue;
      const cells = text.split('|');
      if (columns === null) columns = header(cells, file, line, losses);
      else take(cells, columns, line, rows, losses);
    }
  }
  return { about: NOTHING_KNOWN, site, resources, leases: each(rows.finish()), losses };
}

function header(cells: readonly string[], file: string, line: number, losses: Losses): readonly string[] {
  const columns = cells.map((cell) => cell.trim().toLowerCase());
  const has = (...names: readonly string[]) => names.some((name) => columns.includes(name));
  const missing = [
    has('jobid', 'jobidraw') ? [] : ['JobID'],
    has('submit') ? [] : ['Submit'],
    has('elapsedraw', 'elapsed') || (has('start') && has('end')) ? [] : ['ElapsedRaw'],
    has('reqcpus', 'alloccpus', 'ncpus') ? [] : ['ReqCPUS'],
  ].flat();
  if (missing.length > 0 || columns.length > COLUMNS_MAX) {
    const near = columns
      .map((column) => nearest(column, USED))
      .find((name) => name !== null && !columns.includes(name));
    const meant = near === undefined ? '' : ` Is ${quoted(near ?? '')} misspelt?`;
    const hint = `Print them: sacct --parsable2 --format=JobID,Submit,ElapsedRaw,TimelimitRaw,ReqCPUS,NNodes,ReqMem,User.`;
    throw new WorkloadError(
      `the header lacks ${missing.join(', ') || 'nothing, but is too long'}`,
      { file, line },
      hint + meant,
    );
  }
  for (const [i, column] of columns.entries()) {
    if (column !== '' && !USED.includes(column)) losses.leftOut(`column ${quoted(cells[i]!, 30)}`, line);
  }
  return columns;
}

function take(cells: readonly string[], columns: readonly string[], line: number, rows: JobRows, losses: Losses): void {
  const row = new Row(columns, cells);
  const id = row.text('jobid', 'jobidraw') ?? '';
  if (/\.(batch|extern|interactive|\d+)$/.test(id)) return losses.leftOut('job steps', line);
  if (/^(running|suspended|requeued)/i.test(row.text('state') ?? '')) {
    losses.changed('run times of jobs that had not ended: as long as they had run', line);
  }
  const nodes = row.whole('nnodes', 'allocnodes', 'reqnodes');
  const cpus = row.whole('reqcpus', 'alloccpus', 'ncpus');
  rows.add({
    line,
    id,
    submit: row.instant('submit'),
    run: runOf(row),
    duration: limitOf(row),
    nodes: nodes === 0 ? null : nodes,
    cpus,
    memoryMiB: memoryOf(row.text('reqmem'), nodes ?? 1, cpus ?? 1),
    user: row.text('user', 'uid'),
    project: row.text('account'),
    queue: row.text('partition'),
    at: null,
  });
}

/** The cells of a row: the first of the columns named that says something. null: none does. */
class Row {
  constructor(
    private readonly columns: readonly string[],
    private readonly cells: readonly string[],
  ) {}

  text(...names: readonly string[]): string | null {
    for (const name of names) {
      const text = this.cells[this.columns.indexOf(name)]?.trim() ?? '';
      if (text !== '' && !/^(unknown|none|n\/a)$/i.test(text)) return text;
    }
    return null;
  }

  whole(...names: readonly string[]): number | null {
    const text = this.text(...names);
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  }

  instant(name: string): number | null {
    const text = this.text(name);
    return text === null ? null : instantOf(text);
  }
}

function runOf(row: Row): number | null {
  const seconds = row.whole('elapsedraw');
  if (seconds !== null) return seconds * 1000;
  const elapsed = row.text('elapsed');
  if (elapsed !== null) return clockTimeOf(elapsed);
  const [start, end] = [row.instant('start'), row.instant('end')];
  return start === null || end === null ? null : end - start;
}

/** TimelimitRaw counts minutes. Words (UNLIMITED, Partition_Limit) are no limit. */
function limitOf(row: Row): number | null {
  const minutes = row.whole('timelimitraw');
  if (minutes !== null) return minutes * 60_000;
  const text = row.text('timelimit');
  return text === null ? null : clockTimeOf(text);
}

const MEBIBYTES: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024, T: 1024 ** 2, P: 1024 ** 3 };

/** `4000M`: of the job; before Slurm 21.08 `4Gn`: of each node, `2Gc`: of each cpu. For the whole job, in MiB. */
function memoryOf(text: string | null, nodes: number, cpus: number): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([KMGTP]?)([nc]?)$/.exec(text ?? '');
  if (match === null) return null;
  const amount = Number(match[1]) * MEBIBYTES[match[2] === '' ? 'M' : match[2]!]!;
  return Math.ceil(amount * (match[3] === 'n' ? nodes : match[3] === 'c' ? cpus : 1));
}
