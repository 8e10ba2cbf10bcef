/** Nodes are lost and found as a log says; nothing else goes wrong. */

import type { Instant } from '../../engine/index.js';
import { type Faults, noFaults } from './faults.js';

export interface Loss {
  readonly node: number;
  readonly at: Instant;
  /** Infinity: it is not found again. */
  readonly found: Instant;
}

export class LoggedLosses implements Faults {
  readonly fails = noFaults.fails;
  readonly takes = noFaults.takes;
  readonly deliveries = noFaults.deliveries;
  private next = 0;

  /** In order of time. */
  constructor(private readonly losses: readonly Loss[]) {}

  nextLoss(): Instant | null {
    return this.losses[this.next]?.at ?? null;
  }

  loss(): Loss {
    return this.losses[this.next++]!;
  }
}
