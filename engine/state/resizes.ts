/** VMs that are made larger or smaller: asked for, ordered, and seen to be so. The half of `evolve`. */

import type { Capacity } from '../kit/capacity.js';
import type { Instant } from '../kit/time.js';
import type { LeaseResizeRequested } from '../model/events.js';
import type { Terms } from '../model/lease.js';
import { answerResize, arm, boundLeast, hold, letGo, noteRelease } from './leases.js';
import { loadsInPools, poolsOfNodes } from './nodes.js';
import { heldTerms, resizedTerms } from './sizes.js';
import type { Lease, Load, State, StateView } from './state.js';
import { giveUpReservation } from './wishes.js';

/** A lease that waits is considered as if it had been asked for so; of one that runs it is a decision. */
export function resizeRequested(state: State, { lease: id, demands, cold }: LeaseResizeRequested): void {
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  if (lease.phase === 'active') {
    state.resizes.push({ lease, demands, cold: cold === true });
    return;
  }
  keepSizes(lease, state.now);
  lease.terms = resizedTerms(lease.terms, demands, false);
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

/** The order is answered: `done` says how large its VMs are now, and since when; null: as they were. */
export function endResize(
  state: State,
  lease: Lease,
  done: { readonly demands: readonly Capacity[]; readonly at: Instant } | null,
): void {
  if (done !== null) {
    keepSizes(lease, done.at);
    lease.terms = resizedTerms(lease.terms, done.demands, true);
  }
  if (lease.loads !== null) noteRelease(state, lease.until);
  holdSize(state, lease);
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

/** What its VMs have had up to now stays with the times in which they ran so. */
function keepSizes(lease: Lease, at: Instant): void {
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
}
