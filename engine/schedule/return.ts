/**
 * Running deadline leases that make room for others of their kind: only where capacity can be held for their return, so
 * that they still end by their deadline (Sotomayor 2010).
 */

import type { Instant } from '../kit/time.js';
import type { Reason } from '../model/reasons.js';
import { loadsInPools, poolsOfNodes } from '../state/nodes.js';
import type { Later, Lease } from '../state/live-lease.js';
import type { Draft } from './draft.js';
import { instants } from './instants.js';
import { earliestFit, type Fit, lengthOf } from './place.js';
import { lengthAnywhere, lengthInPools, runLength } from './suspend.js';

/** Where the running lease comes back if its first VM stops at `stopped` and its last is saved by `from`; null: too late. */
export function fitReturn(draft: Draft, lease: Lease, stopped: Instant, from: Instant): Fit | null {
  const { state } = draft;
  // 1. The lease as it will be then.
  const ran = lease.clockFrom === null ? 0 : Math.max(0, stopped - lease.clockFrom);
  const remaining = lease.remaining - ran;
  if (remaining <= 0) return null; // it is done by then
  const saved: Lease = {
    ...lease,
    phase: 'suspended',
    clockFrom: null,
    remaining,
    loads: null,
    pools: null,
    preparation: null,
  };
  // 2. Where its memory lies, or on any nodes if all of them reach it.
  const before = deadlineOf(lease) - lengthOf(state, saved) + 1;
  return state.policy.migration === 'no-transfer'
    ? earliestFit(draft, saved, from, before)
    : earliestOnItsNodes(draft, saved, from, before);
}

/** Where its memory will lie. Once it does, and memory can be sent, it may be moved elsewhere like all that have not begun. */
function earliestOnItsNodes(draft: Draft, saved: Lease, after: Instant, before: Instant): Fit | null {
  const { state } = draft;
  const pools = poolsOfNodes(state, saved.nodes!);
  const loads = loadsInPools(state, saved.terms, pools);
  if (loads.some((load) => state.pools[load.pool]!.nodes.length === 0)) return null;
  const length = lengthInPools(state, saved, pools, 'resume') + runLength(state, saved);
  for (const at of instants(draft, after, before))
    if (loads.every((load) => draft.profile(load.pool).holdsUntil(at, load.amounts) >= at + length))
      return { from: at, until: at + length, pools, loads };
  return null;
}

/** What is held for the return of the lease, held anew in a draft in which nothing is; null, and nothing is held: it does not fit. */
export function refitReturn(draft: Draft, lease: Lease): Later | null {
  const stopped = lease.plan?.kind === 'suspend' ? lease.plan.steps[0]!.from : draft.now;
  const late = draft.now + 1; // where it should be suspended by now, it may be soon
  const fit = fitReturn(draft, lease, stopped, Math.max(late, draft.heldBy(lease)?.until ?? 0));
  draft.holdLater(lease, fit);
  return fit;
}

/** Nothing is held any more for the return of the lease: it waits, once it is suspended. */
export function dropReturn(draft: Draft, lease: Lease, why: Reason): void {
  draft.decisions.push({ type: 'ReservationDropped', lease: lease.id, reasons: [why] });
  draft.holdLater(lease, null);
}

/** Whether nothing is planned for the running lease but its end (or no more, since just now), and nothing is wrong with it. */
export function runsFreely(draft: Draft, lease: Lease): boolean {
  const planned = draft.planned.get(lease);
  if (planned === undefined ? lease.plan !== null : planned.length > 0) return false;
  if (lease.phase !== 'active' || lease.clockFrom === null || draft.laterOf(lease) !== null) return false;
  return lease.trouble === null && !lease.cancelled;
}

/** 1. more time left when `by` is done, relative to what remains  2. later arrival. */
export function mostSlackFirst(draft: Draft, leases: Lease[], by: Lease, at: Instant): Lease[] {
  const { state, now } = draft;
  const slack = (lease: Lease) => {
    const away = lengthOf(state, by) + lengthAnywhere(state, lease, 'suspend') + lengthAnywhere(state, lease, 'resume');
    const remaining = lease.remaining - (lease.clockFrom === null ? 0 : now - lease.clockFrom);
    return (deadlineOf(lease) - at - away) / Math.max(1, remaining);
  };
  const slacks = new Map(leases.map((lease) => [lease, slack(lease)]));
  return leases.sort((a, b) => slacks.get(b)! - slacks.get(a)! || b.sequence - a.sequence);
}

/** By when a deadline lease must be over. */
export function deadlineOf(lease: Lease): Instant {
  const { start } = lease.terms;
  return start.kind === 'deadline' ? start.by : 0;
}

export function isDeadline(lease: Lease): boolean {
  return lease.terms.start.kind === 'deadline';
}
