/**
 * The repository's channel: one image transfer at a time. Transfers for waiting leases take the first gap (FIFO); those
 * for reservations the last one that ends in time, and where none does, all that have not begun are ordered by their
 * deadlines (EDF), which is feasible whenever anything is (Jackson 1955).
 */

import { type Duration, earlierOf, type Instant } from '../kit/time.js';
import { toSet, type Runs } from '../kit/nodeset.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView, Transfer } from '../state/state.js';

/** A lease that waits for a transfer, and when it must be done for it; null: it has no promise, and may give way. */
export interface User {
  readonly lease: Lease;
  readonly by: Instant | null;
}

/** A transfer as this draft sees it. */
export interface Slot {
  readonly id: number;
  readonly image: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly begun: boolean;
  /** It stays where it is: it has begun, or a lease that has begun waits for it. */
  readonly fixed: boolean;
  readonly users: readonly User[];
  /** The nodes to which it is sent before anybody waits for it. */
  readonly ahead: Runs;
}

/** Where a transfer fits, what moves for it, and whose transfers give way. */
export interface Gap {
  readonly from: Instant;
  readonly moved: readonly Slot[];
  readonly displaced: readonly Lease[];
}

export class Channel {
  private slots: Slot[];
  nextId: number;

  constructor(
    state: StateView,
    private readonly now: Instant,
  ) {
    this.slots = state.transfers.map(slotOf);
    this.nextId = state.nextTransfer;
  }

  /** In order of time. */
  get all(): readonly Slot[] {
    return this.slots;
  }

  add(slot: Slot): void {
    this.slots.push(slot);
    this.slots.sort((a, b) => a.from - b.from || a.id - b.id);
    this.nextId = Math.max(this.nextId, slot.id + 1);
  }

  /** The transfer is ordered: it stays where it is. */
  begin(id: number): void {
    this.slots = this.slots.map((slot) => (slot.id === id ? { ...slot, begun: true, fixed: true } : slot));
  }

  /** Another lease waits for it, too. */
  join(id: number, user: User): void {
    this.slots = this.slots.map((slot) => (slot.id === id ? { ...slot, users: [...slot.users, user] } : slot));
  }

  /** The lease waits for none of them any more; what was planned for it alone is taken off. Undone by what is returned. */
  leave(lease: Lease): () => void {
    const before = this.slots;
    this.slots = before
      .map((slot) => ({ ...slot, users: slot.users.filter((user) => user.lease !== lease) }))
      .filter((slot) => slot.users.length > 0);
    return () => {
      this.slots = before;
    };
  }

  /** Carries out what `inTime` has found. */
  rearrange({ moved, displaced }: Gap): void {
    for (const lease of displaced) this.leave(lease);
    this.slots = this.slots.filter((slot) => !moved.some((other) => other.id === slot.id));
    for (const slot of moved) this.add(slot);
  }

  /** The first gap of `length` from now on. O(transfers). */
  first(length: Duration): Instant {
    let from = this.now;
    for (const slot of this.slots) {
      if (slot.from - from >= length) return from;
      if (slot.until > from) from = slot.until;
    }
    return from;
  }

  /** Where a transfer of `length` is done by `by`, or null. O(transfers²) at worst. */
  inTime(length: Duration, by: Instant): Gap | null {
    const from = latest(this.slots, this.now, length, by);
    if (from !== null) return { from, moved: [], displaced: [] };
    const urgent = this.slots.filter((slot) => !slot.fixed && dueBy(slot) !== null);
    const others = this.slots.filter((slot) => !urgent.includes(slot));
    const ordered = this.byDeadline(others, urgent, length, by);
    if (ordered !== null) return { ...ordered, displaced: [] };
    const fixed = others.filter((slot) => slot.fixed);
    const alone = this.byDeadline(fixed, urgent, length, by);
    if (alone === null) return null;
    const stays = urgent.map((slot) => alone.moved.find(({ id }) => id === slot.id) ?? slot);
    const taken = [...stays, { from: alone.from, until: alone.from + length }];
    const inTheWay = (slot: Slot) => taken.some((other) => other.from < slot.until && slot.from < other.until);
    const displaced = others.filter((slot) => !slot.fixed && inTheWay(slot)).flatMap((slot) => slot.users);
    return { ...alone, displaced: [...new Set(displaced.map((user) => user.lease))] };
  }

  /** Latest deadline first, each as late as possible around `fixed`. */
  private byDeadline(
    fixed: readonly Slot[],
    urgent: readonly Slot[],
    length: Duration,
    by: Instant,
  ): { from: Instant; moved: Slot[] } | null {
    const jobs = urgent.map((slot) => ({ slot, length: slot.until - slot.from, by: dueBy(slot)! }));
    const all = [...jobs, { slot: null, length, by }];
    all.sort((a, b) => b.by - a.by || (b.slot?.id ?? this.nextId) - (a.slot?.id ?? this.nextId));
    const placed: Slot[] = [...fixed];
    const moved: Slot[] = [];
    let mine: Instant | null = null;
    for (const job of all) {
      placed.sort((a, b) => a.from - b.from || a.id - b.id);
      const from = latest(placed, this.now, job.length, job.by);
      if (from === null) return null;
      const template = job.slot ?? { id: this.nextId, image: '', begun: false, fixed: false, users: [], ahead: [] };
      const slot = { ...template, from, until: from + job.length };
      placed.push(slot);
      if (job.slot === null) mine = from;
      else if (from !== job.slot.from) moved.push(slot);
    }
    return { from: mine!, moved };
  }
}

function slotOf({ id, image, from, until, pending, uses }: Transfer): Slot {
  const users = uses.map(({ lease }) => ({ lease, by: promisedStart(lease) }));
  const begun = pending !== null;
  const fixed = begun || users.some(({ lease }) => lease.pools === null);
  const ahead = toSet(uses.flatMap((use) => (use.vms.length === 0 ? use.nodes : [])));
  return { id, image, from, until, begun, fixed, users, ahead };
}

/** When the first of its leases that are promised their start needs it; null: none is. */
function dueBy({ users }: Slot): Instant | null {
  return users.reduce<Instant | null>((least, { by }) => earlierOf(least, by), null);
}

/**
 * The latest beginning of `length` between or beside `slots` (in order) that is done by `by`, or null. What is late is taken
 * to be done by now. O(slots).
 */
function latest(slots: readonly Slot[], now: Instant, length: Duration, by: Instant): Instant | null {
  let end = by;
  for (let i = slots.length - 1; i >= 0; i--) {
    const slot = slots[i]!;
    if (slot.from >= end) continue;
    if (end - Math.max(slot.until, now) >= length) return end - length;
    end = Math.min(end, slot.from);
  }
  const free = slots.reduce((until, slot) => (slot.begun ? Math.max(until, slot.until) : until), now);
  return end - length >= free ? end - length : null;
}

/** When a lease that does not wait in the queue is to start. */
function promisedStart(lease: Lease): Instant | null {
  const { start } = lease.terms;
  if (start.kind === 'best-effort') return null;
  return start.kind === 'advance' ? start.at : lease.from;
}
