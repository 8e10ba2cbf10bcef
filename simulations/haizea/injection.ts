/** Leases of a second workload, injected into the first. */

import { quoted } from '../input-error.js';
import { sortBySubmit, WorkloadError, type WorkloadRead } from '../workloads/entry.js';

/** Added to the ids of injected leases, where those are numbers. */
const ID_OFFSET = 1_000_000;

/** Both workloads in order of submission; at the same instant, injected leases come last. Throws WorkloadError. */
export function inject(workload: WorkloadRead, injected: WorkloadRead, file: string): WorkloadRead {
  const ids = new Set(workload.entries.map(({ id }) => id));
  const added = injected.entries.map((entry) => {
    const id = /^\d{1,15}$/.test(entry.id) ? String(Number(entry.id) + ID_OFFSET) : entry.id;
    if (ids.has(id)) {
      const hint = 'Give one of them another id: all leases of a run have their own.';
      throw new WorkloadError(`the id ${quoted(id)} is in the trace already`, { file, line: entry.line }, hint);
    }
    return { ...entry, id };
  });
  const entries = [...workload.entries, ...added];
  sortBySubmit(entries);
  return { ...workload, entries, notes: [...workload.notes, ...injected.notes.map((note) => `${file}: ${note}`)] };
}
