/** What was asked to be done to VMs that run: ordered, unless their lease is just leaving. */

import type { Decision } from '../model/events.js';
import { type Reason, reason } from '../model/reasons.js';
import type { Draft } from './draft.js';

/** Comes last: whatever else was ordered for a lease goes before. Neither nodes nor capacity change. O(asked × decisions). */
export function orderActs(draft: Draft): void {
  for (const { lease, act, vms, to } of draft.state.acts) {
    const own = draft.decisions.filter((decision) => 'lease' in decision && decision.lease === lease.id);
    if (own.some(({ type }) => type === 'Failed' || type === 'Refused')) continue; // that is the answer
    if (own.some((decision) => 'after' in decision && decision.type !== 'TransferOrdered')) {
      draft.decisions.push({ type: 'ChangeRefused', lease: lease.id, reasons: reasonsAmong(own) });
      continue;
    }
    const order = draft.nextOrder();
    // How long disks take nobody knows beforehand.
    const deadline = act === 'move-disks' ? null : draft.deadline(draft.now);
    const common = { order, lease: lease.id, deadline, after: [], act, vms };
    draft.decisions.push({ type: 'ActOrdered', ...common, ...(to === undefined ? {} : { to }) });
  }
}

/** What was decided on it says why. Steps that were planned before say nothing: then it makes room for others. */
export function reasonsAmong(decisions: readonly Decision[]): readonly Reason[] {
  for (const decision of decisions) if ('reasons' in decision && decision.reasons.length > 0) return decision.reasons;
  return [reason('preempted')];
}
