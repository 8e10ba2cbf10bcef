/**
 * Live leases by id, and sets of them. Leases lie in arrays by slot, and maps hold only numbers: a Map of leases that
 * come and go keeps those that have gone alive through its outgrown tables (V8), which tripled the cost of collection.
 */

import { FOREVER, type Instant } from '../kit/time.js';
import type { LeaseId } from '../model/lease.js';

/** What a lease must have to lie in a table. */
interface Entry {
  readonly id: LeaseId;
  readonly sequence: number;
  slot: number;
}

/** Leases by id. O(1), but for `values`. */
export class LeaseTable<Lease extends Entry> {
  private slotOf = new Map<LeaseId, number>();
  private slots: (Lease | null)[] = [];
  private free: number[] = [];

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

  /** The lease in that slot, which is taken. */
  at(slot: number): Lease {
    return this.slots[slot]!;
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

  /** Becomes equal to `other`, with a copy of each lease in the place of the lease. O(n). */
  copyFrom(other: LeaseTable<Lease>, copy: (lease: Lease) => Lease): void {
    this.free = other.free.slice();
    this.slotOf = new Map();
    this.slots = [];
    for (const lease of other.slots) {
      if (lease !== null) this.slotOf.set(lease.id, lease.slot);
      this.slots.push(lease === null ? null : copy(lease));
    }
  }

  /** In order of arrival, whatever the history of the table. O(n log n). */
  values(): Lease[] {
    const leases: Lease[] = [];
    for (const lease of this.slots) if (lease !== null) leases.push(lease);
    return leases.sort((a, b) => a.sequence - b.sequence);
  }
}

/** And to be in a set: when it holds what it does. */
interface Holder extends Entry {
  readonly from: Instant;
  readonly until: Instant;
}

/** Some of the leases of a table, in no particular order. O(1), but for `holding`. */
export class LeaseSet<Lease extends Holder> {
  private readonly list: Lease[] = [];
  /** Position in `list` by slot. */
  private readonly at: number[] = [];
  /** How many hold something within [since, before), and that it is known. */
  private count = 0;
  private since: Instant = 0;
  private before: Instant = 0;

  get size(): number {
    return this.list.length;
  }

  has(lease: Lease): boolean {
    const at = this.at[lease.slot];
    return at !== undefined && this.list[at] === lease;
  }

  add(lease: Lease): void {
    if (this.has(lease)) return;
    this.moved();
    this.at[lease.slot] = this.list.length;
    this.list.push(lease);
  }

  delete(lease: Lease): void {
    if (!this.has(lease)) return;
    this.moved();
    const at = this.at[lease.slot]!;
    const last = this.list.pop()!;
    if (last === lease) return;
    this.list[at] = last;
    this.at[last.slot] = at;
  }

  /** One of them holds what it does at other times than before. */
  moved(): void {
    this.before = this.since;
  }

  /** How many of them hold something at `at`. O(1) until somebody begins, ends or moves, else O(leases). */
  holding(at: Instant): number {
    if (at < this.since || at >= this.before) this.countAt(at);
    return this.count;
  }

  private countAt(at: Instant): void {
    this.count = 0;
    this.since = Number.NEGATIVE_INFINITY;
    this.before = FOREVER;
    for (const { from, until } of this.list) {
      if (from <= at && at < until) this.count++;
      for (const time of [from, until])
        if (time > at) this.before = Math.min(this.before, time);
        else this.since = Math.max(this.since, time);
    }
  }

  [Symbol.iterator](): IterableIterator<Lease> {
    return this.list[Symbol.iterator]();
  }
}
