/**
 * Stretches: for how long nodes of one counted pool stay free, and from when on. For each power of two a staircase of
 * stretches, each of them longer than all before it: where none is long enough before a reservation, it stays, and nobody
 * has to look. Its slow twin, in its test, looks at every instant.
 */

import { FOREVER, type Duration, type Instant } from '../kit/time.js';
import type { Profile } from '../state/profile.js';

/** Beginnings and lengths, both ascending. */
interface Stairs {
  readonly from: Instant[];
  readonly length: Duration[];
}

export class Stretches {
  /** By exponent, made when somebody asks. */
  private readonly stairs: (Stairs | undefined)[] = [];

  constructor(private readonly now: Instant) {}

  /**
   * Before this instant, so many nodes are not free anywhere for `length`. What became less may not be noted: it is possible
   * that they are not free then either. O(log steps); O(breakpoints) for the first of each power of two.
   */
  first(profile: Profile, nodes: number, length: Duration): Instant {
    const exponent = 31 - Math.clz32(nodes);
    const stairs = this.stairs[exponent] ?? this.make(profile, exponent);
    const i = firstAsLong(stairs, length);
    return i < stairs.from.length ? stairs.from[i]! : FOREVER;
  }

  /**
   * More is free over [from, until), as the profile says: by so many nodes, and nowhere more than `most`. What was there all
   * the while is known. O(powers × (steps + segments of what is free there)).
   */
  raise(profile: Profile, from: Instant, until: Instant, by: number, most: number): void {
    profile.minimum(from, until, least);
    for (
      let exponent = exponentAbove(least[0]! - by);
      exponent < this.stairs.length && 1 << exponent <= most;
      exponent++
    ) {
      const stairs = this.stairs[exponent];
      if (stairs !== undefined)
        profile.forEachStretch(this.now, from, until, 1 << exponent, (at, length) => insert(stairs, at, length));
    }
  }

  /** Somebody looked: so many nodes are free for `length` nowhere that begins before `until`. O(steps). */
  lower(nodes: number, length: Duration, until: Instant): void {
    const stairs = this.stairs[exponentAbove(nodes - 1)];
    if (stairs === undefined) return;
    const first = firstAsLong(stairs, length);
    let last = first;
    while (last < stairs.from.length && stairs.from[last]! < until) last++;
    if (last === first) return;
    // What is shorter by a moment may still begin where that was thought to.
    const [begin, longest] = [stairs.from[first]!, stairs.length[last - 1]!];
    stairs.from.splice(first, last - first, begin, until);
    stairs.length.splice(first, last - first, length - 1, longest);
  }

  private make(profile: Profile, exponent: number): Stairs {
    const stairs: Stairs = { from: [], length: [] };
    let longest = -1;
    profile.forEachStretch(this.now, this.now, FOREVER, 1 << exponent, (at, length) => {
      if (length <= longest) return;
      longest = length;
      stairs.from.push(at);
      stairs.length.push(length);
    });
    this.stairs[exponent] = stairs;
    return stairs;
  }
}

/** Used again by each call. */
const least = [0];

/** Of the first power of two that is above `nodes`. */
function exponentAbove(nodes: number): number {
  return nodes <= 0 ? 0 : 32 - Math.clz32(nodes);
}

/** The index of the first that lasts for so long. */
function firstAsLong({ length: lengths }: Stairs, length: Duration): number {
  let low = 0;
  let high = lengths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lengths[middle]! < length) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert({ from, length: lengths }: Stairs, at: Instant, length: Duration): void {
  let i = 0;
  while (i < from.length && from[i]! < at) i++;
  if (i > 0 && lengths[i - 1]! >= length) return;
  let last = i;
  while (last < from.length && lengths[last]! <= length) last++;
  if (last === i && i < from.length && from[i] === at) return; // as long at least, from there on
  from.splice(i, last - i, at);
  lengths.splice(i, last - i, length);
}
