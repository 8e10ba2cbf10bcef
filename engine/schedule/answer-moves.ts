/** What was asked of running leases: to be on other nodes, or to leave a node that is drained. */

import { reason } from '../model/reasons.js';
import { runsFreely } from '../state/lease-life.js';
import { windowOver } from '../state/moves.js';
import type { Move } from '../state/state.js';
import { isOver, refuse, suspendAsAsked, whyItLeaves } from './changes.js';
import type { Draft } from './draft.js';
import { carry } from './live-migrate.js';
import { leave } from './maintenance.js';
import { maySuspend } from './suspend.js';

/** Answers all that was asked, in order of asking. */
export function answerMoves(draft: Draft): void {
  for (const move of draft.state.moves) {
    const { lease, off } = move;
    if (lease.phase === 'over' || isOver(draft, lease)) continue; // that is the answer
    if (off === null) answer(draft, move);
    else if (!draft.settled.has(lease) && draft.heldBy(lease) !== null) clear(draft, { ...move, off });
  }
}

function answer(draft: Draft, { lease, vms, to }: Move): void {
  if (draft.settled.has(lease) || draft.heldBy(lease) === null) refuse(draft, lease, whyItLeaves(draft, lease));
  else {
    const why = runsFreely(lease) ? carry(draft, { lease, vms, to, not: [], by: null }) : [reason('not-running')];
    if (why !== null) refuse(draft, lease, why);
  }
}

/** Off a node that is drained, or is to be worked on: carried elsewhere, or saved, or it stays where it is. */
function clear(draft: Draft, { lease, vms, off, saved }: Move & { readonly off: number }): void {
  const { state } = draft;
  const isFree = runsFreely(lease);
  const window = windowOver(state, lease, off);
  // 1. Elsewhere, without stopping.
  const carried = { lease, vms, to: null, not: [off], by: window?.from ?? null };
  const why = !isFree ? [reason('not-running')] : saved ? [] : carry(draft, carried);
  if (why === null) return;
  // 2. By the time at which nobody is to be there.
  if (window !== null && state.newWindows.includes(window)) return; // as all others who are there
  if (window !== null && (isFree || saved)) {
    draft.noteFreed(draft.heldBy(lease)!.until);
    return leave(draft, lease, Math.max(draft.now, window.from), window.nodes);
  }
  if (!isFree) return refuse(draft, lease, why);
  // 3. Saved, as soon as that can be.
  const { kind } = lease.terms.start;
  const mayBeSaved = lease.terms.preemptible && (kind === 'best-effort' || kind === 'immediate');
  if (!mayBeSaved || !maySuspend(state, lease)) return refuse(draft, lease, [...why, reason('may-not-be-saved')]);
  suspendAsAsked(draft, lease, [reason('maintenance', { blockers: [`node:${off}`] })], why);
}
