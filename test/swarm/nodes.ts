/** Nodes that join, get other labels, and are drained and restored while leases run; and what must hold of labels. */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type Command, expand, Random, type State } from '../../engine/index.js';
import { Broken } from './judge.js';
import { type Scenario, scenario } from './workload.js';

const MINUTE = 60_000;
const ZONES = ['a', 'b', null] as const;

/** The scenario of this seed with nodes that change, and leases that ask for zones, from a random source of its own. */
export function nodeScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x40de);
  const plain = withLosses(seed, scenario(seed));
  let nodes = plain.classes.reduce((sum, one) => sum + one.count, 0);
  const arrivals: Arrival[] = plain.arrivals.map((arrival): Arrival => {
    const { command } = arrival;
    if (command.type !== 'SubmitLease' || !random.chance(1, 3)) return arrival;
    const where = random.chance(1, 3)
      ? { labels: {}, requirements: 'zone == "a" || zone == "b"', rank: null }
      : { labels: { zone: random.pick(['a', 'b']) }, requirements: null, rank: null };
    return { ...arrival, command: { ...command, terms: { ...command.terms, where } } };
  });
  for (let at = 0; at < plain.end; at += random.below(8) * MINUTE + 1) {
    const [first] = [random.pick(plain.classes)];
    if (random.chance(1, 8) && nodes < 20) {
      const { first: _, ...kind } = { ...first, count: 1 + random.below(2), labels: labelsOf(random) };
      arrivals.push({ at, run: null, command: { type: 'AddNodes', nodes: kind } });
      nodes += kind.count;
      continue;
    }
    const node = 1 + random.below(nodes);
    const label: Command = { type: 'LabelNode', node, labels: { zone: random.pick(ZONES) } };
    if (random.chance(1, 3)) {
      // As an operator does it: drained first, labelled when it may be empty, and restored.
      arrivals.push({ at, run: null, command: { type: 'DrainNode', node } });
      arrivals.push({ at: at + 10 * MINUTE, run: null, command: label });
      arrivals.push({ at: at + 10 * MINUTE, run: null, command: { type: 'RestoreNode', node } });
    } else arrivals.push({ at, run: null, command: label });
  }
  arrivals.sort((a, b) => a.at - b.at);
  const end = (arrivals.at(-1)?.at ?? 0) + 1;
  for (let node = 1; node <= nodes; node++)
    arrivals.push({ at: end, run: null, command: { type: 'RestoreNode', node } });
  return { ...plain, arrivals, end };
}

/** Some say what becomes of them when a node is lost. */
function withLosses(seed: number, plain: Scenario): Scenario {
  const random = new Random(seed ^ 0x1057);
  const arrivals = plain.arrivals.map((arrival): Arrival => {
    const { command } = arrival;
    if (command.type !== 'SubmitLease' || !random.chance(1, 2)) return arrival;
    return {
      ...arrival,
      command: { ...command, terms: { ...command.terms, onNodeLost: random.pick(['wait', 'delete']) } },
    };
  });
  return { ...plain, arrivals };
}

function labelsOf(random: Random): Record<string, string> {
  const zone = random.pick(ZONES);
  return zone === null ? {} : { zone };
}

/** Every lease that has nodes has such as it asked for. */
export function judgeLabels(state: State): void {
  for (const lease of state.leases.values()) {
    const { where } = lease.terms;
    if (where === null || lease.nodes === null || lease.phase === 'suspended') continue;
    for (const node of expand(lease.nodes))
      for (const [name, value] of Object.entries(where.labels))
        if (state.pools[state.poolOf[node]!]!.labels[name] !== value)
          throw new Broken(`lease ${lease.id} is on nodes with ${name}: ${value}, as it asked`);
  }
}
