/** What a node choice is, and what several of them need to know about nodes. Docs: docs/adding-a-policy.md. */

import type { Duration, Instant } from '../../kit/time.js';
import { size } from '../../kit/nodeset.js';
import type { Lease } from '../../state/live-lease.js';
import type { Pool } from '../../state/state.js';
import type { Draft } from '../draft.js';

/**
 * Orders `pools` in place, best first, for `lease`, which would begin at `at` for `length`. Pure: the same arguments give
 * the same order, whatever the order before. Total: ties end in the index.
 * A pool is one shared node, or all identical nodes that are given whole: those are counted, and chosen lowest first.
 * `wanted`: behind so many the others may stand in any order; absent: all are wanted.
 */
export type NodeChoice = (
  draft: Draft,
  pools: Pool[],
  at: Instant,
  length: Duration,
  lease: Lease,
  wanted?: number,
) => void;

/** So few are sooner picked out than all are sorted. */
const FEW = 32;
/** By index of the pool, and by place among the best. Used again by each call. */
const scores: number[] = [];
const best = new Float64Array(FEW);

/** 1. higher score  2. lower index.  Cost: O(pools × (score + log pools)), and O(pools × score) where few are wanted. */
export function byScore(pools: Pool[], scoreOf: (pool: Pool) => number, wanted = pools.length): void {
  if (wanted <= FEW) return bestFirst(pools, scoreOf, wanted);
  for (const pool of pools) scores[pool.index] = scoreOf(pool);
  pools.sort((a, b) => scores[b.index]! - scores[a.index]! || a.index - b.index);
}

/** The best `wanted` are kept in order in front; who is better than the last of them is put in, and that one falls out. */
function bestFirst(pools: Pool[], scoreOf: (pool: Pool) => number, wanted: number): void {
  for (let i = 0; i < pools.length; i++) {
    const pool = pools[i]!;
    const { index } = pool;
    const score = scoreOf(pool);
    let k = Math.min(i, wanted);
    if (k === wanted) {
      const last = wanted - 1;
      // Most are told by this alone.
      if (last < 0 || score < best[last]! || (score === best[last]! && index > pools[last]!.index)) continue;
      k = last;
      pools[i] = pools[k]!;
    }
    for (; k > 0 && (score > best[k - 1]! || (score === best[k - 1]! && index < pools[k - 1]!.index)); k--) {
      pools[k] = pools[k - 1]!;
      best[k] = best[k - 1]!;
    }
    pools[k] = pool;
    best[k] = score;
  }
}

/**
 * How many leases hold something in the pool at `at`, as the draft sees it. O(log held by the draft), and O(holders) where it
 * has moved any, or where one of the pool's own has begun, ended or moved since it was last asked.
 */
export function leasesOn(draft: Draft, pool: Pool, at: Instant): number {
  let count = draft.heldOn(pool.index, at);
  if (!draft.movesHolders) return count + pool.holders.holding(at);
  for (const holder of pool.holders) if (holder.from <= at && at < holder.until && !draft.held.has(holder)) count++;
  return count;
}

/**
 * The share of the pool that is free at `at`, from 0 to 1: of its nodes where they are counted, else the mean over those
 * resources of which the node has any. O(resources × log breakpoints).
 */
export function freeShare(draft: Draft, pool: Pool, at: Instant): number {
  const profile = draft.profile(pool.index);
  if (pool.counted) return shareOf(profile.freeAt(at, 0), size(pool.nodes));
  let sum = 0;
  let count = 0;
  for (const [r, amount] of pool.leasable.entries()) {
    if (amount === 0) continue;
    sum += shareOf(profile.freeAt(at, r), amount);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** Less than nothing is free where VMs stay on a node that is lost. */
export function shareOf(free: number, capacity: number): number {
  return capacity === 0 ? 0 : Math.max(0, free) / capacity;
}
