/** Leases in their total order. */

import type { Lease } from '../state/live-lease.js';

/** Leases of a set in order of arrival: sets remember insertion, which a restored state does not share. */
export function sorted(leases: Iterable<Lease>): Lease[] {
  return [...leases].sort((a, b) => a.sequence - b.sequence);
}
