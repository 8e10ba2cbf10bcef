/**
 * The figures of a simulation, one finished lease at a time, in constant memory. Sums are exact (whole milliseconds),
 * so that the order of the leases does not matter.
 */

import type { FinishedLease } from './report/finished-lease.js';

/** Runs shorter than this count as so long in slowdowns, as is usual: Feitelson et al. 1997. */
export const SHORTEST_RUN = 10_000;

/** Times in seconds; null: there is nothing to take the mean of. */
export interface Figures {
  readonly leases: number;
  readonly completed: number;
  readonly rejected: number;
  readonly expired: number;
  readonly cancelled: number;
  readonly failed: number;
  /** From submission to the first start, over completed leases. */
  readonly waitMean: number | null;
  /** max(1, (wait + run) / max(run, 10 s)), over completed leases. */
  readonly boundedSlowdownMean: number | null;
  /** From the first submission to the last end. */
  readonly makespan: number;
  /** Cpu time used by runs of all leases, as a part of what the nodes have over the makespan. */
  readonly utilisation: number;
  readonly preemptions: number;
  readonly suspensions: number;
  readonly migrations: number;
}

export class Metrics {
  private leases = 0;
  private readonly outcomes = { done: 0, rejected: 0, expired: 0, cancelled: 0, failed: 0 };
  private readonly wait = new ExactSum();
  private readonly slowdown = new CarefulSum();
  private readonly work = new ExactSum();
  private firstSubmit = Number.POSITIVE_INFINITY;
  private lastEnd = 0;
  private preemptions = 0;
  private suspensions = 0;
  private migrations = 0;

  /** `cpuCapacity`: cpu of all nodes together, in thousandths. */
  constructor(private readonly cpuCapacity: number) {}

  add(lease: FinishedLease): void {
    this.leases++;
    this.outcomes[lease.state]++;
    if (lease.submit < this.firstSubmit) this.firstSubmit = lease.submit;
    let run = 0;
    let work = 0;
    for (const { start, end, cpu = lease.cpu } of lease.runs) {
      run += end - start;
      work += (end - start) * cpu;
      if (end > this.lastEnd) this.lastEnd = end;
    }
    this.work.add(work);
    this.preemptions += lease.preemptions;
    this.migrations += lease.migrations.length;
    if (lease.suspensions.length > 0) this.suspensions += timesSuspended(lease);
    if (lease.state !== 'done' || lease.start === null) return;
    const wait = lease.start - lease.submit;
    this.wait.add(wait);
    this.slowdown.add(boundedSlowdown(wait, run));
  }

  figures(): Figures {
    const { done, rejected, expired, cancelled, failed } = this.outcomes;
    const makespan = Math.max(0, this.lastEnd - Math.min(this.firstSubmit, this.lastEnd));
    const possible = this.cpuCapacity * makespan;
    return {
      leases: this.leases,
      completed: done,
      rejected,
      expired,
      cancelled,
      failed,
      waitMean: done === 0 ? null : rounded(this.wait.value() / done / 1000),
      boundedSlowdownMean: done === 0 ? null : rounded(this.slowdown.value() / done),
      makespan: makespan / 1000,
      utilisation: possible === 0 ? 0 : rounded(this.work.value() / possible),
      preemptions: this.preemptions,
      suspensions: this.suspensions,
      migrations: this.migrations,
    };
  }
}

/** VMs of a lease are suspended one by one; it counts as one suspension when they stop the same run. */
function timesSuspended(lease: FinishedLease): number {
  const stopped = new Set<number>();
  for (const step of lease.suspensions) {
    let run = 0;
    while (run < lease.runs.length && lease.runs[run]!.start <= step.start) run++;
    stopped.add(run);
  }
  return stopped.size;
}

/** How much longer than its run a lease took, at least 1. In milliseconds. */
export function boundedSlowdown(wait: number, run: number): number {
  return Math.max(1, (wait + run) / Math.max(run, SHORTEST_RUN));
}

/** To six decimals, more than anybody prints. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** A sum of whole numbers without limit: what exceeds a safe integer is carried over. */
class ExactSum {
  private low = 0;
  private high = 0n;

  add(value: number): void {
    const sum = this.low + value;
    if (Number.isSafeInteger(sum)) this.low = sum;
    else {
      this.high += BigInt(this.low) + BigInt(value);
      this.low = 0;
    }
  }

  /** The sum, rounded once. */
  value(): number {
    return Number(this.high + BigInt(this.low));
  }
}

/** A sum of fractions that keeps what rounding takes away (Neumaier 1974). */
export class CarefulSum {
  private sum = 0;
  private rest = 0;

  add(value: number): void {
    const sum = this.sum + value;
    this.rest += Math.abs(this.sum) >= Math.abs(value) ? this.sum - sum + value : value - sum + this.sum;
    this.sum = sum;
  }

  value(): number {
    return this.sum + this.rest;
  }
}
