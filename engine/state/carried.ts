/**
 * VMs that are on their way to other nodes, running or saved, while nodes on either side are lost: where they are, and
 * whether they still are, is said by the answer to their order.
 */

import { expand, has, type Runs, toSet } from '../kit/nodeset.js';
import type { LiveMigrateOrdered, MigrateOrdered, OrderDecision } from '../model/events.js';
import { nodesOf } from './nodes.js';
import type { Lease, Pending } from './live-lease.js';

/** The set of the lease's VMs that are on their way. */
export function carried(lease: Lease): Runs {
  return toSet(lease.pending.flatMap(({ decision }) => (carries(decision) ? decision.vms : [])));
}

/** The node is away: notes it with the orders that carry VMs to it or, unless they wait for it, off it. */
export function noteLoss(lease: Lease, node: number, waits: boolean): void {
  if (!lease.pending.some(({ decision }) => carries(decision))) return;
  lease.pending = lease.pending.map((pending) => {
    const { decision, lost = [] } = pending;
    if (!carries(decision) || lost.includes(node)) return pending;
    const concerned = [decision.nodes, ...(waits ? [] : [lease.nodes!])];
    const isHit = concerned.some((nodes) => has(nodesOf(nodes, decision.vms), node));
    return isHit ? { ...pending, lost: [...lost, node] } : pending;
  });
}

/** Those of the VMs that are, now that the order is answered, on nodes that were lost meanwhile. O(VMs). */
export function lostOnTheWay(lease: Lease, { lost = [] }: Pending, vms: Runs): Runs {
  if (lost.length === 0) return [];
  const nodes = expand(nodesOf(lease.nodes!, vms));
  return expand(vms).flatMap((vm, i) => (lost.includes(nodes[i]!) ? [vm, vm] : []));
}

function carries(decision: OrderDecision): decision is MigrateOrdered | LiveMigrateOrdered {
  return decision.type === 'MigrateOrdered' || decision.type === 'LiveMigrateOrdered';
}
