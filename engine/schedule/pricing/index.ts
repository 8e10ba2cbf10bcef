/** The rate of a lease, by the kind of pricing. */

import type { Lease } from '../../state/live-lease.js';
import type { StateView } from '../../state/state.js';
import { adaptive } from './adaptive.js';
import { constant } from './constant.js';
import { maximum } from './maximum.js';
import { random } from './random.js';

export function rateOf(state: StateView, lease: Lease): number {
  const { pricing } = state.policy;
  switch (pricing.kind) {
    case 'free':
      return 0;
    case 'constant':
      return constant(state, lease, pricing);
    case 'random':
      return random(state, lease, pricing);
    case 'maximum':
      return maximum(state, lease, pricing);
    case 'adaptive':
      return adaptive(state, lease, pricing);
  }
}
