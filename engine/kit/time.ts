/** Time: whole milliseconds since the epoch (live) or since the workload's first instant (simulation). */

/** A point in time. Plain numbers are accepted; an Instant is not a Duration. */
export type Instant = number & { readonly __unit?: 'instant-ms' };

/** A length of time in whole milliseconds. */
export type Duration = number & { readonly __unit?: 'duration-ms' };

/** Later than every instant that can be asked for. Finite, so that it survives JSON. */
export const FOREVER: Instant = Number.MAX_SAFE_INTEGER;

/** The longest duration accepted anywhere: 1,000 years, so that sums of instants and durations stay exact. */
export const DURATION_MAX: Duration = 1000 * 366 * 24 * 3600 * 1000;

/** The latest instant accepted anywhere (year 10,000 when counted from 1970). */
export const INSTANT_MAX: Instant = 253_402_300_800_000;

/** The earlier of two instants; null: there is none. */
export function earlierOf(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
