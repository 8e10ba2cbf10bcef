/** The common row of all workload formats: what is asked, when, and (for the simulated cluster only) its run time. */

import type { NodeClass, ResourceType, Terms } from '../../engine/index.js';
import { InputError } from '../input-error.js';

export interface WorkloadEntry {
  /** The line of the file that it comes from. */
  readonly line: number;
  readonly id: string;
  /** Milliseconds since the workload's first instant. */
  readonly submit: number;
  /** Demand vectors are in the order of the site's resource types. */
  readonly terms: Terms;
  /** True run time in ms, for the simulated cluster only: the scheduler never sees it. At most the duration. */
  readonly run: number;
  /** How large the disk image is that its groups name, in MiB; absent where they name none. */
  readonly imageSize?: number;
}

/** What the nodes are: a workload may bring its own (LWF), otherwise it is given on the command line. */
export interface SiteDescription {
  readonly resources: readonly ResourceType[];
  readonly classes: readonly NodeClass[];
}

/** A workload that has been read whole. */
export interface WorkloadRead {
  readonly site: SiteDescription;
  /** In order of submission. */
  readonly entries: readonly WorkloadEntry[];
  /** What was changed in reading, for the user. */
  readonly notes: readonly string[];
}

/** A workload that cannot be read. */
export class WorkloadError extends InputError {
  override readonly name = 'WorkloadError';
}

/** Sorts by time of submission, in place. Answers the leases that came behind a later one, in the order of the file. */
export function sortBySubmit(entries: WorkloadEntry[]): readonly WorkloadEntry[] {
  const late = entries.filter((entry, i) => i > 0 && entry.submit < entries[i - 1]!.submit);
  if (late.length > 0) entries.sort((a, b) => a.submit - b.submit); // stable: equal times stay in the order of the file
  return late;
}

/** The ids given; leases without one (null) get the next free number. */
export function numbered(given: readonly (string | null)[]): string[] {
  const taken = new Set(given);
  let next = 1;
  return given.map((id) => {
    if (id !== null) return id;
    while (taken.has(String(next))) next++;
    return String(next++);
  });
}
