/** What a node choice is, and what several of them need to know about nodes. Docs: docs/adding-a-policy.md. */

import type { Duration, Instant } from '../../kit/time.js';
import { size } from '../../kit/nodeset.js';
import type { Lease, Pool } from '../../state/state.js';
import type { Draft } from '../draft.js';

/**
 * Orders `pools` in place, best first, for `lease`, which would begin at `at` for `length`. Pure: the same arguments give
 * the same order, whatever the order before. Total: ties end in the index.
 * A pool is one shared node, or all identical nodes that are given whole: those are counted, and chosen lowest first.
 */
export type NodeChoice = (draft: Draft, pools: Pool[], at: Instant, length: Duration, lease: Lease) => void;

/** 1. higher score  2. lower index.  Cost: O(pools × (score + log pools)). */
export function byScore(pools: Pool[], scoreOf: (pool: Pool) => number): void {
  const scores = new Map<Pool, number>();
  for (const pool of pools) scores.set(pool, scoreOf(pool));
  pools.sort((a, b) => scores.get(b)! - scores.get(a)! || a.index - b.index);
}

/** How many leases hold something in the pool at `at`, as the draft sees it. O(holders + log held by the draft). */
export function leasesOn(draft: Draft, pool: Pool, at: Instant): number {
  let count = draft.heldOn(pool.index, at);
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
