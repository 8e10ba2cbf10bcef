/**
 * The queue: leases begin in their order; behind the first that cannot, others may begin if they delay none of those
 * protected (backfilling). `none`, `easy` and `intermediate` plan afresh at each turn; `conservative` reserves, and so do
 * the sticky kinds, which are in sticky.ts.
 */

import { type Duration, FOREVER } from '../kit/time.js';
import type { Backfilling } from '../model/policy.js';
import { DEMAND, type Room, VMS } from '../state/first-fit.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';
import { beginNow } from './answers.js';
import { Staircase } from './backfill.js';
import { shortage } from './blockers.js';
import type { Draft } from './draft.js';
import { isMigrating } from './migrate.js';
import { earliestFit, type Fit, fitAt, fitsAltogether, inOnePool, isBound, lengthOf, onePool } from './place.js';
import { begin, earliest, earliestAmong, readyAnywhere, reserveAndPrepare, soonest } from './prepare.js';
import { answerImmediate } from './immediate.js';
import { InTheWay } from './in-the-way.js';
import { InVain, isPlain, isUnprepared, NotBefore } from './in-vain.js';
import { isByArrival } from './priority.js';
import type { Moves } from './moves.js';
import { moveReservations } from './replan.js';
import { answerPromised, startWhatIsReserved } from './reservations.js';
import { serveSticky } from './sticky.js';

/** The front, then immediate leases (they may not delay it), then backfilling. */
export function serveQueue(draft: Draft, moves: Moves, nothingDue: boolean): void {
  const { backfilling } = draft.state.policy;
  if (backfilling.kind === 'sticky') return serveSticky(draft, moves, backfilling.depth ?? FOREVER);
  if (backfilling.kind === 'conservative') {
    reserveInOrder(draft);
    if (answerImmediate(draft)) answerPromised(draft, moves); // victims may have left what a promised lease lacks
    if (draft.freed) {
      moveReservations(draft, moves); // what leases stopped just now have left over
      startWhatIsReserved(draft, [], moves);
    }
    if (draft.dropped.size > 0) reserveInOrder(draft); // those that had to give up their reservation
    return;
  }
  const depth = depthOf(backfilling);
  if (nothingDue && isCalm(draft.state, depth)) {
    if (depth === 1) backfillArrivals(draft);
    return;
  }
  let nowhere = new InVain();
  for (;;) {
    const front = startInOrder(draft);
    const hole = holeOfFront(draft, front, depth);
    const first = draft.queue[front]!;
    if (hole !== null) draft.place(first, hole);
    const decided = draft.decisions.length;
    const stopped = answerImmediate(draft);
    if (hole !== null) draft.lift(first);
    if (stopped) {
      answerPromised(draft, moves); // victims may have left more than was needed: promised leases and the front come first
      nowhere = new InVain();
      continue;
    }
    if (depth === 0 || front === draft.queue.length) return;
    if (depth === 1 && onePool(draft.state) !== null) return backfillBehind(draft, front, hole);
    const known = draft.decisions.length === decided ? hole : null;
    if (!backfillAnywhere(draft, front, depth, known, nowhere)) return;
  }
}

/**
 * Whether only leases that arrived in this turn could begin: all others could not when they were last tried, and since then
 * nothing was released, while the time left until the front begins has only become shorter.
 */
function isCalm(state: StateView, depth: number): boolean {
  const { policy, queue, unproven } = state;
  if (!state.calm || !isByArrival(state) || depth > 1) return false;
  if (onePool(state) === null || queue.length === unproven.length) return false;
  return state.unanswered.length === 0 && state.nodeStatus.size === 0 && policy.candidatesMax === null;
}

/** EASY in a calm turn: only what has just arrived is tried, and only if any of it is narrow enough. */
function backfillArrivals(draft: Draft): void {
  const { now, state } = draft;
  const free = draft.profile(0).freeAt(now, 0);
  if (state.unproven.every((lease) => lease.vms > free)) return;
  const hole = earliestFit(draft, state.queue[0]!, now, FOREVER);
  backfillBehind(draft, 0, hole, state.queue.length - state.unproven.length);
}

