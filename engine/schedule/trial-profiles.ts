/** Profiles on trial: copied at first touch, changed when somebody looks. What `schedule` plans never reaches the state's own. */

import { type Capacity, zeros } from '../kit/capacity.js';
import { empty } from '../kit/lists.js';
import type { Instant } from '../kit/time.js';
import { endOf } from '../state/leases.js';
import type { NodeTree } from '../state/node-tree.js';
import { Profile } from '../state/profile.js';
import type { Load } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';

interface Change {
  readonly loads: readonly Load[];
  readonly from: Instant;
  readonly until: Instant;
  readonly factor: 1 | -1;
}

function isOpposite(a: Change, b: Change): boolean {
  return a.loads === b.loads && a.from === b.from && a.until === b.until && a.factor !== b.factor;
}

/** Profiles to copy into, by width: those that are forgotten are used again. */
const spare: Profile[][] = [];
const SPARE_MAX = 64;

export class TrialProfiles {
  /** Copies by pool, and which pools have one. */
  private readonly copies: (Profile | undefined)[] = [];
  private readonly touched: number[] = [];
  /** Changes that have not reached the copies yet. */
  private readonly changes: Change[] = [];
  /** What is free of each resource over all pools at `sumAt`, kept up with every change; null: nobody has asked. */
  private sum: number[] = [];
  private sumAt: Instant | null = null;
  /** What is free in each pool before anything is planned, where that is not as the state has it. */
  private left: readonly Profile[] | null = null;

  constructor(
    private state: StateView,
    private now: Instant,
  ) {}

  /** To be forgotten before it begins anew: its collections are used again. */
  begin(state: StateView, now: Instant, left: readonly Profile[] | null): void {
    this.state = state;
    this.now = now;
    this.left = left;
    this.sumAt = null;
  }

  forget(): void {
    for (const pool of this.touched) {
      const profile = this.copies[pool]!;
      const list = spare[profile.width] ?? [];
      spare[profile.width] = list;
      if (list.length < SPARE_MAX) list.push(profile);
      this.copies[pool] = undefined;
    }
    empty(this.touched);
    empty(this.changes);
    this.left = null;
  }

  /** The pool's availability as planned so far, to be read. */
  of(pool: number): Profile {
    if (this.changes.length > 0) this.apply();
    return this.copies[pool] ?? this.original(pool);
  }

  take(loads: readonly Load[], from: Instant, until: Instant): void {
    this.change({ loads, from, until, factor: -1 });
  }

  release(loads: readonly Load[], from: Instant, until: Instant): void {
    this.change({ loads, from, until, factor: 1 });
  }

  /** What is undone before anybody has looked was never done. */
  private change(change: Change): void {
    const last = this.changes.at(-1);
    if (last !== undefined && isOpposite(last, change)) this.changes.length--;
    else this.changes.push(change);
  }

  /** What was held in the pool over [from, until) is held over [toFrom, toUntil) instead. */
  shift(pool: number, amounts: Capacity, from: Instant, until: Instant, toFrom: Instant, toUntil: Instant): void {
    if (this.changes.length > 0) this.apply();
    const profile = this.touch(pool);
    if (this.sumAt !== null) this.addFree(this.sum, this.copies[pool], this.state.pools[pool]!, this.sumAt, -1);
    profile.shift(amounts, from, until, toFrom, toUntil);
    if (this.sumAt !== null) this.addFree(this.sum, this.copies[pool], this.state.pools[pool]!, this.sumAt, 1);
  }

  /**
   * What is free at `at` of each resource, over all nodes that take VMs. Valid until the next change. Once per instant: just
   * now O((pools touched and counted ones) × resources), else O(pools × resources).
   */
  freeAltogether(at: Instant): readonly number[] {
    if (this.changes.length > 0) this.apply();
    if (this.sumAt === at) return this.sum;
    const sum = zeros(this.state.resources.length);
    if (at === this.now && this.left === null) this.sumByTree(sum);
    else for (const pool of this.state.pools) this.addFree(sum, this.copies[pool.index], pool, at, 1);
    this.sum = sum;
    this.sumAt = at;
    return sum;
  }

