/**
 * A copy of a lease that can go on by itself. What is typed as readonly is replaced when it changes, never changed: both
 * have the same.
 */

import { type Lease, NO_VMS, type Span } from './live-lease.js';

/**
 * Written out, with its properties in the order of `newLease`: a copy by spreading is a dictionary (V8), which makes this, and
 * all that is done to the copy, several times slower.
 *
 * `lease` may be of a snapshot, where what came later than others that are still read is left out.
 */
export function copyOf(lease: Lease): Lease {
  return {
    id: lease.id,
    sequence: lease.sequence,
    submitted: lease.submitted,
    terms: lease.terms,
    vms: lease.vms,
    slot: lease.slot,
    phase: lease.phase,
    vmPhase: lease.vmPhase,
    vmPhases: lease.vmPhases === null ? null : lease.vmPhases.slice(),
    from: lease.from,
    until: lease.until,
    loads: lease.loads,
    pools: lease.pools,
    preparation: lease.preparation,
    soon: lease.soon,
    later: lease.later ?? null,
    nodes: lease.nodes,
    arriving: lease.arriving ?? null,
    units: lease.units,
    remaining: lease.remaining,
    clockFrom: lease.clockFrom,
    firstStart: lease.firstStart,
    run: lease.run,
    pending: lease.pending,
    plan: lease.plan,
    planAfter: lease.planAfter,
    promised: lease.promised,
    attempts: lease.attempts,
    preemptions: lease.preemptions,
    charged: lease.charged,
    offer: lease.offer,
    reasons: lease.reasons,
    trouble: lease.trouble,
    held: lease.held,
    waitsFor: lease.waitsFor,
    cancelled: lease.cancelled,
    former: lease.former ?? null,
    afterStop: lease.afterStop,
    retryAt: lease.retryAt,
    alarm: lease.alarm,
    spans: lease.spans.length === 0 ? [] : lease.spans.map(copyOfSpan),
    transfers: lease.transfers,
    outcome: lease.outcome,
    ended: lease.ended,
    unapproved: lease.unapproved ?? false,
    warned: lease.warned ?? null,
    paused: lease.paused ?? NO_VMS,
  };
}

function copyOfSpan(span: Span): Span {
  return { ...span };
}
