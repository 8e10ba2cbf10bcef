/** The part of `decide` about nodes that change under leases: labels, on which leases may count, and taken out of service. */

import { has } from '../kit/nodeset.js';
import { INSTANT_MAX, type Instant } from '../kit/time.js';
import type { Command, Decided, RejectionCode } from '../model/commands.js';
import type { Request } from '../model/events.js';
import type { NodeStatus } from '../model/site.js';
import { planMaintenance } from './decide-maintenance.js';
import { drainOf } from './maintenance.js';
import { labelsAfter } from './nodes.js';
import { type Lease, phaseOfVm } from './live-lease.js';
import type { Pool, StateView } from './state.js';

export const NODE_LABELS_MAX = 64;
const LABEL_LENGTH_MAX = 128;
/** So many leases are named where they are in the way. */
const NAMED_MAX = 8;

/** Where leases that are there asked for what would change, or the node is planned by count, others must leave first. */
export function labelNode(state: StateView, { node, labels }: Command & { type: 'LabelNode' }): Decided {
  if (!Number.isSafeInteger(node) || node < 1 || node >= state.nextNode)
    return reject('node-unknown', `there is no node ${node}`);
  if (state.nodeStatus.get(node) === 'gone') return reject('node-state', `node ${node} is gone`);
  const pool = state.pools[state.poolOf[node]!]!;
  const after = labelsAfter(pool.labels, labels);
  const names = Object.entries(after);
  if (names.length > NODE_LABELS_MAX) return reject('site-invalid', `a node has at most ${NODE_LABELS_MAX} labels`);
  if (names.flat().some((text) => text.length > LABEL_LENGTH_MAX) || Object.hasOwn(after, ''))
    return reject('site-invalid', `a label and its value have at most ${LABEL_LENGTH_MAX} letters`);
  const changed = Object.keys(labels).filter((name) => after[name] !== pool.labels[name]);
  if (changed.length === 0) return { ok: true, requests: [] };
  const fault = pool.counted ? countedFault(state, node) : inUseFault(state, node, pool, after, changed);
  if (fault !== null) return fault;
  return { ok: true, requests: [{ type: 'NodeLabelled', node, labels }] };
}

/** Nodes that are planned by count are alike: one that is to differ must be out of the plan. */
function countedFault(state: StateView, node: number): Decided | null {
  const status = state.nodeStatus.get(node) ?? 'up';
  if (status === 'up')
    return reject(
      'node-state',
      `node ${node} is planned by how many like it are free: drain it, label it when it is empty, and restore it`,
    );
  const there = state.leases.values().filter((lease) => isOn(lease, node));
  return there.length === 0 ? null : reject('node-in-use', `VMs are still on node ${node}: ${named(there)}`);
}

function inUseFault(
  state: StateView,
  node: number,
  pool: Pool,
  after: Readonly<Record<string, string>>,
  changed: readonly string[],
): Decided | null {
  const counts = state.leases.values().filter((lease) => {
    const { where } = lease.terms;
    if (where === null) return false;
    const later = lease.later?.loads.some((load) => load.pool === pool.index) === true;
    if (!pool.holders.has(lease) && !later && (lease.nodes === null || !has(lease.nodes, node))) return false;
    const other = Object.entries(where.labels).some(([name, value]) => after[name] !== value);
    return other || changed.some((name) => mentions(where.requirements, name));
  });
  if (counts.length === 0) return null;
  return reject(
    'node-in-use',
    `leases on node ${node}, or planned there, asked for nodes as it is now: ${named(counts)}; ` +
      'drain the node and label it when they are over, or cancel them',
  );
}

/** Whether the expression names the label, as far as its text says. */
function mentions(requirements: string | null, name: string): boolean {
  return requirements?.includes(name) === true;
}

