/** Deadline leases that make room: what is held for their return while they are being suspended, and what then becomes of it. */

import type { Instant } from '../kit/time.js';
import type { Later, Lease } from './live-lease.js';
import type { State } from './state.js';

/** Holds capacity for when the lease has been suspended. It counts as a reservation, and the lease not as a holder. */
export function holdLater(state: State, lease: Lease, later: Later): void {
  for (const load of later.loads) {
    const { profile } = state.pools[load.pool]!;
    profile.advance(state.now);
    profile.add(later.from, later.until, load.amounts, -1);
  }
  lease.later = later;
  lease.promised = true; // also where it began as soon as it was asked for
  state.reservations++;
}

/** Frees that again. Returns until when it was held; 0: nothing was. */
export function dropLater(state: State, lease: Lease): Instant {
  if (lease.later === null) return 0;
  const { from, until, loads } = lease.later;
  for (const load of loads) {
    const { profile } = state.pools[load.pool]!;
    profile.advance(state.now);
    profile.add(Math.max(state.now, from), until, load.amounts, 1);
  }
  lease.later = null;
  state.reservations--;
  return until;
}

/** The lease has been suspended: what was held for later is its reservation, or else it is to be answered anew. */
export function awaitReturn(state: State, lease: Lease): void {
  if (lease.later === null) return awaitAnswer(state, lease);
  const { from, until, loads, pools } = lease.later;
  for (const load of loads) state.pools[load.pool]!.holders.add(lease);
  lease.from = from;
  lease.until = until;
  lease.loads = loads;
  lease.pools = pools;
  state.outlines.note(lease);
  lease.later = null;
  state.deadlines.add(lease);
}

/** A lease that has lost what it was promised is to be answered anew, in order of arrival. */
export function awaitAnswer(state: State, lease: Lease): void {
  const after = state.unanswered.findIndex((other) => other.sequence > lease.sequence);
  state.unanswered.splice(after < 0 ? state.unanswered.length : after, 0, lease);
}
