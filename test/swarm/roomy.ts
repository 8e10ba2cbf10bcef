/** Nodes that are leased more than once, images that are sent ahead, few starts at a time; and what must hold of them. */

import { expand, phaseOfVm, Random, type State, type Turn } from '../../engine/index.js';
import { Broken } from './judge.js';
import { type Scenario, scenario } from './workload.js';

/** The scenario of this seed with these knobs, from a random source of its own. */
export function roomyScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x400b);
  const plain = scenario(seed);
  const { kind } = plain.policy.backfilling;
  const promises = kind === 'conservative' || kind === 'sticky';
  const prefetches = random.chance(2, 3);
  return {
    ...plain,
    policy: {
      ...plain.policy,
      overcommit: random.pick([{}, { cpu: 2000 }, { cpu: 3000, memory: 1500 }]),
      startsMax: promises ? null : random.pick([null, 1, 1, 2]),
      ...(prefetches
        ? {
            preparation: 'transfer',
            imageReuse: 'cache',
            imagePrefetch: true,
            imageRate: random.pick([20, 200]),
            imageCacheMax: random.pick([null, 700, 3000]),
          }
        : {}),
    },
  };
}

/**
 * No waiting lease begins on a shared node on which too many VMs are starting. In order of decision, where `starting` is
 * what was starting before.
 */
export function judgeStarts(state: State, turn: Turn): void {
  const { startsMax = null } = state.policy;
  if (startsMax === null) return;
  const begun = turn.decisions.flatMap((decision) => (decision.type === 'StartOrdered' ? [decision] : []));
  const now = new Set(begun.map(({ order }) => order));
  const starting = new Map<number, number>();
  const add = (nodes: readonly number[], starts: (vm: number) => boolean) => {
    for (const [i, node] of expand(nodes).entries())
      if (starts(i + 1)) starting.set(node, (starting.get(node) ?? 0) + 1);
  };
  for (const lease of state.leases.values())
    if (lease.phase === 'starting' && !now.has(lease.run!))
      add(lease.nodes!, (vm) => phaseOfVm(lease, vm) === 'starting');
  for (const { lease: id, nodes } of begun) {
    const lease = state.leases.get(id)!;
    const waited = lease.terms.start.kind === 'best-effort' && !lease.promised;
    for (const node of new Set(expand(nodes)))
      if (waited && !state.pools[state.poolOf[node]!]!.exclusive && (starting.get(node) ?? 0) >= startsMax)
        throw new Broken(`lease ${id} does not begin on node ${node}, on which ${starting.get(node)} VMs are starting`);
    add(nodes, () => true);
  }
}
