/** Any workload, opened: its site, and its leases one after another as the simulated world asks for them. */

import type { Command, LeaseId } from '../../engine/index.js';
import { InputError, USAGE } from '../input-error.js';
import { indexOfResource } from '../site-figures.js';
import { flatPool, parseNodes, type SiteOptions } from '../site-options.js';
import { nameOf } from './bytes.js';
import { type SiteDescription, WorkloadError, type WorkloadEntry, type WorkloadRead } from './entry.js';
import type { LossReport } from './loss.js';
import { openSwf } from './swf.js';
import type { SwfBatch } from './swf-scan.js';
import { swfEntries } from './swf-terms.js';

/** Where the workload is, and the site where it is not the workload's own. */
export interface WorkloadOptions extends SiteOptions {
  readonly trace: string;
}

/** What a configuration says about the workload. */
export interface Adjustments {
  /** Where no option gives one. */
  readonly site: SiteDescription | null;
  /** Changes the leases of workloads that are read whole; null: they stay as they are. */
  readonly edit: ((workload: WorkloadRead) => Promise<WorkloadRead>) | null;
}

/** A lease on its way into the simulation. `run`: how long it truly runs, in milliseconds; null: until it is stopped. */
export interface Arriving {
  readonly at: number;
  readonly command: Command;
  readonly run: number | null;
}

export interface Workload {
  readonly site: SiteDescription;
  /** For the user: what was changed in reading. */
  readonly notes: readonly string[];
  /** What the import left out; null: a format that leaves nothing out. Complete when all have arrived. */
  readonly loss: LossReport | null;
  /** How many leases there are, where the workload says. */
  readonly total: number | null;
  /** Names of the labels that leases carry, in order of appearance; none where the workload is not known as a whole. */
  readonly labels: readonly string[];
  /** When the last best-effort lease is submitted, -1 where there is none; null: not known, and all are. */
  readonly bestEffortUntil: number | null;
  /** Leases that others follow. */
  readonly followed: ReadonlySet<LeaseId>;
  /** In order of arrival; null: no more. Waits only where more must be read. Throws OutOfOrder unless opened `sorted`. */
  next(): Arriving | null | Promise<Arriving | null>;
  /** Time spent in reading so far. */
  parseSeconds(): number;
  close(): Promise<void>;
}

/** Opens `options.trace`: LWF where the name ends in `.xml`, YAML where in `.yaml`, else SWF. Throws InputError. */
export async function openWorkload(
  options: WorkloadOptions,
  sorted: boolean,
  { site: described, edit }: Adjustments = { site: null, edit: null },
): Promise<Workload> {
  const begin = performance.now();
  const site = (await givenSite(options)) ?? described;
  const edited = async (read: WorkloadRead) => inMemory(edit === null ? read : await edit(read), begin);
  if (/\.(xml|lwf)$/.test(options.trace)) return await edited(await readLwfTrace(options.trace, site));
  if (/\.ya?ml$/.test(options.trace)) return await edited(await readYamlTrace(options.trace, site));
  if (edit !== null) {
    const hint = 'Convert the trace first: leasehold workload convert.';
    throw new WorkloadError('not LWF: its leases cannot be changed', { file: nameOf(options.trace) }, hint, USAGE);
  }
  return await openTrace(options, site, sorted);
}

/** The site from `--procs`, `--nodes` or `--site`; null: the workload's own. */
export async function givenSite(options: SiteOptions): Promise<SiteDescription | null> {
  const given = [options.procs, options.nodes, options.site].filter((option) => option !== undefined);
  if (given.length > 1) {
    const hint = 'Give one of --procs, --nodes and --site.';
    throw new InputError('the site is given more than once', { file: '--procs, --nodes, --site' }, hint, USAGE);
  }
  if (options.procs !== undefined) return flatPool(options.procs);
  if (options.nodes !== undefined) return parseNodes(options.nodes);
  if (options.site === undefined) return null;
  const { readSiteFile } = await import('../site-file.js'); // the YAML and XML libraries take 50 ms to load
  return await readSiteFile(options.site);
}

