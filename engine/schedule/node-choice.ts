/** Node choice: the order in which nodes are offered to a lease. Each is one pure function, named in the policy. */

import { FOREVER, type Duration, type Instant } from '../kit/time.js';
import type { NODE_CHOICES } from '../model/policy.js';
import type { Pool } from '../state/state.js';
import type { Draft } from './draft.js';

/** Orders `pools` in place, best first, for a lease that would begin at `at` for `length`. Ties end in the index. */
export type NodeChoice = (draft: Draft, pools: Pool[], at: Instant, length: Duration) => void;

export const NODE_CHOICE: Readonly<Record<(typeof NODE_CHOICES)[number], NodeChoice>> = {
  'first@1': () => {},
  'greedy@1': greedy,
};

/**
 * Haizea's greedy host score: half for few leases on the node at `at` (4 or more count as 4), a quarter for capacity
 * (always full there), a quarter for how long the node's availability stays as it is (Sotomayor, Haizea 1.1).
 * 1. higher score  2. lower index.  Cost: O(pools × (holders + log breakpoints)).
 */
function greedy(draft: Draft, pools: Pool[], at: Instant, length: Duration): void {
  const scores = new Map<Pool, number>();
  for (const pool of pools) {
    const busy = Math.min(4, leasesOn(draft, pool, at));
    const change = draft.profile(pool.index).nextChange(at);
    const steady = change === FOREVER ? 1 : Math.min(1, (change - at) / length);
    scores.set(pool, (0.5 * (4 - busy)) / 4 + 0.25 + 0.25 * steady);
  }
  pools.sort((a, b) => scores.get(b)! - scores.get(a)! || a.index - b.index);
}

function leasesOn(draft: Draft, pool: Pool, at: Instant): number {
  let count = 0;
  for (const holder of pool.holders) if (holder.from <= at && at < holder.until && !draft.held.has(holder)) count++;
  for (const held of draft.held.all())
    if (held !== null && held.from <= at && at < held.until && held.loads.some((load) => load.pool === pool.index))
      count++;
  return count;
}
