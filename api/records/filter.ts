/** Which records are wanted: what can be asked of a record without reading all of it. */

import type { Instant } from '../../engine/index.js';
import { ADMIN, type Caller } from '../access/caller.js';
import { type LeaseRecord, leaseState } from './lease-record.js';

/** Null: any. */
export interface RecordFilter {
  readonly states: ReadonlySet<string> | null;
  readonly kind: string | null;
  readonly user: string | null;
  readonly project: string | null;
  /** Whoever wants them: what is foreign to them is not there. */
  readonly caller: Caller;
  /** Its life, or what is planned of it, reaches into [from, to). */
  readonly from: Instant | null;
  readonly to: Instant | null;
  /** The present: what goes on has lived until then. */
  readonly now: Instant;
}

export const EVERYTHING: RecordFilter = {
  states: null,
  kind: null,
  user: null,
  project: null,
  caller: ADMIN,
  from: null,
  to: null,
  now: 0,
};

export function passes({ lease, ended }: LeaseRecord, filter: RecordFilter): boolean {
  const { states, kind, user, project, from, to } = filter;
  const { terms } = lease;
  if (states !== null && !states.has(leaseState(lease))) return false;
  if (kind !== null && terms.start.kind !== kind) return false;
  if (user !== null && terms.user !== user) return false;
  if (project !== null && terms.project !== project) return false;
  if (!filter.caller.sees(terms)) return false;
  if (to !== null && lease.submitted >= to) return false;
  return from === null || (ended ?? Math.max(filter.now, lease.loads === null ? 0 : lease.until)) >= from;
}
