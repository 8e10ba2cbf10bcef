/**
 * The availability profile: free capacity over time as a step function. Vectors are stored flat; the slow twin is
 * test/models/slow-profile.ts. It knows capacities and spans, never leases.
 */

import type { Capacity } from '../kit/capacity.js';
import { FOREVER, type Duration, type Instant } from '../kit/time.js';

/** So many are moved quicker one by one. */
const FEW = 48;

/** Who is told when a profile changes, by the number that it was given. */
export interface Watcher {
  changed(index: number): void;
}

/**
 * Segment i holds from times[i] until times[i + 1], the last one for ever. Segments before `head` are past and dropped.
 * Neighbouring segments differ, so every breakpoint is an instant at which something changes.
 */
export class Profile {
  private times: Float64Array;
  private free: Float64Array;
  private head = 0;
  private end = 1;
  readonly width: number;
  private watcher: Watcher | null = null;
  private index = 0;

  /** Everything free from instant 0 on. `initial` is also the vector's width. */
  constructor(initial: Capacity) {
    this.width = initial.length;
    this.times = new Float64Array(16);
    this.free = new Float64Array(16 * this.width);
    for (let r = 0; r < this.width; r++) this.free[r] = initial[r]!;
  }

  /** From now on `watcher` is told of each change by `add` and `shift`. */
  watch(watcher: Watcher, index: number): void {
    this.watcher = watcher;
    this.index = index;
  }

  /** Becomes equal to `other`, which has the same width. O(breakpoints). */
  copyFrom(other: Profile): void {
    const { width, head } = other;
    const count = other.end - head;
    if (this.times.length < count) {
      this.times = new Float64Array(other.times.length);
      this.free = new Float64Array(other.free.length);
    }
    if (count > FEW) {
      this.times.set(other.times.subarray(head, other.end));
      this.free.set(other.free.subarray(head * width, other.end * width));
    } else {
      for (let i = 0; i < count; i++) this.times[i] = other.times[head + i]!;
      for (let i = 0; i < count * width; i++) this.free[i] = other.free[head * width + i]!;
    }
    this.head = 0;
    this.end = count;
  }

  /** Forgets what lies before `now`. Amortised O(1) a breakpoint. */
  advance(now: Instant): void {
    while (this.head + 1 < this.end && this.times[this.head + 1]! <= now) this.head++;
    if (this.head > 64 && this.head * 2 > this.end) {
      this.times.copyWithin(0, this.head, this.end);
      this.free.copyWithin(0, this.head * this.width, this.end * this.width);
      this.end -= this.head;
      this.head = 0;
    }
  }

  /** Adds `factor` × `amounts` to what is free over [from, until). O(log n + segments touched), moves O(n) when it cuts. */
  add(from: Instant, until: Instant, amounts: Capacity, factor: number): void {
    if (until <= from) return;
    this.watcher?.changed(this.index);
    if (this.width === 1) return this.addScalar(from, until, amounts[0]! * factor);
    const first = this.cut(from);
    const last = until >= FOREVER ? this.end : this.cut(until);
    const { width, free } = this;
    for (let i = first; i < last; i++)
      for (let r = 0; r < width; r++) free[i * width + r] = free[i * width + r]! + amounts[r]! * factor;
    if (last < this.end) this.merge(last);
    this.merge(first);
  }

  /**
   * What was held over [from, until) is held over [toFrom, toUntil) instead: only what the two do not share is touched, of a
   * reservation that moves by a little just the ends. The cost of `add`, over what is touched.
   */
  shift(amounts: Capacity, from: Instant, until: Instant, toFrom: Instant, toUntil: Instant): void {
    if (until <= from || toUntil <= from || until <= toFrom) {
      this.add(from, until, amounts, 1);
      this.add(toFrom, toUntil, amounts, -1);
    } else {
      this.add(Math.min(from, toFrom), Math.max(from, toFrom), amounts, toFrom < from ? -1 : 1);
      this.add(Math.min(until, toUntil), Math.max(until, toUntil), amounts, toUntil < until ? 1 : -1);
    }
  }

