/** How large the VMs of a lease are, were, may become without being stopped, and are counted while they change. */

import type { Capacity } from '../kit/capacity.js';
import type { Group, Terms } from '../model/lease.js';
import type { Lease } from './live-lease.js';
import type { StateView } from './state.js';

/** Resources of which a VM is made for so much at most: it has to be stopped to be made for more. */
const MADE_FOR: ReadonlySet<string> = new Set(['cpu', 'memory']);

/** Whether its VMs are being made larger or smaller, or are to be. */
export function isResizing(state: StateView, lease: Lease): boolean {
  return resizeUnderWay(lease) !== null || state.resizes.some((asked) => asked.lease === lease);
}

/** What is said to those who want something else of a lease whose VMs may go back to what they had. */
export const UNSETTLED = 'may still go back to what its VMs had before: confirm what they have, or revert it';

/** The terms with VMs of these sizes. */
export function sized(terms: Terms, demands: readonly Capacity[]): Terms {
  return { ...terms, groups: terms.groups.map((group, g) => ({ ...group, demand: demands[g]! })) };
}

/** The same, where its VMs have been made so: what they may become later without being stopped only ever grows. */
export function resizedTerms(terms: Terms, demands: readonly Capacity[], running: boolean): Terms {
  const groups = terms.groups.map((group, g): Group => {
    const { name, vms, image, writesImage } = group;
    const demand = demands[g]!;
    const before = group.max ?? (running ? group.demand : demand);
    const max = larger(before, demand);
    const says = group.max !== undefined || max.some((amount, r) => amount !== demand[r]);
    const writes = writesImage === undefined ? {} : { writesImage };
    return { name, vms, demand, ...(says ? { max } : {}), image, ...writes };
  });
  return { ...terms, groups };
}

/** The first resource of which some VM would have more than it was made for, and how much that is; null: there is none. */
export function outgrown(
  state: StateView,
  { groups }: Terms,
  demands: readonly Capacity[],
): { readonly group: number; readonly resource: string; readonly most: number } | null {
  for (const [g, group] of groups.entries())
    for (const [r, { name }] of state.resources.entries()) {
      const most = (group.max ?? group.demand)[r]!;
      if (MADE_FOR.has(name) && demands[g]![r]! > most) return { group: g, resource: name, most };
    }
  return null;
}

/** What the lease holds: the largest of what its VMs have, are to have, and had before where that is kept for them. */
export function heldTerms(lease: Lease): Terms {
  const ordered = resizeUnderWay(lease);
  const next = ordered === null ? lease.terms : largerTerms(lease.terms, ordered);
  return lease.former === null ? next : largerTerms(next, lease.former.demands);
}

/** The same, with what was asked for in this turn. */
export function largestTerms(state: StateView, lease: Lease): Terms {
  const asked = state.resizes.find((one) => one.lease === lease);
  return asked === undefined ? heldTerms(lease) : largerTerms(heldTerms(lease), asked.demands);
}

export function largerTerms(terms: Terms, demands: readonly Capacity[]): Terms {
  return sized(
    terms,
    terms.groups.map(({ demand }, g) => larger(demand, demands[g]!)),
  );
}

/** What the order says that the cluster has not answered; null: there is none. */
function resizeUnderWay({ pending }: Lease): readonly Capacity[] | null {
  for (const { decision } of pending) if (decision.type === 'ResizeOrdered') return decision.demands;
  return null;
}

function larger(a: Capacity, b: Capacity): Capacity {
  return a.map((amount, r) => Math.max(amount, b[r]!));
}
