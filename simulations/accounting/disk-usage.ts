/** Probe `disk-usage`: how full the fullest disk is. */

import { expand, type Lease, type LeaseId, phaseOfVm, resourceIndex } from '../../engine/index.js';
import type { Probe, ProbeContext } from './probe.js';

/** What a lease has on the disk of each node it uses. */
type Stored = readonly (readonly [node: number, amount: number])[];

const NOTHING: Stored = [];

/** On each node: what its VMs have asked for, and the memory of those that are suspended there. The largest sum. */
export function diskUsageProbe({ series, state }: ProbeContext): Probe {
  const usage = series.level('Disk usage', 'MiB');
  const stored = new Map<LeaseId, Stored>();
  const disks = new Disks();
  return {
    touched(lease): void {
      const before = stored.get(lease.id) ?? NOTHING;
      const after = storedBy(lease, resourceIndex(state, 'disk'), resourceIndex(state, 'memory'));
      if (before === NOTHING && after === NOTHING) return;
      disks.replace(before, after);
      usage.set(state.now, disks.most);
      if (after === NOTHING) stored.delete(lease.id);
      else stored.set(lease.id, after);
    },
  };
}

/** What lies on each node's disk. */
class Disks {
  /** The largest sum of a node. */
  most = 0;
  private readonly used: number[] = [];

  /** All nodes are looked at only where the largest may have shrunk. */
  replace(before: Stored, after: Stored): void {
    const { used } = this;
    let hasShrunk = false;
    for (const [node, amount] of before) {
      hasShrunk ||= used[node] === this.most;
      used[node] = used[node]! - amount;
    }
    for (const [node, amount] of after) used[node] = (used[node] ?? 0) + amount;
    this.most = hasShrunk
      ? used.reduce((largest, one) => Math.max(largest, one), 0)
      : after.reduce((largest, [node]) => Math.max(largest, used[node]!), this.most);
  }
}

/** A lease that is told to stop and takes no time over it has nothing any more, though its nodes are still known. */
function storedBy(lease: Lease, disk: number, memory: number): Stored {
  if (lease.nodes === null || lease.phase === 'over' || (disk < 0 && memory < 0)) return NOTHING;
  if (lease.phase === 'stopping' && lease.loads === null) return NOTHING;
  const nodes = expand(lease.nodes);
  const all: (readonly [number, number])[] = [];
  let vm = 0;
  for (const { vms, demand } of lease.terms.groups) {
    for (let i = 0; i < vms; i++) {
      const phase = phaseOfVm(lease, ++vm);
      if (phase === 'absent' || phase === 'lost') continue;
      const isSaved = phase === 'suspending' || phase === 'suspended' || phase === 'resuming';
      const amount = (demand[disk] ?? 0) + (isSaved ? (demand[memory] ?? 0) : 0);
      if (amount > 0) all.push([nodes[vm - 1]!, amount]);
    }
  }
  return all.length === 0 ? NOTHING : all;
}
