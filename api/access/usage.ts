/** What users and projects have of all leases that are not over: what quotas count. */

import { cpuOf, type Lease, type StateView } from '../../engine/index.js';
import type { Account } from './caller.js';

export interface Used {
  leases: number;
  vms: number;
  /** Cpus. */
  cpu: number;
  /** How many of the leases are advance leases. */
  advance: number;
}

/** By the name that `whose` gives a lease; null: it is not counted. O(leases). */
export function usedBy(state: StateView, whose: (account: Account) => string | null): Map<string, Used> {
  const used = new Map<string, Used>();
  for (const lease of state.leases.values()) {
    const name = whose(lease.terms);
    if (name === null) continue;
    const sum = used.get(name) ?? nothing();
    used.set(name, sum);
    add(sum, lease, state);
  }
  return used;
}

export function nothing(): Used {
  return { leases: 0, vms: 0, cpu: 0, advance: 0 };
}

function add(sum: Used, lease: Lease, state: StateView): void {
  sum.leases++;
  sum.vms += lease.vms;
  sum.cpu = Math.round(sum.cpu * 1000 + cpuOf(state, lease.terms)) / 1000;
  if (lease.terms.start.kind === 'advance') sum.advance++;
}