/** How many waiting leases are protected from those behind them. */
function depthOf(backfilling: Exclude<Backfilling, { kind: 'conservative' | 'sticky' }>): number {
  if (backfilling.kind === 'none') return 0;
  return backfilling.kind === 'easy' ? 1 : backfilling.depth;
}

/** Conservative: every lease without a reservation takes its earliest hole, in order. */
function reserveInOrder(draft: Draft): void {
  const notBefore = new NotBefore();
  for (const lease of draft.queue) {
    if (lease.pools !== null && !draft.reservations.has(lease)) continue; // most are told by this alone
    if (draft.settled.has(lease) || draft.isReserved(lease)) continue;
    const isLater =
      isPlain(draft.state, lease) && notBefore.of(lease, lengthOf(draft.state, lease), draft.now) > draft.now;
    const soon = isLater ? null : soonest(draft, lease);
    const fit = soon ?? earliestAmong(draft, lease, notBefore);
    if (fit === null) continue;
    const why = soon === null ? [shortage(draft, lease, draft.now, fit.from)] : [];
    draft.place(lease, fit);
    if (soon !== null) begin(draft, lease, fit);
    else reserveAndPrepare(draft, lease, fit, why, false);
  }
}

/** Starts leases from the front while they fit. Returns the index of the first that does not, or of the queue's end. */
function startInOrder(draft: Draft): number {
  const { queue } = draft;
  const { nodeStatus } = draft.state;
  for (let index = 0; index < queue.length; index++) {
    const lease = queue[index]!;
    if (draft.settled.has(lease) || draft.isReserved(lease) || isMigrating(draft, lease)) continue;
    const fit = soonest(draft, lease);
    if (fit !== null) {
      draft.place(lease, fit);
      begin(draft, lease, fit);
    } else if (nodeStatus.size === 0 || earliest(draft, lease) !== null) return index;
    // Else it fits nowhere while nodes are away: it blocks nobody.
  }
  return queue.length;
}

/** The earliest hole of the first waiting lease, if anybody could get in its way; else null. */
function holeOfFront(draft: Draft, front: number, depth: number): Fit | null {
  const { queue } = draft;
  const { unanswered } = draft.state;
  if (front >= queue.length) return null;
  const rivals = (depth > 0 && front + 1 < queue.length) || unanswered.some((lease) => !draft.settled.has(lease));
  return rivals ? earliest(draft, queue[front]!) : null;
}

/** One counted pool: who waits from index `first` on, and fits now beside everything protected and the hole of the front, begins. */
function backfillBehind(draft: Draft, front: number, hole: Fit | null, first = front + 1): void {
  if (hole !== null) draft.place(draft.queue[front]!, hole);
  backfillOnePool(draft, first);
  if (hole !== null) draft.lift(draft.queue[front]!);
}

/** One counted pool, with the hole in place: O(breakpoints) once, then O(steps of the staircase) a candidate; in a long queue only those are looked at that fit. */
function backfillOnePool(draft: Draft, first: number): void {
  const { queue, state } = draft;
  if (first >= queue.length || draft.profile(0).freeAt(draft.now, 0) <= 0) return;
  const stairs = new Staircase(draft.profile(0), draft.now);
  let left = candidatesMax(draft);
  if (queue === state.queue && left === Number.POSITIVE_INFINITY && state.firstFit.knows(queue, first, 0)) {
    for (const lease of state.firstFit.from(queue[first]!.sequence, stairs))
      if (!draft.settled.has(lease)) beginBeside(draft, lease, stairs);
    return;
  }
  for (let index = first; index < queue.length && left > 0 && stairs.freeNow > 0; index++) {
    const lease = queue[index]!;
    if (draft.settled.has(lease)) continue;
    // Most are told by their width alone.
    if (lease.vms > stairs.freeNow || !beginBeside(draft, lease, stairs)) left--;
  }
}

/** Begins, if it fits now beside all that is protected. */
function beginBeside(draft: Draft, lease: Lease, stairs: Staircase): boolean {
  const length = lengthOf(draft.state, lease);
  if (!stairs.fits(lease.vms, length)) return false;
  stairs.take(lease.vms, length);
  const fit = inOnePool(lease.vms, draft.now, draft.now + length);
  draft.place(lease, fit);
  beginNow(draft, lease, fit.pools, fit.until);
  return true;
}

