/** What a pricing policy is: the rate at which a lease is offered. */

import type { Pricing } from '../../model/pricing.js';
import type { Lease } from '../../state/live-lease.js';
import type { StateView } from '../../state/state.js';

/** Millionths of a currency unit per VM-hour. Pure: the same state gives the same rate. */
export type RateOf<Kind extends Pricing['kind']> = (
  state: StateView,
  lease: Lease,
  pricing: Extract<Pricing, { readonly kind: Kind }>,
) => number;
