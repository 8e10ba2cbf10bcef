/** How much later leases began than they were quoted: a histogram, for whoever publishes figures. */

/** In seconds, each including what is below it. */
export const QUOTE_ERROR_BOUNDS = [-3600, -60, -1, 0, 1, 10, 60, 300, 900, 3600, 14_400, 86_400] as const;

export class QuoteErrors {
  count = 0;
  /** In seconds. */
  sum = 0;
  /** How many were at most as late as the bound of the same index. */
  readonly atMost: number[] = QUOTE_ERROR_BOUNDS.map(() => 0);
  /** Hears of each, in seconds. */
  onError: (seconds: number) => void = () => {};

  /** `late`: in milliseconds; less than nothing: earlier than it was told. */
  add(late: number): void {
    const seconds = late / 1000;
    this.count++;
    this.sum += seconds;
    for (const [i, bound] of QUOTE_ERROR_BOUNDS.entries()) if (seconds <= bound) this.atMost[i]!++;
    this.onError(seconds);
  }
}
