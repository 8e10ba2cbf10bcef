/**
 * Preemption: which preemptible leases make room for a lease of higher rank. Fewest first (one that
 * suffices alone), then cheapest; victims that turn out useless are dropped from the set.
 */

import type { Instant } from '../kit/time.js';
import type { Start } from '../model/lease.js';
import { type VICTIM_ORDERS, VICTIMS_DEFAULT } from '../model/policy.js';
import { reason } from '../model/reasons.js';
import { isResizing } from '../state/sizes.js';
import type { Lease, Step } from '../state/live-lease.js';
import type { Draft } from './draft.js';
import { dropReservation, planSuspension } from './answers.js';
import { type Fit, fitAt, lengthOf, mayBeCut } from './place.js';
import { paysFor } from './pricing/offer.js';
import { fitReturn, isDeadline, mostSlackFirst, runsFreely } from './return.js';
import { orderSteps } from './steps.js';
import { lengthAnywhere, lengthInPools, maySuspend, runLength, suspensionSteps, threshold } from './suspend.js';

/**
 * Makes room for `lease` at `at` and returns where it fits, or null (also where `accept` says no) and nothing is changed.
 * The decisions on the victims are in the draft then. O(victims² × fitAt) at worst, and only where a reservation does not fit by itself.
 */
export function preemptFor(
  draft: Draft,
  lease: Lease,
  at: Instant,
  accept: (fit: Fit) => boolean = () => true,
): Fit | null {
  const found = victimsFor(draft, lease, at);
  if (found === null || !paysFor(draft, lease, found.victims)) return null;
  const { victims: chosen, returns } = found;
  for (const victim of chosen) lift(draft, victim, at);
  const fit = fitAt(draft, lease, at)!;
  if (!accept(fit)) {
    for (const victim of chosen) putBack(draft, victim, at);
    return null;
  }
  for (const victim of chosen) dismiss(draft, victim, lease, at, returns.get(victim) ?? null);
  return fit;
}

/** Those who make room, and where deadline leases among them come back. */
interface Chosen {
  readonly victims: readonly Lease[];
  readonly returns: ReadonlyMap<Lease, Fit>;
}

/** The victims needed, or null: none would do. */
function victimsFor(draft: Draft, lease: Lease, at: Instant): Chosen | null {
  for (let candidates = victimsInOrder(draft, lease, at); candidates.length > 0; ) {
    const victims = choose(draft, lease, at, candidates);
    if (victims === null) return null;
    const returns = new Map<Lease, Fit>();
    const stuck = unsaved(draft, victims, at) ?? withoutReturn(draft, lease, at, victims, returns);
    if (stuck === null) return { victims, returns };
    candidates = candidates.filter((victim) => victim !== stuck); // the others may do
  }
  return null;
}

/**
 * The first deadline lease among the victims, tightest first, that could not come back in time once `lease` is there; null:
 * there is none, and `returns` is where they come back.
 */
function withoutReturn(
  draft: Draft,
  lease: Lease,
  at: Instant,
  victims: readonly Lease[],
  returns: Map<Lease, Fit>,
): Lease | null {
  const returning = mostSlackFirst(draft, victims.filter(isDeadline), lease, at).reverse();
  if (returning.length === 0) return null;
  for (const victim of victims) lift(draft, victim, at);
  const fit = fitAt(draft, lease, at)!;
  draft.take(fit.loads, fit.from, fit.until);
  let stuck: Lease | null = null;
  for (const victim of returning) {
    const back = fitReturn(draft, victim, stepsTo(draft, victim, at)![0]!.from, at);
    if (back === null) {
      stuck = victim;
      break;
    }
    draft.take(back.loads, back.from, back.until);
    returns.set(victim, back);
  }
  for (const { loads, from, until } of [fit, ...returns.values()]) draft.release(loads, from, until);
  for (const victim of victims) putBack(draft, victim, at);
  return stuck;
}

/** The first victim that would have to be saved by `at`, and cannot be behind those before it; null: there is none. */
function unsaved(draft: Draft, victims: readonly Lease[], at: Instant): Lease | null {
  if (!victims.some(mustBeSaved)) return null;
  const before = victims.map((victim) => [victim, draft.planned.get(victim)] as const);
  const stuck = victims.find((victim) => {
    const steps = draft.isReserved(victim) ? null : stepsTo(draft, victim, at);
    const planned = draft.planned.get(victim) ?? [];
    if (steps !== null) draft.planned.set(victim, [...planned, { steps, nodes: draft.nodesOf(victim)! }]);
    return steps === null && mustBeSaved(victim) && !draft.isReserved(victim);
  });
  for (const [victim, planned] of before)
    if (planned === undefined) draft.planned.delete(victim);
    else draft.planned.set(victim, planned);
  return stuck ?? null;
}

