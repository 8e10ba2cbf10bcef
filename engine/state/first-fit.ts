/**
 * First fit in a long queue: who, in order of arrival, asks for little enough to begin. Waiting leases lie in rows of those
 * that ask for about the same, and a row in blocks that know the least that is asked for in them. Where all that are small
 * enough are too long, as behind the front of a backlog, a few blocks are asked instead of the whole queue.
 */

import { Heap, type Timed } from '../kit/heap.js';
import type { Duration } from '../kit/time.js';
import type { Phase } from '../model/lifecycle.js';
import { areAlike, isUntouched, type Wanted } from './asks.js';

/** What a lease must have to be found. */
interface Waiting {
  readonly sequence: number;
  readonly vms: number;
  readonly remaining: Duration;
  readonly terms: Wanted;
  readonly phase: Phase;
  readonly preparation: unknown;
}

/** What there is room for; while it is asked it only becomes less. */
export interface Room {
  /**
   * Whether a lease may fit that asks for what `cells` say from `at` on, which are laid out as VMS, LENGTH and DEMAND say. Who
   * asks for no less of anything fits no better, and who asks for infinitely much does not fit.
   */
  mayFit(cells: Float64Array, at: number): boolean;
}

/** How many VMs; for how long, at least; and how much each of them needs of each resource, where those are counted. */
export const VMS = 0;
export const LENGTH = 1;
export const DEMAND = 2;

/** A queue that is shorter is looked through as quickly; one that has become so long is known again. */
const SHORT = 64;
const LONG = 256;
/** To know a queue takes as long as to look through it some times: where it is asked no more often, as of a dry run, it does not pay. */
const OFTEN = 8;

export class FirstFit<T extends Waiting> {
  /** Null: the queue is short, or nobody has asked yet. */
  private rows: Map<string, Row<T>> | null = null;
  /** How many resources are counted; 0: only VMs are, and all leases are told by that. */
  private resources = 0;
  /** How often it has been asked about a long queue before it knew one. */
  private asked = 0;

  /** To be called when the lease has joined the queue. O(log n), out of order O(n). */
  add(lease: T): void {
    if (this.rows === null) return;
    if (this.isTold(lease)) this.rowOf(likeOf(lease, this.resources)).add(lease);
    else this.rowOf(OTHERS).add(lease);
  }

  /** `change` makes a lease, in the queue or not, ask for something else. O(log n) amortised, or O(n) of those like it. */
  change(lease: T, change: () => void): void {
    const isKnown = this.delete(lease);
    change();
    if (isKnown) this.add(lease);
  }

  /** To be called when it has left; whether it was there. O(log n) amortised. */
  delete(lease: T): boolean {
    if (this.rows === null) return false;
    // It lies in one of two rows: it may have been saved, or started, since it was added.
    for (const like of [likeOf(lease, this.resources), OTHERS]) {
      const row = this.rows.get(like);
      if (row === undefined || !row.delete(lease)) continue;
      if (row.isEmpty) this.rows.delete(like); // there is never another row than somebody lies in
      return true;
    }
    return false;
  }

  /** To be called when others than before may be told by what they ask for. */
  forget(): void {
    this.rows = null;
  }

  /**
   * Whether it pays to ask about `queue`, which has all that are to be found, from index `first` on; so many resources are
   * counted. O(1), and O(n) when the queue has become long.
   */
  knows(queue: readonly T[], first: number, resources: number): boolean {
    if (queue.length < SHORT || resources !== this.resources) this.rows = null;
    this.resources = resources;
    if (queue.length - first < SHORT) return false;
    if (this.rows === null && queue.length >= LONG && this.asked++ >= OFTEN) {
      this.rows = new Map();
      for (const lease of queue) this.add(lease);
    }
    return this.rows !== null;
  }

  /**
   * Those that arrived as `sequence` or later, in order, who may fit when it is their turn. O(log rows) for each row, and for
   * each lease that is found a search in its row, O(its leases / 4096 + 128). What is left in the middle of it must be
   * left for good.
   */
  *from(sequence: number, room: Room): Generator<T, void, undefined> {
    // 1. The first of each row.
    const heads = new Heap<Head<T>>();
    const search = (row: Row<T>, from: number) => {
      const slot = row.hasAny(room) ? row.search(from, room) : -1;
      if (slot >= 0) heads.push({ time: 0, sequence: row.at(slot).sequence, row, slot });
    };
    for (const row of this.rows?.values() ?? []) search(row, row.slotOf(sequence));
    // 2. The first of those, and then the next of its row. Since it was found, others may have begun.
    for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
      const { row, slot } = head;
      if (row.mayFit(0, slot, room)) yield row.at(slot);
      search(row, slot + 1);
    }
  }

  /** Whether what the lease asks for tells whether it may fit. */
  private isTold(lease: T): boolean {
    return this.resources === 0 || (isUntouched(lease) && areAlike(lease.terms, this.resources));
  }

  private rowOf(like: string): Row<T> {
    let row = this.rows!.get(like);
    if (row === undefined) {
      row = new Row(this.resources, like === OTHERS);
      this.rows!.set(like, row);
    }
    return row;
  }
}

/** The row of those that always may fit. */
const OTHERS = 'others';

/**
 * The row of those that ask for about as much: for each number its power of two. Where only VMs are counted their number is
 * enough: more rows, all of which are looked at in each turn, take longer than more blocks.
 */
