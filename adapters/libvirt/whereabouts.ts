/** Which run each lease is in, and on which node each of its VMs is: as the log has it, and as orders have changed it since. */

import { expand, type LeaseId, type OrderId, type Runs } from '../../engine/index.js';

/** A run of a lease: its start order, and the node of each VM in order. */
export interface RunOnNodes {
  readonly run: OrderId;
  readonly nodes: Runs;
}

const NOWHERE: readonly number[] = [];

export class Whereabouts {
  private readonly leases = new Map<LeaseId, { readonly run: OrderId; readonly nodes: readonly number[] }>();

  /** The start order of the lease's run; null: it is not to have VMs. */
  runOf(lease: LeaseId): OrderId | null {
    return this.leases.get(lease)?.run ?? null;
  }

  /** The node of VM 1, of VM 2, … */
  nodesOf(lease: LeaseId): readonly number[] {
    return this.leases.get(lease)?.nodes ?? NOWHERE;
  }

  /** The leases that have VMs on this node, with these VMs. O(VMs). */
  on(node: number): (readonly [LeaseId, OrderId, readonly number[]])[] {
    return [...this.leases].flatMap(([lease, { run, nodes }]) => {
      const vms = nodes.flatMap((other, index) => (other === node ? [index + 1] : []));
      return vms.length === 0 ? [] : [[lease, run, vms] as const];
    });
  }

  set(lease: LeaseId, { run, nodes }: RunOnNodes): void {
    this.leases.set(lease, { run, nodes: expand(nodes) });
  }

  /** These VMs are where `nodes` of the whole lease has them. */
  move(lease: LeaseId, vms: Runs, nodes: Runs): void {
    const to = expand(nodes);
    for (const vm of expand(vms)) this.moveOne(lease, vm, to[vm - 1]!);
  }

  moveOne(lease: LeaseId, vm: number, node: number): void {
    const known = this.leases.get(lease);
    if (known === undefined) return;
    this.leases.set(lease, { ...known, nodes: known.nodes.map((other, index) => (index === vm - 1 ? node : other)) });
  }

  forget(lease: LeaseId): void {
    this.leases.delete(lease);
  }
}
