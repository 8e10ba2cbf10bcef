/** When a simulation ends before all of its leases do, as Haizea has it: at an instant, or when no best-effort lease is left. */

import type { Instant } from '../engine/index.js';
import type { Arriving, Workload } from './workloads/workload.js';

export type StopWhen =
  | { readonly kind: 'besteffort-submitted' }
  | { readonly kind: 'besteffort-done' }
  | { readonly kind: 'exact'; readonly at: Instant };

export class Stopping {
  /** Best-effort leases that were read, and those that are over. */
  private asked = 0;
  private done = 0;
  /** When the last one that was read is submitted; whether all leases were read. */
  private last: Instant = 0;
  private exhausted = false;
  isStopped = false;

  constructor(
    private readonly when: StopWhen,
    private readonly workload: Pick<Workload, 'next' | 'bestEffortUntil'>,
  ) {}

  /** The workload's leases, counted. */
  readonly arrivals: Pick<Workload, 'next'> = {
    next: () => {
      const next = this.workload.next();
      return next instanceof Promise ? next.then((arrival) => this.counted(arrival)) : this.counted(next);
    },
  };

  /** A lease is over, or was not accepted. */
  over(kind: string): void {
    if (kind === 'best-effort') this.done++;
  }

  /** Whether the end has come before anything happens at `now`. */
  stopsBefore(now: Instant): boolean {
    const isLast = this.when.kind === 'exact' ? now >= this.when.at : this.areSubmitted(now) && this.areDone();
    if (isLast) this.isStopped = true;
    return isLast;
  }

  private areSubmitted(now: Instant): boolean {
    const { bestEffortUntil } = this.workload;
    return bestEffortUntil === null ? this.exhausted && now > this.last : now > bestEffortUntil;
  }

  private areDone(): boolean {
    return this.when.kind === 'besteffort-submitted' || this.done === this.asked;
  }

  private counted(arrival: Arriving | null): Arriving | null {
    if (arrival === null) this.exhausted = true;
    else if (arrival.command.type === 'SubmitLease' && arrival.command.terms.start.kind === 'best-effort') {
      this.asked++;
      this.last = arrival.at;
    }
    return arrival;
  }
}