/** A protected lease, and the hole that is kept for it. */
interface Protected {
  readonly lease: Lease;
  hole: Fit;
}

/** Holes that are kept for those protected. They are placed, or lifted for a while to see what there would be without them. */
class Holes {
  readonly kept: Protected[] = [];
  /** Who cannot begin beside the only one; null: there are others, or it asks for more than VMs that are alike. */
  inTheWay: InTheWay | null = null;
  private placed = true;

  constructor(private readonly draft: Draft) {}

  keep(lease: Lease, hole: Fit): void {
    this.place();
    this.draft.place(lease, hole);
    this.kept.push({ lease, hole });
    const isOnly = this.kept.length === 1 && isPlain(this.draft.state, lease);
    this.inTheWay = isOnly ? new InTheWay(this.draft, lease, hole) : null;
  }

  place(): void {
    if (!this.placed) for (const { lease, hole } of this.kept) this.draft.place(lease, hole);
    this.placed = true;
  }

  lift(): void {
    if (this.placed) for (const { lease } of this.kept) this.draft.lift(lease);
    this.placed = false;
  }
}

/**
 * Any site: one pass, O(asks in vain × resources) a candidate, and a fitAt for those that they do not tell; of a long queue
 * whole blocks are told at once. Holes lie on concrete nodes, but what is protected is the instant: a lease
 * that does not fit beside them begins all the same if they can all be had elsewhere. True if something began: then more
 * may, since packing VMs that differ is no monotone affair. `known`: the hole of the front, which cannot begin now; null:
 * to be looked for. `nowhere`: who fitted nowhere in this turn, even where no hole is, since something was last stopped.
 */
function backfillAnywhere(draft: Draft, front: number, depth: number, known: Fit | null, nowhere: InVain): boolean {
  const { queue, state } = draft;
  const holes = new Holes(draft);
  const inVain = nowhere.copy();
  const room = new FreeNow(draft, holes, inVain);
  let began = false;
  let left = candidatesMax(draft) + 1;
  // Who is told by this, whatever else it is, nothing comes of it. Where candidates are limited, all count.
  const isQuick = () => state.policy.candidatesMax === null && holes.kept.length >= depth;
  for (const lease of candidates(draft, front, room, isQuick)) {
    if (left <= 0) break;
    if (room.isKnown && isQuick() && isTold(state, lease, room.altogether(), inVain)) continue;
    if (draft.settled.has(lease) || draft.isReserved(lease) || isMigrating(draft, lease)) continue;
    const isFront = lease === queue[front];
    if (!isFront && !room.isKnown && holes.kept.length >= depth && isTooLittle(state, room.altogether())) break;
    const none =
      isFront || (!fitsAltogether(lease.terms, room.altogether()) && readyAnywhere(draft, lease) === draft.now);
    const fit = none ? null : fitBeside(draft, lease, holes, inVain, nowhere);
    if (fit !== null) {
      if (draft.heldBy(lease) === null) draft.place(lease, fit);
      if (begin(draft, lease, fit)) began = true;
      room.forget();
      continue;
    }
    left--;
    if (holes.kept.length >= depth) continue;
    holes.place();
    const hole = (isFront ? known : null) ?? earliest(draft, lease);
    if (hole !== null) holes.keep(lease, hole);
  }
  holes.lift();
  return began;
}

/** Who waits, from index `first` on. As soon as it is quick, of a long queue only those for whom there may be room. */
function* candidates(
  draft: Draft,
  first: number,
  room: Room,
  isQuick: () => boolean,
): Generator<Lease, void, undefined> {
  const { queue, state } = draft;
  let mayAsk = queue === state.queue && state.policy.preparation === 'none';
  for (let index = first; index < queue.length; index++) {
    if (mayAsk && isQuick()) {
      mayAsk = false;
      if (state.firstFit.knows(queue, index, state.resources.length))
        return yield* state.firstFit.from(queue[index]!.sequence, room);
    }
    yield queue[index]!;
  }
}

