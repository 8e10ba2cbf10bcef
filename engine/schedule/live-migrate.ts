/**
 * Leases that are to be on other nodes while they run: where they fit for the rest of their time, beside what they hold,
 * they are carried there at once, one order a VM.
 */

import { expand, type Runs, size } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { LiveMigrateOrdered } from '../model/events.js';
import type { Group } from '../model/lease.js';
import { type Reason, reason } from '../model/reasons.js';
import { shutdownLength } from '../state/ends.js';
import { runsFreely } from '../state/lease-life.js';
import { departures, loadsOnBothSides, nodesAfter } from '../state/live-migration.js';
import { vmsOn } from '../state/moves.js';
import { movedNodes, nodesOf } from '../state/nodes.js';
import type { Lease, Step } from '../state/live-lease.js';
import { shortage } from './blockers.js';
import type { Draft } from './draft.js';
import { migrationSteps } from './migrate.js';
import { firstInstants } from './instants.js';
import { type Fit, fitAt } from './place.js';
import { nameUnits } from './units.js';

/** Whether all its VMs on these nodes are on their way off them, and none is on its way there. */
export function isLeaving(draft: Draft, lease: Lease, nodes: readonly number[]): boolean {
  const orders = draft.carried.get(lease) ?? departures(lease);
  return orders.length > 0 && !expand(nodesAfter(lease, orders)).some((node) => nodes.includes(node));
}

/** Whether its VMs on these nodes are carried to others by then. */
export function carryOff(draft: Draft, lease: Lease, nodes: readonly number[], by: Instant): boolean {
  if (draft.settled.has(lease) || !runsFreely(lease)) return false;
  const vms = vmsOn(lease, (node) => nodes.includes(node));
  return carry(draft, { lease, vms, to: null, not: nodes, by }) === null;
}

interface Carried {
  readonly lease: Lease;
  readonly vms: Runs;
  /** The only nodes that will do; null: any. */
  readonly to: readonly number[] | null;
  /** Nodes that will not do, beside those that the VMs are on. */
  readonly not: readonly number[];
  /** They have to be there by then; null: while the lease lasts. */
  readonly by: Instant | null;
}

/** Orders it. Or why that cannot be. */
export function carry(draft: Draft, carried: Carried): Reason[] | null {
  const { state, now } = draft;
  const { lease, vms, by } = carried;
  // 1. Where they fit, for the rest of its time.
  const fit = fitElsewhere(draft, carried, now);
  if (fit === null) return [whyNot(draft, carried)];
  const bound = draft.openNodes.bind(fit.pools);
  const nodes = assigned(lease, vms, bound);
  // 2. That does not take too long.
  const held = draft.heldBy(lease)!;
  const steps = migrationSteps(state, lease, nodes, now);
  const done = steps.at(-1)?.until ?? now;
  const end = Math.min(held.until, by ?? held.until);
  if (done >= held.until || done > end) {
    draft.openNodes.unbind(bound);
    return [reason('ends-before-it-moved', { need: done - now, have: end - now })];
  }
  // 3. From now on it holds what it needs on both sides.
  const orders = orderAll(draft, lease, nodes, vms, steps);
  draft.lift(lease);
  draft.place(lease, { ...held, loads: loadsOnBothSides(state, lease, orders) });
  draft.carried.set(lease, orders);
  draft.settled.set(lease, true);
  return null;
}

/** One order a VM: each arrives or stays by itself. VMs of a step travel side by side, behind those of the step before. */
function orderAll(draft: Draft, lease: Lease, nodes: Runs, vms: Runs, steps: readonly Step[]): LiveMigrateOrdered[] {
  const units = nameUnits(draft, lease, nodes, vms);
  const orders: LiveMigrateOrdered[] = [];
  let before: string[] = [];
  for (const { vms: together, until } of steps) {
    const step: string[] = [];
    for (const vm of expand(together)) {
      const decision: LiveMigrateOrdered = {
        type: 'LiveMigrateOrdered',
        order: draft.nextOrder(),
        lease: lease.id,
        deadline: draft.deadline(until),
        after: [...before, ...draft.openNodes.leavers(nodesOf(nodes, [vm, vm]))],
        vms: [vm, vm],
        nodes,
        until,
        units,
      };
      draft.decisions.push(decision);
      orders.push(decision);
      step.push(decision.order);
    }
    before = step;
  }
  return orders;
}

/** The nodes of the whole lease once `vms` are on these, in VM order. */
function assigned(lease: Lease, vms: Runs, bound: Runs): Runs {
  const targets = expand(bound);
  const all = expand(lease.nodes!);
  for (const [i, vm] of expand(vms).entries()) all[vm - 1] = targets[i]!;
  return movedNodes(
    lease.nodes!,
    vms,
    all.flatMap((node) => [node, node]),
  );
}

/** Where these VMs alone fit over [at, the lease's end), beside all that the lease holds. */
function fitElsewhere(draft: Draft, { lease, vms, to, not }: Carried, at: Instant): Fit | null {
  const part = partOf(draft, lease, vms, at);
  if (part === null) return null;
  const now = new Set([...expand(nodesOf(lease.nodes!, vms)), ...not]);
  return fitAt(draft, part, at, false, (pool) => {
    if (pool.counted) return to === null;
    const node = pool.nodes[0]!;
    return !now.has(node) && (to === null || to.includes(node));
  });
}

/** These VMs of the lease, for the rest of its time, as a lease of their own; null: none is left. */
function partOf(draft: Draft, lease: Lease, vms: Runs, at: Instant): Lease | null {
  const remaining = draft.heldBy(lease)!.until - at - shutdownLength(draft.state.policy, lease);
  if (remaining <= 0) return null;
  const chosen = new Set(expand(vms));
  const groups: Group[] = [];
  let first = 1;
  for (const group of lease.terms.groups) {
    let count = 0;
    for (let vm = first; vm < first + group.vms; vm++) if (chosen.has(vm)) count++;
    if (count > 0) groups.push({ ...group, vms: count });
    first += group.vms;
  }
  return { ...lease, vms: size(vms), remaining, terms: { ...lease.terms, groups } };
}

/** At most so many instants are tried for when it would fit. */
const TRIES_MAX = 64;

function whyNot(draft: Draft, carried: Carried): Reason {
  const { now } = draft;
  const { lease, vms } = carried;
  const part = partOf(draft, lease, vms, now);
  if (part === null) return reason('ends-before-it-moved', { need: 0, have: 0 });
  const { until } = draft.heldBy(lease)!;
  const later = firstInstants(draft, now, until, TRIES_MAX);
  const earliest = later.find((at) => fitElsewhere(draft, carried, at) !== null) ?? null;
  const why = shortage(draft, part, now, earliest);
  return { ...why, code: 'insufficient-capacity', blockers: why.blockers.filter((id) => id !== lease.id) };
}
