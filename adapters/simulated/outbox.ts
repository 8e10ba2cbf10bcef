/** What a simulated cluster has observed and nobody has taken yet. With faults, some of it arrives late or twice. */

import type { Instant, Observation } from '../../engine/index.js';
import { noFaults, type Faults } from './faults.js';
import { Delivery, DELIVERED, type Future } from './future.js';
import type { Timeline } from './timeline.js';

/** Never added to. */
const NOTHING: Observation[] = [];

export class Outbox {
  private observations: Observation[] = NOTHING;
  private readonly faulty: boolean;

  constructor(
    private readonly faults: Faults,
    private readonly timeline: Timeline<Future>,
  ) {
    this.faulty = faults !== noFaults;
  }

  get isEmpty(): boolean {
    return this.observations.length === 0;
  }

  /** It arrives now. */
  put(observation: Observation): void {
    // Most are taken one by one; a list that begins with `push` would have room for 17.
    if (this.observations.length === 0) this.observations = [observation];
    else this.observations.push(observation);
  }

  /** It was made now, and arrives as faults will have it. */
  send(observation: Observation, now: Instant): void {
    if (!this.faulty) {
      this.put(observation);
      return;
    }
    for (const delay of this.faults.deliveries(now)) {
      if (delay === 0) this.put(observation);
      else this.timeline.add(now + delay, DELIVERED, new Delivery(observation));
    }
  }

  /** What has arrived since the last call, ordered by `at` and, at one instant, as it arrived. */
  take(): readonly Observation[] {
    if (this.observations.length === 0) return NOTHING;
    const observations = this.observations;
    this.observations = NOTHING;
    return this.faulty ? inOrder(observations) : observations;
  }
}

/** 1. `at`  2. position (the sort is stable). Sorts in place, and only where something is out of order. */
export function inOrder(observations: Observation[]): readonly Observation[] {
  for (let i = 1; i < observations.length; i++)
    if (observations[i]!.at < observations[i - 1]!.at) return observations.sort((a, b) => a.at - b.at);
  return observations;
}
