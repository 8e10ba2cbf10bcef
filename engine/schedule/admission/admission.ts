/** What an admission policy is: who is turned away whatever room there is. */

import type { Reason } from '../../model/reasons.js';
import type { Lease } from '../../state/live-lease.js';
import type { StateView } from '../../state/state.js';

/** Why a lease that has just been asked for is not admitted; null: it is. Pure, O(1). */
export type Admission = (state: StateView, lease: Lease) => Reason | null;
