/**
 * What was answered to which order, so that an order sent twice gets the same answer and is carried out once. Memory is
 * bounded: two generations. The scheduler sends an order again only while it has not logged the answer.
 */

import type { Observation, OrderId } from '../../engine/index.js';

/** At least so many orders are remembered, the latest ones, and at most twice as many: more would slow simulations. */
export const ANSWERS_KEPT = 1_000;

const NONE: readonly Observation[] = [];

export class Answers {
  private young = new Map<OrderId, readonly Observation[]>();
  private old = new Map<OrderId, readonly Observation[]>();
  /** Orders of earlier turns than the oldest one remembered were answered once, and are forgotten. */
  private forgottenBefore = 0;

  /** `remembers` false: nothing is kept, for a scheduler that sends each order once. */
  constructor(private readonly remembers: boolean) {}

  /** Observations in order, none where the order became void; null: nothing is remembered. */
  get(order: OrderId): readonly Observation[] | null {
    return this.remembers ? (this.young.get(order) ?? this.old.get(order) ?? null) : null;
  }

  add(order: OrderId, observation: Observation): void {
    if (!this.remembers) return;
    const generation = this.young.has(order) ? this.young : this.old;
    const list = generation.get(order);
    if (list !== undefined) generation.set(order, [...list, observation]);
    else this.set(order, [observation]);
  }

  /** An answer given in an earlier life. */
  remember(observation: Observation): void {
    if (!('order' in observation)) return;
    const known = this.get(observation.order)?.some((other) => other.type === observation.type);
    if (!known) this.add(observation.order, observation);
  }

  makeVoid(order: OrderId): void {
    if (this.remembers) this.set(order, NONE);
  }

  /** Whether the order is so old that it must have been answered long ago. */
  isForgotten(order: OrderId): boolean {
    return this.forgottenBefore > 0 && turnOf(order) < this.forgottenBefore;
  }

  /** All that is remembered, oldest first. */
  *all(): Iterable<readonly Observation[]> {
    yield* this.old.values();
    yield* this.young.values();
  }

  private set(order: OrderId, list: readonly Observation[]): void {
    this.young.set(order, list);
    if (this.young.size < ANSWERS_KEPT) return;
    this.old = this.young;
    for (const oldest of this.old.keys()) {
      this.forgottenBefore = turnOf(oldest);
      break;
    }
    this.young = new Map();
  }
}

function turnOf(order: OrderId): number {
  return Number.parseInt(order, 10);
}
