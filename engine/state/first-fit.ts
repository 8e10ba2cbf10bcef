/**
 * First fit in a long queue: who, in order of arrival, is narrow and short enough to begin. Waiting leases lie in a row for
 * each power of two of VMs, and a row in blocks that know the least width and the least length in them. Where all that are
 * narrow enough are too long, as behind the front of a backlog, a few blocks are asked instead of the whole queue.
 */

import type { Duration } from '../kit/time.js';

/** What a lease must have to be found. */
interface Waiting {
  readonly sequence: number;
  readonly vms: number;
  readonly remaining: Duration;
}

/** What there is room for; while it is asked it only becomes less. */
export interface Room {
  /** For how long so many VMs can run from now on; below 0: not at all. It does not grow with them. */
  longest(vms: number): Duration;
}

/** A queue that is shorter is looked through as quickly; one that has become so long is known again. */
const SHORT = 64;
const LONG = 256;

export class FirstFit<T extends Waiting> {
  /** By the power of two; null: the queue is short, or nobody has asked yet. */
  private rows: Row<T>[] | null = null;

  /** To be called when the lease has joined the queue. O(log n), out of order O(n). */
  add(lease: T): void {
    if (this.rows !== null) this.rowOf(lease).add(lease);
  }

  /** To be called when a lease, in the queue or not, has another time ahead. O(log n). */
  note(lease: T): void {
    if (this.rows !== null) this.rowOf(lease).note(lease);
  }

  /** To be called when it has left. O(log n) amortised. */
  delete(lease: T): void {
    if (this.rows !== null) this.rowOf(lease).delete(lease);
  }

  /** Whether it pays to ask about `queue`, which has all that are to be found, from index `first` on. O(1), and O(n) when the queue has become long. */
  knows(queue: readonly T[], first: number): boolean {
    if (queue.length < SHORT) this.rows = null;
    if (queue.length - first < SHORT) return false;
    if (this.rows === null && queue.length >= LONG) {
      this.rows = [];
      for (const lease of queue) this.rowOf(lease).add(lease);
    }
    return this.rows !== null;
  }

  /**
   * Those that arrived as `sequence` or later, in order, for whose VMs there is room for the time ahead of them when it is
   * their turn. O(rows × (n / 4096 + 128)) for the first; one such search in one row for each that follows. What is left
   * in the middle of it must be left for good.
   */
  *from(sequence: number, room: Room): Generator<T, void, undefined> {
    const heads: Head<T>[] = [];
    for (const row of this.rows ?? []) heads.push({ row, slot: row.search(row.slotOf(sequence), room) });
    for (;;) {
      const head = earliest(heads);
      if (head === null) return;
      const { row, slot } = head;
      const lease = row.at(slot);
      // Others may have begun since it was found.
      if (row.mayFit(0, slot, room)) yield lease;
      head.slot = row.search(slot + 1, room);
    }
  }

  private rowOf({ vms }: T): Row<T> {
    const power = 31 - Math.clz32(vms);
    const rows = this.rows!;
    while (rows.length <= power) rows.push(new Row());
    return rows[power]!;
  }
}

/** The next of a row that may begin; -1: nobody. */
interface Head<T extends Waiting> {
  readonly row: Row<T>;
  slot: number;
}

function earliest<T extends Waiting>(heads: readonly Head<T>[]): Head<T> | null {
  let first: Head<T> | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const head of heads) {
    const sequence = head.slot < 0 ? Number.POSITIVE_INFINITY : head.row.at(head.slot).sequence;
    if (sequence >= least) continue;
    first = head;
    least = sequence;
  }
  return first;
}

/** A block is 2^BITS slots, a block of blocks as many blocks. */
const BITS = 6;
const LEVELS = 3;

/** Leases of like width in order of arrival. Slots of those that have left stay empty until half of all are. */
class Row<T extends Waiting> {
  private leases: T[] = [];
  private living = 0;
  /** At level 0 of each slot, above of each block. Nobody: infinite. */
  private readonly widths = new Least();
  private readonly lengths = new Least();

  at(slot: number): T {
    return this.leases[slot]!;
  }

