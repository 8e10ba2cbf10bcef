/** Leases carried to other nodes while they run, as operators ask for it, and off nodes that are drained, strewn over a scenario. */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type Command, Random } from '../../engine/index.js';
import { maintenanceScenario } from './maintenance.js';
import { MINUTE, strewn } from './strewn.js';
import { type Scenario, scenario } from './workload.js';

/** The scenario of this seed, at times with windows, and moves by request and by drains, from a random source of its own. */
export function moveScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x30fe);
  const plain = random.chance(1, 3) ? maintenanceScenario(seed) : scenario(seed);
  const nodes = plain.classes.reduce((sum, one) => sum + one.count, 0);
  const { arrivals, end: last } = strewn(
    plain,
    random,
    (submitted) => randomMove(random, submitted, nodes),
    (at) => (random.chance(1, 6) ? drained(random, 1 + random.below(nodes), at) : []),
  );
  // Twice, since a node that does not answer is not restored; one that was found has its deadline still.
  const end = last + 60 * MINUTE;
  for (const at of [last, end])
    for (let node = 1; node <= nodes; node++)
      for (const type of ['DrainNode', 'RestoreNode'] as const)
        arrivals.push({ at, run: null, command: { type, node } });
  const liveMigration = random.pick(['asked', 'asked', 'maintenance', 'no'] as const);
  const migrationRate = random.pick([1000, 40, 10]);
  return { ...plain, policy: { ...plain.policy, liveMigration, migrationRate }, arrivals, end: last };
}

function randomMove(random: Random, submitted: readonly string[], nodes: number): Command {
  const lease = random.pick(random.chance(1, 4) ? submitted : submitted.slice(-8));
  switch (random.below(9)) {
    case 0:
      return { type: 'SuspendLease', lease };
    case 1:
      return { type: 'CancelLease', lease };
    case 2:
      return { type: 'ResumeLease', lease };
    case 3:
      return random.pick<Command>([
        { type: 'ExtendLease', lease, to: { by: (1 + random.below(30)) * MINUTE } },
        { type: 'ShrinkLease', lease, to: { by: (1 + random.below(30)) * MINUTE } },
      ]);
    case 4:
      return { type: 'MigrateLease', lease, nodes: null, vms: [1, 1] };
    case 5:
    case 6:
      return { type: 'MigrateLease', lease, nodes: [1 + random.below(nodes), 1 + random.below(nodes)] };
    default:
      return { type: 'MigrateLease', lease, nodes: null };
  }
}

/** Drained in one way or the other, at times again, and restored. */
function drained(random: Random, node: number, at: number): Arrival[] {
  const doings: Arrival[] = [];
  let time = at;
  for (let tries = 1 + random.below(2); tries > 0; tries--) {
    const how = random.pick(['migrate', 'migrate', 'suspend'] as const);
    const by = random.chance(1, 3) ? { by: time + random.below(40) * MINUTE, force: random.chance(1, 2) } : {};
    doings.push({ at: time, run: null, command: { type: 'DrainNode', node, how, ...by } });
    time += random.below(30) * MINUTE;
  }
  return [...doings, { at: time, run: null, command: { type: 'RestoreNode', node } }];
}
