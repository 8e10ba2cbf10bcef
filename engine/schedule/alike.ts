/**
 * VMs that are alike, each where there is room: whether they fit does not depend on the order of the nodes, so that is told
 * first, and only nodes with room are put in order.
 */

import type { Duration, Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import type { Group } from '../model/lease.js';
import { use } from '../state/nodes.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool } from '../state/state.js';
import type { Draft } from './draft.js';
import { NODE_CHOICE, ORDERS_BY_SCORE } from './node-choice/index.js';
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
  const { nodeChoice } = draft.state.policy;
  const mayHave = draft.roomy(group.demand, at);
  const ranked = lease.terms.where?.rank !== undefined;
  const roomy: Pool[] = [];
  let total = 0;
  // Only once it is known that they fit: who looks in vain asks for no order.
  let mayPackBest = at === draft.now && mayHave.length >= group.vms && !ranked && ORDERS_BY_SCORE.has(nodeChoice);
  for (const pool of mayHave) {
    if (pool.nodes.length === 0) continue;
    const count = countOn(draft, pool, group, at, length, group.vms);
    if (count === 0 || !mayUse(pool)) continue;
    roomy.push(pool);
    room[pool.index] = count;
    total += count;
    if (total < group.vms || !mayPackBest) continue;
    mayPackBest = false;
    const best = packBest(draft, lease, group, at, length, mayUse, mayHave);
    if (best !== null) return best;
  }
  if (total < group.vms) return null;
  const wanted = ranked ? roomy.length : group.vms;
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

/**
 * Where there is something free just now on as many nodes as there are VMs, it is mostly free for long enough: then the best of
 * them are asked first, and the others not at all. Null: one of the best has no room after all. O(`mayHave` × score).
 */
function packBest(
  draft: Draft,
  lease: Lease,
  group: Group,
  at: Instant,
  length: Duration,
  mayUse: (pool: Pool) => boolean,
  mayHave: readonly Pool[],
): PoolCounts | null {
  const { nodeChoice } = draft.state.policy;
  const best = [...mayHave];
  NODE_CHOICE[nodeChoice as keyof typeof NODE_CHOICE](draft, best, at, length, lease, group.vms);
  const pools: number[] = [];
  for (let i = 0, missing = group.vms; missing > 0; i++) {
    const pool = best[i]!;
    if (pool.nodes.length === 0) return null;
    const count = countOn(draft, pool, group, at, length, missing);
    if (count === 0 || !mayUse(pool)) return null;
    pools.push(pool.index, count);
    missing -= count;
  }
  return pools;
}

/** For how many VMs of the group, at most `most`, the pool has room over all that time. */
function countOn(draft: Draft, pool: Pool, { demand }: Group, at: Instant, length: Duration, most: number): number {
  const each = pool.counted ? ONE : use(pool, demand);
  return draft.profile(pool.index).countOver(at, at + length, each, most);
}

const ONE = [1];
/** By index of the pool. Used again by each call. */
const room: number[] = [];
