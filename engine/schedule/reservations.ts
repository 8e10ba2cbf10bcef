/**
 * Reservations: new ones for advance leases, those that are due, and their moves. Compression follows every release of
 * capacity (conservative backfilling): each reservation is lifted in queue order and put back at its earliest hole,
 * which is never later (Mu'alem & Feitelson 2001).
 */

import { FOREVER, type Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import { reason } from '../model/reasons.js';
import type { Lease, Load } from '../state/state.js';
import { beginNow, earliestStart, refuse, reserve } from './answers.js';
import { shortage } from './blockers.js';
import { type Draft, sorted } from './draft.js';
import { earliestFit, type Fit, fitAt } from './place.js';
import { preemptFor } from './preempt.js';

/** A reservation as this call of `schedule` has moved it. */
interface Moved {
  readonly lease: Lease;
  readonly from: Instant;
  readonly until: Instant;
  readonly pools: PoolCounts;
  readonly loads: readonly Load[];
}

/** Moves of this call, so that what is due now is seen where it is now. */
export type Moves = Map<Lease, Moved>;

/** After capacity was withdrawn: advance leases keep their instant or fail, the others are placed anew behind them. */
export function replanAfterLoss(draft: Draft, moves: Moves): void {
  const { state } = draft;
  if (!state.lost) return;
  const reserved = sorted(reservedLeases(draft));
  for (const lease of reserved) draft.release(lease.loads!, lease.from, lease.until);
  const [fixed, movable] = [reserved.filter(isAdvance), reserved.filter((lease) => !isAdvance(lease))];
  const failed: Lease[] = [];
  for (const lease of fixed) {
    const fit = fitAt(draft, lease, Math.max(draft.now, lease.from));
    if (fit === null) failed.push(lease);
    else place(draft, moves, lease, fit);
  }
  const waiting: Lease[] = [];
  for (const lease of movable) {
    const fit = earliestFit(draft, lease, draft.now, FOREVER);
    if (fit === null) waiting.push(lease);
    else place(draft, moves, lease, fit);
  }
  for (const lease of waiting) draft.unreserved.add(lease);
  for (const lease of failed) draft.unreserved.add(lease);
  logMoves(draft, [...moves.values()], 'capacity-lost');
  for (const lease of waiting)
    draft.decisions.push({ type: 'ReservationDropped', lease: lease.id, reasons: [reason('node-unavailable')] });
  for (const lease of failed) rescue(draft, moves, lease);
}

/** Every reservation of a waiting lease, in queue order: lifted and put back at its earliest hole. One columnar decision. */
export function compress(draft: Draft, moves: Moves): void {
  const { state } = draft;
  if (state.policy.backfilling.kind !== 'conservative' || !draft.freed) return;
  draft.freed = false;
  const moved: Moved[] = [];
  for (const lease of state.queue) {
    if (!draft.isReserved(lease)) continue;
    const held = moves.get(lease) ?? {
      lease,
      from: lease.from,
      until: lease.until,
      pools: lease.pools!,
      loads: lease.loads!,
    };
    if (held.from <= draft.now) continue;
    draft.release(held.loads, held.from, held.until);
    const fit = earliestFit(draft, lease, draft.now, held.from);
    if (fit === null) draft.release(held.loads, held.from, held.until, -1);
    else {
      place(draft, moves, lease, fit);
      moved.push(moves.get(lease)!);
    }
  }
  logMoves(draft, moved, 'capacity-released');
}

/** Reservations whose instant has come begin. */
export function startWhatIsReserved(draft: Draft, due: readonly Lease[], moves: Moves): void {
  const ready = new Set<Lease>();
  for (const lease of due) if (lease.pools !== null && lease.from <= draft.now && !moves.has(lease)) ready.add(lease);
  for (const { lease, from } of moves.values()) if (from <= draft.now) ready.add(lease);
  for (const lease of ready.size > 1 ? sorted(ready) : ready) {
    if (draft.settled.has(lease) || !draft.isReserved(lease)) continue;
    const held = moves.get(lease) ?? { pools: lease.pools!, until: lease.until };
    beginNow(draft, lease, held.pools, held.until);
  }
}

/** Advance leases not yet answered: a reservation (or a start), after preemption where need be, or a refusal. */
export function answerAdvance(draft: Draft): void {
  for (const lease of draft.state.unanswered) {
    const { start } = lease.terms;
    if (draft.settled.has(lease) || start.kind !== 'advance') continue;
    if (start.at < draft.now) {
      refuse(draft, lease, reason('start-in-past'));
      continue;
    }
    const fit = fitAt(draft, lease, start.at) ?? preemptFor(draft, lease, start.at);
    if (fit === null) refuse(draft, lease, shortage(draft, lease, start.at, earliestStart(draft, lease, start.at)));
    else {
      draft.hold(fit.loads, fit.from, fit.until);
      if (fit.from <= draft.now) beginNow(draft, lease, fit.pools, fit.until);
      else reserve(draft, lease, fit, []);
    }
  }
}

function place(draft: Draft, moves: Moves, lease: Lease, fit: Fit): void {
  draft.hold(fit.loads, fit.from, fit.until);
  moves.set(lease, { lease, from: fit.from, until: fit.until, pools: fit.pools, loads: fit.loads });
}

/** An advance lease that no longer fits: others may be preempted for it, or it fails. */
function rescue(draft: Draft, moves: Moves, lease: Lease): void {
  const at = Math.max(draft.now, lease.from);
  const fit = preemptFor(draft, lease, at);
  if (fit === null) {
    draft.fail(lease, [reason('node-unavailable'), shortage(draft, lease, at, null)]);
    return;
  }
  draft.unreserved.delete(lease);
  place(draft, moves, lease, fit);
  logMoves(draft, [moves.get(lease)!], 'capacity-lost');
}

function logMoves(draft: Draft, moved: readonly Moved[], cause: 'capacity-released' | 'capacity-lost'): void {
  draft.decisions.push({
    type: 'ReservationsMoved',
    leases: moved.map((move) => move.lease.id),
    from: moved.map((move) => move.from),
    pools: moved.map((move) => move.pools),
    cause,
  });
}

function* reservedLeases(draft: Draft): Iterable<Lease> {
  for (const lease of draft.state.leases.values()) if (draft.isReserved(lease)) yield lease;
}

function isAdvance(lease: Lease): boolean {
  return lease.terms.start.kind === 'advance';
}
