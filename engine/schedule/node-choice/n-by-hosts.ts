/** A few VMs of a lease on each node before the next one is looked at, round after round. */

import { first } from './first.js';
import type { NodeChoice } from './node-choice.js';

/** Nodes as they are numbered; option `n` says how many VMs each takes in a round (index.ts). Cost: O(pools log pools). */
export const nByHosts: NodeChoice = first;
