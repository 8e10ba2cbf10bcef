/** Nodes that were seen to be busy last: what VMs do counts before what leases hold. */

import type { LoadClass } from '../../model/load-class.js';
import { loadClassOf } from '../../state/nodes.js';
import { loadAware } from './load-aware.js';
import type { NodeChoice } from './node-choice.js';

const PLACE: Readonly<Record<LoadClass, number>> = { idle: 0, low: 1, unknown: 2, high: 3 };

/**
 * Load as it was seen last, also for leases that would begin later.
 * 1. idle, low, unknown, high  2. as `loadAware` orders (the sort is stable)  3. lower index.  Cost: that of `loadAware`.
 */
export const byLoad: NodeChoice = (draft, pools, at, length, lease) => {
  loadAware(draft, pools, at, length, lease);
  pools.sort((a, b) => PLACE[loadClassOf(draft.state, a)] - PLACE[loadClassOf(draft.state, b)]);
};
