/** Leases suspended and resumed by their owners, and VMs acted on, strewn over a scenario together with all other wishes. */

import { type Command, Random } from '../../engine/index.js';
import { MINUTE, strewn } from './strewn.js';
import { type Scenario, scenario } from './workload.js';

/** The scenario of this seed with suspensions and resumptions by request, from a random source of its own. */
export function verbScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x7e2b);
  const plain = scenario(seed);
  const { arrivals, end } = strewn(plain, random, (submitted, at) => randomVerb(random, submitted, at));
  const suspension = random.chance(3, 4) ? 'all' : plain.policy.suspension;
  return { ...plain, policy: { ...plain.policy, suspension }, arrivals, end };
}

function randomVerb(random: Random, submitted: readonly string[], now: number): Command {
  const lease = random.pick(random.chance(1, 4) ? submitted : submitted.slice(-8));
  switch (random.below(11)) {
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
    case 10:
      return { type: 'RecoverLease', lease, how: random.pick(['retry', 'recreate']) };
    case 8:
    case 9:
      return {
        type: 'ActOnLease',
        lease,
        act: random.pick(['reboot', 'reset', 'pause', 'unpause']),
        vms: random.chance(1, 4) ? [1, 1] : null,
      };
    default:
      return { type: 'SuspendLease', lease };
  }
}
