/** Any workload, opened: its site, and its leases one after another as the simulated world asks for them. */

import type { Command } from '../../engine/index.js';
import { InputError } from '../input-error.js';
import { flatPool, parseNodes } from '../site-options.js';
import type { SiteDescription, WorkloadEntry } from './entry.js';
import type { LossReport } from './loss.js';
import { openSwf } from './swf.js';
import type { SwfBatch } from './swf-scan.js';
import { swfEntries } from './swf-terms.js';

/** Where the workload is, and the site where it is not the workload's own. */
export interface WorkloadOptions {
  readonly trace: string;
  readonly procs?: number;
  readonly nodes?: readonly string[];
  readonly site?: string;
}

/** A lease on its way into the simulation. `run`: how long it truly runs, in milliseconds. */
export interface Arriving {
  readonly at: number;
  readonly command: Command;
  readonly run: number;
}

export interface Workload {
  readonly site: SiteDescription;
  /** For the user: what was changed in reading. */
  readonly notes: readonly string[];
  /** What the import left out; null: a format that leaves nothing out. Complete when all have arrived. */
  readonly loss: LossReport | null;
  /** How many leases there are, where the workload says. */
  readonly total: number | null;
  /** In order of arrival; null: no more. Waits only where more must be read. Throws OutOfOrder unless opened `sorted`. */
  next(): Arriving | null | Promise<Arriving | null>;
  /** Time spent in reading so far. */
  parseSeconds(): number;
  close(): Promise<void>;
}

/** Opens `options.trace`: LWF where the name ends in `.xml`, else SWF. Throws InputError. */
export async function openWorkload(options: WorkloadOptions, sorted: boolean): Promise<Workload> {
  const site = await givenSite(options);
  return options.trace.endsWith('.xml') ? await openLwf(options.trace, site) : await openTrace(options, site, sorted);
}

/** The site from `--procs`, `--nodes` or `--site`; null: the workload's own. */
async function givenSite(options: WorkloadOptions): Promise<SiteDescription | null> {
  const given = [options.procs, options.nodes, options.site].filter((option) => option !== undefined);
  if (given.length > 1) {
    const hint = 'Give one of --procs, --nodes and --site.';
    throw new InputError('the site is given more than once', { file: '--procs, --nodes, --site' }, hint, 2);
  }
  if (options.procs !== undefined) return flatPool(options.procs);
  if (options.nodes !== undefined) return parseNodes(options.nodes);
  if (options.site === undefined) return null;
  const { readSiteFile } = await import('../site-file.js'); // the YAML and XML libraries take 50 ms to load
  return await readSiteFile(options.site);
}

async function openLwf(trace: string, site: SiteDescription | null): Promise<Workload> {
  const begin = performance.now();
  const { readLwf } = await import('./lwf.js');
  const workload = await readLwf(trace, site === null ? {} : { site });
  const seconds = (performance.now() - begin) / 1000;
  let index = 0;
  return {
    site: workload.site,
    notes: workload.notes,
    loss: null,
    total: workload.entries.length,
    next: () => {
      const entry = workload.entries[index++];
      return entry === undefined ? null : arriving(entry);
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
    next: () => (batch !== null && index < batch.length ? arriving(entryOf(batch, index++)) : more()),
    parseSeconds: () => milliseconds / 1000,
    close: () => trace.close(),
  };
}

function arriving(entry: WorkloadEntry): Arriving {
  return {
    at: entry.submit,
    command: { type: 'SubmitLease', lease: entry.id, terms: entry.terms, key: null },
    run: entry.run,
  };
}

/** How many one-cpu VMs the nodes could run side by side: wider jobs are dropped. */
function processorsOf(site: SiteDescription): number {
  const cpu = site.resources.findIndex((resource) => resource.name === 'cpu');
  return site.classes.reduce((sum, nodes) => {
    const each = Math.floor((nodes.capacity[cpu] ?? 0) / 1000);
    return sum + nodes.count * (nodes.exclusive ? Math.min(each, 1) : each);
  }, 0);
}
