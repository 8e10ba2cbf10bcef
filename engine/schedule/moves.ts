/** Reservations as one call of `schedule` moves them: noted, and logged as columns. */

import type { Instant } from '../kit/time.js';
import type { PoolCounts, ReservationsMoved } from '../model/events.js';
import type { Lease } from '../state/live-lease.js';
import type { Draft } from './draft.js';
import type { Marks } from './marks.js';
import type { Fit } from './place.js';
import { prepare } from './prepare.js';

/** How often anything is gone through in one call of `schedule`; what may be left then is for the next turn. */
export const ROUNDS_MAX = 64;

/** A reservation as this call of `schedule` has moved it. */
export interface Moved {
  readonly lease: Lease;
  readonly from: Instant;
  readonly until: Instant;
  readonly pools: PoolCounts;
}

/** Moves of this call, so that what is due now is seen where it is now. */
export type Moves = Marks<Moved>;

/**
 * Holds the lease's reservation there from now on; who still holds it elsewhere would hold the same there. What must be
 * sent for it is planned at once, before others are moved:
 * they share the channel.
 */
export function moveTo(
  draft: Draft,
  moves: Moves,
  lease: Lease,
  fit: Fit,
  send = () => prepare(draft, lease, fit.pools),
): Moved {
  if (draft.heldBy(lease) === null) draft.place(lease, fit);
  else draft.shift(lease, fit);
  draft.reservations.set(lease, fit.pools);
  draft.keepCopies(lease, fit.pools, fit.until);
  const moved = { lease, from: fit.from, until: fit.until, pools: fit.pools };
  moves.set(lease, moved);
  send();
  return moved;
}

/** One columnar decision; folding it settles the cause. */
export function logMoves(draft: Draft, moved: readonly Moved[], cause: ReservationsMoved['cause']): void {
  draft.decisions.push({
    type: 'ReservationsMoved',
    leases: moved.map((move) => move.lease.id),
    from: moved.map((move) => move.from),
    until: moved.map((move) => move.until),
    pools: moved.map((move) => move.pools),
    cause,
  });
}
