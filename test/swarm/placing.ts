/** Leases that name their nodes, and immediate leases that make room, strewn over a scenario; and what must hold of them. */

import { expand, Random, type State, type Terms, type Turn, VICTIMS_DEFAULT } from '../../engine/index.js';
import { Broken } from './judge.js';
import { type Scenario, scenario } from './workload.js';

/** The scenario of this seed with more to go wrong, from a random source of its own. */
export function placingScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x9a7e);
  const plain = scenario(seed);
  const nodes = plain.classes.reduce((sum, one) => sum + one.count, 0);
  return {
    ...plain,
    policy: {
      ...plain.policy,
      preemptors: ['advance', 'immediate', 'deadline'],
      victims: random.pick([['best-effort', 'immediate'], ['immediate'], ['best-effort']]),
      victimAgeMax: null,
      suspension: random.pick(['all', 'all', plain.policy.suspension]),
      suspendThreshold: null,
      suspendThresholdFactor: 0,
      suspendRate: 100,
    },
    arrivals: plain.arrivals.map((arrival) => {
      const { command } = arrival;
      if (command.type !== 'SubmitLease') return arrival;
      const drawn = random.chance(1, 2) ? atOnce(command.terms) : command.terms;
      const terms = random.chance(1, 4) ? withNodes(random, drawn, nodes) : drawn;
      return { ...arrival, command: { ...command, terms } };
    }),
  };
}

/** Not queued, but immediate. */
function atOnce({ held: _, after: __, ...terms }: Terms): Terms {
  return terms.start.kind === 'best-effort' ? { ...terms, start: { kind: 'immediate' }, preemptible: true } : terms;
}

/** One to all of the nodes, in any order. */
function withNodes(random: Random, terms: Terms, count: number): Terms {
  const left = Array.from({ length: count }, (_, i) => i + 1);
  const nodes: number[] = [];
  for (let k = 1 + random.below(count); k > 0; k--) nodes.push(...left.splice(random.below(left.length), 1));
  return { ...terms, where: { labels: {}, requirements: null, rank: null, ...terms.where, nodes } };
}

function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Broken(rule);
}

/** Judges the state that a turn left behind. */
export function judgePlacing(state: State, turn: Turn): void {
  const { victims = VICTIMS_DEFAULT } = state.policy;
  for (const lease of state.leases.values()) {
    const named = lease.terms.where?.nodes;
    if (named === undefined || lease.nodes === null) continue;
    must(
      expand(lease.nodes).every((node) => named.includes(node)),
      `lease ${lease.id} is on nodes that it names`,
    );
  }
  for (const decision of turn.decisions) {
    const preempted =
      decision.type === 'SuspensionPlanned' || (decision.type === 'StopOrdered' && decision.cause === 'preempted');
    // Where nobody is named it makes room for those who were there before it began.
    if (!preempted || !decision.reasons.some(({ code, blockers }) => code === 'preempted' && blockers.length > 0))
      continue;
    const kind = state.leases.get(decision.lease)?.terms.start.kind;
    if (kind === undefined) continue;
    must(kind !== 'advance' && victims.includes(kind), `lease ${decision.lease} is of a kind that may be preempted`);
    must(
      kind !== 'deadline' || (decision.type === 'SuspensionPlanned' && decision.resumption !== undefined),
      `lease ${decision.lease}, which has a deadline, comes back`,
    );
    must(
      kind !== 'immediate' || decision.type === 'SuspensionPlanned' || decision.then === 'over',
      `lease ${decision.lease}, which is immediate, is not queued again`,
    );
  }
}
