/** What `leasehold workload …` does. */

import { amountOf } from '../simulations/amounts.js';
import type { SiteOptions } from '../simulations/site-options.js';
import { annotator } from '../simulations/workload-tools/annotate.js';
import { convert, openShaped, writeLeases } from '../simulations/workload-tools/convert.js';
import type { Readable, Writable } from '../simulations/workload-tools/format-names.js';
import { formatToRead, formatToWrite, openSource } from '../simulations/workload-tools/formats.js';
import type { LeaseSource } from '../simulations/workload-tools/lease-source.js';
import type { Loss } from '../simulations/workload-tools/losses.js';
import type { Spread } from '../simulations/workload-tools/sample.js';
import { fileOutput, streamOutput, type TextOutput } from '../simulations/workload-tools/text-output.js';
import { span } from '../simulations/workload-tools/tool-settings.js';
import { type WorkloadStats, workloadStats } from '../simulations/workload-tools/workload-stats.js';
import { CliError, EXIT, printable } from './errors.js';
import { Meter } from './meter.js';
import { type Column, printList, printOne, printTable, printValue, write } from './output.js';

interface SourceOptions extends SiteOptions {
  readonly from?: Readable;
}

interface TargetOptions {
  readonly out: string;
  readonly to?: Writable;
  readonly output: 'table' | 'json';
}

export interface ConvertOptions extends SourceOptions, TargetOptions {
  readonly fromTime?: string;
  readonly length?: string;
  readonly queues?: string;
  readonly memory?: string;
  readonly scale?: number;
}

export async function convertWorkload(file: string, options: ConvertOptions): Promise<void> {
  const meter = await Meter.open('leases');
  try {
    const { procs, nodes, site, scale, fromTime, length, queues, memory } = options;
    const report = await convert(
      {
        source: file,
        from: formatToRead(file, options.from),
        to: formatToWrite(options.out, options.to),
        canBeginAgain: options.out !== '-',
        ...present({ procs, nodes, site, scale }),
        ...present({
          fromTime: fromTime === undefined ? undefined : timeOf('--from-time', fromTime),
          length: length === undefined ? undefined : timeOf('--length', length),
          queues: queues?.split(',').map((name) => name.trim()),
          memoryMiB: memory === undefined ? undefined : mebibytesOf(memory),
        }),
      },
      () => outputTo(options.out),
      meter.visible ? (leases) => meter.update(leases, null) : null,
    );
    meter.close();
    await tell(report.leases, report.losses, { from: report.from, to: report.to }, options);
  } finally {
    meter.close();
  }
}

export interface GenerateOptions extends TargetOptions {
  readonly seed: number;
}

export interface ModelOptions extends GenerateOptions {
  readonly jobs: number;
  readonly procs: number;
}

export async function generateFromConfig(config: string, options: GenerateOptions): Promise<void> {
  const { generateLeases } = await import('../simulations/workload-tools/generate-leases.js');
  await generated(await generateLeases(config, options.seed), 'lwf', options);
}

export async function generateLublin(options: ModelOptions): Promise<void> {
  const { lublin } = await import('../simulations/workload-tools/lublin.js');
  await generated(lublin(options), 'swf', options);
}

export async function generateDowney(options: ModelOptions & { readonly load: number }): Promise<void> {
  const { downey } = await import('../simulations/workload-tools/downey.js');
  await generated(downey(options), 'swf', options);
}

/** `usual`: the format for stdout where none is said. */
async function generated(source: LeaseSource, usual: Writable, options: GenerateOptions): Promise<void> {
  const to = formatToWrite(options.out, options.to ?? (options.out === '-' ? usual : undefined));
  const leases = await writeLeases(source, to, outputTo(options.out), null);
  await tell(leases, source.losses.list(), { to, seed: options.seed }, options);
}

export interface AnnotateOptions {
  readonly config: string;
  readonly out: string;
  readonly from?: Readable;
  readonly procs?: number;
  readonly count?: number;
  readonly seed: number;
}

export async function annotateWorkload(file: string | undefined, options: AnnotateOptions): Promise<void> {
  const { config, count, seed, out, procs } = options;
  if ((file === undefined) === (count === undefined)) {
    throw new CliError('annotations need leases', 'Name a workload, or say how many: --count N.', EXIT.usage);
  }
  const drawing = annotator(config, seed);
  const format = file === undefined ? null : formatToRead(file, options.from);
  const leases =
    format === null
      ? count!
      : (await openSource(format, { source: file!, site: null, procs: procs ?? null, sorted: true })).leases;
  const output = outputTo(out);
  try {
    const written = await drawing.write(leases, output);
    await output.finish();
    if (out !== '-') await write(`${written} annotations written to ${printable(out)}\n`, process.stderr);
  } catch (error) {
    output.abort();
    throw error;
  }
}

