/**
 * The staircase: the running minimum of one counted pool's free nodes from now on. It only steps down, and a lease fits
 * now for its whole duration if and only if the step in force just before its end is high enough. On a flat pool without
 * reservations it has two steps: shadow time and extra nodes of EASY backfilling (Lifka 1995).
 */

import type { Duration, Instant } from '../kit/time.js';
import { LENGTH, type Room, VMS } from '../state/first-fit.js';
import type { Profile } from '../state/profile.js';

export class Staircase implements Room {
  private readonly from: Instant[] = [];
  private readonly free: number[] = [];
  private readonly now: Instant;

  /** O(breakpoints). */
  constructor(profile: Profile, now: Instant) {
    this.now = now;
    let lowest = Number.POSITIVE_INFINITY;
    profile.forEachSegment(now, (from, segment) => {
      const free = profile.amount(segment, 0);
      if (free >= lowest) return;
      lowest = free;
      this.from.push(Math.max(from, now));
      this.free.push(free);
    });
  }

  /** What is free just now. */
  get freeNow(): number {
    return this.free[0]!;
  }

  /** Whether `nodes` are free over the whole of [now, now + length). O(steps). */
  fits(nodes: number, length: Duration): boolean {
    return nodes <= this.free[this.last(length)]!;
  }

  /** For how long at most `nodes` are free from now on; below 0: not even now. O(steps). */
  longest(nodes: number): Duration {
    const { free } = this;
    if (free[0]! < nodes) return -1;
    let step = free.length;
    while (step > 1 && free[step - 1]! < nodes) step--;
    return step === free.length ? Number.POSITIVE_INFINITY : this.from[step]! - this.now;
  }

  mayFit(cells: Float64Array, at: number): boolean {
    return cells[at + LENGTH]! <= this.longest(cells[at + VMS]!);
  }

  /** Takes `nodes` over [now, now + length): later steps stay, unless what is left before them is lower. O(steps). */
  take(nodes: number, length: Duration): void {
    const last = this.last(length);
    const left = this.free[last]! - nodes;
    for (let i = 0; i <= last; i++) this.free[i] = this.free[i]! - nodes;
    for (let i = last + 1; i < this.free.length; i++) if (this.free[i]! > left) this.free[i] = left;
  }

  /** The step in force just before now + length. */
  private last(length: Duration): number {
    const until = this.now + length;
    let i = this.from.length - 1;
    while (i > 0 && this.from[i]! >= until) i--;
    return i;
  }
}
