/** Which nodes leases ask for: those that they name, and the expressions of Where over the facts of a pool. */

import { zeros } from '../kit/capacity.js';
import type { Instant } from '../kit/time.js';
import { type Expression, holds, rankOf, type Value } from '../model/expression.js';
import { parseExpression } from '../model/expression-parser.js';
import type { PoolCounts } from '../model/events.js';
import type { Terms } from '../model/lease.js';
import { factOf, inExpressions } from '../model/node-facts.js';
import { loadClassOf, poolsOfNodes, use } from '../state/nodes.js';
import type { Lease, Load } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';
import type { Draft } from './draft.js';
import { leasesOn } from './node-choice/node-choice.js';

/** Whether the nodes of the pool are what the lease requires, by what stays as it is. O(parts × resources). */
export function meets(state: StateView, pool: Pool, terms: Terms): boolean {
  const expression = expressionOf(terms.where?.requirements ?? null);
  return expression === null || holds(expression, (name) => lastingFact(state, pool, name));
}

/** The nodes that the lease names, in its order; null: it names none. */
export function poolsNamed(state: StateView, { where }: Terms): Pool[] | null {
  return where?.nodes?.map((node) => state.pools[state.poolOf[node]!]!) ?? null;
}

/** Whether the lease names the node that the pool is, or none at all. O(nodes named). */
export function isNamed(state: StateView, pool: Pool, { where }: Terms): boolean {
  if (where?.nodes === undefined) return true;
  return !pool.counted && where.nodes.some((node) => state.poolOf[node] === pool.index);
}

/**
 * Orders pools by the rank that the lease gives their nodes at `at`: 1. higher rank; where it is missing, last  2. the
 * order as it was. A lease without a rank changes nothing. O(pools × parts × (resources + holders), + all holders once
 * where the rank names `vms`).
 */
export function rankPools(draft: Draft, pools: Pool[], at: Instant, lease: Lease): void {
  const expression = expressionOf(lease.terms.where?.rank ?? null);
  if (expression === null) return;
  let vms: readonly number[] | null = null;
  const ranked = pools.map((pool, place) => {
    const facts = (name: string) => {
      if (name === 'vms' && !pool.counted) vms ??= vmsByPool(draft, at);
      return passingFact(draft, pool, at, name, vms) ?? lastingFact(draft.state, pool, name);
    };
    return { pool, place, rank: rankOf(expression, facts) ?? Number.NEGATIVE_INFINITY };
  });
  ranked.sort((a, b) => (a.rank === b.rank ? a.place - b.place : b.rank - a.rank));
  for (const [place, { pool }] of ranked.entries()) pools[place] = pool;
}

/** Null where there is none; `decide` lets none pass that cannot be read. */
function expressionOf(text: string | null): Expression | null {
  if (text === null) return null;
  const parsed = parseExpression(text);
  return parsed.ok ? parsed.expression : null;
}

/** Capacity, number and labels. Of nodes that are counted none has a number: they are chosen when a lease starts. */
function lastingFact(state: StateView, pool: Pool, name: string): Value | undefined {
  const fact = factOf(name, state.resources);
  if (fact.kind === 'capacity') return inExpressions(pool.capacity[fact.resource]!, state.resources[fact.resource]!);
  if (fact.kind === 'label') return Object.hasOwn(pool.labels, name) ? pool.labels[name] : undefined;
  if (fact.kind !== 'node' || pool.counted) return undefined;
  return pool.nodes[0] ?? state.poolOf.indexOf(pool.index, 1); // it may be draining or lost
}

/** What is free and who is there at `at`. Of nodes that are counted an empty one is offered, if there is any. */
function passingFact(
  draft: Draft,
  pool: Pool,
  at: Instant,
  name: string,
  vms: readonly number[] | null,
): Value | undefined {
  const { resources } = draft.state;
  const fact = factOf(name, resources);
  if (fact.kind === 'vms') return pool.counted ? 0 : vms![pool.index];
  if (fact.kind === 'leases') return pool.counted ? 0 : leasesOn(draft, pool, at);
  if (fact.kind === 'load') return loadClassOf(draft.state, pool);
  if (fact.kind !== 'free') return undefined;
  const { resource } = fact;
  const profile = draft.profile(pool.index);
  const free = pool.counted
    ? profile.freeAt(at, 0) > 0
      ? pool.capacity[resource]!
      : 0
    : Math.max(0, profile.freeAt(at, resource));
  return inExpressions(free, resources[resource]!);
}

// ---- VMs -----------------------------------------------------------------------------------------------------------

/**
 * How many VMs are on the one node of each shared pool at `at`: those that the state knows as the draft has left them, and
 * those that it starts. What this draft only reserves is not counted yet.
 */
function vmsByPool(draft: Draft, at: Instant): number[] {
  const { state } = draft;
  const counts = zeros(state.pools.length);
  const count = (lease: Lease, plan: () => PoolCounts, belongs: (pool: Pool) => boolean) => {
    const held = draft.heldBy(lease);
    if (held === null || held.from > at || held.until <= at) return;
    for (const load of held.loads)
      if (belongs(state.pools[load.pool]!)) counts[load.pool]! += vmsIn(state, lease, load, plan);
  };
  for (const pool of state.pools)
    if (!pool.counted)
      for (const holder of pool.holders)
        count(
          holder,
          () => holder.pools ?? poolsOfNodes(state, holder.nodes!),
          (other) => other === pool,
        );
  for (const decision of draft.decisions) {
    if (decision.type !== 'StartOrdered' && decision.type !== 'ResumptionPlanned') continue;
    const lease = state.leases.get(decision.lease)!;
    count(
      lease,
      () => poolsOfNodes(state, decision.nodes),
      (pool) => !pool.counted && !pool.holders.has(lease),
    );
  }
  return counts;
}

/** How many VMs the load is: its demand says so where all VMs there hold the same, else the plan of the lease does. */
function vmsIn(state: StateView, lease: Lease, load: Load, plan: () => PoolCounts): number {
  const pool = state.pools[load.pool]!;
  const { groups } = lease.terms;
  if (pool.exclusive || groups.length === 1) {
    const each = use(pool, groups[0]!.demand);
    const r = each.findIndex((amount) => amount > 0);
    return load.amounts[r]! / each[r]!;
  }
  const counts = plan();
  let vms = 0;
  for (let i = 0; i < counts.length; i += 2) if (counts[i] === pool.index) vms += counts[i + 1]!;
  return vms;
}
