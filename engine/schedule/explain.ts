/** `explain`: why a lease that is not running waits at this instant, worked out from the state. */

import { FOREVER, type Instant } from '../kit/time.js';
import type { LeaseId } from '../model/lease.js';
import { BLOCKERS_MAX, type Reason, reason } from '../model/reasons.js';
import { isReady } from '../state/dependents.js';
import { type Lease, waitsInQueue } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';
import { shortage } from './blockers.js';
import { Draft } from './draft.js';
import { earliestFit, fitAt } from './place.js';

/** All binding reasons, or none when the lease runs, or is not known. Reads the state. O(queue + instants tried × fitAt). */
export function explain(state: StateView, id: LeaseId, now: Instant): Reason[] {
  const lease = state.leases.get(id);
  if (lease === undefined) return [];
  const draft = Draft.of(state, now);
  const reasons = reasonsOf(draft, lease);
  draft.finish();
  return reasons;
}

function reasonsOf(draft: Draft, lease: Lease): Reason[] {
  switch (lease.phase) {
    case 'reserved':
      return [reservedLater(draft, lease)];
    case 'waiting':
    case 'suspended':
      if (!isReady(lease)) return whyNotReady(lease);
      return lease.pools !== null ? [reservedLater(draft, lease)] : whyWaiting(draft, lease);
    case 'starting':
    case 'resuming':
      return lease.pending
        .filter((pending) => pending.overdue)
        .map(({ decision }) => reason('order-overdue', { earliestRelease: decision.deadline }));
    default:
      return [];
  }
}

/** It does not stand in the queue: capacity is not what it waits for. */
function whyNotReady(lease: Lease): Reason[] {
  const blockers = [...new Set(lease.waitsFor.map((dependency) => dependency.lease))];
  const reasons = blockers.length > 0 ? [reason('waits-for-lease', { blockers })] : [];
  if (lease.unapproved) reasons.unshift(reason('awaiting-approval'));
  return lease.held ? [reason('on-hold'), ...reasons] : reasons;
}

/** Its own reservation lies ahead; for a queued lease also who holds what it would need now. */
function reservedLater(draft: Draft, lease: Lease): Reason {
  if (!waitsInQueue(lease)) return reason('reserved-for-later', { earliestRelease: lease.from });
  const { blockers, more, resource, need, have } = shortage(draft, lease, draft.now, lease.from);
  return { ...reason('reserved-for-later', { blockers, resource, need, have, earliestRelease: lease.from }), more };
}

function whyWaiting(draft: Draft, lease: Lease): Reason[] {
  const { state, now } = draft;
  const reasons: Reason[] = [];
  const ahead = aheadOf(draft, lease);
  const fits = fitAt(draft, lease, now) !== null;
  if (!fits) reasons.push(shortage(draft, lease, now, earliestFit(draft, lease, now, FOREVER)?.from ?? null));
  const away = [...state.nodeStatus].sort((a, b) => a[0] - b[0]).map(([node]) => `node:${node}`);
  if (!fits && away.length > 0) reasons.push(reason('node-unavailable', { blockers: away }));
  if (ahead.count === 0) return reasons;

  // It is not the first: what is kept for those before it counts, too.
  const front = ahead.first[0]!;
  const hole = earliestFit(draft, front, now, FOREVER);
  if (fits && hole !== null && state.policy.backfilling.kind !== 'none') {
    draft.place(front, hole);
    if (fitAt(draft, lease, now) === null)
      reasons.push(reason('would-delay', { blockers: [front.id], earliestRelease: hole.from }));
    draft.lift(front);
  }
  const blockers = ahead.first.map((other) => other.id);
  reasons.push({ ...reason('behind-in-queue', { blockers }), more: ahead.count - blockers.length });
  return reasons;
}

/** Who is served before it and has no reservation: as many as a reason names, and how many in all. O(queue). */
function aheadOf({ queue, state }: Draft, lease: Lease): { readonly first: readonly Lease[]; readonly count: number } {
  const place = Math.max(0, queue.indexOf(lease)); // not queued: it comes before those that are
  if (state.reservations === 0) return { first: queue.slice(0, Math.min(place, BLOCKERS_MAX)), count: place };
  const ahead = queue.slice(0, place).filter((other) => other.pools === null);
  return { first: ahead.slice(0, BLOCKERS_MAX), count: ahead.length };
}
