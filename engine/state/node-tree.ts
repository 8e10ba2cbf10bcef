/**
 * What is free just now on every shared node, and when that changes next: a tree over the pools, of which each inner node
 * knows the most that is free of each resource below it and the earliest change. Which nodes have room is found without
 * asking the others. It is worked out from the profiles and kept up as they change and as time passes; its slow twin, in
 * test/properties/node-tree.test.ts, asks all of them.
 */

import type { Capacity } from '../kit/capacity.js';
import { empty } from '../kit/lists.js';
import { FOREVER, type Instant } from '../kit/time.js';
import type { Profile, Watcher } from './profile.js';

/** What a pool must have to be in a tree: where no node takes VMs, nothing is free. */
interface Entry {
  readonly index: number;
  readonly counted: boolean;
  readonly nodes: readonly number[];
  readonly profile: Profile;
}

/** For how many demands it is kept what was found. */
const KNOWN_MAX = 64;
/** So few below a node are asked one by one. */
const FEW = 16;
const NONE: readonly never[] = [];

export class NodeTree<Pool extends Entry> implements Watcher {
  /** Pools of counted nodes are not in the tree: there are few. */
  readonly counted: Pool[] = [];
  /** What is free of each resource at `at` over all pools in the tree that take VMs. */
  readonly sum: number[] = [];
  private at: Instant = 0;
  private width = 0;
  /** Places for pools, a power of two. Node 1 is the root, those below node i are 2i and 2i + 1. */
  private leaves = 0;
  private readonly pools: (Pool | null)[] = [];
  private most = new Float64Array(0);
  private change = new Float64Array(0);
  /** Pools that have changed since they were read. */
  private readonly stale: number[] = [];
  private readonly isStale: boolean[] = [];
  /** What a search has found so far, in the first `count` places. Used again by each. */
  private readonly found: Pool[] = [];
  private count = 0;
  /** What `search` found just now, by demand, until a pool is read again: those that wait in vain ask for the same over and over. */
  private readonly known = new Map<string, readonly Pool[]>();

  /** A pool that is new. Amortised O(log pools). */
  add(pool: Pool): void {
    this.pools[pool.index] = pool.counted ? null : pool;
    if (pool.counted) {
      this.counted.push(pool);
      return;
    }
    this.width = pool.profile.width;
    if (pool.index >= this.leaves) this.grow(pool.index + 1);
    pool.profile.watch(this, pool.index);
    this.changed(pool.index);
  }

  /** The pool is to be read again: its profile has changed, or whether it takes VMs. O(1). */
  changed(index: number): void {
    if (this.isStale[index] === true || this.pools[index] === null) return;
    this.isStale[index] = true;
    this.stale.push(index);
  }

  /** Must come before what follows. O(log pools) for each pool at which something has changed, or changed by itself by `now`. */
  refresh(now: Instant): void {
    if (now < this.at) for (const [index, pool] of this.pools.entries()) if (pool !== null) this.changed(index);
    this.at = now;
    for (const index of this.stale) {
      this.isStale[index] = false;
      this.read(index);
    }
    empty(this.stale);
    while (this.leaves > 0 && this.change[1]! <= now) this.read(this.firstToChange());
  }

  /** How many places for pools there are: the leaf of pool i is node `leaves` + i. */
  get size(): number {
    return this.leaves;
  }

  /** When something changes next on the pool. O(1). */
  nextChangeOf(pool: number): Instant {
    return this.change[this.leaves + pool]!;
  }

  /** When something changes next below the tree's node. O(1). */
  nextChange(node: number): Instant {
    return this.change[node]!;
  }

  /**
   * In their order, the pools on which `demand` may be free at `at`, which is not before the instant of
   * `refresh`: those on which it is just now, and those at which something changes by then. O(log pools) a pool found; just now
   * O(1) a pool, where the same was asked before and nothing has changed since.
   */
  search(demand: Capacity, at: Instant): readonly Pool[] {
    if (this.leaves === 0) return NONE;
    if (at <= this.at) return this.foundNow(demand);
    return this.foundAt(demand, at);
  }

