/** `leasehold workload convert`: from one format to another, telling everything that is not carried over. */

import type { SiteOptions } from '../site-options.js';
import { WorkloadError } from '../workloads/entry.js';
import { OutOfOrder } from '../workloads/swf.js';
import { givenSite } from '../workloads/workload.js';
import type { Readable, Writable } from './format-names.js';
import { openSource, writerOf } from './formats.js';
import type { LeaseSource } from './lease-source.js';
import type { Loss } from './losses.js';
import { type Shape, shaped } from './shape.js';
import type { TextOutput } from './text-output.js';

export interface ConvertOptions extends SiteOptions, Omit<Shape, 'scalesSite'> {
  /** A path, or `-` for stdin. */
  readonly source: string;
  readonly from: Readable;
  readonly to: Writable;
  /** Whether what was written can be taken back when the source turns out to be out of order. */
  readonly canBeginAgain: boolean;
}

export interface ConvertReport {
  readonly from: Readable;
  readonly to: Writable;
  /** Leases written. */
  readonly leases: number;
  readonly losses: readonly Loss[];
}

/** Converts, and calls `onLeases` from time to time with how many leases are written. Throws InputError. */
export async function convert(
  options: ConvertOptions,
  open: () => TextOutput,
  onLeases: ((count: number) => void) | null = null,
): Promise<ConvertReport> {
  const sorted = !options.canBeginAgain;
  try {
    return await convertOnce(options, sorted, open, onLeases);
  } catch (error) {
    if (!(error instanceof OutOfOrder) || sorted) throw error;
    return await convertOnce(options, true, open, onLeases);
  }
}

const TOLD_EVERY = 1000;

async function convertOnce(
  options: ConvertOptions,
  sorted: boolean,
  open: () => TextOutput,
  onLeases: ((count: number) => void) | null,
): Promise<ConvertReport> {
  const source = await openShaped(options.from, options.source, options, options, sorted);
  const leases = await writeLeases(source, options.to, open(), onLeases);
  return { from: options.from, to: options.to, leases, losses: source.losses.list() };
}

/** Writes a workload to its end, and answers how many leases there were. Throws InputError. */
export async function writeLeases(
  source: LeaseSource,
  to: Writable,
  output: TextOutput,
  onLeases: ((count: number) => void) | null,
): Promise<number> {
  try {
    const writer = (await writerOf(to))(source, source.losses);
    await output.write(writer.begin());
    let leases = 0;
    for await (const entry of source.leases) {
      await output.write(writer.lease(entry));
      if (++leases % TOLD_EVERY === 0) onLeases?.(leases);
    }
    if (leases === 0) throw nothingLeft();
    await output.write(writer.end());
    await output.finish();
    return leases;
  } catch (error) {
    output.abort();
    throw error;
  }
}

/** Opens a workload with the site that options describe. Throws InputError. */
export async function openShaped(
  from: Readable,
  source: string,
  where: SiteOptions,
  shape: Omit<Shape, 'scalesSite'>,
  sorted: boolean,
): Promise<LeaseSource> {
  const countsProcessors = from === 'swf' || from === 'batsim';
  const { procs } = where;
  const described = await givenSite(where);
  // SWF and Batsim count processors: their machines get memory as well. Elsewhere --procs describes nodes.
  const given = countsProcessors && procs !== undefined ? null : described;
  const opened = await openSource(from, { source, site: given, procs: procs ?? null, sorted });
  return shaped(opened, { ...shape, scalesSite: countsProcessors && given === null });
}

function nothingLeft(): WorkloadError {
  const hint = 'Widen --from-time, --length and --queues.';
  return new WorkloadError('no lease is left', { file: 'the workload' }, hint);
}
