/** What a follower of the past stands on: a milestone, and what was over by then. What came later stays in its memory. */

import type { LeaseId } from '../../engine/index.js';
import type { RecordFilter } from '../records/filter.js';
import type { LeaseRecord } from '../records/lease-record.js';
import type { Milestone } from '../records/past-file.js';
import type { Kept, OverRecords, Tables } from '../records/tables.js';

export class PastTables implements Tables {
  readonly kept: Kept | null;
  readonly going: Tables['going'];

  /** `over`: leases that were over by the milestone; null: nobody will ask, and what is over is forgotten. */
  constructor(
    milestone: Milestone | null,
    private readonly over: OverRecords | null,
  ) {
    this.kept = milestone;
    this.going = milestone?.going ?? [];
  }

  record(id: LeaseId): LeaseRecord | undefined {
    return this.over?.record(id);
  }

  latest(before: number, least: number, filter: RecordFilter, count: number): LeaseRecord[] {
    return this.over?.latest(before, least, filter, count) ?? [];
  }

  within(from: number, to: number, most: number | null): LeaseRecord[] | null {
    return this.over === null ? [] : this.over.within(from, to, most);
  }

  changedSince(after: number, from: number, count: number): LeaseRecord[] {
    return this.over?.changedSince(after, from, count) ?? [];
  }

  clear(): void {}

  write(): boolean {
    return this.over === null;
  }

  layReady(): boolean {
    return this.over === null;
  }

  keep(): boolean {
    return this.over === null;
  }

  giveUp(why: string): never {
    throw new Error(`the milestone of turn ${this.kept?.turn ?? 0} does not fit the log: ${why}`);
  }

  close(): void {}
}
