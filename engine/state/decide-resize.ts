/** The part of `decide` about VMs that are to be larger or smaller. */

import { type Capacity, fitsInto } from '../kit/capacity.js';
import type { Duration } from '../kit/time.js';
import type { Command, Rejection } from '../model/commands.js';
import type { Request } from '../model/events.js';
import { hasQuotas } from '../model/quotas.js';
import { AMOUNT_MAX } from '../model/site.js';
import { needsApproval } from './approval.js';
import { allVms } from './lease-life.js';
import { isMoving } from './moves.js';
import { QuotaCount } from './quotas.js';
import { isResizing, outgrown, sized, UNSETTLED } from './sizes.js';
import type { Lease } from './live-lease.js';
import type { StateView } from './state.js';
import { cpuOf } from './usage.js';

type Wish = readonly Request[] | Rejection;

/** Whether there is room for it just now, is a decision. */
export function resized(
  state: StateView,
  lease: Lease,
  { demands, cold = false, revertAfter, approver }: Command & { type: 'ResizeLease' },
): Wish {
  // 1. What is asked makes sense, and is something else than there is.
  const fault = faultOfSizes(state, lease, demands);
  if (fault !== null) return fault;
  const same = lease.terms.groups.every(({ demand }, g) => demand.join() === demands[g]!.join());
  if (same && !isResizing(state, lease)) return [];
  // 2. The lease waits, or runs and is free to change.
  const isWaiting = lease.phase === 'waiting' || lease.phase === 'reserved';
  const hindrance = isWaiting ? whyNotWaiting(lease) : whyNotRunning(state, lease);
  if (hindrance !== null) return inState(lease, hindrance);
  const other = isWaiting ? null : faultOfChange(state, lease, demands);
  if (other !== null) return other;
  const back = revertAfter === undefined ? null : faultOfReturn(state, lease, demands, revertAfter, isWaiting);
  if (back !== null) return back;
  const beyond = isWaiting ? null : outgrown(state, lease.terms, demands);
  if (beyond !== null && !cold) {
    const { group, resource, most } = beyond;
    const amount = resource === 'cpu' ? `${most / 1000} cpu` : `${most} MiB of ${resource}`;
    const detail = `its VMs were made for at most ${amount} each, and would have to be stopped for more: allow that with \`cold\``;
    return { code: 'lease-state', detail, pointer: `${pointerOf(lease, group)}/${resource}` };
  }
  // 3. Its account may have that much.
  const excess = faultOfQuota(state, lease, demands);
  if (excess !== null) return excess;
  const request: Request = {
    type: 'LeaseResizeRequested',
    lease: lease.id,
    demands,
    ...(beyond === null ? {} : { cold: true }),
    ...(revertAfter === undefined ? {} : { revertAfter }),
  };
  const larger = { ...lease, terms: sized(lease.terms, demands) };
  const grows = cpuOf(state, larger.terms) > cpuOf(state, lease.terms);
  if (!grows || lease.unapproved || !needsApproval(state, larger, lease.terms.duration)) return [request];
  return approver === undefined
    ? inState(lease, 'needs an approval to be so large: ask somebody who may approve leases to resize it')
    : [{ type: 'LeaseApproved', lease: lease.id, by: approver }, request];
}

/** VMs with a new size that is to be confirmed keep it, or go back at once. */
export function settled(state: StateView, lease: Lease, how: 'confirm' | 'revert'): Wish {
  if (isResizing(state, lease)) return inState(lease, 'is being resized; try again when that is done');
  if (lease.former === null)
    return inState(lease, `has no size to ${how}: none was asked for with \`revertAfter\`, or it is settled`);
  return [{ type: 'LeaseResizeSettled', lease: lease.id, how }];
}

/** What VMs had is kept for them for a day at most: nobody else has it meanwhile. */
export const REVERT_MAX = 86_400_000;

/** What keeps VMs from going back to what they have now, if anything. */
function faultOfReturn(
  state: StateView,
  lease: Lease,
  demands: readonly Capacity[],
  after: Duration,
  isWaiting: boolean,
): Rejection | null {
  const pointer = '/revertAfter';
  if (isWaiting) return invalid('only VMs that run go back: those of a lease that waits have no size yet', pointer);
  if (!Number.isSafeInteger(after) || after < 1 || after > REVERT_MAX)
    return invalid('takes more than nothing, and at most a day', pointer);
  const disk = state.resources.findIndex(({ name }) => name === 'disk');
  const grows = lease.terms.groups.some(({ demand }, g) => disk >= 0 && demands[g]![disk]! > demand[disk]!);
  return grows ? invalid('a disk only ever grows: it could not go back', pointer) : null;
}