/** What is free just now where no hole is, from when it is asked for until something begins. Most that cannot begin are told by this. */
class FreeNow implements Room {
  private free: readonly number[] | null = null;

  constructor(
    private readonly draft: Draft,
    private readonly holes: Holes,
    private readonly inVain: InVain,
  ) {}

  get isKnown(): boolean {
    return this.free !== null;
  }

  /** On all nodes together, of each resource. */
  altogether(): readonly number[] {
    if (this.free === null) {
      this.holes.lift();
      this.free = [...this.draft.freeAltogether(this.draft.now)];
    }
    return this.free;
  }

  forget(): void {
    this.free = null;
  }

  mayFit(cells: Float64Array, at: number): boolean {
    const free = this.altogether();
    const vms = cells[at + VMS]!;
    for (let r = 0; r < free.length; r++) if (vms * cells[at + DEMAND + r]! > free[r]!) return false;
    return !this.inVain.tellsAll(cells, at);
  }
}

/** Whether it is known that the lease cannot begin just now: it needs more than is `free` altogether, or was as good as tried. */
function isTold(state: StateView, lease: Lease, free: readonly number[], inVain: InVain): boolean {
  if (!isUnprepared(state, lease)) return false;
  const { asks } = state;
  const vms = asks.vms(lease, state.resources.length);
  if (vms === 0) return false;
  return asks.exceed(lease.slot, free) || inVain.tells(asks, lease, vms, lengthOf(state, lease));
}

/** Of a plain lease. */
function isInVain(state: StateView, lease: Lease, length: Duration, inVain: InVain): boolean {
  const vms = state.asks.vms(lease, state.resources.length);
  return vms > 0 && inVain.tells(state.asks, lease, vms, length);
}

/** Whether no lease of the queue can begin just now, since each needs more of something. O(resources). */
function isTooLittle({ policy, least }: StateView, room: readonly number[]): boolean {
  // Who must be prepared first begins later: what is free now does not tell.
  if (policy.preparation !== 'none' || policy.migration === 'yes') return false;
  return room.some((free, r) => free < least[r]!);
}

/**
 * Where the lease fits now beside the holes, or if they move to other nodes, each at its instant: then they have moved, and
 * it is placed. Most do not even fit where no hole is.
 */
function fitBeside(draft: Draft, lease: Lease, holes: Holes, inVain: InVain, nowhere: InVain): Fit | null {
  let alone: Fit | null = null;
  const plain = isPlain(draft.state, lease);
  if (plain || isBound(draft, lease)) {
    const length = plain ? lengthOf(draft.state, lease) : 0;
    if (plain && isInVain(draft.state, lease, length, inVain)) return null;
    holes.lift();
    alone = soonest(draft, lease);
    if (alone === null || (plain && holes.inTheWay?.tells(lease, length))) {
      if (plain) inVain.add(lease, length);
      if (plain && alone === null) nowhere.add(lease, length);
      return null;
    }
  }
  holes.place();
  return soonest(draft, lease) ?? fitByMoving(draft, lease, holes.kept, alone);
}

/** As `fitBeside` says. `alone`: where the lease fits where no hole is; null: that is to be found out. */
function fitByMoving(draft: Draft, lease: Lease, kept: readonly Protected[], alone: Fit | null): Fit | null {
  for (const one of kept) draft.lift(one.lease);
  const fit = alone ?? soonest(draft, lease);
  const moved: Fit[] = [];
  if (fit !== null) {
    draft.place(lease, fit);
    for (const one of kept) {
      const hole = fitAt(draft, one.lease, one.hole.from);
      if (hole === null) break;
      draft.place(one.lease, hole);
      moved.push(hole);
    }
    if (moved.length === kept.length) {
      for (const [i, one] of kept.entries()) one.hole = moved[i]!;
      return fit;
    }
    for (const one of kept.slice(0, moved.length)) draft.lift(one.lease);
    draft.lift(lease);
  }
  for (const one of kept) draft.place(one.lease, one.hole);
  return null;
}

/** How many leases behind the front are tried in vain before the rest is left for later turns. */
function candidatesMax(draft: Draft): number {
  return draft.state.policy.candidatesMax ?? Number.POSITIVE_INFINITY;
}