function isOn(lease: Lease, node: number): boolean {
  if (lease.arriving !== null && has(lease.arriving, node)) return true;
  if (lease.nodes === null || !has(lease.nodes, node)) return false;
  let vm = 0;
  for (let i = 0; i < lease.nodes.length; i += 2)
    for (let n = lease.nodes[i]!; n <= lease.nodes[i + 1]!; n++) {
      vm++;
      const phase = phaseOfVm(lease, vm);
      if (n === node && phase !== 'absent' && phase !== 'lost' && phase !== 'suspended') return true;
    }
  return false;
}

function named(leases: readonly Lease[]): string {
  const more = leases.length > NAMED_MAX ? ` and ${leases.length - NAMED_MAX} more` : '';
  return `${leases
    .slice(0, NAMED_MAX)
    .map(({ id }) => id)
    .join(', ')}${more}`;
}

function reject(code: RejectionCode, detail: string): Decided {
  return { ok: false, rejection: { code, detail, pointer: null } };
}

// ---- out of service, and back ----------------------------------------------------------------------------------------

/** With a deadline it is also a window from then on: nothing is planned into it, and who is there then leaves. */
export function drainNode(
  state: StateView,
  { node, by, how, force = false }: Command & { type: 'DrainNode' },
  now: Instant,
): Decided {
  const again = by !== undefined || how !== undefined;
  const fault = faultOfNode(state, node, again ? ['up', 'unreachable', 'draining'] : ['up', 'unreachable']);
  if (fault !== null) return fault;
  if (how === 'migrate' && state.policy.liveMigration === 'no')
    return reject('node-state', 'the policy has live-migration: no; drain the node in another way');
  // By a deadline, who is there is saved anyway.
  const at = how === 'suspend' && by !== undefined ? {} : how === undefined ? {} : { how };
  const isDrained = state.nodeStatus.get(node) === 'draining' && !('how' in at);
  const drained: Request[] = isDrained ? [] : [{ type: 'NodeDrained', node, ...at }];
  if (by === undefined) return { ok: true, requests: drained };
  const before = drainOf(state, node);
  const windows = state.windows.filter(({ window }) => window !== before?.window);
  const window = `drain-${node}-${state.turn + 1}`;
  const plan = { window, nodes: [node], from: by, until: INSTANT_MAX, reason: null, drain: true, force };
  const planned = planMaintenance({ ...state, windows }, { type: 'PlanMaintenance', ...plan }, now);
  if (!planned.ok) return planned;
  return { ok: true, requests: [...cancelling(before?.window), ...drained, ...planned.requests] };
}

/** Its deadline, if it had one, is no more. */
export function restoreNode(state: StateView, node: number): Decided {
  const fault = faultOfNode(state, node, ['draining']);
  if (fault !== null) return fault;
  return { ok: true, requests: [{ type: 'NodeRestored', node }, ...cancelling(drainOf(state, node)?.window)] };
}

/** Only one that does not answer: what runs on others would be started a second time. */
export function giveUpNode(state: StateView, node: number): Decided {
  const fault = faultOfNode(state, node, ['up', 'draining', 'unreachable']);
  if (fault !== null) return fault;
  if (!state.unreachable.has(node))
    return reject('node-state', `node ${node} answers, as far as is known; drain it, or remove it from the site`);
  return { ok: true, requests: [{ type: 'NodeGivenUp', node }] };
}

function cancelling(window: string | undefined): Request[] {
  return window === undefined ? [] : [{ type: 'MaintenanceCancelled', window }];
}

/** Why nothing can be asked of the node: there is none, or it is none of `from`. Null: it can. */
export function faultOfNode(state: StateView, node: number, from: readonly NodeStatus[]): Decided | null {
  if (!Number.isSafeInteger(node) || node < 1 || node >= state.nextNode)
    return reject('node-unknown', `there is no node ${node}`);
  const status = state.nodeStatus.get(node) ?? 'up';
  return from.includes(status) ? null : reject('node-state', `node ${node} is ${status}`);
}
