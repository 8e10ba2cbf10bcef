/** Numbers collected for their mean and percentiles. */

export interface Spread {
  readonly count: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly p10: number | null;
  readonly p25: number | null;
  readonly median: number | null;
  readonly p75: number | null;
  readonly p90: number | null;
  readonly p98: number | null;
  readonly max: number | null;
}

export class Sample {
  private values = new Float64Array(1024);
  private count = 0;

  add(value: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count++] = value;
  }

  /** Percentiles by nearest rank: the smallest value that at least so many per cent do not exceed. */
  spread(): Spread {
    const { count } = this;
    const sorted = this.values.slice(0, count).sort();
    const at = (percent: number) => (count === 0 ? null : sorted[Math.max(0, Math.ceil((percent / 100) * count) - 1)]!);
    let sum = 0;
    for (const value of sorted) sum += value;
    return {
      count,
      mean: count === 0 ? null : sum / count,
      ...{ min: at(0), p10: at(10), p25: at(25), median: at(50), p75: at(75), p90: at(90), p98: at(98), max: at(100) },
    };
  }
}
