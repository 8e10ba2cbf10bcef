/** Decisions on one lease: it begins, is reserved, or is refused. What they hold in the draft is the caller's business. */

import { FOREVER, type Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import type { Reason } from '../model/reasons.js';
import type { Lease } from '../state/state.js';
import type { Draft } from './draft.js';
import { earliestFit, type Fit } from './place.js';
import { orderSteps } from './steps.js';
import { resumptionSteps } from './suspend.js';
import { nameUnits } from './units.js';

/** Orders the start of a waiting lease, or plans the resumption of a suspended one and orders its first steps. */
export function beginNow(draft: Draft, lease: Lease, pools: PoolCounts, until: Instant): void {
  if (lease.phase === 'suspended') resumeNow(draft, lease, pools, until);
  else draft.start(lease, pools, until);
}

function resumeNow(draft: Draft, lease: Lease, pools: PoolCounts, until: Instant): void {
  const { state, now } = draft;
  const nodes = state.policy.migration === 'no' ? lease.nodes! : draft.bind(pools);
  const steps = resumptionSteps(state, lease, nodes, now);
  const ready = steps.reduce((latest, step) => Math.max(latest, step.until), now);
  const end = Math.min(until, ready + lease.remaining);
  if (end < until) {
    const { loads, from } = draft.heldBy(lease)!;
    draft.lift(lease);
    draft.place(lease, { loads, from, until: end });
  }
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
  orderSteps(draft, lease, { kind: 'resume', steps, next: 0 }, nodes, units);
  draft.settled.set(lease, true);
}

/** A reservation for later. */
export function reserve(draft: Draft, lease: Lease, fit: Fit, reasons: readonly Reason[]): void {
  const { from, until, pools } = fit;
  draft.decisions.push({ type: 'Reserved', lease: lease.id, from, until, pools, reasons });
  draft.settled.set(lease, true);
}

export function refuse(draft: Draft, lease: Lease, why: Reason, outcome: 'rejected' | 'expired' = 'rejected'): void {
  draft.decisions.push({ type: 'Refused', lease: lease.id, outcome, reasons: [why] });
  if (draft.isReserved(lease)) {
    draft.lift(lease);
    draft.unreserved.set(lease, true);
    draft.freed = true;
  }
  draft.settled.set(lease, true);
}

/** The next instant from `at` on at which the lease would fit without preemption, for those who are refused. */
export function earliestStart(draft: Draft, lease: Lease, at: Instant): Instant | null {
  return earliestFit(draft, lease, at, FOREVER)?.from ?? null;
}
