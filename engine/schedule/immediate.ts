/** Immediate leases: now, where need be by preemption, or refused. */

import type { Lease } from '../state/live-lease.js';
import { earliestStart, refuse } from './answers.js';
import { shortage } from './blockers.js';
import type { Draft } from './draft.js';
import { imagesInTime } from './images.js';
import { preemptFor } from './preempt.js';
import { begin, soonest } from './prepare.js';
import { unanswered } from './reservations.js';

/** All that have no answer yet, in order of arrival. True if others were stopped for them. */
export function answerImmediate(draft: Draft): boolean {
  let stopped = false;
  for (const lease of unanswered(draft)) if (answerOneImmediate(draft, lease)) stopped = true;
  return stopped;
}

/** True if others were stopped for it. */
export function answerOneImmediate(draft: Draft, lease: Lease): boolean {
  if (draft.settled.has(lease) || lease.terms.start.kind !== 'immediate') return false;
  const free = soonest(draft, lease);
  const fit =
    free ?? preemptFor(draft, lease, draft.now, (found) => imagesInTime(draft, lease, found.pools, draft.now) !== null);
  if (fit === null) {
    refuse(draft, lease, shortage(draft, lease, draft.now, earliestStart(draft, lease, draft.now)));
    return false;
  }
  draft.place(lease, fit);
  begin(draft, lease, fit);
  return free === null;
}
