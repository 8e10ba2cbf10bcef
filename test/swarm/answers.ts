/** What became of one kind of change that was asked of leases which run, over all seeds. */

import type { Decision, Event, Turn } from '../../engine/index.js';

/** The events of the kind: that it was asked for, ordered, and done. */
export interface Kind {
  readonly asked: Event['type'];
  readonly ordered: Extract<Decision, { order: string }>['type'];
  readonly done: Event['type'];
}

export class Answers {
  asked = 0;
  ordered = 0;
  done = 0;
  failed = 0;
  refused = 0;

  constructor(private readonly kind: Kind) {}

  readonly count = ({ turns }: { readonly turns: readonly Turn[] }): void => {
    const orders = new Set<string>();
    for (const { inputs, decisions } of turns) {
      for (const input of inputs) {
        if (input.type === this.kind.asked) this.asked++;
        else if (input.type === this.kind.done) this.done++;
        else if (input.type === 'OrderFailed' && orders.has(input.order)) this.failed++;
      }
      for (const decision of decisions)
        if ('order' in decision && decision.type === this.kind.ordered) {
          this.ordered++;
          orders.add(decision.order);
        } else if (decision.type === 'ChangeRefused') this.refused++;
    }
  };
}
