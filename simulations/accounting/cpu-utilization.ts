/** Probe `cpu-utilization`: how much of the nodes' cpu running leases use, over time. */

import type { Instant, Lease, LeaseId, Span } from '../../engine/index.js';
import { cpuOfSpan } from '../report/lease-over.js';
import type { Probe, ProbeContext } from './probe.js';

/** A lease whose runs are being followed. */
interface Followed {
  /** How many of its spans have been looked at. */
  spans: number;
  /** The run that is going on, and what its VMs have. */
  run: Span | null;
  cpu: number;
}

export function cpuUtilizationProbe({ series, state, cpuCapacity }: ProbeContext): Probe {
  const used = series.level('CPU utilization', 'part of 1', Math.max(cpuCapacity, 1));
  const followed = new Map<LeaseId, Followed>();
  const stopIfStopped = (lease: Lease, one: Followed) => {
    const at = one.run === null ? null : stoppedAt(lease, one.run, state.now);
    if (at === null) return;
    one.run = null;
    used.add(at, -one.cpu);
  };
  return {
    touched(lease): void {
      let one = followed.get(lease.id);
      if (one === undefined) {
        if (lease.spans.length === 0) return;
        one = { spans: 0, run: null, cpu: 0 };
        followed.set(lease.id, one);
      }
      // 1. The run that was going on when the lease was last looked at.
      stopIfStopped(lease, one);
      // 2. Those that have begun since.
      for (; one.spans < lease.spans.length; one.spans++) {
        const span = lease.spans[one.spans]!;
        if (span.kind !== 'run') continue;
        one.cpu = cpuOfSpan(lease, span, state.resources);
        used.add(span.from, one.cpu);
        one.run = span;
        stopIfStopped(lease, one);
      }
      if (lease.phase === 'over') followed.delete(lease.id);
    },
  };
}

/** null: it goes on. While VMs are saved or shut down they count for nothing: from the order on, not from its answer. */
function stoppedAt(lease: Lease, run: Span, now: Instant): Instant | null {
  if (run.until !== null) return run.until;
  return lease.phase === 'active' ? null : now;
}