async function readLwfTrace(trace: string, site: SiteDescription | null): Promise<WorkloadRead> {
  const { readLwf } = await import('./lwf.js');
  return await readLwf(trace, site === null ? {} : { site });
}

async function readYamlTrace(trace: string, given: SiteDescription | null): Promise<WorkloadRead> {
  const { readYamlWorkload } = await import('./yaml-workload.js');
  const workload = await readYamlWorkload(trace, given);
  if (workload.site === null) {
    throw new WorkloadError(
      'the workload has no site',
      { file: nameOf(trace) },
      'Describe the nodes with --nodes or --site.',
    );
  }
  return { site: workload.site, entries: workload.entries, notes: workload.notes };
}

/** A workload that was read whole, from `begin` on. */
function inMemory({ site, entries, notes }: WorkloadRead, begin: number): Workload {
  const seconds = (performance.now() - begin) / 1000;
  let index = 0;
  return {
    site,
    notes,
    loss: null,
    total: entries.length,
    labels: [...new Set(entries.flatMap(({ terms }) => Object.keys(terms.labels ?? {})))],
    bestEffortUntil: entries.filter(({ terms }) => terms.start.kind === 'best-effort').at(-1)?.submit ?? -1,
    followed: new Set(entries.flatMap(({ terms }) => (terms.after ?? []).map(({ lease }) => lease))),
    next: () => {
      const entry = entries[index++];
      if (entry === undefined) return null;
      // One that needs all its time does not end by itself: it is stopped, and shuts down.
      return entry.run < entry.terms.duration ? arriving(entry) : { ...arriving(entry), run: null };
    },
    parseSeconds: () => seconds,
    close: async () => {},
  };
}

async function openTrace(options: WorkloadOptions, given: SiteDescription | null, sorted: boolean): Promise<Workload> {
  const procs = given === null ? options.procs : processorsOf(given);
  const trace = await openSwf(options.trace, { sorted, ...(procs === undefined ? {} : { procs }) });
  const site = given ?? flatPool(trace.procs);
  const entryOf = swfEntries(options.trace, site.resources);
  const batches = trace.rows[Symbol.asyncIterator]();
  let batch: SwfBatch | null = null;
  let index = 0;
  let milliseconds = 0;
  const more = async (): Promise<Arriving | null> => {
    const begin = performance.now();
    const read = await batches.next();
    milliseconds += performance.now() - begin;
    batch = read.done === true ? null : read.value;
    index = 0;
    return batch === null ? null : arriving(entryOf(batch, index++));
  };
  return {
    site,
    notes: [],
    loss: trace.loss,
    total: trace.header.maxRecords,
    labels: [],
    bestEffortUntil: null,
    followed: new Set(),
    next: () => (batch !== null && index < batch.length ? arriving(entryOf(batch, index++)) : more()),
    parseSeconds: () => milliseconds / 1000,
    close: () => trace.close(),
  };
}

function arriving(entry: WorkloadEntry): Arriving {
  const { terms, imageSize } = entry;
  return {
    at: entry.submit,
    command: {
      type: 'SubmitLease',
      lease: entry.id,
      terms: imageSize === undefined ? terms : { ...terms, imageSize },
      key: null,
    },
    run: entry.run,
  };
}

/** How many one-cpu VMs the nodes could run side by side: wider jobs are dropped. */
function processorsOf(site: SiteDescription): number {
  const cpu = indexOfResource(site.resources, 'cpu');
  return site.classes.reduce((sum, nodes) => {
    const each = Math.floor((nodes.capacity[cpu] ?? 0) / 1000);
    return sum + nodes.count * (nodes.exclusive ? Math.min(each, 1) : each);
  }, 0);
}
