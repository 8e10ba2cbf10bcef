/** Haizea's choice: nodes with few leases that stay as they are for long (Sotomayor, Haizea 1.1). */

import { FOREVER } from '../../kit/time.js';
import type { Pool } from '../../state/state.js';
import { byScore, leasesOn, type NodeChoice } from './node-choice.js';

/**
 * Score: half for few leases on the node at `at` (4 or more count as 4), a quarter for capacity (always full there), a
 * quarter for how long the node's availability stays as it is.
 * 1. higher score  2. lower index.  Cost: O(pools × (holders + log breakpoints)).
 */
export const greedy: NodeChoice = (draft, pools, at, length, _lease, wanted) => {
  const untouched = draft.untouchedAt(at);
  const scoreOf = (pool: Pool): number => {
    const isKnown = untouched !== null && !pool.counted;
    const leases = isKnown ? pool.holders.holding(at) : leasesOn(draft, pool, at);
    const change = isKnown ? untouched.nextChangeOf(pool.index) : draft.profile(pool.index).nextChange(at);
    const busy = leases < 4 ? leases : 4;
    const steady = change !== FOREVER && change - at < length ? (change - at) / length : 1;
    return (0.5 * (4 - busy)) / 4 + 0.25 + 0.25 * steady;
  };
  byScore(pools, scoreOf, wanted);
};
