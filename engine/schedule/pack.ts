/**
 * Packing: which pool takes how many VMs of each group. Exact for VMs that are alike. Where they differ it is vector bin
 * packing, which is NP-hard: two quick orders are tried, then a search whose length is bounded.
 */

import { addInto, countFitting, fitsInto, zeros } from '../kit/capacity.js';
import type { PoolCounts } from '../model/events.js';
import type { Group } from '../model/lease.js';
import { use } from '../state/nodes.js';
import type { Pool } from '../state/state.js';

/** A pool, and what is free in it: a count of nodes, or a capacity. */
export interface Room {
  readonly pool: Pool;
  readonly free: readonly number[];
}

/** How many placings the search may try. Reaching it means: not found, though it might exist. */
const STEPS_MAX = 2_000;

/** Pools and counts in VM order, or null. Pools are filled in the order given. O(groups × pools) but for the search. */
export function pack(groups: readonly Group[], rooms: readonly Room[]): PoolCounts | null {
  if (groups.length === 1) return firstFit(groups, rooms, [0]);
  if (!isEnough(groups, rooms)) return null;
  return (
    firstFit(groups, rooms, bySize(groups)) ??
    firstFit(groups, rooms, byScarcity(groups, rooms)) ??
    search(groups, rooms, byScarcity(groups, rooms))
  );
}

/** Group after group in this order, each VM into the first pool that has room. */
function firstFit(groups: readonly Group[], rooms: readonly Room[], order: readonly number[]): PoolCounts | null {
  const free = rooms.map((room) => [...room.free]);
  const counts: number[][] = groups.map(() => []);
  for (const g of order) {
    const group = groups[g]!;
    let missing = group.vms;
    for (let r = 0; r < rooms.length && missing > 0; r++) {
      const count = countIn(rooms[r]!.pool, group, free[r]!, missing);
      if (count === 0) continue;
      occupy(rooms[r]!.pool, group, free[r]!, count);
      counts[g]!.push(rooms[r]!.pool.index, count);
      missing -= count;
    }
    if (missing > 0) return null;
  }
  return counts.flat();
}

/** Depth first over (group, pool): as many as fit, then fewer, until all VMs are placed or STEPS_MAX is reached. */
function search(groups: readonly Group[], rooms: readonly Room[], order: readonly number[]): PoolCounts | null {
  const free = rooms.map((room) => [...room.free]);
  const counts: number[][] = groups.map(() => []);
  let steps = 0;
  const from = (at: number, r: number, missing: number): boolean => {
    if (missing === 0) return at + 1 === order.length || from(at + 1, 0, groups[order[at + 1]!]!.vms);
    if (r === rooms.length || ++steps > STEPS_MAX) return false;
    const g = order[at]!;
    const group = groups[g]!;
    const { pool } = rooms[r]!;
    for (let count = countIn(pool, group, free[r]!, missing); count >= 0; count--) {
      occupy(pool, group, free[r]!, count);
      if (count > 0) counts[g]!.push(pool.index, count);
      if (from(at, r + 1, missing - count)) return true;
      if (count > 0) counts[g]!.length -= 2;
      occupy(pool, group, free[r]!, -count);
      if (steps > STEPS_MAX) return false;
    }
    return false;
  };
  return from(0, 0, groups[order[0]!]!.vms) ? counts.flat() : null;
}

/** Whether there is enough of each resource in all pools together: most leases that do not fit fail here. */
function isEnough(groups: readonly Group[], rooms: readonly Room[]): boolean {
  const need = zeros(groups[0]!.demand.length);
  for (const group of groups) addInto(need, group.demand, group.vms);
  const have = zeros(need.length);
  for (const { pool, free } of rooms)
    if (pool.counted) addInto(have, pool.capacity, Math.max(0, free[0]!));
    else for (let r = 0; r < have.length; r++) have[r] = have[r]! + Math.max(0, free[r]!);
  return fitsInto(need, have);
}

/** How many of `max` VMs of the group the pool takes. */
export function countIn(pool: Pool, group: Group, free: readonly number[], max: number): number {
  if (!fitsInto(group.demand, pool.capacity)) return 0;
  return pool.counted ? Math.max(0, Math.min(max, free[0]!)) : countFitting(use(pool, group.demand), free, max);
}

function occupy(pool: Pool, group: Group, free: number[], count: number): void {
  addInto(free, holding(pool, group), -count);
}

/** What one VM of the group takes of the pool: a node of those counted, or of the node's capacity. */
export function holding(pool: Pool, group: Group): readonly number[] {
  return pool.counted ? ONE : use(pool, group.demand);
}

const ONE = [1];

/** Group indices: 1. larger VMs first (sum over resources of the share of the largest demand; Haizea)  2. earlier group. */
export function bySize(groups: readonly Group[]): number[] {
  const most = zeros(groups[0]!.demand.length);
  for (const group of groups)
    group.demand.forEach((amount, r) => {
      if (amount > most[r]!) most[r] = amount;
    });
  const sizes = groups.map((group) =>
    group.demand.reduce((sum, amount, r) => sum + (most[r] === 0 ? 0 : amount / most[r]!), 0),
  );
  return groups.map((_, g) => g).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
}

/** Group indices: 1. fewer places for each of its VMs  2. earlier group. */
function byScarcity(groups: readonly Group[], rooms: readonly Room[]): number[] {
  const places = groups.map((group) => {
    let count = 0;
    for (const { pool, free } of rooms) count += countIn(pool, group, free, Number.MAX_SAFE_INTEGER);
    return count / group.vms;
  });
  return groups.map((_, g) => g).sort((a, b) => places[a]! - places[b]! || a - b);
}
