/**
 * A term: the time in which this service leads. It gives signs of life, and stands between the loop and the machines:
 * orders pass while it is certain that nobody else leads, wait while it is not, and are dropped when somebody does.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Beats, Cluster, Epoch, Observation, Order } from '../engine/index.js';
import { encodeBeat, leaderDoes, PACE } from './election.js';

/** The machines, from the loop's side. */
export interface Machines extends Cluster {
  /** The log has it that we lead with this epoch. Resolves with what is true and not in the log yet. */
  lead?(epoch: Epoch): Promise<readonly Observation[]>;
}

export interface TermOptions {
  readonly machines: Machines;
  /** Null: nobody else can lead. */
  readonly beats: Beats | null;
  readonly url: string;
  /** What the machines told when they learned who leads. */
  readonly onFound: (observations: readonly Observation[]) => void;
  /** It is certain that we lead, or not any more. */
  readonly onCertain: (certain: boolean) => void;
  /** Another one leads. */
  readonly onLost: () => void;
}

/** A store that takes so long for a sign of life takes no turns soon, either: clients are told so at once. */
const SLOW_MS = 1_500;

export class Term {
  /** For the loop. */
  readonly cluster: Cluster;
  private epoch: Epoch | null = null;
  private latest: Epoch = 0;
  private confirmedAt = Number.NEGATIVE_INFINITY;
  private count = 0;
  private waiting: Order[] = [];
  private certain = true;
  /** The machines know who leads. */
  private led = false;
  private readonly ending = new AbortController();
  private beating: Promise<void> = Promise.resolve();

  constructor(private readonly options: TermOptions) {
    const { machines } = options;
    this.cluster = { enact: (order) => this.enact(order), survey: () => machines.survey() };
  }

  /** The claim is in the log. */
  begin(epoch: Epoch): void {
    this.epoch = epoch;
    this.latest = Math.max(this.latest, epoch);
    this.beating = this.beatOn(epoch);
    void this.lead(epoch);
  }

  /** Somebody else was seen to lead with `epoch`. */
  superseded(epoch: Epoch): void {
    if (epoch <= this.latest) return;
    this.latest = epoch;
    this.waiting = [];
    this.options.onLost();
  }

  /** `left`: others need not wait for another sign of life. */
  async end(left: boolean): Promise<void> {
    this.ending.abort();
    this.waiting = [];
    await this.beating;
    const { epoch, options } = this;
    if (!left || epoch === null || this.latest > epoch) return;
    await options.beats?.beat(this.beatOf(epoch, true), epoch).catch(() => {}); // they find out by themselves
  }

  /** What is sent carries the epoch of this term, also where an earlier one decided it. */
  private enact(order: Order): void {
    this.waiting.push(order);
    this.pass();
  }

  private pass(): void {
    const { epoch } = this;
    if (epoch === null || !this.led || this.does(epoch) !== 'enact') return;
    const orders = this.waiting;
    this.waiting = [];
    for (const order of orders) this.options.machines.enact({ ...order, epoch });
  }

  private does(epoch: Epoch): ReturnType<typeof leaderDoes> {
    if (this.ending.signal.aborted) return 'stand-by';
    if (this.options.beats === null) return 'enact';
    return leaderDoes({ epoch, confirmedAt: this.confirmedAt, latest: this.latest }, performance.now(), PACE);
  }

  private async lead(epoch: Epoch): Promise<void> {
    const { machines, onFound } = this.options;
    // Where they cannot be reached just now, they are told as soon as they can.
    const found = (await machines.lead?.(epoch).catch(() => [])) ?? [];
    if (this.ending.signal.aborted) return;
    onFound(found);
    this.led = true;
    this.pass();
  }

  private async beatOn(epoch: Epoch): Promise<void> {
    const { beats } = this.options;
    if (beats === null) return;
    const { signal } = this.ending;
    while (!signal.aborted && this.latest === epoch) {
      const taken = await this.beat(beats, epoch);
      this.judge(epoch);
      await sleep(taken ? PACE.beatMs : PACE.pollMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Certain from when it began, not from when it was answered: in between others may have looked. */
  private async beat(beats: Beats, epoch: Epoch): Promise<boolean> {
    const began = performance.now();
    const slow = setTimeout(() => this.tellCertain(false), SLOW_MS);
    try {
      const head = await beats.beat(this.beatOf(epoch, false), epoch);
      if (head.epoch > epoch) this.superseded(head.epoch);
      else this.confirmedAt = began;
      return true;
    } catch {
      return false; // it is tried again soon; until then we are as certain as before
    } finally {
      clearTimeout(slow);
    }
  }

  private judge(epoch: Epoch): void {
    const does = this.does(epoch);
    if (does === 'stand-by') return;
    this.pass();
    this.tellCertain(does === 'enact');
  }

  private tellCertain(certain: boolean): void {
    if (certain || this.certain) this.options.onCertain(certain);
    this.certain = certain;
  }

  private beatOf(epoch: Epoch, left: boolean): string {
    return encodeBeat({ epoch, count: ++this.count, url: this.options.url, left });
  }
}