  add(lease: T): void {
    const slot = this.slotOf(lease.sequence);
    const there = this.leases[slot];
    if (there !== undefined && there.sequence !== lease.sequence) {
      this.renew([...this.alive(0, slot), lease, ...this.alive(slot, this.leases.length)]);
      return;
    }
    this.living++;
    this.leases[slot] = lease;
    this.widths.set(slot, lease.vms);
    this.lengths.set(slot, lease.remaining);
  }

  note(lease: T): void {
    const slot = this.slotOf(lease.sequence);
    if (this.leases[slot] === lease && this.isAlive(slot)) this.lengths.set(slot, lease.remaining);
  }

  delete(lease: T): void {
    const slot = this.slotOf(lease.sequence);
    if (this.leases[slot] !== lease) return;
    this.living--;
    this.widths.set(slot, Number.POSITIVE_INFINITY);
    this.lengths.set(slot, Number.POSITIVE_INFINITY);
    if (this.living * 2 < this.leases.length - SHORT) this.renew(this.alive(0, this.leases.length));
  }

  /** The first slot of those that arrived as `sequence` or later. */
  slotOf(sequence: number): number {
    const { leases } = this;
    let low = 0;
    let high = leases.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (leases[middle]!.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first slot from `from` on whose lease fits, or -1. */
  search(from: number, room: Room): number {
    const end = this.leases.length;
    let slot = from;
    while (slot < end) {
      // 1. The largest block that begins here.
      let level = 0;
      while (level < LEVELS - 1 && slot % (1 << (BITS * (level + 1))) === 0) level++;
      // 2. The smallest part of it that may have somebody; or on behind the largest that has nobody.
      while (level >= 0 && this.mayFit(level, slot >>> (BITS * level), room)) level--;
      if (level < 0) return slot;
      slot += 1 << (BITS * level);
    }
    return -1;
  }

  /** Whether somebody in the block may fit; at level 0 whether the lease does. */
  mayFit(level: number, block: number, room: Room): boolean {
    return this.lengths.at(level, block) <= room.longest(this.widths.at(level, block));
  }

  private isAlive(slot: number): boolean {
    return this.widths.at(0, slot) < Number.POSITIVE_INFINITY;
  }

  private alive(from: number, until: number): T[] {
    return this.leases.slice(from, until).filter((_, i) => this.isAlive(from + i));
  }

  private renew(leases: T[]): void {
    this.leases = [];
    this.living = 0;
    this.widths.clear();
    this.lengths.clear();
    for (const lease of leases) this.add(lease);
  }
}

/** A number for each slot, and the least of each block. */
class Least {
  private readonly levels = Array.from({ length: LEVELS }, () => new Float64Array(0));

  at(level: number, block: number): number {
    return this.levels[level]![block]!;
  }

  clear(): void {
    for (const level of this.levels) level.fill(Number.POSITIVE_INFINITY);
  }

  /** O(slots of a block × levels) where the least becomes more, else O(levels). */
  set(slot: number, value: number): void {
    if (slot >= this.levels[0]!.length) this.grow();
    const before = this.levels[0]![slot]!;
    this.levels[0]![slot] = value;
    for (let level = 1; level < LEVELS; level++) {
      const [parts, blocks] = [this.levels[level - 1]!, this.levels[level]!];
      const block = slot >>> (BITS * level);
      if (value <= blocks[block]!) blocks[block] = value;
      else if (before > blocks[block]!) return;
      else blocks[block] = leastOf(parts, block << BITS, (block + 1) << BITS);
    }
  }

  /** Twice as many slots, and blocks for all of them. */
  private grow(): void {
    const slots = Math.max(1 << (BITS * (LEVELS - 1)), 2 * this.levels[0]!.length);
    for (const [level, values] of this.levels.entries()) {
      const more = new Float64Array(slots >>> (BITS * level)).fill(Number.POSITIVE_INFINITY);
      more.set(values);
      this.levels[level] = more;
    }
  }
}

function leastOf(values: Float64Array, from: number, until: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = from; i < until; i++) if (values[i]! < least) least = values[i]!;
  return least;
}