/** What is wrong with how much a VM is to have, if anything. */
export function faultOfSize(state: StateView, demand: Capacity, pointer: string): Rejection | null {
  if (demand.length !== state.resources.length) return invalid('a demand names every resource of the site', pointer);
  for (const [r, amount] of demand.entries())
    if (!Number.isSafeInteger(amount) || amount < 0 || amount > AMOUNT_MAX)
      return invalid(`an amount is 0 to ${AMOUNT_MAX}`, `${pointer}/${state.resources[r]!.name}`);
  return demand.every((amount) => amount === 0) ? invalid('a VM needs something', pointer) : null;
}

function faultOfSizes(state: StateView, lease: Lease, demands: readonly Capacity[]): Rejection | null {
  if (demands.length !== lease.terms.groups.length)
    return invalid(`lease ${lease.id} has ${lease.terms.groups.length} groups of VMs`, '/groups');
  for (const [g, demand] of demands.entries()) {
    const fault = faultOfSize(state, demand, pointerOf(lease, g));
    if (fault !== null) return fault;
    if (!state.pools.some(({ capacity }) => fitsInto(demand, capacity)))
      return invalid('no node is so large', pointerOf(lease, g));
  }
  return null;
}

function whyNotWaiting(lease: Lease): string | null {
  if (lease.cancelled) return 'is cancelled';
  if (lease.terms.start.kind === 'best-effort') return null;
  return `was promised its time (${lease.terms.start.kind}) for VMs as they are; they can be resized once they run`;
}

function whyNotRunning(state: StateView, lease: Lease): string | null {
  if (lease.cancelled) return 'is cancelled';
  if (isResizing(state, lease)) return 'is being resized already; try again when that is done';
  if (isMoving(state, lease)) return 'is being moved; try again when that is done';
  if (lease.former !== null) return UNSETTLED;
  if (lease.phase !== 'active' || !allVms(lease, 'running'))
    return `is ${lease.phase}; only leases that wait, or whose VMs all run, are resized`;
  if (lease.plan !== null) return 'is to make room for others, and leaves its nodes then';
  if (lease.paused.length > 0) return 'has paused VMs: unpause them first';
  const isAsked = [...state.changes, ...state.acts].some((change) => change.lease === lease);
  return lease.pending.length > 0 || isAsked ? 'is being changed, and that is not answered yet; try again' : null;
}

/** What VMs that run keep: their units, and every byte of their disks. */
function faultOfChange(state: StateView, lease: Lease, demands: readonly Capacity[]): Rejection | null {
  for (const [g, { demand }] of lease.terms.groups.entries())
    for (const [r, { name, kind }] of state.resources.entries()) {
      const pointer = `${pointerOf(lease, g)}/${name}`;
      if (kind === 'units' && demands[g]![r] !== demand[r])
        return invalid(`${name} is counted in units: a VM that runs keeps those that it has`, pointer);
      if (name === 'disk' && demands[g]![r]! < demand[r]!) return invalid('a disk only ever grows', pointer);
    }
  return null;
}

function faultOfQuota(state: StateView, lease: Lease, demands: readonly Capacity[]): Rejection | null {
  const larger = { ...lease, terms: sized(lease.terms, demands), pending: [] };
  if (!hasQuotas(state.policy.quotas) || cpuOf(state, larger.terms) <= cpuOf(state, lease.terms)) return null;
  const quotas = new QuotaCount(state);
  for (const other of state.leases.values()) if (other !== lease) quotas.add(other);
  const why = quotas.judge(larger);
  if (why === null) return null;
  const detail = `its ${why.resource} would be ${why.need} in all leases of its account, of which it may have ${why.have}`;
  return { code: 'quota-exceeded', detail, pointer: null };
}

function pointerOf({ terms }: Lease, group: number): string {
  return terms.groups.length === 1 ? '/resources' : `/groups/${group}/resources`;
}

function inState(lease: Lease, what: string): Rejection {
  return { code: 'lease-state', detail: `lease ${lease.id} ${what}`, pointer: null };
}

function invalid(detail: string, pointer: string): Rejection {
  return { code: 'terms-invalid', detail, pointer };
}
