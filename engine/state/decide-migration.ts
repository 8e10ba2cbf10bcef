/** The part of `decide` about VMs that are to go to other nodes while they run. */

import { expand, type Runs, toSet } from '../kit/nodeset.js';
import type { Command, Rejection } from '../model/commands.js';
import type { Request } from '../model/events.js';
import { allVms } from './lease-life.js';
import { isMoving } from './moves.js';
import { nodesOf } from './nodes.js';
import { UNSETTLED } from './sizes.js';
import type { Lease } from './live-lease.js';
import type { StateView } from './state.js';

/** So many nodes are named at most as those that will do. */
export const TARGETS_MAX = 256;

/** Only where all its VMs run, and nothing else is under way for it. Whether they fit elsewhere is a decision. */
export function migrated(
  state: StateView,
  lease: Lease,
  { vms, nodes }: Command & { type: 'MigrateLease' },
): readonly Request[] | Rejection {
  // 1. What is asked makes sense.
  if (state.policy.liveMigration === 'no') return inState(lease, 'cannot be moved: the policy has live-migration: no');
  const fault = (vms === undefined ? null : faultOfVms(lease, vms)) ?? faultOfNodes(state, nodes ?? []);
  if (fault !== null) return fault;
  if (nodes?.length === 0) return invalid('name 1 or more nodes, or none', '/nodes');
  // 2. It runs, and is free to go.
  if (lease.cancelled) return inState(lease, 'is cancelled');
  if (isMoving(state, lease)) return inState(lease, 'is being moved already; try again when that is done');
  if (lease.phase !== 'active' || !allVms(lease, 'running'))
    return inState(lease, `is ${lease.phase}; only leases whose VMs all run are moved`);
  if (lease.former !== null) return inState(lease, UNSETTLED);
  if (lease.plan !== null) return inState(lease, 'is to make room for others, and leaves its nodes then');
  if (lease.paused.length > 0) return inState(lease, 'has paused VMs: unpause them first');
  const isAsked = [...state.changes, ...state.acts, ...state.resizes].some((change) => change.lease === lease);
  if (lease.pending.length > 0 || isAsked)
    return inState(lease, 'is being changed, and that is not answered yet; try again');
  // 3. Who is on those nodes stays there.
  const all = vms === undefined ? ([1, lease.vms] as const) : toSet(vms);
  const leave = expand(all).filter((vm) => nodes === null || !nodes.includes(nodesOf(lease.nodes!, [vm, vm])[0]!));
  if (leave.length === 0) return [];
  const which = leave.length === lease.vms ? {} : { vms: toSet(leave.flatMap((vm) => [vm, vm])) };
  return [{ type: 'LeaseMigrationRequested', lease: lease.id, ...which, nodes }];
}

function faultOfVms(lease: Lease, vms: Runs): Rejection | null {
  const whole = vms.every((vm) => Number.isSafeInteger(vm) && vm >= 1 && vm <= lease.vms);
  const inOrder = vms.every((vm, i) => i % 2 === 0 || vms[i - 1]! <= vm);
  return vms.length > 0 && vms.length % 2 === 0 && whole && inOrder
    ? null
    : invalid(`the VMs of lease ${lease.id} are 1 to ${lease.vms}`, '/vms');
}

function faultOfNodes(state: StateView, nodes: readonly number[]): Rejection | null {
  if (nodes.length > TARGETS_MAX) return invalid(`at most ${TARGETS_MAX} nodes`, '/nodes');
  for (const node of nodes) {
    if (!Number.isSafeInteger(node) || node < 1 || node >= state.nextNode)
      return { code: 'node-unknown', detail: `there is no node ${node}`, pointer: '/nodes' };
    const status = state.nodeStatus.get(node);
    const detail =
      status !== undefined
        ? `node ${node} is ${status}`
        : state.pools[state.poolOf[node]!]!.counted
          ? `node ${node} is planned by how many like it are free: name no node`
          : null;
    if (detail !== null) return { code: 'node-state', detail, pointer: '/nodes' };
  }
  return null;
}

function inState(lease: Lease, what: string): Rejection {
  return { code: 'lease-state', detail: `lease ${lease.id} ${what}`, pointer: null };
}

function invalid(detail: string, pointer: string): Rejection {
  return { code: 'terms-invalid', detail, pointer };
}