/** Whether the lease is never stopped to wait again: it cannot be queued. */
function mustBeSaved(lease: Lease): boolean {
  return lease.terms.start.kind === 'immediate' || isDeadline(lease);
}

/** Preemptible leases of the kinds that the policy names that hold capacity in the time asked for, in the policy's order. */
function victimsInOrder(draft: Draft, lease: Lease, at: Instant): Lease[] {
  const { policy, pools } = draft.state;
  const kind = lease.terms.start.kind;
  if (kind === 'best-effort') return [];
  if (!policy.preemptors.includes(kind)) return [];
  const until = at + lengthOf(draft.state, lease);
  const found = new Set<Lease>();
  for (const pool of pools)
    for (const holder of pool.holders) if (isVictim(draft, holder, kind, at, until)) found.add(holder);
  for (const marks of [draft.reservations, draft.started])
    for (const [holder] of marks.entries()) if (isVictim(draft, holder, kind, at, until)) found.add(holder);
  const victims = [...found];
  const inOrder = VICTIM_ORDER[policy.victimOrder as keyof typeof VICTIM_ORDER];
  // Those that were promised nothing come first.
  return [
    ...inOrder(
      draft,
      victims.filter((victim) => !isDeadline(victim)),
      at,
    ),
    ...mostSlackFirst(draft, victims.filter(isDeadline), lease, at),
  ];
}

function isVictim(draft: Draft, holder: Lease, by: Start['kind'], at: Instant, until: Instant): boolean {
  const { victimAgeMax, victims = VICTIMS_DEFAULT } = draft.state.policy;
  if (!holder.terms.preemptible || !(victims as readonly string[]).includes(holder.terms.start.kind)) return false;
  if (holder.arriving !== null) return false; // it is on its way: it makes room when it has arrived
  if (isResizing(draft.state, holder)) return false; // likewise
  if (victimAgeMax !== null && at - holder.submitted >= victimAgeMax) return false;
  const held = draft.heldBy(holder);
  if (held === null || held.from >= until || held.until <= at) return false;
  if (mustBeSaved(holder) && !mayBeSaved(draft, holder, at)) return false;
  if (isDeadline(holder) && (by !== 'deadline' || !runsFreely(draft, holder))) return false;
  // What begins just now may already be planned to leave, but not to have begun in vain.
  if (draft.started.has(holder)) return at > draft.now;
  if (draft.reservations.has(holder) && draft.isReserved(holder)) return true; // made or moved just now
  if (draft.settled.has(holder)) return false;
  if (holder.phase === 'starting' && holder.from >= draft.now && at <= draft.now) return false;
  if (holder.phase === 'resuming' && holder.from >= draft.now) return false;
  switch (holder.phase) {
    case 'starting':
    case 'active':
    case 'resuming':
      return holder.plan === null || holder.plan.kind === 'stop' || holder.plan.next === 0;
    case 'reserved':
    case 'suspended':
      return draft.isReserved(holder);
    default:
      return false;
  }
}

/** Whether the lease, which cannot be queued again, runs and can be saved by `at`, or is saved already. */
function mayBeSaved(draft: Draft, lease: Lease, at: Instant): boolean {
  if (lease.phase === 'suspended') return draft.isReserved(lease);
  return lease.phase === 'active' && at > draft.now && stepsTo(draft, lease, at) !== null;
}

type VictimOrder = (draft: Draft, victims: Lease[], at: Instant) => Lease[];

const VICTIM_ORDER: Readonly<Record<(typeof VICTIM_ORDERS)[number], VictimOrder>> = {
  /** 1. reservations before running leases  2. less lost (VM-milliseconds)  3. younger. */
  'least-cost@1': (draft, victims, at) => {
    const costs = new Map(victims.map((victim) => [victim, cost(draft, victim, at)]));
    return victims.sort((a, b) => costs.get(a)! - costs.get(b)! || b.sequence - a.sequence);
  },
  'oldest-first@1': (_, victims) => victims.sort((a, b) => a.sequence - b.sequence),
  'youngest-first@1': (_, victims) => victims.sort((a, b) => b.sequence - a.sequence),
  /** 1. lower effective priority  2. younger. */
  'lowest-priority@1': (draft, victims) => {
    const points = new Map(victims.map((victim) => [victim, draft.standing.of(victim)]));
    return victims.sort((a, b) => points.get(a)! - points.get(b)! || b.sequence - a.sequence);
  },
};

/** What the victim loses, in VM-milliseconds: saving and bringing back, or all its work. -1: it does not run yet. */
function cost(draft: Draft, victim: Lease, at: Instant): number {
  const { state } = draft;
  if (draft.isReserved(victim)) return -1;
  const steps = stepsTo(draft, victim, at);
  if (steps !== null) return victim.vms * (at - steps[0]!.from + lengthAnywhere(state, victim, 'resume'));
  const running = victim.clockFrom === null ? 0 : Math.max(0, at - victim.clockFrom);
  return victim.vms * (victim.terms.duration - victim.remaining + running);
}