  /** As `add` for one resource, in one go: what lies behind moves once, or not at all. */
  private addScalar(from: Instant, until: Instant, delta: number): void {
    if (delta === 0) return;
    if (this.end + 2 > this.times.length) this.grow();
    const { times, free } = this;
    // 1. Where it begins and ends, and which breakpoints come and go there.
    const first = this.find(from);
    const isNew = times[first]! < from;
    const isGone = !isNew && first > this.head && free[first]! + delta === free[first - 1];
    const last = until >= FOREVER ? this.end : this.findFrom(first, until);
    const ends = last < this.end;
    const cuts = ends && times[last]! < until;
    if (ends && !cuts && last === first) return; // all of it is past
    const merges = ends && !cuts && free[last - 1]! + delta === free[last];
    const before = cuts ? free[last]! : 0;
    const shift = isNew ? 1 : isGone ? -1 : 0;
    const shiftBehind = shift + (cuts ? 1 : merges ? -1 : 0);
    // 2. What lies in between changes, and moves; what lies behind moves. Whatever moves on goes last first.
    const begin = isNew || isGone ? first + 1 : first;
    const stop = cuts ? last + 1 : last;
    const behind = cuts || merges ? last + 1 : last;
    const start = isNew ? free[first]! + delta : 0;
    if (shiftBehind > 0) this.move(behind, shiftBehind);
    if (shift > 0)
      for (let i = stop - 1; i >= begin; i--) {
        times[i + 1] = times[i]!;
        free[i + 1] = free[i]! + delta;
      }
    else
      for (let i = begin; i < stop; i++) {
        times[i + shift] = times[i]!;
        free[i + shift] = free[i]! + delta;
      }
    if (shiftBehind < 0) this.move(behind, shiftBehind);
    // 3. The new breakpoints.
    if (isNew) {
      times[first + 1] = from;
      free[first + 1] = start;
    }
    if (cuts) {
      times[stop + shift] = until;
      free[stop + shift] = before;
    }
    this.end += shiftBehind;
  }

  /** Segments from `first` on move by so many places. One resource. */
  private move(first: number, by: number): void {
    const { times, free, end } = this;
    if (end - first > FEW) {
      times.copyWithin(first + by, first, end);
      free.copyWithin(first + by, first, end);
    } else if (by > 0)
      for (let i = end - 1; i >= first; i--) {
        times[i + by] = times[i]!;
        free[i + by] = free[i]!;
      }
    else
      for (let i = first; i < end; i++) {
        times[i + by] = times[i]!;
        free[i + by] = free[i]!;
      }
  }

  /** What is free of resource `r` at `at`. O(log n). */
  freeAt(at: Instant, r: number): number {
    return this.free[this.find(at) * this.width + r]!;
  }

  /** The least that is free of each resource over [from, until), written into `least`. O(log n + segments touched). */
  minimum(from: Instant, until: Instant, least: number[]): void {
    const { width, free, times, end } = this;
    let i = this.find(from);
    for (let r = 0; r < width; r++) least[r] = free[i * width + r]!;
    for (i++; i < end && times[i]! < until; i++)
      for (let r = 0; r < width; r++) {
        const here = free[i * width + r]!;
        if (here < least[r]!) least[r] = here;
      }
  }

  /** The most that is free at any instant of [from, until). One resource. O(log n + segments touched). */
  most(from: Instant, until: Instant): number {
    const { free, times, end } = this;
    let i = this.find(from);
    let most = free[i]!;
    for (i++; i < end && times[i]! < until; i++) if (free[i]! > most) most = free[i]!;
    return most;
  }

  /** How often `each` fits into what is free over all of [from, until), at most `max`. O(log n + segments until one is too low). */
  countOver(from: Instant, until: Instant, each: Capacity, max: number): number {
    const { width, free, times, end } = this;
    let count = max;
    for (let i = this.find(from), at = from; i < end && (at < until || at === from); at = times[++i]!) {
      const base = i * width;
      for (let r = 0; r < width; r++) if (free[base + r]! < each[r]!) return 0;
      for (let r = 0; r < width; r++)
        if (count * each[r]! > free[base + r]!) count = Math.floor(free[base + r]! / each[r]!);
    }
    return count;
  }

