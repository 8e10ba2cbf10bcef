/** What records stand on: where those of leases that are over lie, and what a follower goes on from. */

import type { Instant, LeaseId, NodeClass, Policy } from '../../engine/index.js';
import type { RecordFilter } from './filter.js';
import type { LeaseRecord, LoggedDecision } from './lease-record.js';

/** What the tables were kept with. */
export interface Kept {
  /** The last turn that is in them. */
  readonly turn: number;
  /** See turnDigest. */
  readonly digest: string;
  readonly nodeClasses: readonly NodeClass[];
  readonly policies: readonly AdoptedPolicy[];
}

/** A policy, and the turn that brought it. */
export interface AdoptedPolicy {
  readonly turn: number;
  readonly at: Instant;
  readonly policy: Policy;
}

/** What a record adds to a lease that goes on: the lease itself is in the state. */
export type RecordRest = Omit<LeaseRecord, 'lease' | 'ended'>;

/** Records of leases that are over, for those who read. */
export interface OverRecords {
  record(id: LeaseId): LeaseRecord | undefined;
  /** At most `count` of leases whose number is `least` or more and less than `before`, the latest first. */
  latest(before: number, least: number, filter: RecordFilter, count: number): LeaseRecord[];
  /** Of leases that were asked for before `to` and were not over at `from`; null: there are more than `most`. */
  within(from: Instant, to: Instant, most: number | null): LeaseRecord[] | null;
  /** At most `count` of leases that ended after turn `after`, from number `from` on, in order of arrival. */
  changedSince(after: number, from: number, count: number): LeaseRecord[];
}

export interface Tables extends OverRecords {
  readonly kept: Kept | null;
  /** Leases that went on when they were kept, in order of arrival. */
  readonly going: readonly { readonly id: LeaseId; readonly rest: RecordRest }[];
  clear(): void;
  /** Adds leases that are over. False: it cannot now, and nothing was added. */
  write(over: readonly LeaseRecord[]): boolean;
  /** Lays records of leases that go on ready for `keep`, which then takes them for unchanged. False: it cannot now. */
  layReady(going: readonly LeaseRecord[]): boolean;
  /**
   * Brings the tables to one turn. `going`: leases that have changed since they were last kept or laid ready; `gone`: the
   * numbers of those that have ended since they were last kept.
   */
  keep(kept: Kept, over: readonly LeaseRecord[], going: readonly LeaseRecord[], gone: readonly number[]): boolean;
  /** They do not fit the log, as `why` says: throws, and the next start finds none. */
  giveUp(why: string): never;
  close(): void;
}

/** Of what is known of a lease that goes on, all that is not in the state. */
export function restOf({ lease: _, ended: __, ...rest }: LeaseRecord): RecordRest {
  return { ...rest, decisions: rest.decisions.map(ownPart) };
}

/** Of a decision about many leases the lease's own part: thousands may share one. */
export function ownPart(logged: LoggedDecision): LoggedDecision {
  const { decision, index } = logged;
  if (!('leases' in decision) || decision.leases.length === 1) return logged;
  const { leases, from, until, pools } = decision;
  const at = <T>(column: readonly T[]): T[] => [column[index]!];
  return {
    ...logged,
    decision: { ...decision, leases: at(leases), from: at(from), until: at(until), pools: at(pools) },
    index: 0,
  };
}
