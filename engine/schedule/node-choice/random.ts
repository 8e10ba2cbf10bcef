/** By chance, yet repeatable: the same seed, lease and node give the same place in the order. */

import { Random } from '../../kit/random.js';
import { nodeChoiceOption } from '../../model/node-choice-options.js';
import { byScore, type NodeChoice } from './node-choice.js';

/**
 * Option `seed`. A lease keeps its order however often it is tried, and whichever nodes are there.
 * 1. higher random number of (seed, arrival of the lease, index)  2. lower index.  Cost: O(pools log pools).
 */
export const random: NodeChoice = (draft, pools, _at, _length, lease, wanted) => {
  const seed = nodeChoiceOption(draft.state.policy, 'random@1', 'seed');
  const ofLease = mixed(mixed(0, seed), lease.sequence);
  byScore(pools, (pool) => mixed(ofLease, pool.index), wanted);
};

function mixed(seed: number, value: number): number {
  return new Random(new Random(seed).next() ^ value).next();
}
