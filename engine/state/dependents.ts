/** Leases that are to follow others: who waits for whom, until those have started or ended. */

import type { Dependency, LeaseId } from '../model/lease.js';
import type { Outcome } from '../model/lifecycle.js';
import { reason } from '../model/reasons.js';
import { type Lease, NO_DEPENDENCIES } from './live-lease.js';
import type { State, StateView } from './state.js';

/** Whether nothing but capacity keeps the lease waiting. */
export function isReady(lease: Lease): boolean {
  return !lease.held && !lease.unapproved && lease.waitsFor.length === 0;
}

/** What of `after` is still to come. What is named is there, or was over, as it should be, in this very turn. */
export function outstanding(state: StateView, after: readonly Dependency[]): readonly Dependency[] {
  return after.filter(({ lease: id, on }) => {
    const lease = state.leases.get(id);
    return lease !== undefined && (on === 'end' || lease.firstStart === null);
  });
}

/** Whether the lease, which is over, has done what others wait for: it began, or ended well. */
export function hasHappened({ firstStart, outcome }: Lease, on: Dependency['on']): boolean {
  return on === 'start' ? firstStart !== null : outcome === 'done';
}

/** Notes for whom the lease waits. O(what it waits for). */
export function tie(state: State, lease: Lease): void {
  for (const { lease: id } of lease.waitsFor) {
    const before = state.dependents.get(id);
    if (before === undefined) state.dependents.set(id, [lease]);
    else if (!before.includes(lease)) state.dependents.set(id, [...before, lease]);
  }
}

/** The lease waits for nobody any more: it is over. */
export function untie(state: State, lease: Lease): void {
  for (const { lease: id } of lease.waitsFor) {
    const left = dependentsOf(state, id).filter((other) => other !== lease);
    if (left.length > 0) state.dependents.set(id, left);
    else state.dependents.delete(id);
  }
  lease.waitsFor = NO_DEPENDENCIES;
}

/** Leases that wait for `id`, in order of arrival. */
export function dependentsOf(state: StateView, id: LeaseId): readonly Lease[] {
  return state.dependents.get(id) ?? NONE;
}

/** The lease runs for the first time: returns those whose waiting that has ended. */
export function afterStart(state: State, lease: Lease): readonly Lease[] {
  return meet(state, lease.id, (dependency) => dependency.on === 'start');
}

/** The lease is over: returns those whose waiting that has ended. If it did not end well, its dependents are in trouble. */
export function afterEnd(state: State, lease: Lease, outcome: Outcome): readonly Lease[] {
  if (outcome === 'done') return meet(state, lease.id, () => true);
  for (const dependent of dependentsOf(state, lease.id)) {
    dependent.trouble ??= reason('dependency-failed', { blockers: [lease.id] });
    state.attention.add(dependent);
  }
  return NONE;
}

function meet(state: State, id: LeaseId, isMet: (dependency: Dependency) => boolean): readonly Lease[] {
  const dependents = state.dependents.get(id);
  if (dependents === undefined) return NONE;
  const ready: Lease[] = [];
  const left: Lease[] = [];
  for (const dependent of dependents) {
    dependent.waitsFor = dependent.waitsFor.filter((one) => one.lease !== id || !isMet(one));
    if (dependent.waitsFor.some((one) => one.lease === id)) left.push(dependent);
    if (isReady(dependent)) ready.push(dependent);
  }
  if (left.length > 0) state.dependents.set(id, left);
  else state.dependents.delete(id);
  return ready;
}

const NONE: readonly Lease[] = [];
