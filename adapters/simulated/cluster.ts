/**
 * A simulated cluster: it carries orders out, knows how long leases truly run, and answers with observations. It has no
 * clock of its own: whoever drives it tells it the time (`advance`) and takes what it observed (`take`).
 */

import { has, nodesOf } from '../../engine/index.js';
import type {
  Cluster,
  Duration,
  Epoch,
  Instant,
  LeaseEnded,
  LeaseId,
  NodeClass,
  Observation,
  Order,
  OrderId,
} from '../../engine/index.js';
import { Answers } from './answers.js';
import { noFaults, type Faults } from './faults.js';
import { Delivery, DONE, Enactment, FOUND, LOST, NodeChange, type Future } from './future.js';
import { Gang } from './gang.js';
import { Loads } from './loads.js';
import { Machines } from './machines.js';
import { failed, Orders } from './orders.js';
import { inOrder, Outbox } from './outbox.js';
import { Timeline } from './timeline.js';

export interface ClusterOptions {
  /** What goes wrong; default: nothing. */
  readonly faults?: Faults;
  /** How long VMs take to start, and to stop; default 0. */
  readonly bootMs?: Duration;
  readonly stopMs?: Duration;
  /** Whether suspended VMs lie on storage that all nodes reach: they may resume anywhere, and outlive their node. */
  readonly sharedImages?: boolean;
  /**
   * Whether an order that makes no sense throws: nodes that are taken although it waits for no other order, VMs that
   * cannot be suspended or resumed. Where nothing goes wrong, such an order is a mistake of the scheduler. Otherwise it
   * waits, or fails. Default: true where there are no faults.
   */
  readonly strict?: boolean;
  /** Whether an order sent again gets its answer again. Costs memory; default: true. */
  readonly remembers?: boolean;
  /** Nodes report their load: how much of this resource (its index) VMs that run use. Default: they report none. */
  readonly loadOf?: number;
}

/** What became of an order: its writer was superseded, it was given before, or it is carried out. */
export type Heard = 'stale' | 'known' | 'new';

export class SimulatedCluster implements Cluster {
  private now: Instant = 0;
  private epoch = 0;
  private readonly timeline = new Timeline<Future>();
  /** Where VMs are, and how long leases will truly run: for whoever drives it. */
  readonly machines: Machines;
  private readonly orders: Orders;
  /** Orders that are not resolved: under way, or waiting for others or for room. */
  private readonly open = new Map<OrderId, Enactment>();
  private waiting: Enactment[] = [];
  /** Something was resolved or has left: waiting orders may have become possible. */
  private stirred = false;
  readonly answers: Answers;
  private readonly outbox: Outbox;
  private readonly loads: Loads | null;
  private readonly faults: Faults;
  private readonly faulty: boolean;
  readonly strict: boolean;

  constructor(options: ClusterOptions = {}) {
    this.faults = options.faults ?? noFaults;
    this.faulty = this.faults !== noFaults;
    this.strict = options.strict ?? !this.faulty;
    const { bootMs = 0, stopMs = 0, sharedImages = false, remembers = true } = options;
    this.answers = new Answers(remembers);
    this.machines = new Machines(this.timeline, sharedImages);
    this.orders = new Orders(this.machines, this.faults, { bootMs, stopMs, sharedImages, strict: this.strict });
    this.outbox = new Outbox(this.faults, this.timeline);
    this.loads = options.loadOf === undefined ? null : new Loads(this.machines, options.loadOf);
  }

  // ---- the port --------------------------------------------------------------------------------------------------

  enact(order: Order): Heard {
    // 1. Whoever has been superseded is not heard.
    if (order.epoch < this.epoch) return 'stale';
    this.epoch = order.epoch;

    // 2. An order that is known is not carried out again.
    if (this.open.size > 0 && this.open.has(order.id)) return 'known';
    const gang = this.machines.gangOf(order.decision.lease);
    const said = this.answers.get(order.id) ?? gang.answersTo(order.id);
    if (said !== null) {
      for (const observation of said) this.outbox.send(observation, this.now);
      return 'known';
    }
    if (this.answers.isForgotten(order.id)) return 'known';

    // 3. It begins, or waits until it can.
    const enactment = new Enactment(order, gang);
    if (!this.begin(enactment)) {
      enactment.waits = true;
      this.open.set(order.id, enactment);
      this.waiting.push(enactment);
    }
    if (this.stirred) this.retry();
    return 'new';
  }

