/**
 * A few leases that are run before the workload, for V8 alone. It keeps whole numbers below 2^31 otherwise than larger
 * ones, and compiles for what it has met: without leases whose instants are larger, nearly all of a simulation's code is
 * compiled twice, for its first 24 days and for those after them. Costs some milliseconds; saves a tenth of a second,
 * an eighth of `kth easy`.
 */

import type { SiteDescription } from './workloads/entry.js';
import type { Arriving, Workload } from './workloads/workload.js';

/** In milliseconds. */
const FAR = 2 ** 33;
const MINUTE = 60_000;
const LEASES = 50;
/** So that some wait, and others go ahead of them. */
const NODES = 2;

/** On nodes like the first of the site, without their names. */
export function rehearsal({ resources, classes }: SiteDescription): Workload {
  const [first] = classes;
  const site = { resources, classes: first === undefined ? [] : [{ ...first, count: NODES, names: null }] };
  let asked = 0;
  return {
    site,
    notes: [],
    loss: null,
    total: LEASES,
    labels: [],
    bestEffortUntil: null,
    followed: new Set(),
    next: () => (first === undefined || asked === LEASES ? null : leaseOf(asked++, first.capacity)),
    parseSeconds: () => 0,
    close: async () => {},
  };
}

/** As workloads ask, field by field in the same order. Each VM asks for a whole node. */
function leaseOf(index: number, demand: readonly number[]): Arriving {
  const duration = (3 + (index % 5)) * MINUTE;
  return {
    at: FAR + index * MINUTE,
    command: {
      type: 'SubmitLease',
      lease: `rehearsed-${index}`,
      terms: {
        groups: [{ name: null, vms: 1 + (index % NODES), demand, image: null }],
        duration,
        start: { kind: 'best-effort', before: null },
        preemptible: true,
        where: null,
        name: null,
        user: 'rehearsal',
        project: null,
        labels: null,
      },
      key: null,
    },
    run: duration - MINUTE,
  };
}
