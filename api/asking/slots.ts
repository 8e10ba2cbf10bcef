/** When there would be room for a lease: worked out from the state and the forecast, which stay as they are. */

import { asIfAsked, type FreeSlots, freeSlots } from '../../engine/index.js';
import type { SlotsFound, SlotsWanted } from './messages.js';
import { type QuoteBasis, trialId } from './quoting.js';

/** So many pools are looked at, each as often as that has to be: at most some tenths of a second. */
const LOOKS_MAX = 100_000;

export function slotsFor({ state, plan, now }: QuoteBasis, { terms, from, until, count }: SlotsWanted): SlotsFound {
  const search = { from: Math.max(from, now), until, count, looks: LOOKS_MAX };
  let found: FreeSlots = { slots: [], searched: search.from };
  const tried = asIfAsked(state, trialId(), terms, now, (view, lease) => {
    found = freeSlots(view, plan, lease, now, search);
    return [];
  });
  return { ...found, turn: plan.turn, now, rejection: tried.ok ? null : tried.rejection };
}
