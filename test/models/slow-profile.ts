/** The slow twin of the profile: a list of spans, every question answered by looking at all of them. */

import { type Capacity, FOREVER } from '../../engine/index.js';

interface Taken {
  readonly from: number;
  readonly until: number;
  readonly amounts: Capacity;
  readonly factor: number;
}

export class SlowProfile {
  private readonly spans: Taken[] = [];

  constructor(private readonly initial: Capacity) {}

  add(from: number, until: number, amounts: Capacity, factor: number): void {
    this.spans.push({ from, until, amounts, factor });
  }

  freeAt(at: number, r: number): number {
    let free = this.initial[r]!;
    for (const span of this.spans) if (span.from <= at && at < span.until) free += span.amounts[r]! * span.factor;
    return free;
  }

  /** Every instant at which a span begins or ends. */
  instants(): number[] {
    const all = new Set<number>();
    for (const span of this.spans) all.add(span.from).add(span.until);
    all.delete(FOREVER);
    return [...all].sort((a, b) => a - b);
  }

  minimum(from: number, until: number): number[] {
    return this.initial.map((_, r) => {
      let least = this.freeAt(from, r);
      for (const at of this.instants()) if (at > from && at < until) least = Math.min(least, this.freeAt(at, r));
      return least;
    });
  }

  /** By trying. */
  countOver(from: number, until: number, each: Capacity, max: number): number {
    const least = this.minimum(from, until);
    let count = 0;
    while (count < max && least.every((free, r) => free >= each[r]! && free >= (count + 1) * each[r]!)) count++;
    return count;
  }

  most(from: number, until: number): number {
    const within = this.instants().filter((at) => at > from && at < until);
    return Math.max(...[from, ...within].map((at) => this.freeAt(at, 0)));
  }

  earliest(after: number, need: Capacity, duration: number, limit: number): number {
    for (const at of [after, ...this.instants().filter((instant) => instant > after)]) {
      if (at >= limit) return FOREVER;
      if (this.minimum(at, at + duration).every((free, r) => free >= need[r]!)) return at;
    }
    return FOREVER;
  }

  /** Lifted, and asked. */
  earliestInstead(after: number, need: number, duration: number, from: number): number {
    const lifted = new SlowProfile(this.initial);
    for (const span of this.spans) lifted.spans.push(span);
    lifted.add(from, from + duration, [need], 1);
    return lifted.earliest(after, [need], duration, from);
  }

  nextChange(at: number): number {
    for (const instant of this.instants())
      if (instant > at && this.initial.some((_, r) => this.freeAt(instant, r) !== this.freeAt(instant - 1, r)))
        return instant;
    return FOREVER;
  }
}
