/** Nodes that report their load, for some of the seeds, and who goes by it; and what must hold of it after every turn. */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type LoadClass, type Policy, Random, type State, type Turn } from '../../engine/index.js';
import { Broken } from './judge.js';

/** From a random source of its own, and none of the seeds that once found a mistake: their scenarios stay as they were. */
const SALT = 0x10ad1;

/** Whether nodes report their load: under an eighth of the seeds. */
export function reportsLoads(seed: number): boolean {
  return new Random(seed ^ SALT).chance(1, 8);
}

/** In two of three cases nodes are chosen by their load. */
export function loadPolicy(seed: number, policy: Policy): Policy {
  const random = new Random(seed ^ SALT ^ 0xb);
  return random.chance(2, 3) ? { ...policy, nodeChoice: 'by-load@1' } : policy;
}

const RANKS = ['(load == "idle") * 2 + (load == "low")', 'load == "high"', '-(load == "unknown") * 8 + cpuFree'];

/** Some leases rank nodes by their load. */
export function loadArrivals(seed: number, arrivals: readonly Arrival[]): Arrival[] {
  const random = new Random(seed ^ SALT ^ 0xa);
  return arrivals.map((arrival): Arrival => {
    const { command } = arrival;
    if (command.type !== 'SubmitLease' || !random.chance(1, 3)) return arrival;
    const { terms } = command;
    const where = { labels: {}, requirements: null, ...terms.where, rank: random.pick(RANKS) };
    return { ...arrival, command: { ...command, terms: { ...terms, where } } };
  });
}

function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Broken(rule);
}

/** Keeps the loads of all nodes by what the log says alone. */
export class Loads {
  private readonly known = new Map<number, LoadClass>();

  watch(state: State, turn: Turn): void {
    for (const input of turn.inputs) {
      if (input.type === 'NodeLost' || input.type === 'NodeRemoved') this.known.delete(input.node);
      if (input.type !== 'NodeLoadObserved') continue;
      const { node, load } = input;
      must(this.known.get(node) !== load, `the load of node ${node} is told when it changes`);
      this.known.set(node, load);
    }
    must(state.loads.size === this.known.size, 'loads are known of the nodes that told them');
    for (const [node, load] of this.known) must(state.loads.get(node) === load, `node ${node} is as it was seen last`);
  }
}
