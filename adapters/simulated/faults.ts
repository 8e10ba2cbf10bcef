/** What goes wrong in a simulated cluster: orders fail or are slow, observations come late or twice, nodes are lost. */

import { Random, type Duration, type Instant } from '../../engine/index.js';

export interface Faults {
  /** Whether an order that begins now will fail. */
  fails(now: Instant): boolean;
  /** How long something takes that is planned to take `planned`. */
  takes(planned: Duration, now: Instant): Duration;
  /** How long after it was made an observation arrives: one number for each time that it does. */
  deliveries(now: Instant): readonly Duration[];
  /** When the next node is lost; null: never again. */
  nextLoss(now: Instant): Instant | null;
  /** Which of the nodes 1..`count` is lost now, and when it is found again. */
  loss(now: Instant, count: number): { readonly node: number; readonly found: Instant };
}

const AT_ONCE: readonly Duration[] = [0];

/** Nothing ever goes wrong; it is never even asked. */
export const noFaults: Faults = {
  fails: () => false,
  takes: (planned) => planned,
  deliveries: () => AT_ONCE,
  nextLoss: () => null,
  loss: (now) => ({ node: 1, found: now }),
};

export interface FaultRates {
  readonly seed: number;
  /** From this instant on nothing goes wrong any more; nodes lost until then are found by then. */
  readonly until: Instant;
  readonly failedPerMille: number;
  readonly slowPerMille: number;
  /** How much longer a slow order takes, at most. At least 1. */
  readonly slowMsMax: Duration;
  readonly latePerMille: number;
  readonly twicePerMille: number;
  /** How late an observation, or its repetition, may arrive. At least 1. */
  readonly lateMsMax: Duration;
  /** On average, how long after one loss of a node the next follows; null: none is ever lost. At least 1. */
  readonly lossEveryMs: Duration | null;
  /** How long a node stays lost, at most. At least 1. */
  readonly lossMsMax: Duration;
}

/** The same seed and the same questions give the same faults. */
export class SeededFaults implements Faults {
  private readonly random: Random;

  constructor(private readonly rates: FaultRates) {
    this.random = new Random(rates.seed);
  }

  fails(now: Instant): boolean {
    return this.strikes(this.rates.failedPerMille, now);
  }

  takes(planned: Duration, now: Instant): Duration {
    return this.strikes(this.rates.slowPerMille, now) ? planned + this.upTo(this.rates.slowMsMax) : planned;
  }

  deliveries(now: Instant): readonly Duration[] {
    const late = this.strikes(this.rates.latePerMille, now) ? this.upTo(this.rates.lateMsMax) : 0;
    if (!this.strikes(this.rates.twicePerMille, now)) return late === 0 ? AT_ONCE : [late];
    return [late, this.upTo(this.rates.lateMsMax)];
  }

  nextLoss(now: Instant): Instant | null {
    if (this.rates.lossEveryMs === null) return null;
    const at = now + this.upTo(2 * this.rates.lossEveryMs - 1);
    return at < this.rates.until ? at : null;
  }

  loss(now: Instant, count: number): { readonly node: number; readonly found: Instant } {
    const node = 1 + this.random.below(count);
    return { node, found: Math.min(this.rates.until, now + this.upTo(this.rates.lossMsMax)) };
  }

  private strikes(perMille: number, now: Instant): boolean {
    return now < this.rates.until && this.random.chance(perMille, 1000);
  }

  private upTo(max: Duration): Duration {
    return 1 + this.random.below(max);
  }
}
