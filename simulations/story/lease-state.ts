/** How a lease is, in one word: its phase, or how it ended. */

import type { Lease, Outcome, Phase } from '../../engine/index.js';

export type LeaseState = Exclude<Phase, 'over'> | Outcome;

export function stateOf(lease: Lease): LeaseState {
  if (lease.outcome !== null) return lease.outcome;
  return lease.phase === 'over' ? 'failed' : lease.phase;
}
