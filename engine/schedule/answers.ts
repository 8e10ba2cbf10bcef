/** Decisions on one lease: it begins, is reserved, or is refused. What they hold in the draft is the caller's business. */

import { FOREVER, type Instant } from '../kit/time.js';
import type { Runs } from '../kit/nodeset.js';
import type { PoolCounts } from '../model/events.js';
import { type Reason, reason } from '../model/reasons.js';
import type { Lease, Step } from '../state/live-lease.js';
import { holdersAt } from './blockers.js';
import type { Draft } from './draft.js';
import { isMigrating } from './migrate.js';
import { earliestFit, extend, type Fit } from './place.js';
import { tell, tooDear } from './pricing/offer.js';
import { orderSteps } from './steps.js';
import { lengthAnywhere, maySuspend, resumptionSteps, runLength, suspensionSteps, threshold } from './suspend.js';
import { nameUnits } from './units.js';

/**
 * Orders the start of a waiting lease, or plans the resumption of a suspended one and orders its first steps. Where it
 * holds its capacity for less than it needs, its suspension is planned at once. False: it cannot be resumed just now.
 */
export function beginNow(draft: Draft, lease: Lease, pools: PoolCounts, until: Instant): boolean {
  if (lease.phase === 'suspended') {
    if (!isMigrating(draft, lease)) return resumeNow(draft, lease, pools, until);
    dropReservation(draft, lease, [reason('memory-on-the-way')]); // it is late, and nobody knows how late
    return false;
  }
  const needed = draft.now + runLength(draft.state, lease);
  if (until >= needed || lease.terms.start.kind === 'best-effort') {
    draft.start(lease, pools, until);
    if (until < needed) suspendAhead(draft, lease, draft.started.get(lease)!, draft.now, until);
  } else {
    // Promised when shutting down took less time: that is had behind it, or else lost.
    draft.start(lease, pools, extend(draft, lease, needed) ? needed : until);
  }
  return true;
}

function resumeNow(draft: Draft, lease: Lease, pools: PoolCounts, until: Instant): boolean {
  const { state, now } = draft;
  // 1. How long it takes, beside what others do on these nodes.
  const nodes = state.policy.migration === 'no' ? lease.nodes! : draft.openNodes.bind(pools);
  const steps = resumptionSteps(draft, lease, nodes, now);
  const ready = steps.reduce((latest, step) => Math.max(latest, step.until), now);
  const needed = ready + runLength(state, lease);
  // 2. It holds its nodes for so long, or is suspended again before it is done, or waits.
  let end = until;
  if (needed < until) {
    const { loads, from } = draft.heldBy(lease)!;
    draft.lift(lease);
    draft.place(lease, { loads, from, until: needed });
    end = needed;
  } else if (needed > until && extend(draft, lease, needed)) end = needed;
  else if (needed > until && !isWorthIt(draft, lease, ready, until)) {
    giveUp(draft, lease, nodes);
    return false;
  }
  // 3. The plan, and the orders that begin just now.
  const units = nameUnits(draft, lease, nodes);
  draft.decisions.push({
    type: 'ResumptionPlanned',
    lease: lease.id,
    until: end,
    nodes,
    vms: steps.map((step) => step.vms),
    from: steps.map((step) => step.from),
    ready: steps.map((step) => step.until),
    units,
  });
  draft.plan(lease, steps, nodes);
  draft.resumed.set(lease, ready);
  if (end < needed) suspendAhead(draft, lease, nodes, ready, end);
  orderSteps(draft, lease, { kind: 'resume', steps, next: 0 }, nodes, units);
  draft.settled.set(lease, true);
  return true;
}

/** Whether the lease may be suspended by `until`, when it is back at `ready` only. */
function isWorthIt({ state, now }: Draft, lease: Lease, ready: Instant, until: Instant): boolean {
  if (lease.terms.start.kind !== 'best-effort') return false; // if it had to be stopped, it could not be queued again
  if (!maySuspend(state, lease) || until - now < threshold(state, lease)) return false;
  return until - ready >= lengthAnywhere(state, lease, 'suspend');
}

/** Its nodes are busy with others' memory: it waits on, without a reservation. */
function giveUp(draft: Draft, lease: Lease, nodes: Runs): void {
  draft.openNodes.unbind(nodes);
  if (draft.isReserved(lease)) dropReservation(draft, lease, [reason('images-on-busy-nodes')]);
  else draft.lift(lease);
}

/** The lease waits without the reservation it had. */
export function dropReservation(draft: Draft, lease: Lease, reasons: readonly Reason[]): void {
  draft.decisions.push({ type: 'ReservationDropped', lease: lease.id, reasons });
  if (draft.heldBy(lease) !== null) draft.lift(lease);
  draft.giveUp(lease);
  // A deadline lease that is suspended does not wait in the queue: it is answered anew, in this very call.
  if (lease.phase === 'suspended' && lease.terms.start.kind === 'deadline') draft.endangered.push(lease);
}

/** The lease, which runs from `ready` on, is saved by `until` for those who were there before, or else stopped then. */
function suspendAhead(draft: Draft, lease: Lease, nodes: Runs, ready: Instant, until: Instant): void {
  const reasons = [reason('suspended-ahead', { blockers: holdersAt(draft, lease, nodes, until) })];
  const steps = suspensionSteps(draft, lease, nodes, until);
  if (steps[0]!.from <= ready) draft.decisions.push({ type: 'StopPlanned', lease: lease.id, at: until, reasons });
  else planSuspension(draft, lease, steps, nodes, until, reasons);
}

/** Logs the plan. */
export function planSuspension(
  draft: Draft,
  lease: Lease,
  steps: readonly Step[],
  nodes: Runs,
  by: Instant,
  reasons: readonly Reason[],
  back: Fit | null = null,
): void {
  draft.decisions.push({
    type: 'SuspensionPlanned',
    lease: lease.id,
    by,
    vms: steps.map((step) => step.vms),
    from: steps.map((step) => step.from),
    until: steps.map((step) => step.until),
    ...(back === null ? {} : { resumption: { from: back.from, until: back.until, pools: back.pools } }),
    reasons,
  });
  draft.plan(lease, steps, nodes);
}

/** A reservation for later. */
export function reserve(draft: Draft, lease: Lease, fit: Fit, reasons: readonly Reason[], soon = false): void {
  const { from, until, pools } = fit;
  draft.decisions.push({ type: 'Reserved', lease: lease.id, from, until, pools, soon, reasons });
  draft.reservations.set(lease, pools);
  draft.keepCopies(lease, pools, until);
  draft.settled.set(lease, true);
}

/** Where there would have been room for more than its user pays, that is why. */
export function refuse(draft: Draft, lease: Lease, why: Reason, outcome: 'rejected' | 'expired' = 'rejected'): void {
  const declined = draft.declined.get(lease);
  if (declined !== undefined) tell(draft, lease, declined);
  const reasons = [declined === undefined ? why : tooDear(lease, declined)];
  draft.decisions.push({ type: 'Refused', lease: lease.id, outcome, reasons });
  if (draft.isReserved(lease)) {
    draft.noteFreed(draft.heldBy(lease)!.until);
    draft.lift(lease);
    draft.giveUp(lease);
  }
  if (draft.sends) draft.forgetPreparation(lease);
  draft.settled.set(lease, true);
}

/** The next instant from `at` on at which the lease would fit without preemption, for those who are refused. */
export function earliestStart(draft: Draft, lease: Lease, at: Instant): Instant | null {
  return earliestFit(draft, lease, at, FOREVER)?.from ?? null;
}