  /** Whether `search` finds the pool. O(resources). */
  finds(index: number, demand: Capacity, at: Instant): boolean {
    return this.mayHold(this.leaves + index, demand, at);
  }

  /** Just now nothing is about to change: what was found stays so while time passes, until a pool is read again. */
  private foundNow(demand: Capacity): readonly Pool[] {
    const key = demand.join(' ');
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const found = this.foundAt(demand, this.at);
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(key, found);
    return found;
  }

  private foundAt(demand: Capacity, at: Instant): readonly Pool[] {
    this.count = 0;
    this.descend(1, demand, at);
    return this.found.slice(0, this.count);
  }

  private descend(node: number, demand: Capacity, at: Instant): void {
    if (!this.mayHold(node, demand, at)) return;
    if (node * FEW >= this.leaves) return this.askLeaves(node, demand, at);
    this.descend(2 * node, demand, at);
    this.descend(2 * node + 1, demand, at);
  }

  /** Asks every pool below the node, which are few. */
  private askLeaves(node: number, demand: Capacity, at: Instant): void {
    const { most, change, width, leaves, pools, found } = this;
    let first = node;
    let count = 1;
    for (; first < leaves; first *= 2) count *= 2;
    for (let leaf = first; leaf < first + count; leaf++) {
      let r = change[leaf]! <= at ? width : 0;
      for (const base = leaf * width; r < width && most[base + r]! >= demand[r]!; ) r++;
      if (r === width) found[this.count++] = pools[leaf - leaves]!;
    }
  }

  private mayHold(node: number, demand: Capacity, at: Instant): boolean {
    if (this.change[node]! <= at) return true;
    const { most, width } = this;
    const base = node * width;
    for (let r = 0; r < width; r++) if (most[base + r]! < demand[r]!) return false;
    return true;
  }

  private firstToChange(): number {
    const { change, leaves } = this;
    let node = 1;
    while (node < leaves) node = change[2 * node]! <= change[2 * node + 1]! ? 2 * node : 2 * node + 1;
    return node - leaves;
  }

  /** Reads the pool's profile. A pool that takes no VMs has less than nothing. */
  private read(index: number): void {
    this.known.clear();
    const { most, change, width, sum, at } = this;
    const { profile, nodes } = this.pools[index]!;
    const segment = profile.segmentAt(at);
    const leaf = this.leaves + index;
    for (let r = 0; r < width; r++) {
      const amount = nodes.length === 0 ? Number.NEGATIVE_INFINITY : profile.amount(segment, r);
      sum[r] = (sum[r] ?? 0) + Math.max(0, amount) - Math.max(0, most[leaf * width + r]!);
      most[leaf * width + r] = amount;
    }
    change[leaf] = profile.endOfSegment(segment);
    for (let node = leaf >>> 1; node > 0 && this.combine(node); node >>>= 1);
  }

  /** Works out the inner node anew. False: it is as it was. */
  private combine(node: number): boolean {
    const { most, change, width } = this;
    let differs = false;
    for (let i = node * width, left = 2 * i, right = left + width, end = i + width; i < end; i++, left++, right++) {
      const larger = most[left]! > most[right]! ? most[left]! : most[right]!;
      if (larger !== most[i]!) differs = true;
      most[i] = larger;
    }
    const sooner = Math.min(change[2 * node]!, change[2 * node + 1]!);
    if (sooner !== change[node]!) differs = true;
    change[node] = sooner;
    return differs;
  }

  private grow(count: number): void {
    let leaves = Math.max(16, this.leaves);
    while (leaves < count) leaves *= 2;
    this.leaves = leaves;
    this.most = new Float64Array(2 * leaves * this.width).fill(Number.NEGATIVE_INFINITY);
    this.change = new Float64Array(2 * leaves).fill(FOREVER);
    this.sum.fill(0);
    for (const [index, pool] of this.pools.entries()) if (pool !== null) this.changed(index);
  }
}
