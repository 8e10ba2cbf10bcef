/** Deadline leases with time to spare that make room for each other, on crowded sites; and what must hold of them. */

import { type Command, Random, type Terms } from '../../engine/index.js';
import { Broken } from './judge.js';
import type { SwarmResult } from './swarm.js';
import { type Scenario, scenario } from './workload.js';

const MINUTE = 60_000;

const TAKES_AWAY: ReadonlySet<Command['type']> = new Set(['DrainNode', 'RemoveNode']);

/** The scenario of this seed with deadlines for most leases, from a random source of its own. */
export function deadlineScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0xdead);
  const plain = scenario(seed);
  return {
    ...plain,
    policy: {
      ...plain.policy,
      preemptors: random.pick([['deadline'], ['advance', 'immediate', 'deadline']]),
      victims: random.pick([['deadline'], ['best-effort', 'immediate', 'deadline']]),
      victimAgeMax: null,
      deadlineExactSlack: random.pick([2000, 1_000_000]),
      suspension: random.pick(['all', 'all', 'all', 'serial-only']),
      suspendExclusionAcross: false,
      suspendThreshold: null,
      suspendThresholdFactor: 0,
      suspendRate: random.pick([20, 100]),
      migration: random.pick(['no', 'no', 'no-transfer', 'yes']),
    },
    arrivals: plain.arrivals
      .filter(({ command }) => seed % 2 === 0 || !TAKES_AWAY.has(command.type))
      .map((arrival) => {
        const { command, at } = arrival;
        if (command.type !== 'SubmitLease' || random.chance(1, 3)) return arrival;
        return { ...arrival, command: { ...command, terms: withDeadline(random, command.terms, at) } };
      }),
  };
}

/** Half of them in a hurry, half with time to spare. */
function withDeadline(random: Random, { held: _, after: __, ...terms }: Terms, now: number): Terms {
  const { duration } = terms;
  const hurry = random.chance(1, 2);
  const notBefore = now + random.below(hurry ? 30 : 10) * MINUTE;
  const spare = hurry ? random.below(duration) : duration + random.below(6 * duration + 120 * MINUTE);
  return { ...terms, start: { kind: 'deadline', notBefore, by: notBefore + duration + spare } };
}

/** Whoever has begun is not refused. Without faults, whoever was accepted is over by his deadline, and never given up unless nodes were away. */
export function judgeDeadlines({ turns, over, scenario: { policy } }: SwarmResult, faulty: boolean): void {
  const away = turns.some(({ inputs }) => inputs.some(({ type }) => type === 'NodeDrained' || type === 'NodeRemoved'));
  // What is sent to nodes that go away is on the channel for longer than was planned.
  const sendsLate = away && policy.preparation === 'transfer';
  for (const { id, terms, firstStart, ended, outcome } of over.values()) {
    if (terms.start.kind !== 'deadline') continue;
    if (outcome === 'rejected' && firstStart !== null) throw new Broken(`lease ${id}, which has begun, is not refused`);
    if (faulty) continue;
    if (outcome === 'failed' && !away) throw new Broken(`lease ${id}, which was accepted, is not given up`);
    if (outcome === 'done' && ended! > terms.start.by && !sendsLate)
      throw new Broken(`lease ${id} is over by its deadline (${terms.start.by}), not at ${ended}`);
  }
}
