/** Turns that came too late: what was planned for a time that has passed cannot be carried out as it was planned. */

import type { Instant } from '../kit/time.js';
import type { TurnsMissed } from '../model/events.js';
import { hasMissed } from '../schedule/missed.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';

/** Whether something was due that can no longer be had as planned; null: no, as where clocks jump from event to event. O(due). */
export function turnsMissed(state: StateView, now: Instant): TurnsMissed | null {
  const first = state.alarms.peek();
  if (first === undefined || first.time >= now) return null;
  let since: Instant | null = null;
  state.alarms.forEachUntil(now, ({ lease, time }) => {
    if (lease.alarm === time && (hasMissed(lease, now) || isLeftLate(lease, now)))
      since = Math.min(since ?? time, time);
  });
  return since === null ? null : { type: 'TurnsMissed', at: now, since };
}

/** It was to be saved by now, and that has not been ordered. */
function isLeftLate({ until, plan }: Lease, now: Instant): boolean {
  return plan?.kind === 'suspend' && plan.next < plan.steps.length && until <= now;
}
