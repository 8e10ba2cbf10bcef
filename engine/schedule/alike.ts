/**
 * VMs that are alike, each where there is room: whether they fit does not depend on the order of the nodes, so that is told
 * first, and only nodes with room are put in order.
 */

import type { Duration, Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import type { Group } from '../model/lease.js';
import { use } from '../state/nodes.js';
import type { Lease, Pool } from '../state/state.js';
import type { Draft } from './draft.js';
import { NODE_CHOICE } from './node-choice/index.js';
import { rankPools } from './requirements.js';

/**
 * Pools and counts in VM order, or null; as packing would have it. O(pools that may have room × (log pools + segments until one
 * is too low)), and the cost of the node choice for pools with room where it fits. `mayUse` is asked of pools with room only.
 */
export function packAlike(
  draft: Draft,
  lease: Lease,
  group: Group,
  at: Instant,
  length: Duration,
  mayUse: (pool: Pool) => boolean,
): PoolCounts | null {
  const roomy: Pool[] = [];
  let total = 0;
  for (const pool of draft.roomy(group.demand, at)) {
    if (pool.nodes.length === 0) continue;
    const each = pool.counted ? ONE : use(pool, group.demand);
    const count = draft.profile(pool.index).countOver(at, at + length, each, group.vms);
    if (count === 0 || !mayUse(pool)) continue;
    roomy.push(pool);
    room[pool.index] = count;
    total += count;
  }
  if (total < group.vms) return null;
  const { nodeChoice } = draft.state.policy;
  const wanted = lease.terms.where?.rank === undefined ? group.vms : roomy.length;
  NODE_CHOICE[nodeChoice as keyof typeof NODE_CHOICE](draft, roomy, at, length, lease, wanted);
  rankPools(draft, roomy, at, lease);
  const pools: number[] = [];
  let missing = group.vms;
  for (let i = 0; missing > 0; i++) {
    const { index } = roomy[i]!;
    const count = Math.min(missing, room[index]!);
    pools.push(index, count);
    missing -= count;
  }
  return pools;
}

const ONE = [1];
/** By index of the pool. Used again by each call. */
const room: number[] = [];
