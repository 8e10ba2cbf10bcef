/**
 * Exclusion across leases: when nodes are busy saving or bringing back VMs of others, so that no two do so at once on one
 * node (or, with global exclusion, anywhere).
 */

import { expand, has, type Runs } from '../kit/nodeset.js';
import type { Decision, OrderId } from '../model/events.js';
import { nodesOf } from '../state/nodes.js';
import type { Lease } from '../state/live-lease.js';
import type { Draft, PlannedSteps } from './draft.js';
import { sorted } from './sorted.js';

/** A lane that is taken over [from, until): instants, or durations counted from one. */
export interface Busy {
  readonly lane: number;
  readonly from: number;
  readonly until: number;
}

const NEVER: readonly Busy[] = [];

/** What others do on these lanes. O(holders of the pools × their steps). */
export function busyNodes(draft: Draft, lease: Lease, lanes: readonly number[]): readonly Busy[] {
  const { policy } = draft.state;
  if (!policy.suspendExclusionAcross || policy.suspension === 'none') return NEVER;
  const global = policy.suspendExclusion === 'global';
  const asked = new Set(lanes);
  const busy: Busy[] = [];
  for (const other of othersOn(draft, lanes, global)) {
    if (other === lease || draft.heldBy(other) === null) continue;
    for (const plan of plansOf(draft, other))
      for (const step of plan.steps) {
        if (step.until <= draft.now) continue;
        const nodes = global ? [0, 0] : nodesOf(plan.nodes, step.vms);
        for (const lane of new Set(expand(nodes)))
          if (asked.has(lane)) busy.push({ lane, from: step.from, until: step.until });
      }
  }
  return busy;
}

/** Orders of other leases that save or bring back VMs on this node (or, if global, anywhere), and are not answered. */
export function ordersInTheWay(draft: Draft, lease: Lease, node: number): OrderId[] {
  const { policy } = draft.state;
  if (!policy.suspendExclusionAcross) return [];
  const global = policy.suspendExclusion === 'global';
  const orders: OrderId[] = [];
  const note = (decision: Decision, nodes: Runs): void => {
    if (decision.type !== 'SuspendOrdered' && decision.type !== 'ResumeOrdered') return;
    if (global || has(nodesOf(nodes, decision.vms), node)) orders.push(decision.order);
  };
  for (const other of sorted(othersOn(draft, [node], global)))
    if (other !== lease) for (const { decision } of other.pending) note(decision, other.nodes!);
  for (const decision of draft.decisions) {
    if (!('lease' in decision) || decision.lease === lease.id) continue;
    const nodes = 'nodes' in decision ? decision.nodes : draft.nodesOf(draft.state.leases.get(decision.lease)!);
    if (nodes !== null) note(decision, nodes);
  }
  return orders;
}

function othersOn(draft: Draft, lanes: readonly number[], global: boolean): Iterable<Lease> {
  const { state } = draft;
  const others = new Set<Lease>();
  const pools = global ? state.pools : [...new Set(lanes)].map((node) => state.pools[state.poolOf[node]!]!);
  for (const pool of pools) for (const holder of pool.holders) others.add(holder);
  for (const lease of draft.planned.keys()) others.add(lease);
  return others;
}

/** What is planned for the lease by this draft, or else by the state, with the nodes it is on. */
function plansOf(draft: Draft, lease: Lease): readonly PlannedSteps[] {
  const planned = draft.planned.get(lease);
  // What is planned for when it is back does not take its coming back off the plan.
  const own = planned === undefined ? [lease.plan, lease.planAfter] : lease.phase === 'resuming' ? [lease.plan] : [];
  const plans: PlannedSteps[] = [...(planned ?? [])];
  for (const plan of own)
    if (plan !== null && plan.kind !== 'stop') plans.push({ steps: plan.steps, nodes: lease.nodes! });
  return plans;
}
