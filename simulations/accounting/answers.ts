/** Probes `ar` and `immediate`: how many advance and immediate leases were accepted and rejected. Each counts once. */

import type { Start } from '../../engine/index.js';
import type { Figures, Probe, ProbeContext } from './probe.js';

export function arProbe(context: ProbeContext): Probe {
  return answersProbe(context, 'advance', 'AR');
}

export function immediateProbe(context: ProbeContext): Probe {
  return answersProbe(context, 'immediate', 'Immediate');
}

/** Counters `Accepted NAME` and `Rejected NAME` for leases of one kind. */
export function answersProbe({ series }: ProbeContext, kind: Start['kind'], name: string) {
  const counters = { accepted: series.count(`Accepted ${name}`), rejected: series.count(`Rejected ${name}`) };
  const totals = { accepted: 0, rejected: 0 };
  return {
    answered(of: Start['kind'], accepted: boolean, at: number): void {
      if (of !== kind) return;
      const which = accepted ? 'accepted' : 'rejected';
      counters[which].add(at, 1);
      totals[which]++;
    },
    figures: (): Figures => ({
      [`Total accepted ${name}`]: totals.accepted,
      [`Total rejected ${name}`]: totals.rejected,
    }),
  };
}
