/**
 * Live leases by id, and sets of them. Leases lie in arrays by slot, and maps hold only numbers: a Map of leases that
 * come and go keeps those that have gone alive through its outgrown tables (V8), which tripled the cost of collection.
 */

import type { LeaseId } from '../model/lease.js';

/** What a lease must have to lie in a table. */
interface Entry {
  readonly id: LeaseId;
  readonly sequence: number;
  slot: number;
}

/** Leases by id. O(1), but for `values`. */
export class LeaseTable<Lease extends Entry> {
  private readonly slotOf = new Map<LeaseId, number>();
  private readonly slots: (Lease | null)[] = [];
  private readonly free: number[] = [];

  get size(): number {
    return this.slotOf.size;
  }

  has(id: LeaseId): boolean {
    return this.slotOf.has(id);
  }

  get(id: LeaseId): Lease | undefined {
    const slot = this.slotOf.get(id);
    return slot === undefined ? undefined : this.slots[slot]!;
  }

  /** Adds a lease whose id is new, and gives it its slot. */
  add(lease: Lease): void {
    lease.slot = this.free.pop() ?? this.slots.length;
    this.slots[lease.slot] = lease;
    this.slotOf.set(lease.id, lease.slot);
  }

  delete(lease: Lease): void {
    if (!this.slotOf.delete(lease.id)) return;
    this.slots[lease.slot] = null;
    this.free.push(lease.slot);
  }

  /** In order of arrival, whatever the history of the table. O(n log n). */
  values(): Lease[] {
    const leases: Lease[] = [];
    for (const lease of this.slots) if (lease !== null) leases.push(lease);
    return leases.sort((a, b) => a.sequence - b.sequence);
  }
}

/** Some of the leases of a table, in no particular order. O(1). */
export class LeaseSet<Lease extends Entry> {
  private readonly list: Lease[] = [];
  /** Position in `list` by slot. */
  private readonly at: number[] = [];

  get size(): number {
    return this.list.length;
  }

  has(lease: Lease): boolean {
    const at = this.at[lease.slot];
    return at !== undefined && this.list[at] === lease;
  }

  add(lease: Lease): void {
    if (this.has(lease)) return;
    this.at[lease.slot] = this.list.length;
    this.list.push(lease);
  }

  delete(lease: Lease): void {
    if (!this.has(lease)) return;
    const at = this.at[lease.slot]!;
    const last = this.list.pop()!;
    if (last === lease) return;
    this.list[at] = last;
    this.at[last.slot] = at;
  }

  [Symbol.iterator](): IterableIterator<Lease> {
    return this.list[Symbol.iterator]();
  }
}
