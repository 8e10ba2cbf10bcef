/** VMs that are made larger or smaller: asked for, ordered, and seen to be so. The half of `evolve`. */

import type { Capacity } from '../kit/capacity.js';
import type { Instant } from '../kit/time.js';
import type { LeaseResizeRequested, LeaseResizeSettled, ResizeOrdered } from '../model/events.js';
import type { Terms } from '../model/lease.js';
import { answerResize, boundLeast, hold, letGo, noteRelease } from './leases.js';
import { arm } from './alarms.js';
import { loadsInPools, poolsOfNodes } from './nodes.js';
import { heldTerms, resizedTerms } from './sizes.js';
import type { Former, Lease, Load } from './live-lease.js';
import type { State, StateView } from './state.js';
import { giveUpReservation } from './wishes.js';

/** A lease that waits is considered as if it had been asked for so; of one that runs it is a decision. */
export function resizeRequested(state: State, event: LeaseResizeRequested): void {
  const { lease: id, demands, cold = false, revertAfter = null } = event;
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  if (lease.phase === 'active') {
    state.resizes.push({ lease, demands, cold, revertAfter });
    return;
  }
  keepSizes(lease, state.now);
  state.firstFit.change(lease, () => {
    lease.terms = resizedTerms(lease.terms, demands, false);
  });
  giveUpReservation(state, lease);
  if (state.queue.includes(lease)) boundLeast(state, lease, false);
  state.unproven.push(lease); // it may be too large now
  arm(state, lease);
}

/** The order is given: until it is answered the lease holds the larger of both. */
export function beginResize(state: State, lease: Lease): void {
  answerResize(state, lease);
  holdSize(state, lease);
}

/** The order is answered: its VMs are as large as it says since `at`; null: they are as they were. */
export function endResize(state: State, lease: Lease, order: ResizeOrdered, at: Instant | null): void {
  if (at !== null) {
    const demands = keepSizes(lease, at);
    lease.terms = resizedTerms(lease.terms, order.demands, true);
    lease.former = formerOf(order, demands, at);
  } else if (lease.former !== null) lease.former = { ...lease.former, at: state.now + AGAIN_MS };
  if (lease.loads !== null) noteRelease(state, lease.until);
  holdSize(state, lease);
  arm(state, lease);
}

/** VMs that could not go back try it again after that. */
const AGAIN_MS = 60_000;

function formerOf({ revertAfter, cold }: ResizeOrdered, demands: readonly Capacity[], at: Instant): Former | null {
  if (revertAfter === undefined) return null;
  return { demands, at: at + revertAfter, ...(cold === undefined ? {} : { cold }) };
}

/** What its VMs had is kept no more; or it is time that they go back to it. */
export function resizeSettled(state: State, { lease: id, how }: LeaseResizeSettled): void {
  const lease = state.leases.get(id);
  if (lease === undefined || lease.former === null) return;
  lease.former = how === 'revert' ? { ...lease.former, at: state.now } : null;
  if (how === 'confirm' && lease.loads !== null) {
    noteRelease(state, lease.until);
    holdSize(state, lease);
  }
  arm(state, lease);
}

/** What the lease, which is on nodes, holds with VMs of these sizes. Of nodes that are counted it holds as many as before. */
export function loadsOf(state: StateView, lease: Lease, terms: Terms): readonly Load[] {
  const isCounted = ({ pool }: Load) => state.pools[pool]!.counted;
  const loads = loadsInPools(state, terms, poolsOfNodes(state, lease.nodes!));
  return [...lease.loads!.filter(isCounted), ...loads.filter((load) => !isCounted(load))];
}

function holdSize(state: State, lease: Lease): void {
  if (lease.loads === null || lease.pools !== null) return;
  const { from, until } = lease;
  const loads = loadsOf(state, lease, heldTerms(lease));
  letGo(state, lease);
  hold(state, lease, state.now, until, loads);
  lease.from = from;
}

/** What its VMs have had up to now, which is returned, stays with the times in which they ran so. */
function keepSizes(lease: Lease, at: Instant): readonly Capacity[] {
  const demands = lease.terms.groups.map(({ demand }) => demand);
  for (const span of [...lease.spans]) {
    if (span.kind !== 'run' || span.demands !== undefined) continue;
    if (span.until === null) {
      if (span.from >= at) continue;
      lease.spans.push({ ...span, from: at });
      span.until = at;
    }
    span.demands = demands;
  }
  return demands;
}
