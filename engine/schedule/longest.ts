/** How long a lease could last where it is, for those who are told that it cannot last as long as they asked. */

import { expand } from '../kit/nodeset.js';
import { DURATION_MAX, type Duration, type Instant } from '../kit/time.js';
import type { LeaseId } from '../model/lease.js';
import type { StateView } from '../state/state.js';

/**
 * The longest duration of a lease that runs, or holds a reservation, for which its own pools stay free: on these nodes, and
 * without preemption. Null: it holds nothing, has to leave for another, or its nodes are taken out of service.
 * O(breakpoints × pools).
 */
export function longestDuration(state: StateView, id: LeaseId): Duration | null {
  const lease = state.leases.get(id);
  if (lease === undefined || lease.loads === null || lease.terms.start.kind === 'deadline') return null;
  if (lease.plan !== null && lease.plan.kind !== 'resume') return null;
  if (lease.planAfter !== null || lease.cancelled || lease.phase === 'stopping') return null;
  if (lease.pools === null && expand(lease.nodes!).some((node) => state.nodeStatus.has(node))) return null;
  let end: Instant = lease.until + DURATION_MAX;
  for (const { pool, amounts } of lease.loads)
    end = Math.min(end, state.pools[pool]!.profile.holdsUntil(lease.until, amounts));
  return Math.min(DURATION_MAX, lease.terms.duration + end - lease.until);
}
