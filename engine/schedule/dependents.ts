/** Leases that were to follow one that cannot be had, or is given up, cannot be had either. */

import { reason } from '../model/reasons.js';
import { dependentsOf } from '../state/dependents.js';
import { refuse } from './answers.js';
import type { Draft } from './draft.js';

/** Refuses the dependents of those whose end is decided in this draft, and theirs. O(decisions + dependents). */
export function refuseDependents(draft: Draft): void {
  const { state, decisions } = draft;
  if (state.dependents.size === 0) return;
  for (let i = 0; i < decisions.length; i++) {
    const decision = decisions[i]!;
    if (decision.type !== 'Refused' && decision.type !== 'Failed') continue;
    for (const lease of dependentsOf(state, decision.lease))
      if (!draft.settled.has(lease)) refuse(draft, lease, reason('dependency-failed', { blockers: [decision.lease] }));
  }
}