  /** What the tree says, but for pools that are not in it or that were touched. */
  private sumByTree(sum: number[]): void {
    const { pools } = this.state;
    const tree = this.tree()!;
    for (let r = 0; r < sum.length; r++) sum[r] = tree.sum[r] ?? 0;
    for (const pool of tree.counted) this.addFree(sum, this.copies[pool.index], pool, this.now, 1);
    for (const index of this.touched) {
      const pool = pools[index]!;
      if (pool.counted) continue;
      this.addFree(sum, undefined, pool, this.now, -1);
      this.addFree(sum, this.copies[index], pool, this.now, 1);
    }
  }

  /**
   * The pools on which `demand` may be free at `at`: all on which it is, and maybe others. Just now O(log pools) for each,
   * later also for each at which something changes until then.
   */
  roomy(demand: Capacity, at: Instant): readonly Pool[] {
    const { pools } = this.state;
    const tree = at < this.now ? null : this.tree();
    if (tree === null) return pools;
    const shared = tree.search(demand, at);
    if (tree.counted.length === 0 && this.touched.length === 0) return shared;
    const found = [...tree.counted, ...shared];
    for (const index of this.touched)
      if (!pools[index]!.counted && !tree.finds(index, demand, at)) found.push(pools[index]!);
    return found;
  }

  /** The tree, kept up to now; null: this draft began with something else. It does not know of pools that were touched. */
  tree(): NodeTree<Pool> | null {
    if (this.left !== null) return null;
    if (this.changes.length > 0) this.apply();
    this.state.tree.refresh(this.now);
    return this.state.tree;
  }

  /** The pools that this draft has planned something on. */
  get touchedPools(): readonly number[] {
    if (this.changes.length > 0) this.apply();
    return this.touched;
  }

  isTouched(pool: number): boolean {
    return this.copies[pool] !== undefined;
  }

  /** Adds to the sum `factor` times what is free in the pool at `at`: in the copy, or as it was. O(resources + log breakpoints). */
  private addFree(sum: number[], copy: Profile | undefined, pool: Pool, at: Instant, factor: 1 | -1): void {
    if (pool.nodes.length === 0) return;
    const profile = copy ?? this.original(pool.index);
    const segment = profile.segmentAt(at);
    for (let r = 0; r < sum.length; r++)
      sum[r]! +=
        factor *
        (pool.counted
          ? Math.max(0, profile.amount(segment, 0)) * pool.capacity[r]!
          : Math.max(0, profile.amount(segment, r)));
  }

  /** Changes reach the copies when somebody looks: the last ones of a call, often the only ones, never do. */
  private apply(): void {
    for (const { loads, from, until, factor } of this.changes)
      for (const load of loads) {
        const profile = this.touch(load.pool);
        const end = endOf(load, until);
        const isSummed = this.sumAt !== null && from <= this.sumAt && this.sumAt < end;
        if (isSummed) this.addFree(this.sum, profile, this.state.pools[load.pool]!, this.sumAt!, -1);
        profile.add(from, end, load.amounts, factor);
        if (isSummed) this.addFree(this.sum, profile, this.state.pools[load.pool]!, this.sumAt!, 1);
      }
    empty(this.changes);
  }

  private original(pool: number): Profile {
    return this.left === null ? this.state.pools[pool]!.profile : this.left[pool]!;
  }

  private touch(pool: number): Profile {
    const touched = this.copies[pool];
    if (touched !== undefined) return touched;
    const original = this.original(pool);
    const copy = spare[original.width]?.pop() ?? new Profile(new Array<number>(original.width).fill(0));
    copy.copyFrom(original);
    this.copies[pool] = copy;
    this.touched.push(pool);
    return copy;
  }
}