function likeOf({ vms, remaining, terms }: Waiting, resources: number): string {
  if (resources === 0) return String(powerOf(vms));
  let like = `${powerOf(vms)} ${powerOf(remaining)}`;
  for (let r = 0; r < resources; r++) like += ` ${powerOf(terms.groups[0]!.demand[r] ?? 0)}`;
  return like;
}

/** Of a whole number; -1: of 0. */
function powerOf(amount: number): number {
  const high = Math.floor(amount / 0x1_0000_0000);
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(amount);
}

/** The next of a row that may fit, in a heap: all at the same time, by sequence. */
interface Head<T extends Waiting> extends Timed {
  readonly row: Row<T>;
  readonly slot: number;
}

/** A block is 2^BITS slots, a block of blocks as many blocks. */
const BITS = 6;
const LEVELS = 3;
/** A row has room for so many at least. */
const FEWEST = 16;

/** Leases that ask for about the same, in order of arrival. Slots of those that have left stay empty until half of all are. */
class Row<T extends Waiting> {
  private leases: T[] = [];
  private living = 0;
  /** At level 0 of each slot, above of each block. Nobody: infinite. */
  private readonly least: Least;

  /** `isOpen`: whoever is in it always may fit. */
  constructor(
    private readonly resources: number,
    private readonly isOpen: boolean,
  ) {
    this.least = new Least(DEMAND + resources);
  }

  get isEmpty(): boolean {
    return this.living === 0;
  }

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
    const asked = (what: number) => (this.isOpen ? 0 : what);
    this.least.set(slot, VMS, asked(lease.vms));
    this.least.set(slot, LENGTH, asked(lease.remaining));
    for (let r = 0; r < this.resources; r++)
      this.least.set(slot, DEMAND + r, asked(lease.terms.groups[0]!.demand[r] ?? 0));
  }

  /** Whether it was there. */
  delete(lease: T): boolean {
    const slot = this.slotOf(lease.sequence);
    if (!this.has(slot, lease)) return false;
    this.living--;
    for (let what = 0; what < DEMAND + this.resources; what++) this.least.set(slot, what, Number.POSITIVE_INFINITY);
    if (this.living * 2 < this.leases.length - SHORT) this.renew(this.alive(0, this.leases.length));
    return true;
  }

  /** The first slot of those that arrived as `sequence` or later. */
  slotOf(sequence: number): number {
    const { leases } = this;
    if (leases.length > 0 && leases[0]!.sequence >= sequence) return 0; // mostly: the front of the queue is asked for
    let low = 0;
    let high = leases.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (leases[middle]!.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether somebody in it may fit. */
  hasAny(room: Room): boolean {
    const blocks = Math.ceil(this.leases.length / (1 << (BITS * (LEVELS - 1))));
    for (let block = 0; block < blocks; block++) if (this.mayFit(LEVELS - 1, block, room)) return true;
    return false;
  }

  /** The first slot from `from` on whose lease may fit, or -1. */
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
    const { least } = this;
    return room.mayFit(least.levels[level]!, block * least.width);
  }

  private has(slot: number, lease: T): boolean {
    return this.leases[slot] === lease && this.isAlive(slot);
  }

  private isAlive(slot: number): boolean {
    return this.least.levels[0]![slot * this.least.width + VMS]! < Number.POSITIVE_INFINITY;
  }

  private alive(from: number, until: number): T[] {
    return this.leases.slice(from, until).filter((_, i) => this.isAlive(from + i));
  }

  private renew(leases: T[]): void {
    this.leases = [];
    this.living = 0;
    this.least.clear();
    for (const lease of leases) this.add(lease);
  }
}

/** So many numbers for each slot, and the least of them for each block. */
class Least {
  readonly levels = Array.from({ length: LEVELS }, () => new Float64Array(0));

  constructor(readonly width: number) {}

  clear(): void {
    for (const level of this.levels) level.fill(Number.POSITIVE_INFINITY);
  }

  /** O(slots of a block × levels) where the least becomes more, else O(levels). */
  set(slot: number, what: number, value: number): void {
    const { width, levels } = this;
    if (slot * width >= levels[0]!.length) this.grow();
    const at = slot * width + what;
    const before = levels[0]![at]!;
    levels[0]![at] = value;
    for (let level = 1; level < LEVELS; level++) {
      const blocks = levels[level]!;
      const block = slot >>> (BITS * level);
      const least = blocks[block * width + what]!;
      if (value <= least) blocks[block * width + what] = value;
      else if (before > least) return;
      else blocks[block * width + what] = this.leastOf(level - 1, block << BITS, what);
    }
  }

  /** Of the parts of a block from `first` on. */
  private leastOf(level: number, first: number, what: number): number {
    const { width } = this;
    const cells = this.levels[level]!;
    const end = Math.min(cells.length, (first + (1 << BITS)) * width);
    let least = Number.POSITIVE_INFINITY;
    for (let at = first * width + what; at < end; at += width) if (cells[at]! < least) least = cells[at]!;
    return least;
  }

  /** Twice as many slots, and blocks for all of them. */
  private grow(): void {
    const slots = Math.max(FEWEST, (2 * this.levels[0]!.length) / this.width);
    for (const [level, cells] of this.levels.entries()) {
      const blocks = Math.ceil(slots / (1 << (BITS * level)));
      const more = new Float64Array(blocks * this.width).fill(Number.POSITIVE_INFINITY);
      more.set(cells);
      this.levels[level] = more;
    }
  }
}
