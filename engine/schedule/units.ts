/** Named units (GPUs, slots, addresses): which of a node's units each VM gets, lowest in the node's order first. */

import { invariant } from '../kit/assert.js';
import { has, type Runs } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { Decision, LiveMigrateOrdered, NamedUnits } from '../model/events.js';
import { departures } from '../state/live-migration.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';

/** The plan so far: the state, and what this call of `schedule` has done on top of it. */
interface Plan {
  readonly state: StateView;
  readonly now: Instant;
  heldBy(lease: Lease): { readonly until: Instant } | null;
  readonly decisions: readonly Decision[];
}

/**
 * Units of each VM by resource, or null where the site counts nothing in units. Those of VMs that are not among `moving`, if
 * that is given, stay. O(VMs × holders on their nodes).
 */
export function nameUnits(plan: Plan, lease: Lease, nodes: Runs, moving: Runs | null = null): NamedUnits {
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
        if (moving !== null && !has(moving, vm)) {
          lists.push([...(lease.units?.[resource.name]?.[vm - 1] ?? [])]);
          continue;
        }
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
    if (holder.pools === null && (plan.heldBy(holder)?.until ?? plan.now) > plan.now) {
      collect(used, node, holder.nodes!, holder.units?.[resource]);
      for (const order of departures(holder)) collectOf(used, node, order, resource);
    }
  for (const decision of plan.decisions)
    if (decision.type === 'StartOrdered' || decision.type === 'ResumptionPlanned')
      collect(used, node, decision.nodes, decision.units?.[resource]);
    else if (decision.type === 'LiveMigrateOrdered') collectOf(used, node, decision, resource);
  return used;
}

/** What the VMs that are on their way have on the other side. */
function collectOf(used: Set<string>, node: number, { vms, nodes, units }: LiveMigrateOrdered, resource: string): void {
  units?.[resource]?.forEach((names, index) => {
    if (has(vms, index + 1) && nodeOfVm(nodes, index + 1) === node) for (const name of names) used.add(name);
  });
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
