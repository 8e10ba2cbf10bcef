/**
 * Usage: how much cpu time each account has had, folded from what its leases ran, in cpu-milliseconds. It decays in steps
 * of a sixteenth of the half-life, for all accounts at the same instants, so that nobody gains by being looked at seldom.
 */

import { mulDiv } from '../kit/fractions.js';
import type { Duration, Instant } from '../kit/time.js';
import { accountOf, type FairShare } from '../model/fair-share.js';
import type { Terms } from '../model/lease.js';
import type { Policy } from '../model/policy.js';
import { sized } from './sizes.js';
import type { Lease } from './live-lease.js';
import { resourceIndex, type State, type StateView } from './state.js';

/** Steps in a half-life, and what a step leaves: 2^(-1/16), in millionths. */
const STEPS = 16;
const LEFT = 957_603;
const WHOLE = 1_000_000;
/** After so many steps nothing that a site can use is left. */
const STEPS_MAX = 64 * STEPS;

/** Takes the steps up to `now`: live leases are charged up to each, then all usage decays. O(leases + accounts) a step. */
export function decayUsage(state: State, fairShare: FairShare, now: Instant): void {
  for (const at of stepsUntil(state, fairShare, now)) {
    for (const lease of state.leases.values()) chargeUsage(state, fairShare, lease, at);
    decay(state.usage);
  }
  state.usageStep = Math.max(state.usageStep, Math.floor(now / stepLength(fairShare)));
}

/** What the lease has run up to `until`, and was not charged for yet, counts towards its account. */
export function chargeUsage(state: State, fairShare: FairShare, lease: Lease, until: Instant): void {
  const ran = cpuTime(state, lease, until);
  if (ran === lease.charged) return;
  const account = accountOf(fairShare, lease.terms);
  // Less than was charged, where a lease turns out to have ended before the last step: that is given back.
  setUsage(state.usage, account, (state.usage.get(account) ?? 0) + ran - lease.charged);
  lease.charged = ran;
}

/** Another policy: usage is kept if it is counted by the same accounts, and counted from now on if not. */
export function adoptUsage(state: State, policy: Policy, now: Instant): void {
  const before = state.policy.fairShare;
  const after = policy.fairShare;
  if (after?.by !== before?.by) {
    state.usage.clear();
    for (const lease of state.leases.values()) lease.charged = cpuTime(state, lease, now);
  }
  state.usageStep = after === null ? 0 : Math.floor(now / stepLength(after));
}

/**
 * Usage by account at `now`: decayed up to then, with what live leases are yet to be charged for. As `decayUsage` will have
 * it, also where nothing has been folded at `now` yet. O(leases + accounts) a step.
 */
export function usageAt(state: StateView, fairShare: FairShare, now: Instant): ReadonlyMap<string, number> {
  const usage = new Map(state.usage);
  const charged = new Map<Lease, number>();
  const charge = (until: Instant) => {
    for (const lease of state.leases.values()) {
      const more = cpuTime(state, lease, until) - (charged.get(lease) ?? lease.charged);
      if (more === 0) continue;
      const account = accountOf(fairShare, lease.terms);
      setUsage(usage, account, (usage.get(account) ?? 0) + more);
      charged.set(lease, cpuTime(state, lease, until));
    }
  };
  for (const at of stepsUntil(state, fairShare, now)) {
    charge(at);
    decay(usage);
  }
  charge(now);
  return usage;
}

/** The instants up to `now` at which usage is yet to decay. */
function* stepsUntil(state: StateView, fairShare: FairShare, now: Instant): Iterable<Instant> {
  const length = stepLength(fairShare);
  const last = Math.floor(now / length);
  for (let step = Math.max(state.usageStep, last - STEPS_MAX) + 1; step <= last; step++) yield step * length;
}

function decay(usage: Map<string, number>): void {
  for (const [account, used] of usage) setUsage(usage, account, mulDiv(used, LEFT, WHOLE));
}

/** Cpu-milliseconds in which the lease's VMs have run by `until`. Where the site counts no cpus, a VM counts as one. */
export function cpuTime(state: StateView, lease: Lease, until: Instant): number {
  let ran = 0;
  let before = 0; // with VMs of another size
  for (const span of lease.spans) {
    if (span.kind !== 'run') continue;
    const length = Math.max(0, Math.min(span.until ?? until, until) - span.from);
    if (span.demands === undefined) ran += length;
    else before += mulDiv(length, cpuOf(state, sized(lease.terms, span.demands)), 1000);
  }
  return before + (ran === 0 ? 0 : mulDiv(ran, cpuOf(state, lease.terms), 1000));
}

/** Thousandths of a cpu, over all VMs of the lease. */
export function cpuOf(state: StateView, { groups }: Pick<Terms, 'groups'>): number {
  const cpu = resourceIndex(state, 'cpu');
  return groups.reduce((sum, group) => sum + group.vms * (cpu < 0 ? 1000 : group.demand[cpu]!), 0);
}

function stepLength(fairShare: FairShare): Duration {
  return Math.ceil(fairShare.halfLife / STEPS);
}

function setUsage(usage: Map<string, number>, account: string, used: number): void {
  if (used > 0) usage.set(account, Math.min(used, Number.MAX_SAFE_INTEGER));
  else usage.delete(account);
}
