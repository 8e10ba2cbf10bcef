/** Finished leases for tests, with everything that does not matter filled in. */

import type { FinishedLease } from '../../simulations/report/finished-lease.js';
import { termsWith } from '../../simulations/workload-tools/lease-source.js';

/** A lease that was submitted, began and ended then (seconds), on nodes 1, 2, …; what is given replaces the usual. */
export function finished(
  id: string,
  [submit, start, end]: readonly [number, number, number],
  given: Partial<FinishedLease> = {},
): FinishedLease {
  const vms = given.vms ?? 1;
  return {
    id,
    kind: 'best-effort',
    state: 'done',
    submit: submit * 1000,
    start: start * 1000,
    end: end * 1000,
    vms,
    cpu: vms * 1000,
    requested: 3_600_000,
    runs: [{ start: start * 1000, end: end * 1000, nodes: [1, vms] }],
    preemptions: 0,
    suspensions: [],
    resumptions: [],
    shutdowns: [],
    migrations: [],
    transfers: [],
    reasons: [],
    terms: termsWith({
      groups: [{ name: null, vms, demand: [1000], image: null }],
      duration: 3_600_000,
    }),
    ...given,
  };
}

/** One that never ran. */
export function neverRan(id: string, submit: number, state: FinishedLease['state']): FinishedLease {
  return { ...finished(id, [submit, 0, 0]), state, start: null, end: null, runs: [] };
}
