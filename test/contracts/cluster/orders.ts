/** Orders to a cluster written short, and what it says to them. Leases have as many VMs as nodes are named. */

import {
  type Act,
  type LeaseId,
  type Observation,
  type Order,
  type OrderDecision,
  type Runs,
  type StopOrdered,
  size,
} from '../../../engine/index.js';
import { group, terms } from '../../adapters/simulated-orders.js';

/** What each VM takes of its node; nodes have room for some. */
export const VM_MIB = 32;
export const NODE_MIB = 1024;

export interface More {
  readonly epoch?: number;
  readonly after?: readonly string[];
  /** What its VMs start from. */
  readonly image?: string | null;
  /** How much memory a VM may have without being stopped. */
  readonly max?: number;
  /** How long the step is planned to take. */
  readonly takes?: number;
}

/** VM i on the i-th of `nodes`. */
export function startOrder(id: string, lease: LeaseId, nodes: Runs, more: More = {}): Order {
  return order({ type: 'StartOrdered', ...base(id, lease, more), until: 1e15, nodes, units: null }, more, size(nodes));
}

export function suspendOrder(id: string, lease: LeaseId, vms: Runs, more: More = {}): Order {
  return order({ type: 'SuspendOrdered', ...base(id, lease, more), vms, until: more.takes ?? 0 }, more);
}

/** `nodes`: of the whole lease. */
export function resumeOrder(id: string, lease: LeaseId, vms: Runs, nodes: Runs, more: More = {}): Order {
  const until = more.takes ?? 0;
  return order({ type: 'ResumeOrdered', ...base(id, lease, more), vms, nodes, until, units: null }, more);
}

/** These VMs, while they run. `nodes`: of the whole lease. */
export function moveOrder(id: string, lease: LeaseId, vms: Runs, nodes: Runs, more: More = {}): Order {
  const until = more.takes ?? 0;
  const what = { vms, nodes, until, units: null };
  return order({ type: 'LiveMigrateOrdered', ...base(id, lease, more), ...what }, more, size(nodes));
}

/** `vms`: null means all of them. */
export function actOrder(id: string, lease: LeaseId, act: Act, vms: Runs | null = null): Order {
  return order({ type: 'ActOrdered', ...base(id, lease, {}), act, vms }, {});
}

/** Each VM is to have so much memory. */
export function resizeOrder(id: string, lease: LeaseId, mib: number, vms: number, cold = false): Order {
  const demands = { demands: [[mib]], ...(cold ? { cold: true as const } : {}) };
  return order({ type: 'ResizeOrdered', ...base(id, lease, {}), ...demands }, {}, vms);
}

/** An image for VMs of the lease that are to be, to these nodes. */
export function transferOrder(id: string, lease: LeaseId, nodes: Runs, image: string): Order {
  const rest = { transfer: 1, size: 1, nodes, until: 0 };
  return order({ type: 'TransferOrdered', ...base(id, lease, {}), image, ...rest }, {});
}

export function stopOrder(
  id: string,
  lease: LeaseId,
  more: More & Partial<Pick<StopOrdered, 'cause' | 'then'>> = {},
): Order {
  const { cause = 'cancelled', then = 'over' } = more;
  return order({ type: 'StopOrdered', ...base(id, lease, more), cause, then, reasons: [], until: 0 }, more);
}

function base(id: string, lease: LeaseId, { after = [] }: More) {
  return { order: id, lease, deadline: null, after };
}

function order(decision: OrderDecision, { epoch = 1, image = null, max }: More, vms = 1): Order {
  const most = max === undefined ? {} : { max: [max] };
  const given = terms([{ ...group(vms), demand: [VM_MIB], ...most, image }], 1_000);
  return { id: decision.order, epoch, issued: 0, decision, terms: given };
}

export function written(one: Observation): string {
  return 'lease' in one ? `${one.type} ${one.lease} ${one.order}` : `${one.type} ${one.node}`;
}
