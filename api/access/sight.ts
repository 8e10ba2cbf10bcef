/** What a caller sees of leases that others' answers mention. What they do not know of is told as "another project's". */

import type { LeaseId, Reason } from '../../engine/index.js';
import { FOREIGN } from '../../simulations/story/reasons.js';
import type { FollowerView } from '../follower.js';
import type { Caller } from './caller.js';

export interface Sight {
  sees(lease: LeaseId): boolean;
}

/** Nothing is foreign. */
export const SEES_ALL: Sight = { sees: () => true };

/** For one answer, also where that is still written when the request is over: what was looked up is remembered. O(1) a lease. */
export function sightOf(caller: Caller, { records }: Pick<FollowerView, 'records'>): Sight {
  if (caller.seesAll) return SEES_ALL;
  const seen = new Map<LeaseId, boolean>();
  return {
    sees: (id) => {
      const known = seen.get(id);
      if (known !== undefined) return known;
      const record = records.get(id);
      const sees = record !== undefined && caller.sees(record.lease.terms);
      seen.set(id, sees);
      return sees;
    },
  };
}

/** The reason without names of leases that are foreign; how many there are, and until when, is still told. */
export function reasonWithin(reason: Reason, sight: Sight): Reason {
  const known = reason.blockers.filter((blocker) => blocker.startsWith('node:') || sight.sees(blocker));
  const foreign = reason.blockers.length - known.length;
  return foreign === 0 ? reason : { ...reason, blockers: [...known, FOREIGN], more: reason.more + foreign - 1 };
}
