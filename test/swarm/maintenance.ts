/** Windows in which nodes are worked on, planned and called off while leases run, strewn over a scenario. */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type Command, Random } from '../../engine/index.js';
import { type Scenario, scenario } from './workload.js';

const MINUTE = 60_000;

/** The scenario of this seed with up to ten windows, and nodes that are to be empty by a deadline, from a random source of its own. */
export function maintenanceScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x3a1e);
  const plain = scenario(seed);
  const nodes = plain.classes.reduce((sum, one) => sum + one.count, 0);
  const windows: Arrival[] = [];
  const planned = 2 + random.below(9);
  for (let i = 1; i <= planned; i++) {
    const at = random.below(plain.end + 1);
    const from = at + random.below(40) * MINUTE;
    const window: Command = {
      type: 'PlanMaintenance',
      window: `w${i}`,
      nodes: [...new Set(Array.from({ length: 1 + random.below(2) }, () => 1 + random.below(nodes)))],
      from,
      until: from + (1 + random.below(40)) * MINUTE,
      reason: null,
      force: random.chance(1, 2),
    };
    windows.push({ at, run: null, command: window });
    windows.push(...drained(random, 1 + random.below(nodes), at));
    if (!random.chance(1, 3)) continue;
    const cancelled: Command = { type: 'CancelMaintenance', window: `w${1 + random.below(i)}` };
    windows.push({ at: at + random.below(60) * MINUTE, run: null, command: cancelled });
  }
  // Most nodes can be told apart here: those that are planned by count have no windows.
  const policy = random.chance(3, 4) ? { ...plain.policy, suspension: 'all' as const } : plain.policy;
  const arrivals = [...plain.arrivals, ...windows].sort((a, b) => a.at - b.at);
  return { ...plain, policy, arrivals, end: arrivals.at(-1)!.at };
}

/** At times: a node is to be empty by a deadline, which may be put off; in the end it is back, if it was drained. */
function drained(random: Random, node: number, at: number): Arrival[] {
  if (random.chance(1, 2)) return [];
  const doings: Arrival[] = [];
  let time = at;
  for (let tries = 1 + random.below(2); tries > 0; tries--) {
    const by = time + random.below(40) * MINUTE;
    doings.push({ at: time, run: null, command: { type: 'DrainNode', node, by, force: random.chance(1, 2) } });
    time += random.below(50) * MINUTE;
  }
  return [...doings, { at: time, run: null, command: { type: 'RestoreNode', node } }];
}
