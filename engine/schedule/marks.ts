/**
 * What a draft notes about leases: maps from lease to value that forget everything at once. By slot and stamp, since a
 * hash table made and emptied in every call of `schedule` cost a tenth of a simulation. O(1) for everything.
 */

import { empty } from '../kit/lists.js';
import type { Lease } from '../state/live-lease.js';

const NOBODY: readonly Lease[] = [];

/** What is marked since `stamp` last became another counts, in all the marks that share it. */
export interface Stamp {
  stamp: number;
}

export class Marks<T> {
  private readonly stamps: number[] = [];
  private readonly values: T[] = [];
  /** Marked leases, in order of marking, if anything was marked by this stamp. */
  private readonly list: Lease[] = [];
  private listed = 0;

  /** Everything is forgotten when the stamp goes up. */
  constructor(private readonly now: Stamp) {}

  get size(): number {
    return this.marked.length;
  }

  has(lease: Lease): boolean {
    return this.stamps[lease.slot] === this.now.stamp;
  }

  get(lease: Lease): T | undefined {
    return this.stamps[lease.slot] === this.now.stamp ? this.values[lease.slot] : undefined;
  }

  set(lease: Lease, value: T): void {
    const { stamp } = this.now;
    if (this.listed !== stamp) {
      empty(this.list);
      this.listed = stamp;
    }
    if (this.stamps[lease.slot] !== stamp) this.list.push(lease);
    this.stamps[lease.slot] = stamp;
    this.values[lease.slot] = value;
  }

  /** The values, in order of marking. */
  *all(): Iterable<T> {
    for (const lease of this.marked) if (this.has(lease)) yield this.values[lease.slot]!;
  }

  /** Leases and their values, in order of marking. */
  *entries(): Iterable<readonly [Lease, T]> {
    for (const lease of this.marked) if (this.has(lease)) yield [lease, this.values[lease.slot]!];
  }

  delete(lease: Lease): void {
    this.stamps[lease.slot] = 0;
  }

  /** Of what was marked by an earlier stamp nothing counts, and it is not looked through. */
  private get marked(): readonly Lease[] {
    return this.listed === this.now.stamp ? this.list : NOBODY;
  }
}
