/**
 * VMs that run and are to be larger or smaller: where what they are to have is free on their nodes for the rest of the
 * lease's time, it is ordered, and held from now on.
 */

import { type Capacity, fitsInto, zeros } from '../kit/capacity.js';
import { expand } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { Decision, ResizeOrdered } from '../model/events.js';
import { type Reason, reason } from '../model/reasons.js';
import { runsFreely } from '../state/lease-life.js';
import { loadsOf } from '../state/resizes.js';
import { largerTerms, outgrown, sized } from '../state/sizes.js';
import type { Former, Lease, Load } from '../state/live-lease.js';
import type { ResizeAsked } from '../state/state.js';
import { reasonsAmong } from './acts.js';
import { refuse } from './changes.js';
import type { Draft } from './draft.js';
import { firstInstants } from './instants.js';
import { sorted } from './sorted.js';

/** Comes when all others have had what they were promised: nobody plans after it. */
export function answerResizes(draft: Draft, due: readonly Lease[]): void {
  goBackInTime(draft, due);
  for (const asked of draft.state.resizes) {
    const { lease } = asked;
    const own = decisionsOn(draft, lease);
    if (own.some(({ type }) => ANSWERS.has(type))) continue;
    const leaves = own.some(isLeaving);
    const why = leaves ? reasonsAmong(own) : runsFreely(lease) ? order(draft, asked) : [reason('not-running')];
    if (why !== null) refuse(draft, lease, why);
  }
}

const ANSWERS: ReadonlySet<string> = new Set(['Failed', 'Refused', 'ChangeRefused']);
const LEAVES: ReadonlySet<string> = new Set(['SuspensionPlanned', 'StopPlanned']);

function decisionsOn({ decisions }: Draft, lease: Lease): Decision[] {
  return decisions.filter((decision) => 'lease' in decision && decision.lease === lease.id);
}

function isLeaving(decision: Decision): boolean {
  return LEAVES.has(decision.type) || 'after' in decision;
}

/** Those whose time has come; also where it had come while they were to make room for others, and that is lifted just now. */
function goBackInTime(draft: Draft, due: readonly Lease[]): void {
  const stay: Lease[] = [];
  for (const one of draft.decisions) if (one.type === 'PreemptionLifted') stay.push(draft.state.leases.get(one.lease)!);
  for (const lease of stay.length === 0 ? due : sorted(new Set([...due, ...stay])))
    if (lease.former !== null && lease.former.at <= draft.now) goBack(draft, lease, lease.former, stay.includes(lease));
}

/** To what they had, for which there is room: it was kept. What is just leaving its nodes keeps what it has. */
function goBack(draft: Draft, lease: Lease, { demands, cold }: Former, stays: boolean): void {
  if (!runsFreely(stays ? { ...lease, plan: null } : lease)) return;
  if (decisionsOn(draft, lease).some((one) => isLeaving(one) || ANSWERS.has(one.type))) return;
  draft.decisions.push(orderOf(draft, lease, demands, cold === true));
}

function orderOf(draft: Draft, { id, terms }: Lease, demands: readonly Capacity[], cold: boolean): ResizeOrdered {
  const deadline = draft.deadline(draft.now + (cold ? (terms.readyWithin ?? 0) : 0)); // what takes longer is awaited for longer
  const order = draft.nextOrder();
  return {
    type: 'ResizeOrdered',
    order,
    lease: id,
    deadline,
    after: [],
    demands,
    ...(cold ? { cold } : {}),
  };
}

/** Orders it. Or why that cannot be. */
function order(draft: Draft, { lease, demands, cold, revertAfter }: ResizeAsked): Reason[] | null {
  const { state, now } = draft;
  const isLarger = lease.terms.groups.some(({ demand }, g) => !fitsInto(demands[g]!, demand));
  // 1. Its nodes take VMs, and could hold so large ones.
  const away = expand(lease.nodes!).filter((node) => state.nodeStatus.has(node));
  if (isLarger && away.length > 0)
    return [reason('node-unavailable', { blockers: away.map((node) => `node:${node}`) })];
  const tooLarge = largerThanItsNode(draft, lease, demands);
  if (tooLarge !== null) return [tooLarge];
  // 2. What it has now and what it is to have are both free, until its end.
  const held = draft.heldBy(lease)!;
  const loads = loadsOf(state, lease, largerTerms(lease.terms, demands));
  draft.lift(lease);
  const short = shortOf(draft, loads, now, held.until);
  draft.place(lease, short === null ? { ...held, loads } : held);
  if (short !== null) return [whyNot(draft, lease, loads, short)];
  // 3. They are stopped for it only where that takes it.
  const decision = orderOf(draft, lease, demands, cold && outgrown(state, lease.terms, demands) !== null);
  draft.decisions.push(revertAfter === null ? decision : { ...decision, revertAfter });
  return null;
}

function largerThanItsNode({ state }: Draft, lease: Lease, demands: ResizeAsked['demands']): Reason | null {
  const nodes = expand(lease.nodes!);
  let vm = 0;
  for (const [g, { vms }] of sized(lease.terms, demands).groups.entries())
    for (const last = vm + vms; vm < last; vm++) {
      const { capacity } = state.pools[state.poolOf[nodes[vm]!]!]!;
      const r = demands[g]!.findIndex((amount, i) => amount > capacity[i]!);
      if (r < 0) continue;
      const [resource, need, have] = [state.resources[r]!.name, demands[g]![r]!, capacity[r]!];
      return reason('insufficient-capacity', { resource, need, have });
    }
  return null;
}

interface Short {
  readonly load: Load;
  readonly resource: number;
  readonly have: number;
}

/** The first of what is not free over [from, until), of a lease that holds nothing just now; null: all is. */
function shortOf(draft: Draft, loads: readonly Load[], from: Instant, until: Instant): Short | null {
  for (const load of loads) {
    const least = zeros(load.amounts.length);
    draft.profile(load.pool).minimum(from, until, least);
    const resource = load.amounts.findIndex((amount, r) => amount > least[r]!);
    if (resource >= 0) return { load, resource, have: Math.max(0, least[resource]!) };
  }
  return null;
}

/** At most so many instants are tried for when it would fit. */
const TRIES_MAX = 64;

function whyNot(draft: Draft, lease: Lease, loads: readonly Load[], { load, resource, have }: Short): Reason {
  const { state, now } = draft;
  const held = draft.heldBy(lease)!;
  const later = firstInstants(draft, now, held.until, TRIES_MAX);
  draft.lift(lease);
  const earliestRelease = later.find((at) => shortOf(draft, loads, at, held.until) === null) ?? null;
  draft.place(lease, held);
  const pool = state.pools[load.pool]!;
  const others = [...pool.holders].filter((holder) => {
    const other = holder === lease ? null : draft.heldBy(holder);
    return other !== null && other.from < held.until && other.until > now;
  });
  return reason('insufficient-capacity', {
    resource: pool.counted ? 'nodes' : state.resources[resource]!.name,
    need: load.amounts[resource]!,
    have,
    blockers: sorted(new Set(others)).map(({ id }) => id),
    earliestRelease,
  });
}
