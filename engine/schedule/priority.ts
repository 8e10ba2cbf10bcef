/** The order in which waiting leases are served, and how it comes about: see Policy.queueOrder. */

import { mulDiv, toNumber } from '../kit/fractions.js';
import type { Instant } from '../kit/time.js';
import { accountOf, type FairShare, shareOf } from '../model/fair-share.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';
import { usageAt } from '../state/usage.js';

/** Whether waiting leases are served as they came. O(1). */
export function isByArrival({ policy, prioritised }: StateView): boolean {
  if (policy.queueOrder === 'arrival') return true;
  // Whoever came earlier has at least the points of age of those who came later: age alone changes nothing.
  return policy.fairShare === null && (prioritised === 0 || policy.priorityWeight === 0);
}

/** 1. higher effective priority  2. earlier arrival.  O(queue log queue). */
export function servingOrder({ queue }: StateView, standing: Standing): readonly Lease[] {
  const points = new Map(queue.map((lease) => [lease, standing.of(lease)]));
  return [...queue].sort((a, b) => points.get(b)! - points.get(a)! || a.sequence - b.sequence);
}

/** How leases stand at an instant. O(leases + accounts) where there is a fair share, else O(1). */
export class Standing {
  private readonly factors: ReadonlyMap<string, number>;

  constructor(
    private readonly state: StateView,
    private readonly now: Instant,
  ) {
    const { fairShare } = state.policy;
    this.factors = fairShare === null ? new Map() : fairShareFactors(fairShare, usageAt(state, fairShare, now));
  }

  /** The effective priority: a sum of whole numbers. */
  of({ submitted, terms }: Lease): number {
    const { priorityWeight, ageWeight, ageMax, fairShare } = this.state.policy;
    let points = priorityWeight * (terms.priority ?? 0);
    if (ageWeight > 0) points += ageWeight * mulDiv(1000, Math.min(this.now - submitted, ageMax), ageMax);
    if (fairShare !== null) points += fairShare.weight * (this.factors.get(accountOf(fairShare, terms)) ?? 1000);
    return points;
  }
}

/**
 * In thousandths: 1 / (1 + x), where x is what the account used of all usage, relative to its share of all shares. That is
 * 1 for who used nothing and a half for who used exactly his share, as is the 2^-x of Slurm, and exact on every machine.
 */
export function fairShareFactors(fairShare: FairShare, usage: ReadonlyMap<string, number>): Map<string, number> {
  const accounts = new Set([...Object.keys(fairShare.shares), ...usage.keys()]);
  let usedByAll = 0n;
  let sharesOfAll = 0n;
  for (const account of accounts) {
    usedByAll += BigInt(usage.get(account) ?? 0);
    sharesOfAll += BigInt(shareOf(fairShare, account));
  }
  const factors = new Map<string, number>();
  for (const [account, used] of usage) {
    const entitled = BigInt(shareOf(fairShare, account)) * usedByAll;
    const sum = entitled + BigInt(used) * sharesOfAll;
    if (sum > 0n) factors.set(account, toNumber((1000n * entitled) / sum));
  }
  return factors;
}