  /** Orders of earlier epochs are stale from now on. */
  fence(epoch: Epoch): void {
    this.epoch = Math.max(this.epoch, epoch);
  }

  /** Ordered by `at`. */
  async survey(): Promise<readonly Observation[]> {
    const observations: Observation[] = [];
    for (const list of this.answers.all()) if (list.at(-1)?.type === 'LeaseEnded') observations.push(...list);
    for (const gang of this.machines.gangs.values()) observations.push(...gang.said);
    for (const [node, at] of this.machines.nodes.lost) observations.push({ type: 'NodeLost', at, node });
    if (this.loads !== null) observations.push(...this.loads.known());
    return inOrder(observations);
  }

  // ---- for whoever drives it -------------------------------------------------------------------------------------

  addNodes(nodes: NodeClass): void {
    const first = this.machines.nodes.count === 0;
    this.machines.nodes.add(nodes);
    if (first && this.faulty) this.expectLoss();
  }

  /** The node leaves the site, and everything on it is gone. Nobody is told. */
  removeNode(node: number): void {
    this.takeAway(node, 'gone');
    this.machines.nodes.remove(node);
    this.retry();
  }

  /** The node does not answer since `at`, which everybody knows; it is found again at `found`, or never. */
  keepLost(node: number, at: Instant, found: Instant | null): void {
    this.machines.nodes.lost.set(node, at);
    if (found !== null) this.timeline.add(found, FOUND, new NodeChange(node, 'found'));
  }

  /** When something happens next; null: nothing is under way. */
  next(): Instant | null {
    return this.timeline.next();
  }

  /** Time passes until `now`, and what happens happens at its own instant. Loads are looked at once it has passed. */
  advance(now: Instant): void {
    for (let item = this.timeline.take(now); item !== null; item = this.timeline.take(now)) {
      if (item.time > this.now) this.now = item.time;
      this.happen(item.what);
      if (this.stirred) this.retry();
    }
    if (now > this.now) this.now = now;
    if (this.loads !== null) for (const change of this.loads.changes(this.now)) this.outbox.put(change);
  }

  /** Whether there are observations to take. */
  get hasNews(): boolean {
    return !this.outbox.isEmpty;
  }

  /** What was observed since the last call, ordered by `at` and, at one instant, as it was observed. */
  take(): readonly Observation[] {
    return this.outbox.take();
  }

  /** Orders that have not begun: they wait for other orders or for room. */
  get ordersWaiting(): readonly OrderId[] {
    return this.waiting.map((enactment) => enactment.order.id);
  }

  // ---- what happens ----------------------------------------------------------------------------------------------

  private happen(future: Future): void {
    if (future instanceof Gang) this.end(future);
    else if (future instanceof Enactment) this.settle(future, this.orders.finish(future, this.now));
    else if (future instanceof Delivery) this.outbox.put(future.observation);
    else if (future.becomes === 'lost') this.loseNode();
    else this.findNode(future.node);
  }

  /** Its true run time is used up. */
  private end(gang: Gang): void {
    const ended: LeaseEnded = { type: 'LeaseEnded', at: this.now, lease: gang.lease, order: gang.order! };
    this.makeVoid(gang.lease);
    this.machines.stopClock(gang, this.now);
    this.machines.leave(gang, null);
    gang.clear();
    this.machines.forget(gang.lease);
    this.stirred = true;
    this.answer(ended.order, ended);
  }

