/** Reasons as data: why a lease waits, was refused, moved or was preempted. */

import type { Instant } from '../kit/time.js';
import type { LeaseId } from './lease.js';

export type ReasonCode =
  /** Less is free than is needed; `earliestRelease` is when enough is planned to be. */
  | 'insufficient-capacity'
  /** More than the site could ever give. */
  | 'never-fits'
  /** Leases before it in the queue come first. */
  | 'behind-in-queue'
  /** It would fit now, but would delay the leases named. */
  | 'would-delay'
  /** It holds a reservation that begins later. */
  | 'reserved-for-later'
  /** Capacity was taken by the leases named, which come before it. */
  | 'preempted'
  /** It began before reservations of the leases named, and is suspended when they begin. */
  | 'suspended-ahead'
  /** It was stuck, and somebody asked for it to begin anew. */
  | 'recovery-requested'
  /** Its owner asked for it to be suspended. */
  | 'suspension-requested'
  /** It would be over, or has to leave, before its VMs could be saved; `have` is what is left, `need` what saving takes. */
  | 'ends-too-soon'
  /** It would be over, or has to leave, before its VMs could be carried elsewhere; `have` and `need` as above. */
  | 'ends-before-it-moved'
  /** Not all of its VMs run just now, or something else is under way for it. */
  | 'not-running'
  /** It stays on its node, which is drained: it may not be saved. */
  | 'may-not-be-saved'
  /** A reservation was moved to make room for the leases named. */
  | 'displaced'
  /** The command was not accepted: its terms are at fault. */
  | 'not-accepted'
  /** Leases of its kind are not admitted here. */
  | 'not-admitted'
  /** It was asked for too short a time before its start: `need` and `have` in milliseconds. */
  | 'notice-too-short'
  /** Its user or project has too much already: `resource` names what is limited, the blockers are its leases. */
  | 'quota-exceeded'
  /** It would write an image that the leases named have until they are over. */
  | 'image-in-use'
  /** It costs more than its user pays: `need` and `have` in millionths of a currency unit. */
  | 'price-too-high'
  /** It would not be over by its deadline, even if it began at once. */
  | 'too-late'
  /** An advance reservation's instant has passed. */
  | 'start-in-past'
  /** All the time that it had reserved has passed while nobody planned: the scheduler was away. */
  | 'turns-missed'
  /** It is held, until it is released. */
  | 'on-hold'
  /** It waits until somebody has approved it. */
  | 'awaiting-approval'
  /** It was not approved, or not in time; `detail` may say why. */
  | 'not-approved'
  /** It is to begin after the leases named have started, or ended. */
  | 'waits-for-lease'
  /** The lease named, which it was to follow, did not end well. */
  | 'dependency-failed'
  /** It had not begun when its patience ended. */
  | 'not-started-in-time'
  /** The nodes named are lost, draining or gone. */
  | 'node-unavailable'
  /** Its nodes are to be worked on: nobody is on them then. */
  | 'maintenance'
  /** The cluster could not carry out an order. */
  | 'order-failed'
  /** The cluster has not answered within the order's deadline. */
  | 'order-overdue'
  /** VMs were ready late and the capacity after the lease is taken: it ends on time. */
  | 'late-start-not-extended'
  /** The client cancelled it. */
  | 'cancelled'
  /** Its time is over. */
  | 'time-over'
  /** This kind of lease is not scheduled by these rules. */
  | 'not-supported'
  /** Its disk images cannot be on its nodes in time. */
  | 'image-not-in-time'
  /** Its saved memory has not arrived yet on the nodes where it is to resume. */
  | 'memory-on-the-way'
  /** Its suspension images lie on the nodes named, which are busy. */
  | 'images-on-busy-nodes';

export interface Reason {
  readonly code: ReasonCode;
  /** Lease ids or `node:<number>`; at most BLOCKERS_MAX, the rest in `more`. */
  readonly blockers: readonly (LeaseId | string)[];
  /** How many further blockers there are. */
  readonly more: number;
  /** The resource that is short, or null where the reason is not about one. */
  readonly resource: string | null;
  readonly need: number | null;
  readonly have: number | null;
  /** The earliest planned instant at which this reason no longer holds, where known. */
  readonly earliestRelease: Instant | null;
  /** What somebody had to say of it; absent: nothing. */
  readonly detail?: string;
}

export const BLOCKERS_MAX = 8;

/** A reason; fields not given are empty. */
export function reason(code: ReasonCode, fields: Partial<Omit<Reason, 'code' | 'more' | 'detail'>> = {}): Reason {
  const blockers = fields.blockers ?? [];
  return {
    code,
    blockers: blockers.slice(0, BLOCKERS_MAX),
    more: Math.max(0, blockers.length - BLOCKERS_MAX),
    resource: fields.resource ?? null,
    need: fields.need ?? null,
    have: fields.have ?? null,
    earliestRelease: fields.earliestRelease ?? null,
  };
}
