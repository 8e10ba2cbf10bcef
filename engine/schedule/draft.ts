/**
 * The draft: a plan on trial within one call of `schedule`. The state stays as it was, and only the decisions remain.
 */

import type { Capacity } from '../kit/capacity.js';
import { empty } from '../kit/lists.js';
import type { Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { Decision, LiveMigrateOrdered, OrderId, PoolCounts, StopCause } from '../model/events.js';
import { type Reason, reason } from '../model/reasons.js';
import type { NodeTree } from '../state/node-tree.js';
import type { Profile } from '../state/profile.js';
import { movesReservations } from '../state/leases.js';
import { nodesInPools } from '../state/nodes.js';
import type { Later, Lease, Load, Offer, Preparation, Step } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';
import { Channel } from './channel.js';
import { Copies } from './copies.js';
import { type Held, Tally } from './held.js';
import { Marks, type Stamp } from './marks.js';
import { OpenNodes } from './open-nodes.js';
import { isByArrival, servingOrder, Standing } from './priority.js';
import { Starts } from './starts.js';
import { TrialProfiles } from './trial-profiles.js';
import { nameUnits } from './units.js';

/** Steps of a suspension or resumption, and the nodes of the whole lease. */
export interface PlannedSteps {
  readonly steps: readonly Step[];
  readonly nodes: Runs;
}

const NO_ORDERS: readonly OrderId[] = [];
const NO_DECISIONS: readonly Decision[] = [];

export class Draft {
  readonly decisions: Decision[] = [];
  private readonly stamp: Stamp = { stamp: 1 };
  /** Leases dealt with in this call, so that the rest of it passes them over. */
  readonly settled = new Marks<true>(this.stamp);
  /** What leases hold by this draft, where that differs from the state; null: nothing. */
  readonly held = new Marks<Held | null>(this.stamp);
  /** Somebody who holds something by the state holds something else by this draft, or nothing. */
  movesHolders = false;
  /** Leases whose reservation this draft has given up. */
  readonly dropped = new Marks<true>(this.stamp);
  /** Which pools reservations count on, where that differs from the state; null: they are given up. */
  readonly reservations = new Marks<PoolCounts | null>(this.stamp);
  /** What is held for leases that are to be suspended, for their return, where that differs from the state; null: nothing. */
  private readonly later = new Marks<Later | null>(this.stamp);
  /** Leases that images are sent to, and those whose memory is sent elsewhere, by this draft. */
  readonly sending = new Marks<true>(this.stamp);
  readonly moving = new Marks<true>(this.stamp);
  /** Leases that this draft starts, and on which nodes. */
  readonly started = new Marks<Runs>(this.stamp);
  /** Leases that this draft resumes, and when they are all back. */
  readonly resumed = new Marks<Instant>(this.stamp);
  /** Leases whose VMs this draft carries to other nodes while they run, and the orders. */
  readonly carried = new Marks<readonly LiveMigrateOrdered[]>(this.stamp);
  /** Leases whose preparation this draft has given up. */
  private readonly unprepared = new Marks<boolean>(this.stamp);
  private trial: Channel | null = null;
  private images: Copies | null = null;
  private begun: Starts | null = null;
  private readonly tally = new Tally();
  /** Somebody has asked for it, so that it is kept up. */
  private tallies = false;
  /** Suspensions and resumptions planned by this draft. */
  readonly planned = new Map<Lease, PlannedSteps[]>();
  /** Leases for which there would be room if their user paid for it, and what he declined. */
  readonly declined = new Map<Lease, Offer>();
  /** Advance and deadline leases whose reservation was given up: they have their instant to lose. */
  readonly endangered: Lease[] = [];
  /** Deadline leases that this draft has reserved for. */
  readonly newDeadlines: Lease[] = [];
  /** Capacity was released since reservations were last compressed. */
  freed = false;
  /** All reservations have just been put where they begin earliest. */
  replanned = false;
  /** How many decisions there were when it was last asked whether there are more. */
  seen = 0;
  private readonly profiles: TrialProfiles;
  readonly openNodes = new OpenNodes(this);
  private served: readonly Lease[] | null = null;
  private stands: Standing | null = null;

  private constructor(
    public state: StateView,
    public now: Instant,
  ) {
    this.profiles = new TrialProfiles(state, now);
  }

  private static idle: Draft | null = null;

  /**
   * A draft of this state. To be finished before the next one begins: its collections are used again. `left`: what is
   * free in each pool, where that is not as the state has it.
   */
  static of(state: StateView, now: Instant, left: readonly Profile[] | null = null): Draft {
    const draft = Draft.idle ?? new Draft(state, now);
    Draft.idle = null;
    draft.state = state;
    draft.now = now;
    draft.freed = state.released;
    draft.replanned = false;
    draft.movesHolders = false;
    draft.profiles.begin(state, now, left);
    draft.seen = 0;
    return draft;
  }

  /** The decisions; the draft is forgotten. */
  finish(): readonly Decision[] {
    const decisions = this.decisions.length === 0 ? NO_DECISIONS : this.decisions.slice();
    empty(this.decisions);
    this.profiles.forget();
    this.openNodes.forget();
    if (this.planned.size > 0) this.planned.clear();
    this.trial = null;
    this.images = null;
    this.begun = null;
    if (this.tallies) this.tally.forget();
    this.tallies = false;
    if (this.declined.size > 0) this.declined.clear();
    this.served = null;
    this.stands = null;
    this.stamp.stamp++;
    empty(this.endangered);
    empty(this.newDeadlines);
    Draft.idle = this;
    return decisions;
  }

  /** Leases that wait for capacity, in the order in which they are served. */
  get queue(): readonly Lease[] {
    this.served ??= isByArrival(this.state) ? this.state.queue : servingOrder(this.state, this.standing);
    return this.served;
  }

  /** The effective priority of leases. */
  get standing(): Standing {
    this.stands ??= new Standing(this.state, this.now);
    return this.stands;
  }

  /** Whether there are image transfers. */
  get sends(): boolean {
    return this.trial !== null || this.state.transfers.length > 0;
  }

  /** Image transfers as this draft sees them. */
  get channel(): Channel {
    this.trial ??= new Channel(this.state, this.now);
    return this.trial;
  }

  /** Copies of images as this draft sees them. */
  get copies(): Copies {
    this.images ??= new Copies(this.state);
    return this.images;
  }

  /** VMs that are starting as this draft sees them. */
  get starts(): Starts {
    if (this.begun === null) {
      this.begun = new Starts(this.state, (lease) => this.settled.has(lease));
      for (const [, nodes] of this.started.entries()) this.begun.add(nodes);
    }
    return this.begun;
  }

  /** What is prepared for the lease, as this draft sees it. */
  preparationOf(lease: Lease): Preparation | null {
    return this.unprepared.get(lease) === true ? null : lease.preparation;
  }

  /** Its images are to be sent anew, if at all: what is planned for it alone is off the channel. Undone by what is returned. */
  forgetPreparation(lease: Lease): () => void {
    const restore = this.channel.leave(lease);
    this.unprepared.set(lease, true);
    return () => {
      restore();
      this.unprepared.set(lease, false);
    };
  }

  /** The pool's availability as this draft sees it, to be read. */
  profile(pool: number): Profile {
    return this.profiles.of(pool);
  }

  /** The tree of shared nodes, where it tells all about `at`: that is just now, and nothing is planned yet. Else null. */
  untouchedAt(at: Instant): NodeTree<Pool> | null {
    if (at !== this.now || this.movesHolders || this.held.size > 0) return null;
    return this.profiles.touchedPools.length === 0 ? this.profiles.tree() : null;
  }

  /** What is free at `at` of each resource, over all nodes that take VMs. */
  freeAltogether(at: Instant): readonly number[] {
    return this.profiles.freeAltogether(at);
  }

  /** The pools on which `demand` may be free at `at`: all on which it is, and maybe others. */
  roomy(demand: Capacity, at: Instant): readonly Pool[] {
    return this.profiles.roomy(demand, at);
  }

  /** Where pools are found by what happens on them next: see releases.ts. */
  get trials(): TrialProfiles {
    return this.profiles;
  }

  /** Holds capacity for a lease that holds none. */
  place(lease: Lease, held: Held): void {
    this.take(held.loads, held.from, held.until);
    this.hold(lease, held);
  }

  /** Holds the same for the lease over another time than it does, which is `to`. What it holds lies in one pool. */
  shift(lease: Lease, to: Held): void {
    const { loads, from, until } = this.held.get(lease) ?? lease;
    const { pool, amounts } = loads![0]!;
    this.profiles.shift(pool, amounts, Math.max(this.now, from), until, to.from, to.until);
    this.hold(lease, to);
  }

  /** Frees what the lease holds. */
  lift(lease: Lease): void {
    const held = this.heldBy(lease);
    if (held !== null) this.release(held.loads, Math.max(this.now, held.from), held.until);
    this.hold(lease, null);
  }

  /** It holds this, and no more what it held; null: nothing. The profiles are the caller's business. */
  hold(lease: Lease, held: Held | null): void {
    const before = this.tallies ? (this.held.get(lease) ?? null) : null;
    if (before !== null) this.tally.add(before, -1);
    if (this.tallies && held !== null) this.tally.add(held, 1);
    if (lease.loads !== null) this.movesHolders = true;
    this.held.set(lease, held);
  }

  /** How many leases this draft itself has put on the pool, and has there at `at`. */
  heldOn(pool: number, at: Instant): number {
    if (!this.tallies) for (const held of this.held.all()) if (held !== null) this.tally.add(held, 1);
    this.tallies = true;
    return this.tally.on(pool, at);
  }

  heldBy(lease: Lease): Held | null {
    const held = this.held.get(lease);
    if (held !== undefined) return held;
    return lease.loads === null ? null : { loads: lease.loads, from: lease.from, until: lease.until };
  }

  /** What is held for the return of the lease, which is to be suspended. */
  laterOf(lease: Lease): Later | null {
    const later = this.later.get(lease);
    return later === undefined ? lease.later : later;
  }

  /** Holds this for its return, and no more what was held; null: nothing. */
  holdLater(lease: Lease, later: Later | null): void {
    const before = this.laterOf(lease);
    if (before !== null) this.release(before.loads, Math.max(this.now, before.from), before.until);
    if (later !== null) this.take(later.loads, later.from, later.until);
    this.later.set(lease, later);
  }

  /** Changes the profiles on trial; `heldBy` goes on as before. `release` is the opposite. */
  take(loads: readonly Load[], from: Instant, until: Instant): void {
    this.profiles.take(loads, from, until);
  }

  release(loads: readonly Load[], from: Instant, until: Instant): void {
    this.profiles.release(loads, from, until);
  }

  /** The nodes of the lease's VMs as this draft sees them; null: it has none. */
  nodesOf(lease: Lease): Runs | null {
    return this.started.get(lease) ?? lease.nodes;
  }

  /** Which pools the lease's reservation counts on, as this draft sees it; null: it has none. */
  poolsOf(lease: Lease): PoolCounts | null {
    return this.reservations.has(lease) ? this.reservations.get(lease)! : lease.pools;
  }

  /** What was held until then is free: reservations may move into it, as folding the decision will say, too. */
  noteFreed(until: Instant): void {
    const promised = this.newDeadlines.length > 0 && until > this.now;
    this.freed ||= promised || movesReservations(this.state, until, this.now);
  }

  /** The lease will have its VMs in these pools until then: copies of its images that are there stay. */
  keepCopies(lease: Lease, pools: PoolCounts, until: Instant): void {
    const { policy } = this.state;
    if (policy.preparation === 'none' || policy.imageReuse === 'none') return;
    const nodes = nodesInPools(this.state, pools);
    if (nodes !== null) this.copies.keep(lease, nodes, until);
  }

  /** The lease has no reservation any more. */
  giveUp(lease: Lease): void {
    if (this.reservations.has(lease)) this.settled.delete(lease); // it was reserved just now, and waits again
    this.dropped.set(lease, true);
    this.reservations.set(lease, null);
    if (lease.preparation !== null || this.sending.has(lease)) this.forgetPreparation(lease);
    this.sending.delete(lease);
  }

  /** Whether the lease holds a reservation for later, as this draft sees it. */
  isReserved(lease: Lease): boolean {
    if (this.poolsOf(lease) === null) return false;
    return !this.started.has(lease) && !this.resumed.has(lease);
  }

  /** The id of the order that the next decision would be. */
  nextOrder(): OrderId {
    return `${this.state.turn + 1}.${this.decisions.length}`;
  }

  /** By when an order that by its plan takes until `planned` is to be answered: never in the instant in which it is given. */
  deadline(planned: Instant): Instant | null {
    const timeout: Duration | null = this.state.policy.orderTimeout;
    return timeout === null ? null : Math.max(planned + timeout, this.now + 1);
  }

  /** Orders the start on concrete nodes. What it holds in the profiles is the caller's business. */
  start(lease: Lease, pools: PoolCounts, until: Instant): void {
    const nodes = this.openNodes.bind(pools);
    this.decisions.push({
      type: 'StartOrdered',
      order: this.nextOrder(),
      lease: lease.id,
      deadline: this.deadline(this.now + (lease.terms.readyWithin ?? 0)),
      after: this.startsAfter(lease, nodes),
      until,
      nodes,
      units: nameUnits(this, lease, nodes),
    });
    this.started.set(lease, nodes);
    this.begun?.add(nodes);
    this.keepCopies(lease, pools, until);
    this.settled.set(lease, true);
  }

  /** Orders the stop of a lease that has VMs; its capacity is free in the plan from now on. */
  stop(lease: Lease, cause: StopCause, then: 'over' | 'queue', reasons: readonly Reason[]): void {
    this.free(lease, this.orderStop(lease, this.now, cause, then, reasons));
  }

  /** Orders the end of a lease whose time is over; its VMs shut down until then, and hold their capacity while they do. */
  shutDown(lease: Lease, until: Instant): void {
    const order = this.orderStop(lease, until, 'time-over', 'over', [reason('time-over')]);
    if (until > this.now) this.settled.set(lease, true);
    else this.free(lease, order);
  }

  private orderStop(
    lease: Lease,
    until: Instant,
    cause: StopCause,
    then: 'over' | 'queue',
    reasons: readonly Reason[],
  ): OrderId {
    const order = this.nextOrder();
    const deadline = this.deadline(until);
    this.decisions.push({
      type: 'StopOrdered',
      order,
      lease: lease.id,
      deadline,
      after: [],
      until,
      cause,
      then,
      reasons,
    });
    return order;
  }

  /** Notes steps that this draft has planned, for those who plan after it. */
  plan(lease: Lease, steps: readonly Step[], nodes: Runs): void {
    const planned = this.planned.get(lease);
    if (planned === undefined) this.planned.set(lease, [{ steps, nodes }]);
    else planned.push({ steps, nodes });
  }

  /** Gives the lease up. It has no VMs. */
  fail(lease: Lease, reasons: readonly Reason[]): void {
    this.decisions.push({ type: 'Failed', lease: lease.id, reasons });
    this.free(lease, null);
    if (this.sends) this.forgetPreparation(lease);
  }

  /** What the lease holds is free from now on. Whoever takes its nodes waits for `order`. */
  private free(lease: Lease, order: OrderId | null): void {
    this.settled.set(lease, true);
    this.begun?.remove(lease);
    const later = this.laterOf(lease);
    if (later !== null) {
      this.noteFreed(later.until);
      this.holdLater(lease, null);
    }
    if (lease.loads === null) return;
    const held = this.heldBy(lease);
    this.noteFreed(held?.until ?? lease.until);
    if (held === null) return;
    this.lift(lease);
    if (lease.pools !== null) this.giveUp(lease);
    if (lease.pools !== null || lease.nodes === null) return;
    this.openNodes.leave(lease, order);
  }

  /** The orders that must be done before its VMs can start on these nodes. */
  private startsAfter(lease: Lease, nodes: Runs): readonly OrderId[] {
    const leavers = this.openNodes.leavers(nodes);
    const transfers = this.transfersFor(lease);
    return transfers.length === 0 ? leavers : [...leavers, ...transfers];
  }

  /** Transfers that should have brought its images by now, and have not. */
  private transfersFor(lease: Lease): readonly OrderId[] {
    const preparation = this.preparationOf(lease);
    if (preparation === null || preparation.transfers.length === 0) return NO_ORDERS;
    const orders: OrderId[] = [];
    for (const { id, pending } of this.state.transfers)
      if (pending !== null && preparation.transfers.includes(id)) orders.push(pending.decision.order);
    return orders;
  }
}
