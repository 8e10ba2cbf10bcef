/** How often VMs that fail are started again, and after which pause: one that fails all the time is given up. */

const WITHIN_MS = 600_000;
const TIMES_MAX = 3;
const PAUSE_MS = 1_000;

export class Restarts {
  /** When each VM (by its domain) failed, in the last WITHIN_MS. */
  private readonly failures = new Map<string, number[]>();

  /** It has failed at `now` (any clock that only goes on). Milliseconds to wait; null: not again. */
  pauseAfter(uuid: string, now: number): number | null {
    const recent = (this.failures.get(uuid) ?? []).filter((at) => now - at < WITHIN_MS);
    recent.push(now);
    this.failures.set(uuid, recent);
    return recent.length > TIMES_MAX ? null : PAUSE_MS * 2 ** (recent.length - 1);
  }

  forget(uuid: string): void {
    this.failures.delete(uuid);
  }
}
