/**
 * Migration of suspended leases: their saved memory is carried to other nodes before they are resumed there. VMs whose
 * nodes are disjoint travel side by side (Sotomayor 2010).
 */

import { expand, push, type Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { Lease, Step } from '../state/live-lease.js';
import { resourceIndex, type StateView } from '../state/state.js';
import type { Draft } from './draft.js';
import { rounded } from './suspend.js';

/** Whether the lease's saved memory must be carried along where it resumes elsewhere. */
export function migrates(state: StateView, lease: Lease): boolean {
  return lease.phase === 'suspended' && state.policy.migration === 'yes';
}

/** Whether some of its memory is on the way just now: until it has arrived, nobody knows where it is. */
export function isMigrating(draft: Draft, lease: Lease): boolean {
  if (draft.moving.has(lease)) return true;
  return lease.pending.some(({ decision }) => decision.type === 'MigrateOrdered') || lease.plan?.kind === 'migrate';
}

/**
 * How long it takes at most, before the nodes are known: all VMs one after another. Haizea's estimate counts for each VM
 * the memory of all VMs beside it.
 */
export function migrationBound(state: StateView, lease: Lease): Duration {
  const memory = memoryOfVms(state, lease);
  const beside = new Map<number, number>();
  const nodes = expand(lease.nodes!);
  if (state.policy.estimates === 'haizea')
    for (const [i, node] of nodes.entries()) beside.set(node, (beside.get(node) ?? 0) + memory[i]!);
  if (state.policy.estimates === 'haizea')
    return transferTime(
      state,
      nodes.reduce((sum, node) => sum + beside.get(node)!, 0),
    );
  return memory.reduce((sum, each) => sum + transferTime(state, each), 0);
}

/** The moves from where its memory lies to `nodes`, beginning at `begin`: VM after VM into the first batch without its nodes. */
export function migrationSteps(state: StateView, lease: Lease, nodes: Runs, begin: Instant): Step[] {
  const memory = memoryOfVms(state, lease);
  const from = expand(lease.nodes!);
  const to = expand(nodes);
  let left = from.map((_, i) => i).filter((i) => from[i] !== to[i]);
  const steps: Step[] = [];
  let at = begin;
  while (left.length > 0) {
    const busy = new Set<number>();
    const vms: number[] = [];
    const rest: number[] = [];
    let most = 0;
    for (const i of left) {
      if (busy.has(from[i]!) || busy.has(to[i]!)) {
        rest.push(i);
        continue;
      }
      busy.add(from[i]!).add(to[i]!);
      push(vms, i + 1);
      most = Math.max(most, memory[i]!);
    }
    const until = at + transferTime(state, most);
    steps.push({ vms, from: at, until });
    at = until;
    left = rest;
  }
  return steps;
}

function memoryOfVms(state: StateView, lease: Lease): number[] {
  const memory = resourceIndex(state, 'memory');
  return lease.terms.groups.flatMap(({ vms, demand }) => new Array<number>(vms).fill(memory < 0 ? 0 : demand[memory]!));
}

/** Of so many MiB between two nodes. Mbit/s are taken as 2^20 bits, as Haizea does. */
function transferTime(state: StateView, mebibytes: number): Duration {
  return rounded(state, (mebibytes * 8 * 1000) / state.policy.migrationRate);
}
