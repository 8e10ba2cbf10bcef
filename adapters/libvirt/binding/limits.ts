/** How many calls to a host are under way at a time, by how long they take: quick ones need not wait for others. */

import type { CallKind } from './calls.js';

export const UNDER_WAY_MAX: Record<CallKind['pace'], number> = { quick: 4, slow: 6, guest: 4, long: 4 };
/** Each has a connection and a thread of its own. */
export const LANES_MAX = Object.values(UNDER_WAY_MAX).reduce((sum, one) => sum + one, 0);
