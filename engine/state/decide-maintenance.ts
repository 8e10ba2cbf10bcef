/** The part of `decide` about maintenance: windows that fit the site, and nobody's promise in the way. */

import { INSTANT_MAX, type Instant } from '../kit/time.js';
import type { Command, Decided, RejectionCode } from '../model/commands.js';
import type { Policy } from '../model/policy.js';
import type { Lease } from './live-lease.js';
import type { StateView } from './state.js';

export const WINDOWS_MAX = 1000;
export const WINDOW_NODES_MAX = 256;
export const WINDOW_REASON_MAX = 200;
/** So many leases are named where they are in the way. */
const NAMED_MAX = 8;

/** O(nodes × holders). */
export function planMaintenance(
  state: StateView,
  { type: _, force, ...window }: Command & { type: 'PlanMaintenance' },
  now: Instant,
): Decided {
  const { nodes, from, until } = window;
  // 1. A window that can be.
  const length = window.window.length;
  if (length < 1 || length > 128) return reject('site-invalid', 'the id of a window has 1 to 128 letters');
  if ((window.reason ?? '').length > WINDOW_REASON_MAX)
    return reject('site-invalid', `a reason has at most ${WINDOW_REASON_MAX} letters`);
  if (nodes.length < 1 || nodes.length > WINDOW_NODES_MAX || new Set(nodes).size !== nodes.length)
    return reject('site-invalid', `a window is of 1 to ${WINDOW_NODES_MAX} nodes, each once`);
  if (![from, until].every((at) => Number.isSafeInteger(at) && at >= 0 && at <= INSTANT_MAX) || until <= from)
    return reject('site-invalid', 'a window begins before it ends');
  if (until <= now) return reject('site-invalid', 'the window is over already');
  const going = state.windows.filter((one) => one.until > now);
  if (going.length >= WINDOWS_MAX) return reject('site-invalid', `there are ${WINDOWS_MAX} windows already`);
  if (going.some((one) => one.window === window.window)) return reject('site-invalid', 'there is a window of this id');
  // 2. Of nodes that can be told apart, and are in no other window then.
  for (const node of nodes) {
    if (!Number.isSafeInteger(node) || node < 1 || node >= state.nextNode)
      return reject('node-unknown', `there is no node ${node}`);
    if (state.nodeStatus.get(node) === 'gone') return reject('node-state', `node ${node} is gone`);
    if (state.pools[state.poolOf[node]!]!.counted)
      return reject('node-state', `node ${node} is planned by how many like it are free: drain it instead`);
    const other = going.find((one) => one.nodes.includes(node) && one.from < until && one.until > from);
    if (other !== undefined) return reject('node-state', `node ${node} is in window ${other.window} then`);
  }
  // 3. Nobody is there who was promised that he could be.
  const blockers = force ? [] : inTheWay(state, nodes, Math.max(now, from), until);
  if (blockers.length === 0) return { ok: true, requests: [{ type: 'MaintenancePlanned', ...window }] };
  const more = blockers.length > NAMED_MAX ? ` and ${blockers.length - NAMED_MAX} more` : '';
  const names = blockers
    .slice(0, NAMED_MAX)
    .map(({ id }) => id)
    .join(', ');
  return reject(
    'node-in-use',
    `leases are there then that may not be moved or preempted: ${names}${more}; choose another time, cancel them, or force it`,
  );
}

/** Leases that would lose what they were promised, in order of arrival. */
function inTheWay(state: StateView, nodes: readonly number[], from: Instant, until: Instant): Lease[] {
  const pools = new Set(nodes.map((node) => state.poolOf[node]!));
  const reaches = (held: { readonly from: Instant; readonly until: Instant }) => held.from < until && held.until > from;
  return state.leases.values().filter((lease) => {
    const later =
      lease.later !== null && reaches(lease.later) && lease.later.loads.some((load) => pools.has(load.pool));
    const there = lease.loads?.some((load) => pools.has(load.pool)) === true && reaches(lease);
    if (lease.phase === 'suspending' || lease.phase === 'stopping') return later;
    return later || (there && mayNotLeave(state.policy, lease));
  });
}

function mayNotLeave({ suspension }: Policy, lease: Lease): boolean {
  const { kind } = lease.terms.start;
  if (kind === 'advance' || kind === 'deadline') return true;
  if (lease.pools !== null) return false; // a reservation of one that waits is only a plan
  if (!lease.terms.preemptible) return true;
  return kind === 'immediate' && (suspension === 'none' || (suspension === 'serial-only' && lease.vms > 1));
}

function reject(code: RejectionCode, detail: string): Decided {
  return { ok: false, rejection: { code, detail, pointer: null } };
}