/** The victims needed: one that suffices, else as many as it takes without those that turn out useless; null: none do. */
function choose(draft: Draft, lease: Lease, at: Instant, candidates: readonly Lease[]): readonly Lease[] | null {
  for (const victim of candidates) lift(draft, victim, at);
  const possible = fitAt(draft, lease, at) !== null;
  for (const victim of candidates) putBack(draft, victim, at);
  if (!possible) return null;

  const inOrder = draft.state.policy.victimChoice === 'in-order';
  if (!inOrder) for (const victim of candidates) if (suffices(draft, lease, at, [victim])) return [victim];

  const chosen: Lease[] = [];
  for (const victim of candidates) {
    chosen.push(victim);
    if (suffices(draft, lease, at, chosen)) break;
  }
  if (inOrder) return chosen;
  for (let i = chosen.length - 1; i >= 0; i--) {
    const without = chosen.filter((_, k) => k !== i);
    if (suffices(draft, lease, at, without)) chosen.splice(i, 1);
  }
  return chosen;
}

function suffices(draft: Draft, lease: Lease, at: Instant, victims: readonly Lease[]): boolean {
  for (const victim of victims) lift(draft, victim, at);
  const fit = fitAt(draft, lease, at);
  for (const victim of victims) putBack(draft, victim, at);
  return fit !== null;
}

/** What the victim holds from `at` on is free on trial: a reservation is given up whole, unless it is worth beginning. */
function lift(draft: Draft, victim: Lease, at: Instant): void {
  const { loads, from, until } = draft.heldBy(victim)!;
  draft.release(loads, givesUpReservation(draft, victim, at) ? from : Math.max(at, from), until);
}

/** The opposite of `lift`. */
function putBack(draft: Draft, victim: Lease, at: Instant): void {
  const { loads, from, until } = draft.heldBy(victim)!;
  draft.take(loads, givesUpReservation(draft, victim, at) ? from : Math.max(at, from), until);
}

/** Whether a reservation that is in the way at `at` is given up; else it is begun, and the lease suspended by then. */
function givesUpReservation(draft: Draft, victim: Lease, at: Instant): boolean {
  if (!draft.isReserved(victim)) return false;
  const { state } = draft;
  if (!mayBeCut(state, victim)) return true;
  const { from } = draft.heldBy(victim)!;
  const ready =
    victim.phase === 'suspended' ? from + lengthInPools(state, victim, draft.poolsOf(victim)!, 'resume') : from;
  return at - ready < threshold(state, victim);
}

/** The decision on a victim: it gives up its reservation, is stopped now, saved by `at`, or stopped at `at`. */
function dismiss(draft: Draft, victim: Lease, by: Lease, at: Instant, back: Fit | null): void {
  const reserved = draft.isReserved(victim);
  const reasons = [reason(reserved ? 'displaced' : 'preempted', { blockers: [by.id] })];
  if (reserved && !givesUpReservation(draft, victim, at)) {
    draft.hold(victim, { ...draft.heldBy(victim)!, until: at });
    planSuspension(draft, victim, [], [], at, reasons);
    return;
  }
  if (reserved) {
    putBack(draft, victim, at); // it is lifted whole
    dropReservation(draft, victim, reasons);
    return;
  }
  if (at <= draft.now) {
    putBack(draft, victim, at); // `stop` frees it again
    draft.stop(victim, 'preempted', 'queue', reasons);
    return;
  }
  const steps = stepsTo(draft, victim, at);
  draft.hold(victim, { ...draft.heldBy(victim)!, until: at });
  if (steps === null) {
    draft.decisions.push({ type: 'StopPlanned', lease: victim.id, at, reasons });
    draft.planned.set(victim, []);
  } else {
    const nodes = draft.nodesOf(victim)!;
    planSuspension(draft, victim, steps, nodes, at, reasons, back);
    if (back !== null) draft.holdLater(victim, back);
    orderSteps(draft, victim, { kind: 'suspend', steps, next: 0 }, nodes, victim.units); // those that begin just now
  }
}

/** The suspension that ends at `at`, if the victim has run for long enough by then and may be saved; else null. */
export function stepsTo(draft: Draft, victim: Lease, at: Instant): Step[] | null {
  const { state, now } = draft;
  if (!maySuspend(state, victim)) return null;
  const ready = draft.started.has(victim) ? now : (victim.clockFrom ?? victim.until - runLength(state, victim));
  if (at - ready < threshold(state, victim)) return null;
  const steps = suspensionSteps(draft, victim, draft.nodesOf(victim)!, at);
  const begin = steps[0]!.from;
  if (victim.clockFrom !== null) return begin >= now ? steps : null;
  return begin > now && begin >= ready ? steps : null;
}