  private loseNode(): void {
    const { nodes } = this.machines;
    const { node, found } = this.faults.loss(this.now, nodes.count);
    this.expectLoss();
    if (nodes.isUnreachable(node)) return;
    this.takeAway(node, 'lost');
    nodes.lost.set(node, this.now);
    this.outbox.put({ type: 'NodeLost', at: this.now, node });
    this.timeline.add(found, FOUND, new NodeChange(node, 'found'));
  }

  /** VMs on the node are gone, and orders that were to bring some there have failed, though they had not begun. */
  private takeAway(node: number, why: 'lost' | 'gone'): void {
    this.machines.evict(node, why, this.now);
    this.loads?.forget(node);
    for (const enactment of this.open.values()) {
      const { decision } = enactment.order;
      const arrives = enactment.taken !== null && decision.type === 'LiveMigrateOrdered';
      if (arrives && has(nodesOf(decision.nodes, decision.vms), node))
        enactment.failure ??= `node ${node} does not answer`;
    }
    for (const enactment of this.waiting) {
      const { decision } = enactment.order;
      if (!('nodes' in decision) || !has(decision.nodes, node)) continue;
      enactment.waits = false;
      this.settle(enactment, failed(enactment, `node ${node} does not answer`, this.now));
    }
    this.waiting = this.waiting.filter((enactment) => enactment.waits);
    this.stirred = true;
  }

  private findNode(node: number): void {
    if (this.machines.nodes.lost.delete(node)) this.outbox.put({ type: 'NodeFound', at: this.now, node });
  }

  private expectLoss(): void {
    const at = this.faults.nextLoss(this.now);
    if (at !== null) this.timeline.add(at, LOST, new NodeChange(0, 'lost'));
  }

  // ---- orders ----------------------------------------------------------------------------------------------------

  /** Begins the order, or fails it, if that can be done now. */
  private begin(enactment: Enactment): boolean {
    const { decision } = enactment.order;
    if (this.open.size > 0 && decision.after.some((order) => this.open.has(order))) return false;
    const beginning = this.orders.begin(enactment, this.now);
    if (beginning === null) return false;
    if (typeof beginning === 'string') {
      this.settle(enactment, failed(enactment, beginning, this.now));
      return true;
    }
    if (decision.type === 'StopOrdered' && enactment.failure === null) this.makeVoid(decision.lease);
    const takes = this.faulty ? this.faults.takes(beginning, this.now) : beginning;
    if (takes <= 0) this.settle(enactment, this.orders.finish(enactment, this.now));
    else {
      this.open.set(enactment.order.id, enactment);
      enactment.done = this.timeline.add(this.now + takes, DONE, enactment);
    }
    return true;
  }

  /** The order is answered, and no longer open. */
  private settle(enactment: Enactment, answer: Observation): void {
    if (this.open.size > 0) this.open.delete(enactment.order.id);
    this.answer(enactment.order.id, answer);
  }

  private answer(order: OrderId, observation: Observation): void {
    this.stirred = true;
    this.answers.add(order, observation);
    this.outbox.send(observation, this.now);
  }

  /** Orders for this lease other than stops will not be carried out, nor answered. */
  private makeVoid(lease: LeaseId): void {
    if (this.open.size === 0) return;
    for (const other of this.open.values()) {
      const { decision } = other.order;
      if (decision.lease !== lease || decision.type === 'StopOrdered') continue;
      this.open.delete(decision.order);
      if (other.done !== null) this.timeline.callOff(other.done);
      this.orders.callOff(other);
      other.waits = false;
      this.answers.makeVoid(decision.order);
    }
    this.waiting = this.waiting.filter((other) => other.waits);
  }

  /** Tries the orders that wait, in the order of their arrival, until nothing changes any more. */
  private retry(): void {
    for (this.stirred = true; this.stirred && this.waiting.length > 0; ) {
      this.stirred = false;
      for (const enactment of this.waiting) {
        if (!enactment.waits) continue;
        enactment.gang = this.machines.gangOf(enactment.order.decision.lease);
        enactment.waits = !this.begin(enactment);
      }
      this.waiting = this.waiting.filter((enactment) => enactment.waits);
    }
    this.stirred = false;
  }
}
