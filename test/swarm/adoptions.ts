/** Other policies adopted while leases wait and run, strewn over a scenario. */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type Policy, Random } from '../../engine/index.js';
import { type Scenario, scenario } from './workload.js';

/** The scenario of this seed with one to four adoptions, of policies drawn for other seeds; now and then one knob alone. */
export function adoptionScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0xad09);
  const plain = scenario(seed);
  let policy = plain.policy;
  const adoptions: Arrival[] = Array.from({ length: 1 + random.below(4) }, (_, i) => {
    const drawn = scenario(seed + 1000 * (i + 1) + random.below(8)).policy;
    policy = random.chance(1, 2) ? { ...drawn, migration: policy.migration } : withOneKnob(random, policy, drawn);
    return { at: random.below(plain.end + 1), run: null, command: { type: 'AdoptPolicy', policy } };
  });
  return { ...plain, arrivals: [...plain.arrivals, ...adoptions].sort((a, b) => a.at - b.at) };
}

const KNOBS: readonly (keyof Policy)[] = [
  'backfilling',
  'suspension',
  'migration',
  'preparation',
  'quotas',
  'pricing',
  'nodeChoice',
  'shutdownTime',
  'enactmentOverhead',
  'suspendRate',
  'resumeTime',
  'imageReuse',
  'victims',
];

function withOneKnob(random: Random, policy: Policy, drawn: Policy): Policy {
  const knob = random.pick(KNOBS);
  return { ...policy, [knob]: drawn[knob] };
}
