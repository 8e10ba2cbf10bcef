/** Images that are written are had by one lease at a time: whoever else wants one follows the end of those that have it. */

import { type Reason, reason } from '../../model/reasons.js';
import type { LeaseId } from '../../model/lease.js';
import type { Lease } from '../../state/live-lease.js';
import type { StateView } from '../../state/state.js';

/** Who has which image. Arrivals are judged in their order, and have theirs from then on. */
export class WrittenImages {
  private readonly users = new Map<string, LeaseId[]>();

  /** Leases that arrived before `first` have theirs. O(leases × groups). */
  constructor({ leases }: Pick<StateView, 'leases'>, first: number) {
    for (const lease of leases.values()) if (lease.sequence < first) this.add(lease);
  }

  /** Null: nobody has what it would write, but for those whose end it follows. */
  judge({ terms }: Lease): Reason | null {
    const followed = new Set((terms.after ?? []).flatMap(({ lease, on }) => (on === 'end' ? [lease] : [])));
    const images = writtenBy(terms);
    const blockers = images.flatMap((image) => (this.users.get(image) ?? []).filter((id) => !followed.has(id)));
    if (blockers.length === 0) return null;
    return reason('image-in-use', { blockers });
  }

  add({ id, terms }: Lease): void {
    for (const image of writtenBy(terms)) this.users.set(image, [...(this.users.get(image) ?? []), id]);
  }
}

export function writesImages({ terms }: Lease): boolean {
  return terms.groups.some(({ writesImage }) => writesImage === true);
}

function writtenBy({ groups }: Lease['terms']): string[] {
  return groups.flatMap(({ image, writesImage }) => (writesImage === true && image !== null ? [image] : []));
}