  /** The next breakpoint after `at`, or FOREVER. O(log n). */
  nextChange(at: Instant): Instant {
    const next = this.find(at) + 1;
    return next < this.end ? this.times[next]! : FOREVER;
  }

  /**
   * The earliest instant in [after, limit) from which `need` is free for `duration`, or FOREVER. O(n).
   * (Anchor search of Mu'alem & Feitelson 2001.)
   */
  earliest(after: Instant, need: Capacity, duration: Duration, limit: Instant): Instant {
    if (this.width === 1) return this.earliestScalar(after, need[0]!, duration, limit);
    const { times, end } = this;
    let i = this.find(after);
    for (;;) {
      while (i < end && !this.holds(i, need)) i++;
      if (i >= end) return FOREVER;
      const start = times[i]! > after ? times[i]! : after;
      if (start >= limit) return FOREVER;
      const until = start + duration;
      let k = i + 1;
      while (k < end && times[k]! < until && this.holds(k, need)) k++;
      if (k >= end || times[k]! >= until) return start;
      i = k;
    }
  }

  private earliestScalar(after: Instant, need: number, duration: Duration, limit: Instant): Instant {
    const { times, free, end } = this;
    let i = this.find(after);
    for (;;) {
      while (i < end && free[i]! < need) i++;
      if (i >= end) return FOREVER;
      const start = times[i]! > after ? times[i]! : after;
      if (start >= limit) return FOREVER;
      const until = start + duration;
      let k = i + 1;
      while (k < end && times[k]! < until && free[k]! >= need) k++;
      if (k >= end || times[k]! >= until) return start;
      i = k;
    }
  }

  /**
   * The earliest instant in [after, from) at which who holds `need` from `from` on, for at least `duration`, could begin
   * instead; FOREVER: it stays. The same as to lift it, ask `earliest` and put it back, but nothing is changed meanwhile:
   * most stay. One resource. O(log n + breakpoints before `from` + duration).
   */
  earliestInstead(after: Instant, need: number, duration: Duration, from: Instant): Instant {
    const { times, free, end } = this;
    let i = this.find(after);
    for (;;) {
      while (i < end && times[i]! < from && free[i]! < need) i++;
      if (i >= end || times[i]! >= from) return FOREVER;
      const start = times[i]! > after ? times[i]! : after;
      if (start >= from) return FOREVER;
      const until = start + duration;
      let k = i + 1;
      while (k < end && times[k]! < until && times[k]! < from && free[k]! >= need) k++;
      // From here on it would also have what it holds already.
      if (k < end && times[k]! >= from) while (k < end && times[k]! < until && free[k]! >= 0) k++;
      if (k >= end || times[k]! >= until) return start;
      if (times[k]! >= from) return FOREVER;
      i = k;
    }
  }

  /**
   * Calls `visit` for each stretch that reaches into [from, until) over which `need` is free, with its beginning, which is
   * not before `after`, and its length; FOREVER: it has no end. One resource. O(log n + segments of what it visits).
   */
  forEachStretch(
    after: Instant,
    from: Instant,
    until: Instant,
    need: number,
    visit: (at: Instant, length: Duration) => void,
  ): void {
    const { times, free, end, head } = this;
    let i = this.find(from);
    if (free[i]! >= need) while (i > head && times[i]! > after && free[i - 1]! >= need) i--;
    for (; i < end && (times[i]! < until || i === head); i++) {
      if (free[i]! < need) continue;
      const begin = times[i]! > after ? times[i]! : after;
      do i++;
      while (i < end && free[i]! >= need);
      visit(begin, i < end ? times[i]! - begin : FOREVER);
    }
  }

  /** Whether `need` is free right before `at`. One resource. O(log n). */
  isFreeBefore(at: Instant, need: number): boolean {
    const i = this.find(at);
    if (this.times[i]! < at) return this.free[i]! >= need;
    return i > this.head && this.free[i - 1]! >= need;
  }

  /** Since when, but not before `after`, `need` has been free all the time until `at`; `at` itself: it is not. One resource. O(log n + segments passed). */
  freeSince(at: Instant, need: number, after: Instant): Instant {
    const { times, free, head } = this;
    let i = this.find(at);
    if (times[i]! >= at) i--;
    let since = at;
    for (; i >= head && since > after && free[i]! >= need; i--) since = times[i]!;
    return since > after ? since : after;
  }

