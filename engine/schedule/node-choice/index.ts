/** Node choices: the order in which nodes are offered to a lease. Each is one pure function in one file. */

import { type NodeChoiceName, nodeChoiceOption } from '../../model/node-choice-options.js';
import type { Policy } from '../../model/policy.js';
import { byLoad } from './by-load.js';
import { first } from './first.js';
import { fixedPriority } from './fixed-priority.js';
import { greedy } from './greedy.js';
import { loadAware } from './load-aware.js';
import { nByHosts } from './n-by-hosts.js';
import type { NodeChoice } from './node-choice.js';
import { packed } from './packed.js';
import { random } from './random.js';
import { roundRobin } from './round-robin.js';
import { striping } from './striping.js';

/** By the name in the policy. */
export const NODE_CHOICE: Readonly<Record<NodeChoiceName, NodeChoice>> = {
  'greedy@1': greedy,
  'first@1': first,
  'packed@1': packed,
  'striping@1': striping,
  'round-robin@1': roundRobin,
  'n-by-hosts@1': nByHosts,
  'load-aware@1': loadAware,
  'by-load@1': byLoad,
  'fixed-priority@1': fixedPriority,
  'random@1': random,
};

/** Those by which two pools stand in the same order whatever others there are, and which say who are the best of many. */
export const ORDERS_BY_SCORE: ReadonlySet<string> = new Set(['greedy@1', 'packed@1', 'load-aware@1']);

/** How many VMs of a lease a node takes before the next node is filled (see deal.ts); null: as many as fit. */
export function vmsPerRound(policy: Policy): number | null {
  if (policy.nodeChoice === 'striping@1') return 1;
  return policy.nodeChoice === 'n-by-hosts@1' ? nodeChoiceOption(policy, 'n-by-hosts@1', 'n') : null;
}
