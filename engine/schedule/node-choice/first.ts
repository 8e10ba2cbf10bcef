/** Nodes as they are numbered. */

import type { NodeChoice } from './node-choice.js';

/** 1. lower index.  Cost: O(pools log pools), O(pools) where they are in order already. */
export const first: NodeChoice = (_draft, pools) => {
  pools.sort((a, b) => a.index - b.index);
};
