/** Leases suspended and resumed by their owners, strewn over a scenario together with all other wishes. */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type Command, Random } from '../../engine/index.js';
import { type Scenario, scenario } from './workload.js';

const MINUTE = 60_000;

/** The scenario of this seed with suspensions and resumptions by request, from a random source of its own. */
export function verbScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x7e2b);
  const plain = scenario(seed);
  const arrivals: Arrival[] = [];
  const submitted: string[] = [];
  for (const arrival of plain.arrivals) {
    arrivals.push(arrival);
    if (arrival.command.type === 'SubmitLease') submitted.push(arrival.command.lease);
    const wishes = submitted.length === 0 ? 0 : random.below(3);
    for (let i = 0; i < wishes; i++) {
      const at = arrival.at + random.below(20) * MINUTE;
      arrivals.push({ at, run: null, command: randomVerb(random, submitted, at) });
    }
  }
  arrivals.sort((a, b) => a.at - b.at);
  const end = (arrivals.at(-1)?.at ?? 0) + 1;
  for (const lease of submitted) arrivals.push({ at: end, run: null, command: { type: 'ReleaseLease', lease } });
  const suspension = random.chance(3, 4) ? 'all' : plain.policy.suspension;
  return { ...plain, policy: { ...plain.policy, suspension }, arrivals, end };
}

function randomVerb(random: Random, submitted: readonly string[], now: number): Command {
  const lease = random.pick(random.chance(1, 4) ? submitted : submitted.slice(-8));
  switch (random.below(8)) {
    case 0:
      return random.pick<Command>([
        { type: 'ChangeDuration', lease, duration: (1 + random.below(90)) * MINUTE },
        { type: 'ExtendLease', lease, to: { by: (1 + random.below(30)) * MINUTE } },
        { type: 'ExtendLease', lease, to: { until: now + random.below(90) * MINUTE } },
        { type: 'ShrinkLease', lease, to: { by: (1 + random.below(30)) * MINUTE } },
      ]);
    case 1:
      return { type: 'HoldLease', lease };
    case 2:
      return { type: 'CancelLease', lease };
    case 3:
    case 4:
      return { type: 'ResumeLease', lease };
    default:
      return { type: 'SuspendLease', lease };
  }
}
