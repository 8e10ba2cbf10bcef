/** Fullest first: leases share as few nodes as they can, and the others stay empty for large VMs. */

import { byScore, freeShare, type NodeChoice } from './node-choice.js';

/** 1. smaller share free at `at`  2. lower index.  Cost: O(pools × resources × log breakpoints). */
export const packed: NodeChoice = (draft, pools, at, _length, _lease, wanted) =>
  byScore(pools, (pool) => -freeShare(draft, pool, at), wanted);
