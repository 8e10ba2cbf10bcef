/**
 * How many VMs may be starting on a node at a time (OpenNebula's MAX_HOST): a node that is busy starting VMs takes no
 * waiting lease until they run. Leases that were promised their start, and those that resume, are not kept waiting.
 */

import { expand, type Runs } from '../kit/nodeset.js';
import { type Lease, phaseOfVm } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';

export class Starts {
  /** VMs that are starting, by pool. */
  private readonly counts: number[] = [];

  /** `stopped`: leases that are not to start after all. O(leases + VMs that are starting). */
  constructor(
    private readonly state: StateView,
    stopped: (lease: Lease) => boolean,
  ) {
    for (const lease of state.leases.values()) if (!stopped(lease)) this.count(lease, 1);
  }

  /** VMs start on these nodes just now. */
  add(nodes: Runs): void {
    for (const node of expand(nodes)) this.change(node, 1);
  }

  /** The lease is stopped. */
  remove(lease: Lease): void {
    this.count(lease, -1);
  }

  /** Whether VMs of the lease may begin on the pool's nodes just now. */
  mayBegin(lease: Lease, pool: Pool): boolean {
    const most = this.state.policy.startsMax ?? null;
    const waits = lease.terms.start.kind === 'best-effort' && lease.phase !== 'suspended';
    if (most === null || pool.exclusive || !waits) return true;
    return (this.counts[pool.index] ?? 0) < most;
  }

  private count(lease: Lease, by: 1 | -1): void {
    if (lease.phase !== 'starting') return;
    for (const [i, node] of expand(lease.nodes!).entries())
      if (phaseOfVm(lease, i + 1) === 'starting') this.change(node, by);
  }

  private change(node: number, by: 1 | -1): void {
    const pool = this.state.poolOf[node]!;
    this.counts[pool] = (this.counts[pool] ?? 0) + by;
  }
}