export interface StatsOptions extends SourceOptions {
  readonly length?: string;
  readonly output: 'table' | 'json' | 'yaml';
}

export async function printStats(file: string, { from, length, output, ...where }: StatsOptions): Promise<void> {
  const source = await openShaped(formatToRead(file, from), file, where, {}, true);
  const stats = await workloadStats(source, length === undefined ? null : timeOf('--length', length));
  if (output !== 'table') return await printValue(stats, output);
  await printFigures(stats);
}

async function printFigures(stats: WorkloadStats): Promise<void> {
  const row = (title: string, value: string | number | null) => ({ title, value: () => value });
  const percent = (value: number | null) => (value === null ? 'not known' : `${(value * 100).toFixed(2)} %`);
  const kinds = Object.entries(stats.kinds).filter(([, count]) => count > 0);
  await printOne(
    stats,
    [
      row('leases', `${stats.leases}: ${kinds.map(([kind, count]) => `${count} ${kind}`).join(', ')}`),
      row('preemptible', stats.preemptible),
      row('users, queues', `${stats.users}, ${stats.queues}`),
      row('submitted within', `${stats.span} s`),
      row('cpus of the site', stats.cpus ?? 'not known'),
      row('utilisation, requested', percent(stats.requestedUtilisation)),
      row('utilisation, actual', percent(stats.actualUtilisation)),
    ],
    'table',
  );
  const spreads: readonly (readonly [name: string, spread: Spread])[] = [
    ['VMs', stats.vms],
    ['cpus', stats.cpusPerLease],
    ['MiB a VM', stats.memoryMiBPerVm],
    ['duration, s', stats.duration],
    ['run, s', stats.run],
    ['interarrival, s', stats.interarrival],
    ['start delay, s', stats.startDelay],
  ];
  await write('\n');
  await printTable(
    spreads.filter(([, { count }]) => count > 0),
    [
      { title: 'of', value: ([name]) => name },
      ...(['mean', 'min', 'p10', 'p25', 'median', 'p75', 'p90', 'p98', 'max'] as const).map(
        (figure): Column<(typeof spreads)[number]> => ({
          title: figure,
          value: ([, spread]) => (spread[figure] === null ? null : Math.round(spread[figure] * 100) / 100),
        }),
      ),
    ],
  );
  if (stats.images.length > 0) {
    await write('\n');
    await printList(stats.images, IMAGES, 'table');
  }
  await tellLosses(stats.losses);
}

const IMAGES: readonly Column<WorkloadStats['images'][number]>[] = [
  { title: 'image', value: ({ image }) => image },
  { title: 'leases', value: ({ leases }) => leases },
  { title: 'vms', value: ({ vms }) => vms },
];

/** The report: for people on stderr, for programs on stdout unless that has the workload. */
async function tell(leases: number, losses: readonly Loss[], more: object, options: TargetOptions): Promise<void> {
  if (options.output === 'json') {
    const report = `${JSON.stringify({ ...more, leases, losses }, null, 2)}\n`;
    return await write(report, options.out === '-' ? process.stderr : process.stdout);
  }
  const where = options.out === '-' ? '' : ` to ${printable(options.out)}`;
  await write(`${leases} leases written${where}${losses.length === 0 ? '; nothing lost' : ''}\n`, process.stderr);
  await tellLosses(losses);
}

async function tellLosses(losses: readonly Loss[]): Promise<void> {
  if (losses.length === 0) return;
  await write('\n', process.stderr);
  await printTable(losses, LOSSES, process.stderr);
}

const LOSSES: readonly Column<Loss>[] = [
  { title: '', value: ({ kind }) => kind },
  { title: 'count', value: ({ count }) => count },
  { title: 'first line', value: ({ first }) => first },
  { title: 'what', value: ({ what }) => what },
];

function outputTo(path: string): TextOutput {
  return path === '-' ? streamOutput((text) => write(text)) : fileOutput(path);
}

function timeOf(option: string, text: string): number {
  const time = span.read(text);
  if (time !== undefined) return time;
  throw new CliError(`${option} ${printable(text)} is no time`, `Write ${span.accepts}.`, EXIT.usage);
}

/** `512MiB`, or MiB as a number. */
function mebibytesOf(text: string): number {
  const amount = amountOf('memory', text);
  if (typeof amount === 'number') return amount;
  throw new CliError(`--memory ${printable(text)} ${amount.problem}`, 'Write 512MiB, 2GiB, or 1024.', EXIT.usage);
}

/** Without members that are undefined. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
