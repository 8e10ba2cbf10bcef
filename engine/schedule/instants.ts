/** The instants at which a lease could begin: now, and whenever something is released. */

import { countFitting } from '../kit/capacity.js';
import { Heap } from '../kit/heap.js';
import { FOREVER, type Instant } from '../kit/time.js';
import type { Group } from '../model/lease.js';
import { use } from '../state/nodes.js';
import type { NodeTree } from '../state/node-tree.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool } from '../state/state.js';
import type { Draft } from './draft.js';

/**
 * `after` itself, and the instants in (after, limit) at which something is released, ascending: no fit begins elsewhere.
 * They are looked for as they are asked for: O(log pools + pools touched or counted) for the second, then O(log pools) a
 * release. Nothing may be placed or lifted meanwhile.
 */
export function* instants(draft: Draft, after: Instant, limit: Instant): Iterable<Instant> {
  if (after < limit && after < FOREVER) yield after;
  const releases = new Releases(draft, after, limit);
  let last = after;
  for (let pool = releases.next(); pool !== null; pool = releases.next())
    if (releases.at > last) {
      last = releases.at;
      yield last;
    }
}

/**
 * Those of them at which VMs of the lease may have room: all, where they differ, else those at which there are places enough
 * for so many. O(pools with room) for the first, O(log pools) a release.
 */
export function* likelyInstants(draft: Draft, lease: Lease, after: Instant, limit: Instant): Iterable<Instant> {
  const group = lease.terms.groups[0]!;
  if (lease.terms.groups.length > 1 || after < draft.now) {
    yield* instants(draft, after, limit);
    return;
  }
  if (after >= limit || after === FOREVER) return;
  // 1. How many there is room for where anything is free, …
  const places = new Map<Pool, number>();
  let total = 0;
  for (const pool of draft.roomy(group.demand, after)) {
    const count = placesIn(draft, pool, group, after);
    if (count === 0) continue;
    places.set(pool, count);
    total += count;
  }
  if (total >= group.vms) yield after;
  // 2. … and how that changes: before something is released on a node, it does not become more there.
  const releases = new Releases(draft, after, limit);
  for (let pool = releases.next(); pool !== null; ) {
    const { at } = releases;
    for (; pool !== null && releases.at === at; pool = releases.next()) {
      const count = placesIn(draft, pool, group, at);
      total += count - (places.get(pool) ?? 0);
      places.set(pool, count);
    }
    if (total >= group.vms) yield at;
  }
}

/** For how many VMs of the group there is room in the pool at `at`. O(log breakpoints + resources). */
function placesIn(draft: Draft, pool: Pool, group: Group, at: Instant): number {
  if (pool.nodes.length === 0) return 0;
  const profile = draft.profile(pool.index);
  const segment = profile.segmentAt(at);
  for (let r = 0; r < profile.width; r++) free[r] = profile.amount(segment, r);
  free.length = profile.width;
  return countFitting(pool.counted ? ONE : use(pool, group.demand), free, group.vms);
}

const ONE = [1];
const free: number[] = [];

/** The first of them, at most so many. */
export function firstInstants(draft: Draft, after: Instant, limit: Instant, count: number): Instant[] {
  const first: Instant[] = [];
  for (const at of instants(draft, after, limit)) if (first.push(at) === count) break;
  return first;
}

/**
 * Releases in (after, limit), pool by pool, ascending. What the heap holds is when something happens at the earliest: on a
 * pool, or below a node of the tree, which is opened when its turn comes.
 */
class Releases {
  /** When the one was that `next` has returned last. */
  at: Instant = 0;
  private readonly heap = new Heap<{ time: Instant; readonly sequence: number }>();
  private readonly tree: NodeTree<Pool> | null;
  /** Entries of pools are numbered from here on, below it those of the tree's nodes. */
  private readonly pools: number;
  private last: { time: Instant; readonly sequence: number } | null = null;

  constructor(
    private readonly draft: Draft,
    private readonly after: Instant,
    private readonly limit: Instant,
  ) {
    const { trials, state } = draft;
    this.tree = trials.tree();
    this.pools = 2 * (this.tree?.size ?? 0);
    if (this.tree === null) for (const { index } of state.pools) this.add(index);
    else {
      for (const { index } of this.tree.counted) this.add(index);
      for (const index of trials.touchedPools) if (!state.pools[index]!.counted) this.add(index);
      if (this.tree.size > 0) this.open(1);
    }
  }

  /** The pool that releases something next; null: there is none. O(log pools). */
  next(): Pool | null {
    if (this.last !== null) this.again(this.last);
    for (let entry = this.heap.pop(); entry !== undefined; entry = this.heap.pop()) {
      const { sequence } = entry;
      if (sequence >= this.pools) {
        this.last = entry;
        this.at = entry.time;
        return this.draft.state.pools[sequence - this.pools]!;
      }
      const leaves = this.tree!.size;
      if (sequence < leaves) {
        this.open(2 * sequence);
        this.open(2 * sequence + 1);
      } else if (!this.draft.trials.isTouched(sequence - leaves)) this.add(sequence - leaves);
    }
    this.last = null;
    return null;
  }

  private open(node: number): void {
    const time = this.tree!.nextChange(node);
    if (time < this.limit) this.heap.push({ time, sequence: node });
  }

  private add(pool: number): void {
    const time = this.draft.profile(pool).nextRelease(this.after);
    if (time < this.limit) this.heap.push({ time, sequence: this.pools + pool });
  }

  private again(entry: { time: Instant; readonly sequence: number }): void {
    entry.time = this.draft.profile(entry.sequence - this.pools).nextRelease(entry.time);
    if (entry.time < this.limit) this.heap.push(entry);
  }
}
