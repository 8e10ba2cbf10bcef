/** Named units (GPUs, slots, addresses): which of a node's units each VM gets, lowest in the node's order first. */

import { invariant } from '../kit/assert.js';
import type { Runs } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { Decision, NamedUnits } from '../model/events.js';
import type { Lease, StateView } from '../state/state.js';

/** The plan so far: the state, and what this call of `schedule` has done on top of it. */
interface Plan {
  readonly state: StateView;
  readonly now: Instant;
  heldBy(lease: Lease): { readonly until: Instant } | null;
  readonly decisions: readonly Decision[];
}

/** Units of each VM by resource, or null where the site counts nothing in units. O(VMs × holders on their nodes). */
export function nameUnits(plan: Plan, lease: Lease, nodes: Runs): NamedUnits {
  const { state } = plan;
  if (!state.resources.some((resource) => resource.kind === 'units')) return null;
  const named: Record<string, string[][]> = {};
  state.resources.forEach((resource, r) => {
    if (resource.kind !== 'units') return;
    const taken = new Map<number, Set<string>>();
    const lists: string[][] = [];
    let vm = 0;
    for (const group of lease.terms.groups)
      for (let k = 0; k < group.vms; k++) {
        const node = nodeOfVm(nodes, ++vm);
        const need = group.demand[r]!;
        const used = taken.get(node) ?? usedUnits(plan, node, resource.name);
        taken.set(node, used);
        const free = state.pools[state.poolOf[node]!]!.units[resource.name]!.filter((name) => !used.has(name));
        invariant(free.length >= need, 'a plan never counts on more units than are free');
        const mine = free.slice(0, need);
        for (const name of mine) used.add(name);
        lists.push(mine);
      }
    named[resource.name] = lists;
  });
  return named;
}

/** Units of `node` that are in use, by the plan of the state and by starts of this plan. */
function usedUnits(plan: Plan, node: number, resource: string): Set<string> {
  const used = new Set<string>();
  const pool = plan.state.pools[plan.state.poolOf[node]!]!;
  for (const holder of pool.holders)
    if (holder.pools === null && (plan.heldBy(holder)?.until ?? plan.now) > plan.now)
      collect(used, node, holder.nodes!, holder.units?.[resource]);
  for (const decision of plan.decisions)
    if (decision.type === 'StartOrdered' || decision.type === 'ResumptionPlanned')
      collect(used, node, decision.nodes, decision.units?.[resource]);
  return used;
}

function collect(used: Set<string>, node: number, nodes: Runs, lists: readonly (readonly string[])[] | undefined) {
  lists?.forEach((names, index) => {
    if (nodeOfVm(nodes, index + 1) === node) for (const name of names) used.add(name);
  });
}

/** The node of VM `vm` (from 1). O(pairs). */
export function nodeOfVm(nodes: Runs, vm: number): number {
  let left = vm;
  for (let i = 0; i < nodes.length; i += 2) {
    const length = nodes[i + 1]! - nodes[i]! + 1;
    if (left <= length) return nodes[i]! + left - 1;
    left -= length;
  }
  throw new RangeError(`there is no VM ${vm}`);
}
