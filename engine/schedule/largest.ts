/** How large the VMs of a lease could be where they are, for those who are told that they cannot be as large as they asked. */

import { type Capacity, zeros } from '../kit/capacity.js';
import { expand } from '../kit/nodeset.js';
import type { LeaseId } from '../model/lease.js';
import { runsFreely } from '../state/lease-life.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';

/**
 * What each VM of each group could have until the end of its lease, which runs, where VMs on a node share alike what is
 * free there just now. Null: it is not free to change, or its nodes are taken out of service. O(VMs × resources +
 * breakpoints × pools).
 */
export function largestSizes(state: StateView, id: LeaseId): readonly Capacity[] | null {
  const lease = state.leases.get(id);
  if (lease === undefined || lease.loads === null || lease.former !== null || !runsFreely(lease)) return null;
  const nodes = expand(lease.nodes!);
  if (nodes.some((node) => state.nodeStatus.has(node))) return null;
  const pools = nodes.map((node) => state.pools[state.poolOf[node]!]!);
  const rooms = new Map([...new Set(pools)].map((pool) => [pool, roomIn(state, lease, pool, pools)]));
  let vm = 0;
  return lease.terms.groups.map(({ vms, demand }) => {
    const own = pools.slice(vm, vm + vms);
    vm += vms;
    return demand.map((had, r) =>
      state.resources[r]!.kind === 'units'
        ? had
        : Math.max(had, Math.min(...own.map((pool) => Math.min(pool.capacity[r]!, had + rooms.get(pool)![r]!)))),
    );
  });
}

/** How much more each of its VMs there could have. One that has its node to itself could have all of it. */
function roomIn(state: StateView, lease: Lease, pool: Pool, pools: readonly Pool[]): Capacity {
  if (pool.exclusive || pool.counted) return pool.capacity;
  const least = zeros(pool.capacity.length);
  pool.profile.minimum(state.now, lease.until, least);
  const vms = pools.filter((other) => other === pool).length;
  return least.map((free) => Math.max(0, Math.floor(free / vms)));
}
