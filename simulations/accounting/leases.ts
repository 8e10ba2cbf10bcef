/** Probes `lease` and `lease-extras`: how leases end, whatever their kind, and the plain facts of each. */

import type { FinishedLease } from '../report/finished-lease.js';
import { lastAttempt } from './attempts.js';
import { wasDeclined } from './price.js';
import { inSeconds, type Probe, type ProbeContext } from './probe.js';

const REQUESTED = 'Requested leases';
const DECLINED = 'Rejected leases (by user)';

/** The counter of each way to end. */
const ENDS: Readonly<Record<FinishedLease['state'], string>> = {
  done: 'Completed leases',
  rejected: 'Rejected leases',
  expired: 'Expired leases',
  cancelled: 'Cancelled leases',
  failed: 'Failed leases',
};

export function leaseProbe({ series }: ProbeContext): Probe {
  const names = [REQUESTED, ENDS.done, ENDS.rejected, DECLINED, ENDS.expired, ENDS.cancelled, ENDS.failed];
  const counters = new Map(names.map((name) => [name, { counter: series.count(name), total: 0 }]));
  const count = (name: string, at: number) => {
    const one = counters.get(name)!;
    one.counter.add(at, 1);
    one.total++;
  };
  return {
    requested: (at) => count(REQUESTED, at),
    over: (lease, at) => count(wasDeclined(lease) ? DECLINED : ENDS[lease.state], at),
    figures: () =>
      Object.fromEntries(
        [...counters].map(([name, { total }]) => [`Total ${name[0]!.toLowerCase()}${name.slice(1)}`, total]),
      ),
  };
}

/** Only columns: nothing is counted. Labels become columns of their own. */
export function leaseExtrasProbe({ extras }: ProbeContext): Probe {
  return {
    columns: [
      { name: 'user', value: (lease) => lease.terms.user },
      { name: 'vms', value: (lease) => lease.vms },
      { name: 'start', value: (lease) => inSeconds(lease.start) },
      { name: 'end', value: (lease) => inSeconds(lease.end) },
      { name: 'requested_duration', value: (lease) => inSeconds(lease.requested) },
      { name: 'actual_duration', value: (lease) => (lease.start === null ? null : lastAttempt(lease).run / 1000) },
      { name: 'lost', value: (lease) => (lease.start === null ? null : lastAttempt(lease).lost / 1000) },
      { name: 'start_delta', value: startDelta },
      { name: 'deadline_delta', value: deadlineDelta },
      { name: 'preemptions', value: (lease) => lease.preemptions },
      ...extras.map((name) => ({
        name: `extra_${name}`,
        value: ({ terms: { labels } }: FinishedLease) =>
          labels !== null && Object.hasOwn(labels, name) ? labels[name]! : null,
      })),
    ],
  };
}

/** From submission to the start that was asked for. */
function startDelta({ submit, terms: { start } }: FinishedLease): number | null {
  if (start.kind === 'advance') return (start.at - submit) / 1000;
  return start.kind === 'deadline' ? (start.notBefore - submit) / 1000 : null;
}

/** From the earliest start that was asked for to the deadline. */
function deadlineDelta({ terms: { start } }: FinishedLease): number | null {
  return start.kind === 'deadline' ? (start.by - start.notBefore) / 1000 : null;
}
