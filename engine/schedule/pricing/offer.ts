/**
 * What a lease costs, and whether its user pays that (Sotomayor 2010): hours × VMs × rate, and a surcharge for the leases
 * that must make room: the hours in which they are saved and brought back × their VMs × rate. The user pays up to
 * hours × VMs × his own rate.
 */

import { costOf } from '../../model/pricing.js';
import { type Reason, reason } from '../../model/reasons.js';
import type { Lease, Offer } from '../../state/live-lease.js';
import type { Draft } from '../draft.js';
import { lengthAnywhere, maySuspend } from '../suspend.js';
import { rateOf } from './index.js';

/** The price, if these others make room. */
export function offerFor(draft: Draft, lease: Lease, victims: readonly Lease[]): Offer {
  const { state } = draft;
  const { maxRate } = lease.terms;
  const rate = lease.offer?.rate ?? rateOf(state, lease);
  const surcharge = state.policy.pricing.kind === 'maximum' ? 0 : surchargeFor(draft, victims, rate);
  const price = Math.min(Number.MAX_SAFE_INTEGER, costOf(lease.vms, lease.terms.duration, rate) + surcharge);
  return {
    rate,
    price,
    surcharge,
    accepted: maxRate === undefined || price <= costOf(lease.vms, lease.terms.duration, maxRate),
  };
}

/** Whether the lease's user pays for these others making room. What he declines is remembered, for the refusal. */
export function paysFor(draft: Draft, lease: Lease, victims: readonly Lease[]): boolean {
  if (draft.state.policy.pricing.kind === 'free' || lease.promised) return true; // what is promised has its price
  const offer = offerFor(draft, lease, victims);
  if (offer.surcharge === 0) return true; // agreed on already
  if (offer.accepted) tell(draft, lease, offer);
  else draft.declined.set(lease, offer);
  return offer.accepted;
}

export function tell(draft: Draft, lease: Lease, offer: Offer): void {
  draft.decisions.push({ type: 'Priced', lease: lease.id, ...offer });
}

/** Why the lease is refused whose user has declined. */
export function tooDear({ terms, vms }: Lease, { price }: Offer): Reason {
  return reason('price-too-high', { need: price, have: costOf(vms, terms.duration, terms.maxRate ?? 0) });
}

/** Leases that hold only a reservation lose nothing that takes time. */
function surchargeFor(draft: Draft, victims: readonly Lease[], rate: number): number {
  const { state } = draft;
  let surcharge = 0;
  for (const victim of victims) {
    if (draft.isReserved(victim) || !maySuspend(state, victim)) continue;
    const length = lengthAnywhere(state, victim, 'suspend') + lengthAnywhere(state, victim, 'resume');
    surcharge += costOf(victim.vms, length, rate);
  }
  return surcharge;
}
