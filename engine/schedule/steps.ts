/** Orders of the steps of a suspension or resumption whose time has come: one order a VM, one after another on a node. */

import { expand, has, type Runs } from '../kit/nodeset.js';
import type { NamedUnits, OrderId } from '../model/events.js';
import { departures } from '../state/live-migration.js';
import { nodesOf } from '../state/nodes.js';
import type { Lease, MigrationPlan, Step, StepsPlan } from '../state/live-lease.js';
import type { Draft } from './draft.js';
import { ordersInTheWay } from './exclusion.js';

interface Ordered {
  readonly order: OrderId;
  readonly node: number;
}

/** Orders every step from `plan.next` on that begins by now. `nodes` and `units` are those of the whole lease. */
export function orderSteps(draft: Draft, lease: Lease, plan: StepsPlan, nodes: Runs, units: NamedUnits): void {
  const earlier = pendingSteps(lease);
  const acts = pendingActs(lease);
  // By a turn that comes late, what it holds has been counted free already: its nodes are open to whoever waits for the step.
  const isLate = plan.kind === 'suspend' && lease.until <= draft.now && !draft.state.leaving.has(lease);
  for (let k = plan.next; k < plan.steps.length && plan.steps[k]!.from <= draft.now; k++)
    for (const vm of expand(plan.steps[k]!.vms)) {
      const ordered = orderStep(draft, lease, plan.kind, plan.steps[k]!, vm, nodes, units, earlier, acts);
      earlier.push(ordered);
      if (isLate) draft.openNodes.leaveNode(lease, ordered);
    }
}

/** Orders every move from `plan.next` on that begins by now: one order a step, since its VMs travel side by side. */
export function orderMoves(draft: Draft, lease: Lease, plan: MigrationPlan): void {
  const earlier: OrderId[] = [];
  for (const { decision } of lease.pending) if (decision.type === 'MigrateOrdered') earlier.push(decision.order);
  for (let k = plan.next; k < plan.steps.length && plan.steps[k]!.from <= draft.now; k++) {
    const { vms, until } = plan.steps[k]!;
    const order = draft.nextOrder();
    const deadline = draft.deadline(until);
    const after = [...earlier];
    draft.decisions.push({
      type: 'MigrateOrdered',
      order,
      lease: lease.id,
      deadline,
      after,
      vms,
      nodes: plan.nodes,
      until,
    });
    earlier.push(order);
  }
}

/** Steps that the cluster has not answered: the next one on the same node waits for them. */
function pendingSteps(lease: Lease): Ordered[] {
  const steps: Ordered[] = [];
  for (const { decision } of lease.pending)
    if (decision.type === 'SuspendOrdered' || decision.type === 'ResumeOrdered')
      steps.push({ order: decision.order, node: nodesOf(lease.nodes!, decision.vms)[0]! });
  return steps;
}

const DONE_FIRST: ReadonlySet<string> = new Set(['ActOrdered', 'ResizeOrdered']);

/** What is done to its VMs is done before they are saved. */
function pendingActs(lease: Lease): OrderId[] {
  return lease.pending.flatMap(({ decision }) => (DONE_FIRST.has(decision.type) ? decision.order : []));
}

function orderStep(
  draft: Draft,
  lease: Lease,
  kind: 'suspend' | 'resume',
  step: Step,
  vm: number,
  nodes: Runs,
  units: NamedUnits,
  earlier: readonly Ordered[],
  acts: readonly OrderId[],
): Ordered {
  const order = draft.nextOrder();
  const vms = [vm, vm];
  const mine = nodesOf(nodes, vms);
  const global = draft.state.policy.suspendExclusion === 'global';
  const before = [...acts];
  before.push(...earlier.filter((other) => global || other.node === mine[0]).map((other) => other.order));
  before.push(...ordersInTheWay(draft, lease, mine[0]!));
  for (const going of departures(lease)) if (has(going.vms, vm)) before.push(going.order);
  const common = { order, lease: lease.id, deadline: draft.deadline(step.until), vms, until: step.until };
  if (kind === 'suspend') draft.decisions.push({ type: 'SuspendOrdered', ...common, after: before });
  else
    draft.decisions.push({
      type: 'ResumeOrdered',
      ...common,
      nodes,
      units,
      after: [...before, ...draft.openNodes.leavers(mine)],
    });
  return { order, node: mine[0]! };
}
