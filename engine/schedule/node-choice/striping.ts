/** Emptiest first, a VM at a time: the load is spread over all nodes, and a node that is lost takes little with it. */

import { byScore, freeShare, type NodeChoice } from './node-choice.js';

/** 1. larger share free at `at`  2. lower index.  Cost: O(pools × resources × log breakpoints). */
export const striping: NodeChoice = (draft, pools, at) => byScore(pools, (pool) => freeShare(draft, pool, at));
