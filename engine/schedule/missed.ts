/** Leases whose reserved time has passed, or begun without them, while nobody planned. */

import type { Duration, Instant } from '../kit/time.js';
import { reason } from '../model/reasons.js';
import type { Lease } from '../state/live-lease.js';
import type { Draft } from './draft.js';

/** Who is later than that, and need not begin at a fixed time, is planned anew with all its time; up to then what is left is enough. */
const LATE_MAX: Duration = 60_000;
/** Or than this part of its time, where that is less. */
const PART = 1 / 10;

/** Whether the lease cannot have what it has reserved, or only a part where it could wait for all. */
export function hasMissed({ pools, terms, from, until }: Lease, now: Instant): boolean {
  if (pools === null) return false;
  return until <= now || (terms.start.kind !== 'advance' && now - from >= Math.min(LATE_MAX, (until - from) * PART));
}

/** Advance leases that have not begun by the end of their reservation cannot be had any more. O(due). */
export function giveUpMissed(draft: Draft, due: readonly Lease[]): void {
  if (draft.state.missedSince === null) return;
  for (const lease of due) {
    if (draft.settled.has(lease) || lease.phase !== 'reserved' || lease.terms.start.kind !== 'advance') continue;
    if (hasMissed(lease, draft.now)) draft.fail(lease, [reason('turns-missed')]);
  }
}
