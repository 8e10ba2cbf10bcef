/** What was said of orders, for those that come twice within one life. */

import type { Observation, OrderId } from '../../engine/index.js';

const KEPT = 1_000;

export class Answers {
  private readonly answers = new Map<OrderId, Observation | null>();

  /** Null: it was cut short by a stop, and nothing is said of it. Undefined: nobody has answered, or that is long ago. */
  get(id: OrderId): Observation | null | undefined {
    return this.answers.get(id);
  }

  set(id: OrderId, answer: Observation | null): void {
    this.answers.set(id, answer);
    if (this.answers.size <= KEPT) return;
    const [oldest] = this.answers.keys();
    this.answers.delete(oldest!);
  }
}
