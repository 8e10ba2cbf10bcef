/**
 * What was asked of leases that hold capacity: to last longer (a running one where its nodes stay free for it, an advance
 * one as if asked for so), or to be suspended.
 */

import { expand, type Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import { type Reason, reason } from '../model/reasons.js';
import type { Lease, Step } from '../state/live-lease.js';
import { planSuspension } from './answers.js';
import { shortage } from './blockers.js';
import type { Draft } from './draft.js';
import { sorted } from './sorted.js';
import { type Moves, moveTo } from './moves.js';
import { extend, fitAt } from './place.js';
import { punctual } from './punctual.js';
import { orderSteps } from './steps.js';
import { lengthAnywhere, runLength, suspensionSteps } from './suspend.js';

/** Answers all changes that `evolve` could not, in order of asking. Shorter durations have been dealt with there. */
export function answerChanges(draft: Draft, moves: Moves): void {
  for (const change of draft.state.changes) {
    const { lease, duration } = change;
    if (isOver(draft, lease)) continue; // that is the answer
    if (draft.settled.has(lease) || draft.heldBy(lease) === null) refuse(draft, lease, whyItLeaves(draft, lease));
    else if (duration === null) suspendAsAsked(draft, lease, [reason('suspension-requested')]);
    else if (draft.isReserved(lease)) lengthenReservation(draft, { lease, duration }, moves);
    else runOn(draft, { lease, duration });
  }
}

/** Whether this draft has given the lease up. */
export function isOver(draft: Draft, lease: Lease): boolean {
  return draft.decisions.some(
    (decision) => (decision.type === 'Failed' || decision.type === 'Refused') && decision.lease === lease.id,
  );
}

/** A lease that is to last so long. */
interface Longer {
  readonly lease: Lease;
  readonly duration: Duration;
}

/** Saved as soon as nobody else is in the way; what it held beyond is free. `before`: why it was not done otherwise. */
export function suspendAsAsked(
  draft: Draft,
  lease: Lease,
  reasons: readonly Reason[],
  before: readonly Reason[] = [],
): void {
  if (draft.decisions.some((decision) => decision.type === 'SuspendOrdered' && decision.lease === lease.id)) return;
  const nodes = lease.nodes!;
  const held = draft.heldBy(lease)!;
  const planned = lease.plan?.kind === 'suspend' ? lease.plan.steps : null; // for others, by when it must leave
  const steps = soonestSuspension(draft, lease, nodes, held.until) ?? planned;
  if (steps === null) {
    const have = Math.max(0, held.until - draft.now);
    return refuse(draft, lease, [
      ...before,
      reason('ends-too-soon', { need: lengthAnywhere(draft.state, lease, 'suspend'), have }),
    ]);
  }
  const by = steps.at(-1)!.until;
  if (by < held.until) draft.release(held.loads, by, held.until);
  draft.hold(lease, { ...held, until: by });
  draft.noteFreed(held.until);
  draft.planned.delete(lease);
  planSuspension(draft, lease, steps, nodes, by, reasons);
  orderSteps(draft, lease, { kind: 'suspend', steps, next: 0 }, nodes, lease.units);
  draft.settled.set(lease, true);
}

/** Tries of which each ends later than the one before by what it began too early. */
const TRIES_MAX = 64;

/** The suspension that is done first, if it is by `until`, and the lease still has something to do when it begins. */
function soonestSuspension(draft: Draft, lease: Lease, nodes: Runs, until: Instant): Step[] | null {
  const { now } = draft;
  let end = now;
  for (let tries = 0; tries < TRIES_MAX && end <= until; tries++) {
    const steps = suspensionSteps(draft, lease, nodes, end);
    const begin = steps[0]!.from;
    if (begin >= now) return begin < lease.clockFrom! + lease.remaining ? steps : null;
    end += now - begin;
  }
  return null;
}

/** Its VMs stay where they are, for longer. */
function runOn(draft: Draft, change: Longer): void {
  const { lease, duration } = change;
  const { state } = draft;
  const away = expand(lease.nodes!).filter((node) => state.nodeStatus.has(node));
  if (away.length > 0)
    return refuse(draft, lease, [reason('node-unavailable', { blockers: away.map((node) => `node:${node}`) })]);
  const { until } = draft.heldBy(lease)!;
  const planned = lease.clockFrom ?? until - runLength(state, lease);
  const end = planned + runLength(state, lengthened(change));
  if (end > until && !extend(draft, lease, end)) {
    return refuse(draft, lease, [reason('insufficient-capacity', { blockers: holdersOver(draft, lease, until, end) })]);
  }
  changed(draft, lease, duration, Math.max(until, end), null);
}

/** At its instant, on other nodes or by preemption where need be. */
function lengthenReservation(draft: Draft, change: Longer, moves: Moves): void {
  const { lease, duration } = change;
  const held = draft.heldBy(lease)!;
  const longer = lengthened(change);
  const until = held.from + runLength(draft.state, longer);
  const pools = draft.poolsOf(lease)!;
  if (extend(draft, lease, until)) {
    moves.set(lease, { lease, from: held.from, until, pools });
    return changed(draft, lease, duration, until, null);
  }
  draft.lift(lease);
  const { fit, send } = punctual(draft, lease, held.from, fitAt(draft, longer, held.from), longer);
  if (fit === null || send === null) {
    const why = fit === null ? shortage(draft, longer, held.from, null) : reason('image-not-in-time');
    draft.place(lease, held);
    return refuse(draft, lease, [why]);
  }
  moveTo(draft, moves, lease, fit, () => {});
  if (fit.pools.join() === pools.join()) return changed(draft, lease, duration, fit.until, null);
  changed(draft, lease, duration, fit.until, fit.pools);
  send();
}

/** The lease as it would be. */
function lengthened({ lease, duration }: Longer): Lease {
  const remaining = lease.remaining + duration - lease.terms.duration;
  return { ...lease, remaining, terms: { ...lease.terms, duration } };
}

function changed(draft: Draft, lease: Lease, duration: number, until: Instant, pools: PoolCounts | null): void {
  draft.decisions.push({ type: 'DurationChanged', lease: lease.id, duration, until, pools });
}

/** It stays as it is. */
export function refuse(draft: Draft, lease: Lease, reasons: readonly Reason[]): void {
  draft.decisions.push({ type: 'ChangeRefused', lease: lease.id, reasons });
}

/** It ends just now, or has lost its reservation: what was decided on it says why. */
export function whyItLeaves(draft: Draft, lease: Lease): readonly Reason[] {
  for (const decision of draft.decisions)
    if ('lease' in decision && decision.lease === lease.id && 'reasons' in decision && decision.reasons.length > 0)
      return decision.reasons;
  return [reason('time-over')];
}

/** Who holds its nodes in [from, until), earlier arrivals first. O(holders). */
function holdersOver(draft: Draft, lease: Lease, from: Instant, until: Instant): string[] {
  const found = new Set<Lease>();
  for (const { pool } of draft.heldBy(lease)!.loads)
    for (const holder of draft.state.pools[pool]!.holders) {
      const held = holder === lease ? null : draft.heldBy(holder);
      if (held !== null && held.from < until && held.until > from) found.add(holder);
    }
  return sorted(found).map((holder) => holder.id);
}
