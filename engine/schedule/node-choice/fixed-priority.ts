/** Nodes by a label that the operator gives them: `priority: "10"` comes before `priority: "5"`. */

import { byScore, type NodeChoice } from './node-choice.js';

const WHOLE_NUMBER = /^-?\d{1,9}$/;

/** 1. higher label `priority` (0 where it is missing or no whole number)  2. lower index.  Cost: O(pools log pools). */
export const fixedPriority: NodeChoice = (_draft, pools) =>
  byScore(pools, ({ labels: { priority = '0' } }) => (WHOLE_NUMBER.test(priority) ? Number(priority) : 0));
