/** What clients see of the nodes: capacity, what is in use, and by whom. */

import { addInto, drainOf, type Lease, type NodeClass, phaseOfVm, type StateView, zeros } from '../engine/index.js';
import type { Sight } from './access/sight.js';
import type { FollowerView } from './follower.js';
import { formatInstantOrNull, writtenCapacity } from './formats.js';
import type { HostsPort } from './hosts/hosts-port.js';
import type { NodeView } from './schemas/cluster.js';

/** The nodes numbered `first` to `last`. `hosts`: null where the past is read. O(nodes + VMs that run). */
export function nodeViews(
  { state, nodeClasses }: Pick<FollowerView, 'state' | 'nodeClasses'>,
  first: number,
  last: number,
  sight: Sight,
  hosts: Pick<HostsPort, 'conditionsOf'> | null = null,
): NodeView[] {
  const usage = usageOf(state, first, last);
  const views: NodeView[] = [];
  for (let number = first; number <= last; number++) {
    const nodes = classOf(nodeClasses, number);
    const { sum, leases } = usage.get(number) ?? { sum: zeros(state.resources.length), leases: [] };
    const status = state.nodeStatus.get(number) ?? 'up';
    const capacity = writtenCapacity(state.resources, nodes.capacity);
    const conditions = status === 'gone' ? [] : (hosts?.conditionsOf(number, capacity) ?? []);
    const isAway = status === 'up' && conditions.some(({ type }) => type === 'unreachable');
    views.push({
      number,
      name: nodes.names?.[number - nodes.first] ?? `n${number}`,
      status: isAway ? 'unreachable' : status,
      load: state.loads.get(number) ?? 'unknown',
      capacity,
      used: writtenCapacity(state.resources, sum),
      exclusive: nodes.exclusive,
      labels: { ...state.pools[state.poolOf[number]!]!.labels },
      leases: leases.filter((lease) => sight.sees(lease)),
      emptyBy: formatInstantOrNull(drainOf(state, number)?.from ?? null),
      conditions: [...conditions],
    });
  }
  return views;
}

interface Usage {
  readonly sum: number[];
  readonly leases: string[];
}

/** What VMs that are on nodes `first` to `last` take there. */
function usageOf(state: StateView, first: number, last: number): Map<number, Usage> {
  const usage = new Map<number, Usage>();
  for (const lease of state.leases.values()) {
    if (lease.nodes === null) continue;
    let vm = 0;
    for (let i = 0; i < lease.nodes.length; i += 2) {
      for (let node = lease.nodes[i]!; node <= lease.nodes[i + 1]!; node++) {
        vm++;
        if (node >= first && node <= last && isOnNode(lease, vm)) add(usage, state, lease, vm, node);
      }
    }
  }
  return usage;
}

function isOnNode(lease: Lease, vm: number): boolean {
  const phase = phaseOfVm(lease, vm);
  return phase !== 'absent' && phase !== 'suspended' && phase !== 'lost';
}

function add(usage: Map<number, Usage>, state: StateView, lease: Lease, vm: number, node: number): void {
  const of = usage.get(node) ?? { sum: zeros(state.resources.length), leases: [] };
  usage.set(node, of);
  const pool = state.pools[state.poolOf[node]!]!;
  addInto(of.sum, pool.exclusive ? pool.capacity : demandOf(lease, vm), 1);
  if (of.leases[of.leases.length - 1] !== lease.id) of.leases.push(lease.id);
}

function demandOf(lease: Lease, vm: number): readonly number[] {
  let before = 0;
  for (const group of lease.terms.groups) {
    before += group.vms;
    if (vm <= before) return group.demand;
  }
  return [];
}

/** The class that `number` belongs to: classes are in order of their first node, without gaps. */
function classOf(classes: readonly NodeClass[], number: number): NodeClass {
  let low = 0;
  let high = classes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (classes[middle]!.first <= number) low = middle;
    else high = middle - 1;
  }
  return classes[low]!;
}
