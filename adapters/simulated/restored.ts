/**
 * A simulated cluster as a log left it: the VMs of a state on their nodes, their clocks as they stood, and the orders that
 * were under way since they were given. For whoever goes on from the middle of a log.
 */

import {
  type Duration,
  type Instant,
  type Lease,
  type LeaseId,
  type NodeClass,
  type Order,
  type OrderId,
  type StateView,
  unansweredOrders,
  type VmPhase,
} from '../../engine/index.js';
import type { SimulatedCluster } from './cluster.js';
import type { GangRecord } from './gang.js';

export interface Left {
  readonly state: StateView;
  /** All that ever joined, in order. */
  readonly nodes: readonly NodeClass[];
  /** How long a lease truly runs; null: until it is stopped. */
  readonly runOf: (lease: LeaseId) => Duration | null;
  /** When a lost node is found again; null: never. */
  readonly foundAt: (node: number) => Instant | null;
  /** When an order was answered, as far as that is known: one that others waited for, or one that is under way. */
  readonly answeredAt: (order: OrderId) => Instant | null;
}

/** Returns the orders that have been given: they need not be given again. */
export function restoreInto(cluster: SimulatedCluster, left: Left): ReadonlySet<OrderId> {
  const { state, nodes, runOf } = left;
  // 1. The nodes.
  for (const some of nodes) cluster.addNodes(some);
  for (const [node, status] of [...state.nodeStatus].sort((a, b) => a[0] - b[0]))
    if (status === 'gone') cluster.removeNode(node);
    else if (status === 'lost') cluster.keepLost(node, state.now, left.foundAt(node));
  // 2. The VMs, those first whose clocks have run longest.
  for (const lease of state.leases.values().sort(byClock)) {
    const record = recordOf(lease, runOf(lease.id));
    if (record === null) cluster.machines.expect(lease.id, runOf(lease.id));
    else cluster.machines.restore(lease.id, record);
  }
  // 3. The orders, each at the time since which it is carried out.
  const given = unansweredOrders(state).map((order) => ({ order, since: sinceOf(order, left) }));
  for (const { order, since } of given.sort((a, b) => a.since - b.since)) {
    // the sort is stable
    cluster.advance(since);
    cluster.enact(order);
  }
  cluster.advance(state.now);
  return new Set(given.map(({ order }) => order.id));
}

/** 1. since when the clock runs, those that stand last  2. arrival */
function byClock(a: Lease, b: Lease): number {
  return (a.clockFrom ?? Number.MAX_VALUE) - (b.clockFrom ?? Number.MAX_VALUE) || a.sequence - b.sequence;
}

/** Since when it is carried out: what takes no time is done at once. */
function sinceOf({ id, decision, issued }: Order, { state, answeredAt }: Left): Instant {
  if (!('until' in decision) || decision.type === 'StartOrdered' || decision.until <= issued) return state.now;
  const answered = answeredAt(id);
  if (answered !== null) return Math.min(state.now, answered - (decision.until - issued));
  // Since it was ordered, or what it waited for was done.
  return Math.max(issued, ...decision.after.map((order) => answeredAt(order) ?? issued));
}

/** The VMs before the orders that are under way; null: there were none. */
function recordOf(lease: Lease, run: Duration | null): GangRecord | null {
  const { terms, nodes, pending } = lease;
  if (lease.run === null || nodes === null) return null;
  if (pending.some(({ decision }) => decision.type === 'StartOrdered')) return null;
  const before = (phase: VmPhase): VmPhase =>
    phase === 'stopping' && lease.loads === null ? 'suspended' : BEFORE[phase];
  const phases = lease.vmPhases === null ? before(lease.vmPhase) : lease.vmPhases.map(before);
  if (phases === 'absent') return null;
  return {
    run,
    order: lease.run,
    groups: terms.groups,
    duration: terms.duration,
    nodes,
    units: lease.units,
    phases,
    used: terms.duration - lease.remaining,
    since: lease.clockFrom,
    said: [],
    ...(terms.onNodeLost === 'wait' ? { waits: true } : {}),
  };
}

/** How a VM was before what is under way with it. Those that are being stopped and hold nothing were suspended. */
const BEFORE: Readonly<Record<VmPhase, VmPhase>> = {
  absent: 'absent',
  starting: 'absent',
  running: 'running',
  suspending: 'running',
  suspended: 'suspended',
  migrating: 'suspended',
  resuming: 'suspended',
  stopping: 'running',
  lost: 'lost',
};