  /** Until when `need` stays free from `at` on: `at` itself where it is not free at all, FOREVER where it always is. O(n). */
  holdsUntil(at: Instant, need: Capacity): Instant {
    let i = this.find(at);
    if (!this.holds(i, need)) return at;
    for (i++; i < this.end; i++) if (!this.holds(i, need)) return this.times[i]!;
    return FOREVER;
  }

  /** Calls `visit` for each instant after `after` at which more of something becomes free. O(n). */
  forEachRelease(after: Instant, visit: (at: Instant) => void): void {
    const { width, free } = this;
    for (let i = this.find(after) + 1; i < this.end; i++)
      for (let r = 0; r < width; r++)
        if (free[i * width + r]! > free[(i - 1) * width + r]!) {
          visit(this.times[i]!);
          break;
        }
  }

  /** The next instant after `after` at which more of something becomes free, or FOREVER. O(log n + what is passed over). */
  nextRelease(after: Instant): Instant {
    const { width, free } = this;
    for (let i = this.find(after) + 1; i < this.end; i++)
      for (let r = 0; r < width; r++) if (free[i * width + r]! > free[(i - 1) * width + r]!) return this.times[i]!;
    return FOREVER;
  }

  /** Calls `visit` for each segment that reaches beyond `after`, with its beginning and its index for `amount`. */
  forEachSegment(after: Instant, visit: (from: Instant, segment: number) => void): void {
    for (let i = this.find(after); i < this.end; i++) visit(this.times[i]!, i);
  }

  /** The segment in force at `at`, for `amount`. O(log n). */
  segmentAt(at: Instant): number {
    return this.find(at);
  }

  /** What is free of resource `r` in a segment named by `forEachSegment` or `segmentAt`. O(1). */
  amount(segment: number, r: number): number {
    return this.free[segment * this.width + r]!;
  }

  /** When the next segment begins, or FOREVER. O(1). */
  endOfSegment(segment: number): Instant {
    return segment + 1 < this.end ? this.times[segment + 1]! : FOREVER;
  }

  /** How many segments there are from now on. */
  get size(): number {
    return this.end - this.head;
  }

  private holds(segment: number, need: Capacity): boolean {
    const base = segment * this.width;
    for (let r = 0; r < this.width; r++) if (this.free[base + r]! < need[r]!) return false;
    return true;
  }

  /** The segment in force at `at` (the first one for anything earlier). */
  private find(at: Instant): number {
    const { times } = this;
    let low = this.head;
    let high = this.end - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (times[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** As `find`, where it is known not to be before `low`: the next few are looked at first, since many spans are short. */
  private findFrom(low: number, at: Instant): number {
    const { times, end } = this;
    let i = low;
    for (const near = Math.min(end, low + 8); i < near; i++) if (times[i]! > at) return Math.max(low, i - 1);
    return i === end ? end - 1 : this.find(at);
  }

  /** Makes `at` a breakpoint and returns its segment. */
  private cut(at: Instant): number {
    const i = this.find(at);
    if (this.times[i]! >= at) return i;
    if (this.end === this.times.length) this.grow();
    const { times, free, width } = this;
    times.copyWithin(i + 2, i + 1, this.end);
    free.copyWithin((i + 1) * width, i * width, this.end * width);
    times[i + 1] = at;
    this.end++;
    return i + 1;
  }

  /** Removes the breakpoint of `segment` if nothing changes there. */
  private merge(segment: number): void {
    if (segment <= this.head) return;
    const { times, free, width } = this;
    for (let r = 0; r < width; r++) if (free[segment * width + r] !== free[(segment - 1) * width + r]) return;
    times.copyWithin(segment, segment + 1, this.end);
    free.copyWithin(segment * width, (segment + 1) * width, this.end * width);
    this.end--;
  }

  private grow(): void {
    const times = new Float64Array(this.times.length * 2);
    const free = new Float64Array(this.free.length * 2);
    times.set(this.times);
    free.set(this.free);
    this.times = times;
    this.free = free;
  }
}
