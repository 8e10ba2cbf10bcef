/** What all writers of workloads are, and what they share: how cpus and memory of a lease are counted as processors. */

import type { Terms } from '../../engine/index.js';
import { indexOfResource } from '../site-figures.js';
import type { SiteDescription, WorkloadEntry } from '../workloads/entry.js';
import type { About, LeaseSource } from './lease-source.js';
import type { Losses } from './losses.js';

/** Writes text piece by piece, and tells `losses` what the format has no place for. */
export interface LeaseWriter {
  begin(): string;
  lease(entry: WorkloadEntry): string;
  end(): string;
}

export type WriterOf = (source: LeaseSource, losses: Losses) => LeaseWriter;

/** A lease as batch systems see it: a job on processors, with memory for each of them. */
export interface Job {
  readonly procs: number;
  /** Of each processor; 0: none is asked for. */
  readonly memoryMiB: number;
}

/** Makes jobs of leases, for formats that know processors only. */
export function jobsOf(source: LeaseSource, losses: Losses): (entry: WorkloadEntry) => Job {
  const cpu = indexOfResource(source.resources, 'cpu');
  const memory = indexOfResource(source.resources, 'memory');
  const others = source.resources.map(({ name }, r) => [name, r] as const).filter(([, r]) => r !== cpu && r !== memory);
  return ({ terms, line }) => {
    let [procs, mebibytes] = [0, 0];
    for (const { vms, demand } of terms.groups) {
      const each = Math.max(1, Math.ceil((demand[cpu] ?? 0) / 1000));
      if (demand[cpu] !== 1000) losses.changed('VMs of other than one cpu: as many processors, at least one', line);
      procs += vms * each;
      mebibytes += vms * (demand[memory] ?? 0);
      for (const [name, r] of others) if ((demand[r] ?? 0) > 0) losses.leftOut(`${name} of VMs`, line);
    }
    if (terms.groups.length > 1) losses.changed('groups of different VMs: one job with all their processors', line);
    return { procs, memoryMiB: Math.ceil(mebibytes / procs) };
  };
}

/** Tells of everything in a lease that a batch job has no place for, other than its user. */
export function tellOfTerms(terms: Terms, line: number, losses: Losses): void {
  const { start } = terms;
  if (start.kind !== 'best-effort') losses.changed(`${start.kind} leases: jobs that are queued`, line);
  else if (start.before !== null) losses.leftOut('the latest time of beginning', line);
  if (!terms.preemptible) losses.leftOut('that a lease may not be preempted', line);
  if (terms.where !== null) losses.leftOut('where a lease may run', line);
  if (terms.name !== null) losses.leftOut('names of leases', line);
  if (terms.project !== null) losses.leftOut('projects', line);
  if (terms.groups.some(({ image }) => image !== null)) losses.leftOut('disk images', line);
  if (terms.groups.some(({ name }) => name !== null)) losses.leftOut('names of groups', line);
  if (terms.maxRate !== undefined) losses.leftOut('what a user pays at most', line);
  tellOfQueueing(terms, line, losses);
}

/** What only YAML and CSV have a place for. */
export function tellOfQueueing({ held, after, priority }: Terms, line: number, losses: Losses): void {
  if (held === true) losses.leftOut('that a lease is held', line);
  if (after !== undefined && after.length > 0) losses.leftOut('which leases a lease waits for', line);
  if (priority !== undefined && priority > 0) losses.leftOut('priorities', line);
}

/** Tells of a workload what batch formats have no place for: all but its description and the number of processors. */
export function tellOfBatch({ about, site }: LeaseSource, losses: Losses): void {
  tellOfAbout({ ...about, description: null }, losses);
  if (site !== null) tellOfSite(site, losses);
}

/** Tells of what is said about a workload, where the format has no place for it. */
export function tellOfAbout(about: About, losses: Losses): void {
  if (about.name !== null) losses.leftOut('the name of the workload', null);
  if (about.description !== null) losses.leftOut('the description of the workload', null);
  const attributes = Object.keys(about.attributes).length;
  if (attributes > 0) losses.leftOut('attributes of the workload', null, attributes);
}

/** Tells when the site is more than that many processors. */
function tellOfSite(site: SiteDescription, losses: Losses): void {
  const cpu = indexOfResource(site.resources, 'cpu');
  const isMore = site.classes.length > 1 || site.classes.some(({ capacity }) => capacity[cpu] !== 1000);
  if (isMore) losses.changed('the nodes of the site: their processors', null);
}

/** How many one-cpu VMs the nodes could run side by side. */
export function processorsOf(site: SiteDescription): number {
  const cpu = indexOfResource(site.resources, 'cpu');
  return site.classes.reduce((sum, { count, capacity }) => sum + count * Math.floor((capacity[cpu] ?? 0) / 1000), 0);
}
