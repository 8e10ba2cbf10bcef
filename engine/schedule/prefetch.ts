/**
 * Prefetch: while the repository has nothing else to do, images are sent ahead to the nodes where waiting leases are
 * expected to begin. It takes nothing away: only free room in caches is filled, and only gaps of the channel are used.
 */

import { expand, toSet } from '../kit/nodeset.js';
import type { PoolCounts } from '../model/events.js';
import { nodesInPools } from '../state/nodes.js';
import type { Lease } from '../state/live-lease.js';
import type { Draft } from './draft.js';
import { imagesOf, needsImages, planTransfer, timeOfImage } from './images.js';
import { earliest } from './prepare.js';

/** So many waiting leases are looked at in a turn. */
const LEASES_MAX = 8;

/** One transfer at a time, for the first waiting lease that lacks any. True if something is sent. O(LEASES_MAX × earliest fit). */
export function prefetch(draft: Draft): boolean {
  const { policy, sendingFailed } = draft.state;
  if (!policy.imagePrefetch || sendingFailed || draft.channel.all.some(({ begun }) => begun)) return false;
  let left = LEASES_MAX;
  for (const lease of draft.queue) {
    if (draft.settled.has(lease) || draft.isReserved(lease) || !needsImages(draft, lease)) continue;
    if (left-- === 0) return false;
    const fit = earliest(draft, lease);
    if (fit !== null && sendAhead(draft, lease, fit.pools)) return true;
  }
  return false;
}

/** Sends the first image that nodes of these pools lack. False: there is none that could be kept there, or no time for it. */
function sendAhead(draft: Draft, lease: Lease, pools: PoolCounts): boolean {
  const { now, state } = draft;
  const size = lease.terms.imageSize ?? 0;
  const nodes = [...new Set(expand(nodesInPools(state, pools)!))];
  for (const image of imagesOf(lease)) {
    const missing = nodes.filter((node) => !draft.copies.has(node, image, now, true) && hasRoom(draft, node, size));
    if (missing.length === 0) continue;
    const length = timeOfImage(state, lease) * (state.policy.imageTransfer === 'unicast' ? missing.length : 1);
    if (draft.channel.first(length) !== now) continue;
    const on = toSet(missing.flatMap((node) => [node, node]));
    planTransfer(draft, { lease, by: null }, { image, from: now, until: now + length, vms: [], nodes: on });
    return true;
  }
  return false;
}

/** Whether the node can keep so many MiB beside all copies that it has. */
function hasRoom({ state }: Draft, node: number, size: number): boolean {
  const { imageCacheMax } = state.policy;
  if (imageCacheMax === null) return true;
  const kept = state.images.get(node) ?? [];
  return kept.reduce((sum, copy) => sum + copy.size, size) <= imageCacheMax;
}
