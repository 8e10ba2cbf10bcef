/**
 * Suspension and resumption: how long each VM takes, and in which order VMs on a node follow one another
 * (Sotomayor 2008; Haizea 1.1). Suspensions are laid out backwards from their common end, resumptions forwards.
 */

import { expand, push, type Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { Lease, StateView, Step } from '../state/state.js';
import { resourceIndex } from '../state/state.js';

/** Steps of a suspension that ends exactly at `end`. The first VM on a node is the last to be saved. */
export function suspensionSteps(state: StateView, lease: Lease, nodes: Runs, end: Instant): Step[] {
  const lanes = layOut(state, { terms: lease.terms, nodes }, state.policy.suspendRate);
  const steps = lanes.map((lane) => ({ vm: lane.vm, from: end - lane.until, until: end - lane.from }));
  return grouped(steps);
}

/** Steps of a resumption on `nodes` that begins at `begin`. */
export function resumptionSteps(state: StateView, lease: Lease, nodes: Runs, begin: Instant): Step[] {
  const lanes = layOut(state, { terms: lease.terms, nodes }, state.policy.resumeRate);
  return grouped(lanes.map((lane) => ({ vm: lane.vm, from: begin + lane.from, until: begin + lane.until })));
}

/**
 * How long the lease takes to come back. On other nodes than its own only a bound is known beforehand: all VMs one
 * after another (Haizea's estimate), unless nodes are exclusive, where there is one VM a node.
 */
export function resumeLength(state: StateView, lease: Lease, nodes: Runs): Duration {
  const bounded = state.policy.migration === 'no' || state.pools.every((pool) => pool.exclusive);
  if (bounded) return longest(layOut(state, { terms: lease.terms, nodes }, state.policy.resumeRate));
  let sum = 0;
  for (let vm = 1; vm <= lease.vms; vm++) sum += transferTime(state, lease, vm, state.policy.resumeRate);
  return sum;
}

interface Lane {
  readonly vm: number;
  readonly from: Duration;
  readonly until: Duration;
}

function longest(lanes: readonly Lane[]): Duration {
  let length = 0;
  for (const lane of lanes) if (lane.until > length) length = lane.until;
  return length;
}

/** VM after VM on each node (`local`), or over the whole lease (`global`), from offset 0. O(VMs). */
function layOut(state: StateView, lease: Pick<Lease, 'nodes' | 'terms'>, rate: number): Lane[] {
  const { suspendExclusion } = state.policy;
  const busyUntil = new Map<number, Duration>();
  return expand(lease.nodes!).map((node, index) => {
    const lane = suspendExclusion === 'global' ? 0 : node;
    const from = busyUntil.get(lane) ?? 0;
    const until = from + transferTime(state, lease, index + 1, rate);
    busyUntil.set(lane, until);
    return { vm: index + 1, from, until };
  });
}

/** Milliseconds to move the memory of VM `vm` at `rate` MiB/s, rounded up. */
function transferTime(state: StateView, lease: Pick<Lease, 'terms'>, vm: number, rate: number): Duration {
  const memory = resourceIndex(state, 'memory');
  if (memory < 0) return 0;
  let last = 0;
  for (const group of lease.terms.groups) {
    last += group.vms;
    if (vm <= last) return Math.ceil((group.demand[memory]! * 1000) / rate);
  }
  return 0;
}

/** VMs with the same times share a step. Steps: 1. earlier beginning  2. earlier end. */
function grouped(lanes: readonly { readonly vm: number; readonly from: Instant; readonly until: Instant }[]): Step[] {
  const steps = new Map<string, { vms: number[]; from: Instant; until: Instant }>();
  for (const { vm, from, until } of lanes) {
    const step = steps.get(`${from} ${until}`) ?? { vms: [], from, until };
    push(step.vms, vm);
    steps.set(`${from} ${until}`, step);
  }
  return [...steps.values()].sort((a, b) => a.from - b.from || a.until - b.until);
}
