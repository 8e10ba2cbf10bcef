/** Most free cpu and memory first, whichever of them is scarcer, and over the whole time of the lease. */

import { size } from '../../kit/nodeset.js';
import { zeros } from '../../kit/capacity.js';
import { type Pool, resourceIndex } from '../../state/state.js';
import { byScore, type NodeChoice, shareOf } from './node-choice.js';

/**
 * Score: the smaller of (least cpu free over [at, at + length)) / (cpu of the node) and the same of memory; of counted
 * nodes, the share of them that is free. A resource that the site does not count does not limit.
 * 1. higher score  2. lower index.  Cost: O(pools × (log breakpoints + segments in between × resources)).
 */
export const loadAware: NodeChoice = (draft, pools, at, length, _lease, wanted) => {
  const { state } = draft;
  const watched = ['cpu', 'memory'].map((name) => resourceIndex(state, name)).filter((r) => r >= 0);
  const scoreOf = (pool: Pool): number => {
    const least = zeros(pool.profile.width);
    draft.profile(pool.index).minimum(at, at + length, least);
    if (pool.counted) return shareOf(least[0]!, size(pool.nodes));
    let score = 1;
    for (const r of watched) score = Math.min(score, shareOf(least[r]!, pool.leasable[r]!));
    return score;
  };
  byScore(pools, scoreOf, wanted);
};
