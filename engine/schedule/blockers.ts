/** Reasons with names in them: who holds what a lease would need, and when it is given back. */

import { countFitting } from '../kit/capacity.js';
import { expand, type Runs } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import { BLOCKERS_MAX, type Reason, reason } from '../model/reasons.js';
import { use } from '../state/nodes.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool } from '../state/state.js';
import type { Draft } from './draft.js';
import type { Held } from './held.js';
import { sorted } from './sorted.js';
import { lengthOf, staysOnNodes, suits } from './place.js';

/**
 * Why the lease does not fit over [at, at + its length): what it needs, what is there, and who holds the rest.
 * `earliest` is when it would fit, where known. O(pools × breakpoints in between + holders).
 */
export function shortage(draft: Draft, lease: Lease, at: Instant, earliest: Instant | null): Reason {
  const until = at + lengthOf(draft.state, lease);
  const { named, more } = name(holdersWithin(draft, lease, at, until));
  const { need, have, resource } = scarcest(draft, lease, at, until);
  const code = staysOnNodes(draft, lease, at) ? 'images-on-busy-nodes' : 'insufficient-capacity';
  return { ...reason(code, { blockers: named, resource, need, have, earliestRelease: earliest }), more };
}

/** Who else holds something within [at, until) where the lease could be, each once. O(holders of suitable pools). */
function holdersWithin(draft: Draft, lease: Lease, at: Instant, until: Instant): Iterable<Lease> {
  const { pools } = draft.state;
  const returning = leasesToReturn(draft);
  if (pools.length === 1 && returning.length === 0) return holdersOf(draft, pools[0]!, lease, at, until);
  const blockers = new Set<Lease>();
  for (const pool of pools) {
    for (const holder of holdersOf(draft, pool, lease, at, until)) blockers.add(holder);
    if (returning.length === 0 || !suits(draft.state, pool, lease.terms)) continue;
    for (const other of returning) {
      const later = draft.laterOf(other);
      if (holdsIn(pool, later) && later!.from < until && later!.until > at) blockers.add(other);
    }
  }
  return blockers;
}

/** The same for one pool: none if it does not suit the lease. O(holders). */
function holdersOf(draft: Draft, pool: Pool, lease: Lease, at: Instant, until: Instant): readonly Lease[] {
  const holders: Lease[] = [];
  if (!suits(draft.state, pool, lease.terms)) return holders;
  for (const holder of pool.holders)
    if (holder.from < until && holder.until > at && holder !== lease && !draft.held.has(holder)) holders.push(holder);
  for (const [holder, held] of draft.held.entries())
    if (holder !== lease && holdsIn(pool, held) && held!.from < until && held!.until > at) holders.push(holder);
  return holders;
}

/** Leases for whose return something is held: they are holders of what they hold now only. O(leases), if there may be any. */
function leasesToReturn(draft: Draft): readonly Lease[] {
  const { leases, policy } = draft.state;
  if (!policy.victims?.includes('deadline')) return [];
  return leases.values().filter((lease) => draft.laterOf(lease) !== null);
}

function holdsIn(pool: Pool, held: Held | null): boolean {
  return held?.loads.some((load) => load.pool === pool.index) === true;
}

/** Who holds these nodes at `at`, earlier arrivals first. O(holders). */
export function holdersAt(draft: Draft, lease: Lease, nodes: Runs, at: Instant): string[] {
  const { pools, poolOf } = draft.state;
  const holders = new Set<Lease>();
  for (const pool of new Set(expand(nodes).map((node) => pools[poolOf[node]!]!)))
    for (const holder of pool.holders) {
      const held = holder === lease ? null : draft.heldBy(holder);
      if (held !== null && held.from <= at && held.until > at) holders.add(holder);
    }
  const places = new Set(expand(nodes).map((node) => poolOf[node]!));
  for (const [holder, held] of draft.held.entries())
    if (holder !== lease && held !== null && held.from <= at && held.until > at)
      if (held.loads.some((load) => places.has(load.pool))) holders.add(holder);
  return sorted(holders).map((holder) => holder.id);
}

/** The blockers whose leaving is nearest first: 1. earlier end  2. earlier arrival. At most BLOCKERS_MAX are named. */
function name(blockers: Iterable<Lease>): { named: string[]; more: number } {
  const nearest: Lease[] = [];
  let count = 0;
  for (const lease of blockers) {
    count++;
    if (nearest.length === BLOCKERS_MAX && !sooner(lease, nearest[BLOCKERS_MAX - 1]!)) continue;
    let i = nearest.length;
    while (i > 0 && sooner(lease, nearest[i - 1]!)) i--;
    nearest.splice(i, 0, lease);
    if (nearest.length > BLOCKERS_MAX) nearest.pop();
  }
  return { named: nearest.map((lease) => lease.id), more: count - nearest.length };
}

function sooner(a: Lease, b: Lease): boolean {
  return a.until < b.until || (a.until === b.until && a.sequence < b.sequence);
}

/** The first resource of which all suitable pools together have too little, or else how many of the VMs fit. */
function scarcest(draft: Draft, lease: Lease, at: Instant, until: Instant) {
  const { pools, resources } = draft.state;
  const { groups } = lease.terms;
  const sums = resources.map(() => 0);
  let fitting = 0;
  let shared = false;
  for (const pool of pools) {
    if (!suits(draft.state, pool, lease.terms) || pool.nodes.length === 0) continue;
    const least = new Array<number>(pool.profile.width).fill(0);
    draft.profile(pool.index).minimum(at, until, least);
    if (pool.counted) fitting += Math.max(0, least[0]!);
    else {
      shared = true;
      fitting += countFitting(use(pool, groups[0]!.demand), least, lease.vms);
      least.forEach((amount, r) => (sums[r] = sums[r]! + Math.max(0, amount)));
    }
  }
  if (shared)
    for (let r = 0; r < resources.length; r++) {
      const need = groups.reduce((sum, group) => sum + group.vms * group.demand[r]!, 0);
      if (need > sums[r]!) return { resource: resources[r]!.name, need, have: sums[r]! };
    }
  return { resource: shared ? null : 'nodes', need: lease.vms, have: Math.min(fitting, lease.vms) };
}
