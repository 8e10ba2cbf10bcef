/** How long the last things of a kind took. */

const KEPT = 1024;

export interface Times {
  /** All there have been. */
  readonly count: number;
  /** Of the last thousand or so, in milliseconds. */
  readonly last: number;
  readonly mean: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export class RecentTimes {
  private readonly kept: number[] = [];
  private count = 0;

  add(ms: number): void {
    this.kept[this.count % KEPT] = ms;
    this.count++;
  }

  /** O(kept log kept). */
  get times(): Times {
    const { kept, count } = this;
    if (count === 0) return { count: 0, last: 0, mean: 0, median: 0, p99: 0, max: 0 };
    const sorted = [...kept].sort((a, b) => a - b);
    const at = (part: number): number =>
      rounded(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!);
    return {
      count,
      last: rounded(kept[(count - 1) % KEPT]!),
      mean: rounded(sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length),
      median: at(0.5),
      p99: at(0.99),
      max: at(1),
    };
  }
}

/** To the microsecond. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
