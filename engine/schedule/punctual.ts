/** Where a lease fits at the very instant that it is promised, by preemption where need be, with its images there by then. */

import type { Instant } from '../kit/time.js';
import type { Lease } from '../state/live-lease.js';
import type { Draft } from './draft.js';
import { imagesInTime } from './images.js';
import type { Fit } from './place.js';
import { preemptFor } from './preempt.js';

export interface Punctual {
  /** Null: there is no room. */
  readonly fit: Fit | null;
  /** Plans what must be sent; null: it cannot be there in time. */
  readonly send: (() => void) | null;
}

/** `free`: where it fits without preemption, if it does. `wanted`: the lease as it is to be, where that is another length. */
export function punctual(draft: Draft, lease: Lease, at: Instant, free: Fit | null, wanted: Lease = lease): Punctual {
  let send = free === null ? null : imagesInTime(draft, lease, free.pools, at);
  const accept = (found: Fit) => {
    send = imagesInTime(draft, lease, found.pools, at);
    return send !== null;
  };
  const fit = free ?? preemptFor(draft, wanted, at, accept);
  return { fit, send };
}
