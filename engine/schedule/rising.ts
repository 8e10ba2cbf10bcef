/**
 * The rising steps: the running maximum of one counted pool's free nodes from now on, or more. Before the step that is high
 * enough, no lease of that width begins, whatever its length; most that wait are told by this alone. The opposite of the
 * staircase of backfill.ts; its slow twin, in its test, looks at every instant.
 */

import { FOREVER, type Instant } from '../kit/time.js';
import type { Profile } from '../state/profile.js';

export class Rising {
  private readonly from: Instant[] = [];
  private readonly free: number[] = [];

  /** O(breakpoints). */
  constructor(profile: Profile, now: Instant) {
    let highest = Number.NEGATIVE_INFINITY;
    profile.forEachSegment(now, (from, segment) => {
      const free = profile.amount(segment, 0);
      if (free <= highest) return;
      highest = free;
      this.from.push(Math.max(from, now));
      this.free.push(free);
    });
  }

  /** So many are free somewhere from `at` on. What became less is not noted: there may be fewer than is said. O(steps). */
  raise(at: Instant, nodes: number): void {
    const { from, free } = this;
    let i = 0;
    while (i < from.length && from[i]! < at) i++;
    if (i > 0 && free[i - 1]! >= nodes) return;
    let last = i;
    while (last < from.length && free[last]! <= nodes) last++;
    from.splice(i, last - i, at);
    free.splice(i, last - i, nodes);
  }

  /** The first instant at which so many nodes are free; FOREVER: there is none. O(log steps). */
  first(nodes: number): Instant {
    const { free } = this;
    let low = 0;
    let high = free.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (free[middle]! < nodes) low = middle + 1;
      else high = middle;
    }
    return low < free.length ? this.from[low]! : FOREVER;
  }
}
