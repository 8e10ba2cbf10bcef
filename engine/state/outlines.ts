/**
 * Outlines: of each lease that holds capacity what tells quickest whether its reservation can move, side by side in memory
 * and by slot. A pass over all reservations looks at little else: leases themselves are far apart.
 */

import type { Duration, Instant } from '../kit/time.js';

/** What a lease must have to be outlined. */
interface Holder {
  readonly slot: number;
  readonly vms: number;
  readonly loads: unknown;
  readonly from: Instant;
  readonly remaining: Duration;
  readonly firstStart: Instant | null;
}

/** Numbers of each outline; a power of two, so that none lies across two lines of the cache. */
const WIDTH = 4;

export class Outlines {
  private cells = new Float64Array(64 * WIDTH);

  /** To be called whenever the lease holds something else, or has another time ahead. O(1) amortised. */
  note({ slot, vms, loads, from, remaining, firstStart }: Holder): void {
    if ((slot + 1) * WIDTH > this.cells.length) {
      const cells = new Float64Array((slot + 1) * WIDTH * 2);
      cells.set(this.cells);
      this.cells = cells;
    }
    const at = slot * WIDTH;
    this.cells[at] = loads === null ? 0 : from;
    this.cells[at + 1] = vms;
    this.cells[at + 2] = firstStart === null ? remaining : 0;
  }

  /** Becomes equal to `other`. O(leases). */
  copyFrom(other: Outlines): void {
    this.cells = other.cells.slice();
  }

  /** From when on it holds capacity; 0: it holds none. */
  from(slot: number): Instant {
    return this.cells[slot * WIDTH] ?? 0;
  }

  vms(slot: number): number {
    return this.cells[slot * WIDTH + 1]!;
  }

  /** It holds capacity for so long at least, if it is to hold it elsewhere. */
  length(slot: number): Duration {
    return this.cells[slot * WIDTH + 2]!;
  }
}
