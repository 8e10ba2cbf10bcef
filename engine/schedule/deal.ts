/**
 * Dealing: VMs are given out to nodes in rounds, a few to each node before the next one gets any; after the last node it
 * goes on with the first. For node choices that spread a lease: see vmsPerRound.
 */

import { addInto } from '../kit/capacity.js';
import type { PoolCounts } from '../model/events.js';
import type { Group } from '../model/lease.js';
import { bySize, countIn, holding, type Room } from './pack.js';

/**
 * Pools and counts in VM order, or null. Larger VMs are dealt first. Exact for VMs that are alike; where they differ, null
 * does not mean that they cannot be packed. Counted nodes are dealt at once: each of them takes one VM.
 * O(VMs / `perRound` + groups × rooms).
 */
export function deal(groups: readonly Group[], rooms: readonly Room[], perRound: number): PoolCounts | null {
  const free = rooms.map((room) => [...room.free]);
  const given = groups.map(() => rooms.map(() => 0));
  let next = 0;
  for (const g of bySize(groups)) {
    const group = groups[g]!;
    let missing = group.vms;
    // Behind the room that was served last, so that VMs of another group go on with the round.
    let open = rooms.map((_, i) => (next + i) % rooms.length);
    while (missing > 0 && open.length > 0) {
      const roomy: number[] = [];
      for (const r of open) {
        const { pool } = rooms[r]!;
        const share = pool.counted ? missing : Math.min(missing, perRound);
        const count = countIn(pool, group, free[r]!, share);
        if (count > 0) {
          addInto(free[r]!, holding(pool, group), -count);
          given[g]![r]! += count;
          next = (r + 1) % rooms.length;
          missing -= count;
        }
        if (missing === 0) break;
        if (count === share) roomy.push(r);
      }
      open = roomy;
    }
    if (missing > 0) return null;
  }
  return given.flatMap((counts) => counts.flatMap((count, r) => (count > 0 ? [rooms[r]!.pool.index, count] : [])));
}
