/** Probe `best-effort`: the queue, and how long best-effort leases wait. */

import { boundedSlowdown, SHORTEST_RUN } from '../metrics.js';
import type { FinishedLease } from '../report/finished-lease.js';
import { lastAttempt } from './attempts.js';
import { inSeconds, type LeaseColumn, Mean, type Probe, type ProbeContext } from './probe.js';

export function bestEffortProbe({ series, state }: ProbeContext): Probe {
  const completed = series.count('Best-effort completed');
  const rejected = series.count('Best-effort rejected');
  const size = series.level('Queue size');
  const length = series.level('Queue length');
  const means = WAITING.map(({ title, of }) => ({ title, of, mean: new Mean() }));
  let total = 0;
  let rejectedTotal = 0;
  let lastEnd: number | null = null;
  return {
    columns: WAITING.map(
      ({ column, of }): LeaseColumn => ({ name: column, value: (lease) => (counts(lease) ? of(lease) : null) }),
    ),
    turn(now): void {
      length.set(now, state.queue.length);
      size.set(now, withoutReservation(state));
    },
    over(lease, at): void {
      if (lease.kind !== 'best-effort') return;
      if (lease.state === 'rejected' || lease.state === 'expired') {
        rejected.add(at, 1);
        rejectedTotal++;
      }
      if (!counts(lease)) return;
      completed.add(at, 1);
      total++;
      if (lastEnd === null || at > lastEnd) lastEnd = at;
      for (const { of, mean } of means) mean.add(of(lease));
    },
    figures: () => ({
      'Total best-effort completed': total,
      'Total best-effort rejected': rejectedTotal,
      'all-best-effort': inSeconds(lastEnd),
      ...Object.fromEntries(means.map(({ title, mean }) => [`${title}, mean`, mean.value()])),
    }),
  };
}

interface Waiting {
  readonly title: string;
  readonly column: string;
  /** Of a lease that `counts`. */
  of(lease: FinishedLease): number;
}

/** As usual, and as Haizea has it. Waits in seconds. */
const WAITING: readonly Waiting[] = [
  {
    title: 'Waiting time',
    column: 'wait',
    of: (lease) => (lease.start! - lease.submit) / 1000,
  },
  {
    title: 'Bounded slowdown',
    column: 'bounded_slowdown',
    of: (lease) => boundedSlowdown(lease.start! - lease.submit, runTime(lease)),
  },
  {
    title: 'Waiting time (Haizea)',
    column: 'haizea_wait',
    of: (lease) => (lastAttempt(lease).start! - lease.submit) / 1000,
  },
  {
    title: 'Slowdown (Haizea)',
    column: 'haizea_slowdown',
    of: (lease) => (lease.end! - lease.submit) / Math.max(SHORTEST_RUN, lastAttempt(lease).run),
  },
];

/** Whether the lease is one of those whose waiting is judged. */
function counts(lease: FinishedLease): boolean {
  return lease.kind === 'best-effort' && lease.state === 'done' && lease.start !== null;
}

function runTime(lease: FinishedLease): number {
  let sum = 0;
  for (const { start, end } of lease.runs) sum += end - start;
  return sum;
}

/** How many waiting leases hold no reservation: what Haizea calls its queue. O(queue) where there are reservations. */
function withoutReservation({ queue, reservations }: ProbeContext['state']): number {
  if (reservations === 0) return queue.length;
  let count = 0;
  for (const lease of queue) if (lease.pools === null) count++;
  return count;
}
