/**
 * In turn: the next lease begins behind the node that was used last. Which one that was follows from the state: the last
 * node of the lease that began last. Leases that are over have left the state: between leases that overlap the turn goes
 * on, and on an idle site it begins anew at the first node.
 */

import type { Instant } from '../../kit/time.js';
import type { Load } from '../../state/live-lease.js';
import type { Pool } from '../../state/state.js';
import type { Draft } from '../draft.js';
import type { NodeChoice } from './node-choice.js';

/** 1. behind the node used last  2. lower index.  Cost: O(all pools + all holders + pools log pools). */
export const roundRobin: NodeChoice = (draft, pools, at) => {
  const last = lastUsed(draft, at);
  const lap = (pool: Pool) => (pool.index > last ? 0 : 1);
  pools.sort((a, b) => lap(a) - lap(b) || a.index - b.index);
};

/**
 * The last pool of that lease which holds something at `at` and began last: 1. later beginning  2. placed by this draft,
 * and placed later  3. later arrival. -1: nothing is held.
 */
function lastUsed(draft: Draft, at: Instant): number {
  let latest = Number.NEGATIVE_INFINITY;
  let arrival = 0;
  let loads: readonly Load[] = [];
  for (const { holders } of draft.state.pools)
    for (const lease of holders) {
      if (lease.from > at || at >= lease.until || lease.loads === null || draft.held.has(lease)) continue;
      if (lease.from < latest || (lease.from === latest && lease.sequence < arrival)) continue;
      latest = lease.from;
      arrival = lease.sequence;
      loads = lease.loads;
    }
  for (const held of draft.held.all())
    if (held !== null && held.from <= at && at < held.until && held.from >= latest) {
      latest = held.from;
      loads = held.loads;
    }
  return loads.at(-1)?.pool ?? -1;
}
