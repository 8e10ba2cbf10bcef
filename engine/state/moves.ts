/** Running leases that are to be on other nodes: what was asked, until `schedule` answers it. The half of `evolve`. */

import { expand, push, type Runs, toSet } from '../kit/nodeset.js';
import type { LeaseMigrationRequested } from '../model/events.js';
import type { Phase } from '../model/lifecycle.js';
import type { Maintenance } from '../model/site.js';
import { nodesOf } from './nodes.js';
import type { Lease, Pending } from './live-lease.js';
import type { Move, State, StateView } from './state.js';

export function migrationRequested(state: State, { lease: id, vms, nodes }: LeaseMigrationRequested): void {
  const lease = state.leases.get(id);
  if (lease === undefined) return;
  state.moves.push({ lease, vms: vms ?? [1, lease.vms], to: nodes, off: null, saved: false });
}

const LEAVING: ReadonlySet<Phase> = new Set(['suspending', 'stopping']);

/** Whoever is on the node is to leave it. O(leases). */
export function leaveNode(state: State, node: number, how: 'migrate' | 'suspend'): void {
  for (const lease of state.leases.values()) {
    if (lease.loads === null || lease.pools !== null || LEAVING.has(lease.phase)) continue;
    const vms = vmsOn(lease, (other) => other === node);
    if (vms.length === 0) continue;
    // Where several nodes are drained at once, it leaves them together.
    const before = answerMove(state, lease);
    const all = before === null ? vms : toSet([...before.vms, ...vms]);
    state.moves.push({ lease, vms: all, to: null, off: before?.off ?? node, saved: how === 'suspend' });
  }
}

/** VMs that could not be carried off a node that they have to leave are to leave it in another way. */
export function leaveAfterFailure(state: State, lease: Lease, { decision, off }: Pending): void {
  if (decision.type !== 'LiveMigrateOrdered' || lease.loads === null) return;
  const node = off ?? expand(nodesOf(lease.nodes!, decision.vms)).find((one) => windowOver(state, lease, one) !== null);
  if (node === undefined || state.moves.some((move) => move.lease === lease)) return;
  state.moves.push({ lease, vms: decision.vms, to: null, off: node, saved: true });
}

/** What was asked has its answer. Returns it; null: nothing was. */
export function answerMove(state: State, lease: Lease): Move | null {
  const index = state.moves.findIndex((move) => move.lease === lease);
  return index < 0 ? null : state.moves.splice(index, 1)[0]!;
}

/** The first window that begins on the node while the lease is planned to be there; null: none does. */
export function windowOver(state: StateView, lease: Lease, node: number): Maintenance | null {
  const over = state.windows.filter(
    ({ nodes, from, until }) => nodes.includes(node) && until > state.now && from < lease.until,
  );
  return over.reduce<Maintenance | null>((first, one) => (first === null || one.from < first.from ? one : first), null);
}

/** The VMs of the lease, which has nodes, on those for which `test` holds. O(VMs). */
export function vmsOn(lease: Lease, test: (node: number) => boolean): Runs {
  const vms: number[] = [];
  const nodes = lease.nodes!;
  let vm = 0;
  for (let i = 0; i < nodes.length; i += 2)
    for (let node = nodes[i]!; node <= nodes[i + 1]!; node++) {
      vm++;
      if (test(node)) push(vms, vm);
    }
  return vms;
}

/** Whether the lease is being moved, or is to be. */
export function isMoving(state: StateView, lease: Lease): boolean {
  return lease.arriving !== null || state.moves.some((move) => move.lease === lease);
}
