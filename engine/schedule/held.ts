/** What leases hold as a draft sees it, and how many it has put on each pool. */

import type { Instant } from '../kit/time.js';
import { Profile } from '../state/profile.js';
import type { Load } from '../state/state.js';

export interface Held {
  readonly loads: readonly Load[];
  readonly from: Instant;
  readonly until: Instant;
}

const ONE = [1];

/** How many are on each pool over time: made when somebody asks, and kept up from then on. */
export class Tally {
  private readonly counts = new Map<number, Profile>();

  constructor(held: Iterable<Held | null>) {
    for (const one of held) if (one !== null) this.add(one, 1);
  }

  /** O(pools that it is on × breakpoints of each). */
  add({ loads, from, until }: Held, factor: 1 | -1): void {
    for (const { pool } of loads) this.countsOf(pool).add(from, until, ONE, factor);
  }

  /** How many are on the pool at `at`. O(log breakpoints). */
  on(pool: number, at: Instant): number {
    return this.counts.get(pool)?.freeAt(at, 0) ?? 0;
  }

  private countsOf(pool: number): Profile {
    const counts = this.counts.get(pool) ?? new Profile([0]);
    this.counts.set(pool, counts);
    return counts;
  }
}
