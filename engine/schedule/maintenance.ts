/** Who is on nodes that are to be worked on leaves them by then: saved where that may be, else stopped. */

import type { Instant } from '../kit/time.js';
import { reason } from '../model/reasons.js';
import type { Lease } from '../state/live-lease.js';
import { planSuspension } from './answers.js';
import type { Draft } from './draft.js';
import { carryOff, isLeaving } from './live-migrate.js';
import { stepsTo } from './preempt.js';
import { dropReturn } from './return.js';
import { sorted } from './sorted.js';
import { orderSteps } from './steps.js';

/** For windows that this turn has brought. Reservations are planned anew by `replan`. O(holders). */
export function leaveForMaintenance(draft: Draft): void {
  const { state, now } = draft;
  for (const { nodes, from, until } of state.newWindows) {
    const at = Math.max(now, from);
    const found = new Set<Lease>();
    for (const node of nodes) for (const holder of state.pools[state.poolOf[node]!]!.holders) found.add(holder);
    for (const holder of sorted(found)) {
      const held = draft.heldBy(holder);
      if (held === null || held.from >= until || held.until <= at || draft.isReserved(holder)) continue;
      if (!isLeaving(draft, holder, nodes)) leave(draft, holder, at, nodes);
    }
  }
}

/** Carried elsewhere where the policy has it, else saved, else stopped. */
export function leave(draft: Draft, lease: Lease, at: Instant, nodes: readonly number[]): void {
  const { liveMigration } = draft.state.policy;
  if (liveMigration === 'maintenance' && at > draft.now && carryOff(draft, lease, nodes, at)) return;
  const reasons = [reason('maintenance', { blockers: nodes.map((node) => `node:${node}`) })];
  const { kind } = lease.terms.start;
  const held = draft.heldBy(lease)!;
  if (draft.laterOf(lease) !== null) dropReturn(draft, lease, reasons[0]!);
  if (at <= draft.now) {
    draft.stop(lease, 'preempted', kind === 'best-effort' ? 'queue' : 'over', reasons);
    return;
  }
  draft.planned.delete(lease);
  const saved = kind === 'best-effort' || kind === 'immediate' ? stepsTo(draft, lease, at) : null;
  draft.release(held.loads, at, held.until);
  draft.hold(lease, { ...held, until: at });
  if (saved === null) {
    draft.decisions.push({ type: 'StopPlanned', lease: lease.id, at, reasons });
    draft.planned.set(lease, []);
  } else {
    const on = draft.nodesOf(lease)!;
    planSuspension(draft, lease, saved, on, at, reasons);
    orderSteps(draft, lease, { kind: 'suspend', steps: saved, next: 0 }, on, lease.units);
  }
}
