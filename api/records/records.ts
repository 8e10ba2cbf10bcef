/**
 * The records of all leases there have ever been: of those that go on in memory, of those that are over on disk. Reads
 * find both.
 */

import type { Instant, LeaseId, StateView } from '../../engine/index.js';
import { passes, type RecordFilter } from './filter.js';
import type { LeaseRecord } from './lease-record.js';
import type { Kept, Tables } from './tables.js';

/** So many are written to disk together: few make it slow, and more would keep a turn waiting. */
const WRITTEN = 100;
/** By default: more that go on and have changed are laid ready for the tables; fewer cost little when they are kept. */
const CHANGED_MAX = 250;
/** After the disk has refused a write, it is tried again so many turns later. */
const PAUSE_TURNS = 256;

export class Records {
  /** Those in memory, in order of arrival, and some that have been written meanwhile. */
  private arrivals: LeaseRecord[] = [];
  private readonly byId = new Map<LeaseId, LeaseRecord>();
  /** Over, and not yet on disk. */
  private readonly toWrite = new Set<LeaseRecord>();
  /** Going on, and changed since the tables were last kept or they were laid ready; the change furthest back first. */
  private readonly touched = new Set<LeaseRecord>();
  private readonly gone: number[] = [];
  private pause = 0;

  constructor(
    private readonly tables: Tables,
    private readonly changedMax = CHANGED_MAX,
  ) {}

  get(id: LeaseId): LeaseRecord | undefined {
    return this.byId.get(id) ?? this.tables.record(id);
  }

  /** Whether the lease goes on, or has been over for so short that it is still in memory. O(1). */
  inMemory(id: LeaseId): LeaseRecord | undefined {
    return this.byId.get(id);
  }

  enter(record: LeaseRecord): void {
    this.arrivals.push(record);
    this.byId.set(record.lease.id, record);
    this.touched.add(record);
  }

  /** Says that the record has changed. */
  touch(record: LeaseRecord): void {
    this.touched.delete(record);
    if (record.ended === null) this.touched.add(record);
    else this.toWrite.add(record);
  }

  /**
   * At most `count` records of leases whose number is `least` or more and less than `before`, the latest first. O(log
   * leases in memory + what is passed over + what is found).
   */
  latest(before: number, least: number, filter: RecordFilter, count: number): LeaseRecord[] {
    const found: LeaseRecord[] = [];
    for (let i = this.firstFrom(before) - 1; i >= 0 && found.length < count; i--) {
      const record = this.arrivals[i]!;
      if (record.lease.sequence < least) break;
      if (this.byId.get(record.lease.id) === record && passes(record, filter)) found.push(record);
    }
    const over = this.tables.latest(before, least, filter, count);
    return [...found, ...over].sort((a, b) => b.lease.sequence - a.lease.sequence).slice(0, count);
  }

  /** At most `count` records that changed after turn `after`, from number `from` on, in order of arrival. */
  changedSince(after: number, from: number, count: number): LeaseRecord[] {
    const found: LeaseRecord[] = [];
    for (let i = this.firstFrom(from); i < this.arrivals.length && found.length < count; i++) {
      const record = this.arrivals[i]!;
      if (this.byId.get(record.lease.id) === record && record.changed > after) found.push(record);
    }
    const over = this.tables.changedSince(after, from, count);
    return [...found, ...over].sort((a, b) => a.lease.sequence - b.lease.sequence).slice(0, count);
  }

  /**
   * Records of leases that were asked for before `to` and were not over at `from`, in order of arrival. Of more than `count`
   * some are left out.
   */
  within(from: Instant, to: Instant, most: number | null): LeaseRecord[] | null {
    const over = this.tables.within(from, to, most);
    if (over === null) return null;
    const here = this.arrivals.filter(
      (record) =>
        this.byId.get(record.lease.id) === record &&
        record.lease.submitted < to &&
        (record.ended === null || record.ended >= from),
    );
    if (most !== null && here.length + over.length > most) return null;
    return [...here, ...over].sort((a, b) => a.lease.sequence - b.lease.sequence);
  }

  /**
   * Writes some of what has ended, or of what goes on and has not changed for longest. A disk that refuses is left alone
   * for a while: memory holds what it does not take.
   */
  write(): void {
    const isMuchOver = this.toWrite.size >= WRITTEN;
    if (!isMuchOver && this.touched.size < this.changedMax) return;
    if (this.pause > 0) this.pause--;
    else if (!(isMuchOver ? this.writeSome() : this.layReady())) this.pause = PAUSE_TURNS;
  }

  /** Lays ready what has changed, a part at a time, and lets others have their turn in between; then `keep` has little left to do. */
  async layChangedReady(): Promise<void> {
    for (let parts = Math.ceil(this.touched.size / WRITTEN); parts > 0 && this.pause === 0; parts--) {
      if (!this.layReady()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Up to which turn the tables hold everything that was over by then, once some more was written; `head`: the last. */
  settled(head: number): number {
    if (this.toWrite.size > 0 && this.pause === 0) this.writeSome();
    let settled = head;
    for (const { changed } of this.toWrite) settled = Math.min(settled, changed - 1);
    return settled;
  }

  /** Those that go on, in order of arrival. */
  going(): LeaseRecord[] {
    return this.arrivals.filter((record) => record.ended === null && this.byId.get(record.lease.id) === record);
  }

  /** Brings the tables to `kept`, so that a later start goes on from there. False: the disk refuses. */
  keep(kept: Kept): boolean {
    const over = [...this.toWrite];
    if (!this.tables.keep(kept, over, [...this.touched], this.gone)) return false;
    this.written(over);
    this.touched.clear();
    this.gone.length = 0;
    return true;
  }

  /** Takes up what the tables were kept with; `state` is that of the same turn. */
  restore(state: StateView): void {
    const { going } = this.tables;
    if (going.length !== state.leases.size)
      this.tables.giveUp(`they hold ${going.length} leases that go on, and the log ${state.leases.size}`);
    let before = -1;
    for (const { id, rest } of going) {
      const lease = state.leases.get(id);
      if (lease === undefined || lease.sequence <= before)
        this.tables.giveUp(`lease ${id} is not in the log, or elsewhere in it`);
      before = lease.sequence;
      const record: LeaseRecord = { lease, ...rest, ended: null };
      this.arrivals.push(record);
      this.byId.set(id, record);
    }
  }

  private writeSome(): boolean {
    const some = firstOf(this.toWrite);
    const done = this.tables.write(some);
    if (done) this.written(some);
    return done;
  }

  private layReady(): boolean {
    const some = firstOf(this.touched);
    const done = this.tables.layReady(some);
    if (done) for (const record of some) this.touched.delete(record);
    return done;
  }

  private written(records: readonly LeaseRecord[]): void {
    for (const record of records) {
      this.toWrite.delete(record);
      this.byId.delete(record.lease.id);
      this.gone.push(record.lease.sequence);
    }
    if (this.arrivals.length > 2 * this.byId.size + WRITTEN)
      this.arrivals = this.arrivals.filter((record) => this.byId.get(record.lease.id) === record);
  }

  /** The index of the first record in memory whose lease has `sequence` or a later one. */
  private firstFrom(sequence: number): number {
    let low = 0;
    let high = this.arrivals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.arrivals[middle]!.lease.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function firstOf(records: Iterable<LeaseRecord>): LeaseRecord[] {
  const some: LeaseRecord[] = [];
  for (const record of records) if (some.push(record) === WRITTEN) break;
  return some;
}
