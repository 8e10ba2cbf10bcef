/** Probe `deadline`: whether deadline leases are accepted, and how they keep their deadlines. */

import type { Start } from '../../engine/index.js';
import { SHORTEST_RUN } from '../metrics.js';
import type { FinishedLease } from '../report/finished-lease.js';
import { answersProbe } from './answers.js';
import { inSeconds, Mean, type Probe, type ProbeContext } from './probe.js';

export function deadlineProbe(context: ProbeContext): Probe {
  const answers = answersProbe(context, 'deadline', 'Deadline');
  const missed = context.series.count('Missed deadlines');
  const slowdownMean = new Mean();
  let missedTotal = 0;
  return {
    ...answers,
    columns: [
      { name: 'deadline_slowdown', value: slowdown },
      { name: 'deadline_margin', value: (lease) => inSeconds(margin(lease)) },
    ],
    over(lease, at): void {
      const one = slowdown(lease);
      if (one !== null) slowdownMean.add(one);
      if ((margin(lease) ?? 0) >= 0) return;
      missed.add(at, 1);
      missedTotal++;
    },
    figures: () => ({
      ...answers.figures(),
      'Total missed deadlines': missedTotal,
      'Deadline slowdown, mean': slowdownMean.value(),
    }),
  };
}

/** From the earliest start to the end, by the duration asked for. */
function slowdown(lease: FinishedLease): number | null {
  const kept = completed(lease);
  return kept === null ? null : (kept.end - kept.start.notBefore) / Math.max(SHORTEST_RUN, lease.requested);
}

/** What was left until the deadline when it ended, in milliseconds; < 0: it ended late. */
function margin(lease: FinishedLease): number | null {
  const kept = completed(lease);
  return kept === null ? null : kept.start.by - kept.end;
}

interface Completed {
  readonly start: Extract<Start, { kind: 'deadline' }>;
  readonly end: number;
}

/** null: no deadline lease, or not completed. */
function completed({ terms: { start }, state, end }: FinishedLease): Completed | null {
  return start.kind === 'deadline' && state === 'done' && end !== null ? { start, end } : null;
}
