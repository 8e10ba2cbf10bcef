/** What leases hold as a draft sees it, and how many it has put on each pool. */

import type { Instant } from '../kit/time.js';
import { Profile } from '../state/profile.js';
import type { Load } from '../state/live-lease.js';

export interface Held {
  readonly loads: readonly Load[];
  readonly from: Instant;
  readonly until: Instant;
}

const ONE = [1];
const NOTHING = new Profile([0]);

/** How many are on each pool over time: made when somebody asks, and kept up from then on until it is forgotten. */
export class Tally {
  /** By pool, and which pools have one. What is forgotten is used again. */
  private readonly counts: (Profile | undefined)[] = [];
  private readonly used: number[] = [];
  private readonly spare: Profile[] = [];

  /** O(pools that it is on × breakpoints of each). */
  add({ loads, from, until }: Held, factor: 1 | -1): void {
    for (const { pool } of loads) this.countsOf(pool).add(from, until, ONE, factor);
  }

  /** How many are on the pool at `at`. O(log breakpoints). */
  on(pool: number, at: Instant): number {
    return this.counts[pool]?.freeAt(at, 0) ?? 0;
  }

  forget(): void {
    for (let pool = this.used.pop(); pool !== undefined; pool = this.used.pop()) {
      this.spare.push(this.counts[pool]!);
      this.counts[pool] = undefined;
    }
  }

  private countsOf(pool: number): Profile {
    const known = this.counts[pool];
    if (known !== undefined) return known;
    const counts = this.spare.pop() ?? new Profile([0]);
    counts.copyFrom(NOTHING);
    this.counts[pool] = counts;
    this.used.push(pool);
    return counts;
  }
}
