/**
 * Counts failed attempts, and says how long not to try again. Who knows the secret is never kept out: only further failures
 * are answered with a wait, so that nobody can lock out others by failing in their place.
 */

/** So many failures within `WINDOW_MS` are answered as they are. */
export const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
/** The first wait; each later one is twice as long. */
const WAIT_MS = 10_000;
const WAIT_MS_MAX = 300_000;
/** So many are counted at once; beyond that the one that was last seen longest ago is forgotten. */
const COUNTED_MAX = 10_000;

interface Count {
  failures: number;
  since: number;
  waits: number;
  until: number;
}

export class Failures {
  /** In the order in which they were last seen. */
  private readonly counts = new Map<string, Count>();

  constructor(private readonly now: () => number) {}

  /** Counts a failure of `key`. 0: it is answered as it is; else for so many milliseconds no other will be. O(1). */
  count(key: string): number {
    const now = this.now();
    const count = this.seen(key, now);
    if (now < count.until) return count.until - now;
    if (now - count.since >= WINDOW_MS) {
      // Whoever fails again right after a wait waits longer; whoever has been quiet begins anew.
      if (now >= count.until + WAIT_MS_MAX) count.waits = 0;
      Object.assign(count, { failures: 0, since: now });
    }
    count.failures++;
    if (count.failures <= FAILURES_MAX) return 0;
    const wait = Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** count.waits);
    Object.assign(count, { waits: Math.min(count.waits + 1, 10), until: now + wait });
    return wait;
  }

  private seen(key: string, now: number): Count {
    const count = this.counts.get(key) ?? { failures: 0, since: now, waits: 0, until: 0 };
    this.counts.delete(key);
    this.counts.set(key, count);
    if (this.counts.size > COUNTED_MAX) this.counts.delete(this.counts.keys().next().value!);
    return count;
  }
}

/** An IPv6 address stands for its /64: whoever has one has them all. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%', 1)[0]!.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':');
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
