/**
 * Next fit: VMs, larger ones first, onto node after node in the order of the node choice, each node as full as it gets; a
 * node that was left is not looked at again (Haizea's mapper, Sotomayor 2010). A lease that may be cut stays on nodes that
 * are soon needed by others: then it has them for so long only.
 */

import { addInto, fitsInto, zeros } from '../kit/capacity.js';
import type { Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import type { Group } from '../model/lease.js';
import type { Pool } from '../state/state.js';
import type { Draft } from './draft.js';
import { bySize, countIn, holding } from './pack.js';

/** Pools and counts in VM order, and until when all of them hold, or null. O(pools × breakpoints + groups). */
export function nextFit(
  draft: Draft,
  groups: readonly Group[],
  pools: readonly Pool[],
  at: Instant,
  until: Instant,
  cut: boolean,
): { readonly pools: PoolCounts; readonly until: Instant } | null {
  const order = bySize(groups);
  const counts: number[][] = groups.map(() => []);
  let end = until;
  let turn = 0;
  let missing = groups[order[0]!]!.vms;
  for (const pool of pools) {
    const profile = draft.profile(pool.index);
    const held = zeros(profile.width);
    for (;;) {
      const group = groups[order[turn]!]!;
      const one = holding(pool, group);
      // 1. As many VMs of the group as fit until the end …
      const least = zeros(profile.width);
      profile.minimum(at, end, least);
      addInto(least, held, -1);
      const count = countIn(pool, group, least, missing);
      if (count > 0) {
        addInto(held, one, count);
        counts[order[turn]!]!.push(pool.index, count);
        missing -= count;
      }
      if (missing === 0) {
        if (++turn === order.length) return { pools: counts.flat(), until: end };
        missing = groups[order[turn]!]!.vms;
        continue;
      }
      // 2. … then one more, for a shorter time, or the next node.
      if (!cut || !fitsInto(group.demand, pool.capacity)) break;
      const more = [...held];
      addInto(more, one, 1);
      const shorter = profile.holdsUntil(at, more);
      if (shorter <= at) break;
      end = shorter;
    }
  }
  return null;
}
