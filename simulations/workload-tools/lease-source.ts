/** A workload on its way from one format to another: what all readers give and all writers take. */

import type { ResourceType, Terms } from '../../engine/index.js';
import { assembled } from '../site-options.js';
import { type SiteDescription, sortBySubmit, type WorkloadEntry } from '../workloads/entry.js';
import type { Losses } from './losses.js';

export interface LeaseSource {
  readonly about: About;
  /** null: the format does not say, and nobody did. */
  readonly site: SiteDescription | null;
  /** The order of the amounts in demands; the site's, where there is one. */
  readonly resources: readonly ResourceType[];
  /** In order of submission. To be read once. */
  readonly leases: AsyncIterable<WorkloadEntry>;
  /** What reading left out or changed; complete when the leases are read. */
  readonly losses: Losses;
}

export interface About {
  readonly name: string | null;
  readonly description: string | null;
  readonly attributes: Readonly<Record<string, string>>;
}

export const NOTHING_KNOWN: About = { name: null, description: null, attributes: {} };

/** Where a reader finds its workload, and what it is told about it. */
export interface ReadOptions {
  /** A path, or `-` for stdin. */
  readonly source: string;
  /** Used instead of the workload's own. */
  readonly site: SiteDescription | null;
  /** Processors of the machine, for formats that count them. */
  readonly procs: number | null;
  /** Read everything and sort it first. Otherwise a reader that streams throws OutOfOrder where that is needed. */
  readonly sorted: boolean;
}

/** A best-effort lease that may be suspended, except for what is given. */
export function termsWith(given: Pick<Terms, 'groups' | 'duration'> & Partial<Terms>): Terms {
  return {
    start: { kind: 'best-effort', before: null },
    preemptible: true,
    where: null,
    name: null,
    user: null,
    project: null,
    labels: null,
    ...given,
  };
}

/** The memory of nodes of which only the processors are known: the amount that Haizea assumes where nothing is said. */
export const MEMORY_UNKNOWN_MIB = 1_000_000;

/** What formats ask for that know cpus and memory only. */
export const CPU_AND_MEMORY: readonly ResourceType[] = [
  { name: 'cpu', kind: 'amount' },
  { name: 'memory', kind: 'amount' },
];

/** A machine of which only the number of processors is known. */
export function machineOf(procs: number): SiteDescription {
  const amounts = new Map([
    ['cpu', 1000],
    ['memory', MEMORY_UNKNOWN_MIB],
  ]);
  return assembled(CPU_AND_MEMORY, [{ count: procs, amounts, exclusive: true }]);
}

/** Puts cpus (thousandths) and MiB in the order of a site's resources, which must have cpus. */
export function cpuAndMemory(resources: readonly ResourceType[], cpu: number, memoryMiB: number): readonly number[] {
  return resources.map(({ name }) => (name === 'cpu' ? cpu : name === 'memory' ? memoryMiB : 0));
}

/** In order of submission, the first at 0. */
export function fromZero(entries: WorkloadEntry[], losses: Losses): WorkloadEntry[] {
  const late = sortBySubmit(entries);
  if (late.length > 0) losses.changed('order: sorted by time of submission', late[0]!.line, late.length);
  const begin = entries[0]?.submit ?? 0;
  if (begin === 0) return entries;
  losses.changed('times: the first lease is submitted at 0', entries[0]!.line, entries.length);
  return entries.map((entry) => moved(entry, begin));
}

/** The same lease, everything `by` milliseconds earlier. */
export function moved(entry: WorkloadEntry, by: number): WorkloadEntry {
  const { start } = entry.terms;
  const earlier = (time: number) => Math.max(0, time - by);
  let begins = start;
  if (start.kind === 'advance') begins = { kind: 'advance', at: earlier(start.at) };
  if (start.kind === 'deadline') {
    begins = { kind: 'deadline', notBefore: earlier(start.notBefore), by: earlier(start.by) };
  }
  if (start.kind === 'best-effort' && start.before !== null) begins = { ...start, before: earlier(start.before) };
  return { ...entry, submit: entry.submit - by, terms: { ...entry.terms, start: begins } };
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items;
}
