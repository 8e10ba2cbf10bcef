/**
 * Who cannot begin without being in the way of the lease in front, whatever nodes the two of them get. It is told from counts,
 * for VMs that are alike; that a lease is not told does not mean that it can begin. Slow twin, in
 * test/properties/in-the-way.test.ts: all ways to lay the two.
 */

import type { Duration, Instant } from '../kit/time.js';
import type { Group } from '../model/lease.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool } from '../state/state.js';
import type { Draft } from './draft.js';
import { holding } from './pack.js';
import type { Fit } from './place.js';

export class InTheWay {
  /** For how many VMs in front each pool has room over the hole, by index of the pool; and how many more that are than there are. */
  private readonly room: number[] = [];
  private spare = 0;
  /** How many decisions there were when that was counted. */
  private decided = -1;

  constructor(
    private readonly draft: Draft,
    private readonly front: Lease,
    private readonly hole: Fit,
  ) {}

  /**
   * Whether the lease, from now on for `length`, leaves too little for the hole, which the draft must not hold. Then so does
   * whoever asks for no less. Both ask for VMs that are alike, on any nodes. O(pools with room × segments until the hole
   * ends), and O(pools × segments) when something has begun.
   */
  tells(lease: Lease, length: Duration): boolean {
    const { draft, hole } = this;
    const until = draft.now + length;
    if (until <= hole.from) return false;
    if (this.decided !== draft.decisions.length) this.count();
    const group = lease.terms.groups[0]!;
    // 1. How many VMs of the lease take none of that room, and how many more there could be on each node that loses some.
    const overlap = Math.min(until, hole.until);
    const others: number[] = [];
    let count = 0;
    for (const pool of draft.roomy(group.demand, draft.now)) {
      const most = countOver(draft, pool, group, draft.now, until, group.vms);
      const beside = most === 0 ? 0 : Math.min(most, this.countBeside(pool, group, overlap));
      count += beside;
      if (count >= group.vms) return false;
      if (beside < most) others.push(most - beside);
    }
    // 2. A node that loses room loses that of one VM at least.
    others.sort((a, b) => b - a);
    for (let i = 0; i < Math.min(this.spare, others.length); i++) count += others[i]!;
    return count < group.vms;
  }

  private count(): void {
    const { draft, hole, room } = this;
    const ahead = this.front.terms.groups[0]!;
    this.decided = draft.decisions.length;
    this.spare = -ahead.vms;
    for (const pool of draft.state.pools) {
      const count = countOver(draft, pool, ahead, hole.from, hole.until, NO_MAX);
      room[pool.index] = count;
      this.spare += count;
    }
  }

  /** How many VMs of the group the pool takes beside all those in front that it has room for, while both are there. */
  private countBeside(pool: Pool, group: Group, until: Instant): number {
    this.draft.profile(pool.index).minimum(this.hole.from, until, least);
    const [each, taken] = [holding(pool, group), holding(pool, this.front.terms.groups[0]!)];
    let count = NO_MAX;
    for (let r = 0; r < each.length; r++) {
      const left = least[r]! - this.room[pool.index]! * taken[r]!;
      if (count * each[r]! > left) count = Math.max(0, Math.floor(left / each[r]!));
    }
    return count;
  }
}

function countOver(draft: Draft, pool: Pool, group: Group, from: Instant, until: Instant, max: number): number {
  if (pool.nodes.length === 0) return 0;
  return draft.profile(pool.index).countOver(from, until, holding(pool, group), max);
}

/** More VMs than there are. */
const NO_MAX = 1e9;
/** What is free, by resource. Used again by each call. */
const least: number[] = [];
