/** What users have paid and what they have declined, from which adaptive prices learn. */

import type { Priced } from '../model/events.js';
import { costOf } from '../model/pricing.js';
import type { Lease } from './live-lease.js';
import type { State } from './state.js';

/** Of more users, those seen first are forgotten. */
const USERS_MAX = 10_000;

/**
 * Keeps the offer on the lease, and learns from it, where it says something: its user has a limit, and no surcharge blurs
 * it. A user whose mind has changed is believed.
 */
export function applyOffer(state: State, lease: Lease, { rate, price, surcharge, accepted }: Priced): void {
  lease.offer = { rate, price, surcharge, accepted };
  if (state.policy.pricing.kind !== 'adaptive' || lease.terms.maxRate === undefined || surcharge > 0) return;
  const user = lease.terms.user ?? '';
  const before = state.rates.get(user) ?? { accepted: null, declined: null };
  if (accepted) {
    const highest = Math.max(rate, before.accepted ?? 0);
    const contradicted = before.declined !== null && before.declined <= highest;
    state.rates.set(user, { accepted: highest, declined: contradicted ? null : before.declined });
  } else {
    const lowest = Math.min(rate, before.declined ?? rate);
    const contradicted = before.accepted !== null && before.accepted >= lowest;
    state.rates.set(user, { accepted: contradicted ? null : before.accepted, declined: lowest });
  }
  if (state.rates.size > USERS_MAX) state.rates.delete(state.rates.keys().next().value!);
}

/** The lease lasts longer or shorter than it did when it was priced: it costs as much per hour as before. */
export function reprice(lease: Lease): void {
  if (lease.offer === null) return;
  const { rate, surcharge } = lease.offer;
  const price = Math.min(Number.MAX_SAFE_INTEGER, costOf(lease.vms, lease.terms.duration, rate) + surcharge);
  lease.offer = { ...lease.offer, price };
}
