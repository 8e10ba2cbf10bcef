/**
 * A world whose clock jumps from one thing that happens to the next: arrivals of a workload, what the simulated cluster
 * observes, and the scheduler's own wake-ups.
 */

import { invariant } from '../../engine/index.js';
import type {
  Answer,
  Batch,
  Command,
  Duration,
  Inbox,
  Instant,
  Observation,
  Terms,
  World,
} from '../../engine/index.js';
import type { SimulatedCluster } from './cluster.js';

/** A command that arrives at an instant. `run`: how long a lease that is submitted truly runs; null: until stopped. */
export interface Arrival {
  readonly at: Instant;
  readonly command: Command;
  readonly run: Duration | null;
}

/** Arrivals in order of time; null: there are no more. It is read one arrival ahead. */
export interface ArrivalSource {
  next(): Arrival | null | Promise<Arrival | null>;
}

export interface WorldOptions {
  /** The first batch, alone, at the first instant: policy, site, nodes. */
  readonly genesis: readonly Command[];
  readonly arrivals: ArrivalSource;
  readonly cluster: SimulatedCluster;
  readonly onAnswer?: (answers: readonly Answer[]) => void;
  /** The world goes on from here, and leases followed others before. Default: it begins at instant 0. */
  readonly from?: { readonly now: Instant; readonly prompt: boolean };
}

/** How many batches may follow each other at one instant. */
const STANDSTILL_MAX = 10_000;
const NO_COMMANDS: readonly Command[] = [];

export class SimulatedWorld implements World {
  private now: Instant = 0;
  private standstill = 0;
  private genesis: readonly Command[] | null;
  /** The first `count` are arrivals of one instant: all of them once the first of a later instant is known. */
  private readonly arriving: Arrival[] = [];
  private count = 0;
  private ahead: Arrival | null = null;
  private exhausted = false;
  /** What was given out last, and what is given out again after a restart. */
  private given: Inbox | null = null;
  private again: Inbox | null = null;
  /** Leases follow others, or are warned of their end: then confirmations are news. */
  private prompt = false;
  private readonly cluster: SimulatedCluster;
  private readonly source: ArrivalSource;
  private readonly onAnswer: ((answers: readonly Answer[]) => void) | null;

  constructor({ genesis, arrivals, cluster, onAnswer, from }: WorldOptions) {
    if (from !== undefined) ({ now: this.now, prompt: this.prompt } = from);
    this.genesis = genesis.length > 0 ? genesis : null;
    this.source = arrivals;
    this.cluster = cluster;
    this.onAnswer = onAnswer ?? null;
  }

  next(wakeup: Instant | null): Batch | null | Promise<Batch | null> {
    const loading = this.load();
    if (loading === null) return this.batch(wakeup);
    return loading.then(() => this.batch(wakeup));
  }

  /** Nodes that joined the site join the cluster; leases that were not accepted, or are cancelled, will never start. */
  answer(answers: readonly Answer[]): void {
    for (const { command, decided, decisions } of answers) {
      if (!decided.ok) {
        if (command.type === 'SubmitLease' && decided.rejection.code !== 'lease-exists')
          this.cluster.machines.forget(command.lease);
        continue;
      }
      for (const request of decided.requests) {
        if (request.type === 'NodesAdded') this.cluster.addNodes(request.nodes);
        else if (request.type === 'LeaseCancelled') this.cluster.machines.forget(request.lease);
        else if (request.type === 'LeaseRequested' && wantsNews(request.terms)) this.prompt = true;
        else if (request.type === 'MaintenancePlanned') this.prompt = true; // who is stopped for it begins elsewhere
      }
      if (command.type === 'SubmitLease' && decisions.some((decision) => decision.type === 'Refused'))
        this.cluster.machines.forget(command.lease);
    }
    this.onAnswer?.(answers);
  }

  /** The scheduler has died: what it was given last may be lost, and is given again to the next one. */
  restart(): void {
    this.again = this.given;
  }

  /** Reads on until all arrivals of the next instant are known; null: they are. */
  private load(): Promise<void> | null {
    while (!this.exhausted && this.ahead === null) {
      const arrival = this.source.next();
      if (arrival instanceof Promise)
        return arrival.then((read) => {
          this.accept(read);
          return this.load() ?? undefined;
        });
      this.accept(arrival);
    }
    return null;
  }

  private accept(arrival: Arrival | null): void {
    if (arrival === null) {
      this.exhausted = true;
      return;
    }
    const last = this.count > 0 ? this.arriving[0]!.at : this.now;
    invariant(arrival.at >= last, 'arrivals come in order of time');
    if (this.count === 0 || arrival.at === last) this.arriving[this.count++] = arrival;
    else this.ahead = arrival;
  }

  private batch(wakeup: Instant | null): Batch | null {
    // 1. Before anything else, the beginning of the world, or what was lost.
    if (this.genesis !== null) {
      const commands = this.genesis;
      this.genesis = null;
      return this.give(NO_OBSERVATIONS, commands);
    }
    if (this.again !== null) {
      const { observations, commands } = this.again;
      this.again = null;
      return this.give(observations, commands);
    }

    // 2. The clock jumps to what comes first. Confirmations that took no time wait for that, if they cause nothing.
    const arrives = this.count > 0 ? this.arriving[0]!.at : Infinity;
    const happens = this.cluster.next() ?? Infinity;
    const heard = this.prompt && this.cluster.hasNews ? this.now : Infinity;
    const now = Math.min(arrives, happens, wakeup ?? Infinity, heard);
    if (now === Infinity && !this.cluster.hasNews) return this.end();
    if (now !== Infinity) this.jump(now);

    // 3. What happened, then what arrives.
    this.cluster.advance(this.now);
    const observations = this.cluster.take();
    return this.give(observations, arrives <= this.now ? this.arrivals() : NO_COMMANDS);
  }

  private jump(now: Instant): void {
    this.standstill = now > this.now ? 0 : this.standstill + 1;
    invariant(this.standstill < STANDSTILL_MAX, 'time does not advance');
    if (now > this.now) this.now = now;
  }

  /** What a command says of the physical world is true from now on, whatever becomes of the command. */
  private arrivals(): readonly Command[] {
    const { arriving, count, cluster } = this;
    const commands = new Array<Command>(count);
    for (let i = 0; i < count; i++) {
      const { command, run } = arriving[i]!;
      commands[i] = command;
      if (command.type === 'SubmitLease') cluster.machines.expect(command.lease, run);
      else if (command.type === 'RemoveNode') cluster.removeNode(command.node);
    }
    this.count = 0;
    if (this.ahead !== null) arriving[this.count++] = this.ahead;
    this.ahead = null;
    return commands;
  }

  private give(observations: readonly Observation[], commands: readonly Command[]): Batch {
    this.given = { observations, commands };
    return { now: this.now, inbox: this.given };
  }

  private end(): null {
    const waiting = this.cluster.strict ? this.cluster.ordersWaiting : [];
    invariant(waiting.length === 0, `every order is carried out before the world ends: ${waiting.join(', ')}`);
    return null;
  }
}

const NO_OBSERVATIONS: readonly Observation[] = [];

/** Whether something follows from when exactly the lease, or another, runs. */
function wantsNews({ after, warnings }: Terms): boolean {
  return after !== undefined || warnings !== undefined;
}
