/** The figures of all leases over a part of a log: one way or the other. */

import type { Command, Instant, Lease, Rejection, State } from '../../engine/index.js';
import { type Figures, Metrics, rounded } from '../metrics.js';
import { cpuOf, finishedLease, notAccepted } from '../report/lease-over.js';
import { indexOfResource } from '../site-figures.js';

export interface Totals
  extends Pick<
    Figures,
    | 'leases'
    | 'completed'
    | 'rejected'
    | 'expired'
    | 'cancelled'
    | 'failed'
    | 'waitMean'
    | 'boundedSlowdownMean'
    | 'preemptions'
  > {
  /** Leases that are not over at the end of the part. */
  readonly unfinished: number;
  /** Cpu time used by runs within the part, as a part of what the nodes have. */
  readonly utilisation: number;
}

export class Counting {
  private readonly metrics = new Metrics(0);
  private work = 0n;
  private unfinished = 0;

  constructor(
    private readonly state: State,
    private readonly from: Instant,
  ) {}

  over(lease: Lease): void {
    this.metrics.add(finishedLease(lease, this.state.resources));
    this.add(lease, lease.ended ?? this.state.now);
  }

  /** It was asked for, and is none. */
  notAccepted(command: Command, rejection: Rejection): void {
    this.metrics.add(notAccepted(command, rejection, this.state.now, this.state.resources));
  }

  /** `until`: the end of the part. Leases that are not over count up to it. */
  totals(until: Instant): Totals {
    let preemptions = 0;
    for (const lease of this.state.leases.values()) {
      this.unfinished++;
      this.add(lease, until);
      preemptions += lease.preemptions;
    }
    const possible = cpuCapacity(this.state) * (until - this.from);
    const over = this.metrics.figures();
    const { completed, rejected, expired, cancelled, failed, waitMean, boundedSlowdownMean } = over;
    return {
      leases: over.leases + this.unfinished,
      ...{ completed, rejected, expired, cancelled, failed },
      unfinished: this.unfinished,
      waitMean,
      boundedSlowdownMean,
      preemptions: over.preemptions + preemptions,
      utilisation: possible <= 0 ? 0 : rounded(Number(this.work) / possible),
    };
  }

  private add(lease: Lease, until: Instant): void {
    const cpu = cpuOf(lease.terms, this.state.resources);
    for (const span of lease.spans) {
      if (span.kind !== 'run') continue;
      const time = Math.min(span.until ?? until, until) - Math.max(span.from, this.from);
      if (time > 0) this.work += BigInt(time) * BigInt(cpu);
    }
  }
}

/** Of the nodes that have not left, in thousandths. */
function cpuCapacity({ resources, pools, poolOf, nodeStatus }: State): number {
  const cpu = indexOfResource(resources, 'cpu');
  let sum = 0;
  for (let node = 1; node < poolOf.length; node++)
    if (nodeStatus.get(node) !== 'gone') sum += pools[poolOf[node]!]!.capacity[cpu] ?? 0;
  return sum;
}
