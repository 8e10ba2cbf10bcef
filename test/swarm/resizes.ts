/** Leases whose VMs become larger and smaller, waiting and running, strewn over a scenario together with other wishes. */

import { type Command, Random, type Terms } from '../../engine/index.js';
import { moveScenario } from './moves.js';
import { MINUTE, strewn } from './strewn.js';
import { type Scenario, scenario } from './workload.js';

/** The scenario of this seed, at times with moves and drains, with resizes from a random source of its own. */
export function resizeScenario(seed: number): Scenario {
  const random = new Random(seed ^ 0x512e);
  const plain = random.chance(1, 4) ? moveScenario(seed) : scenario(seed);
  const asked = new Map<string, Terms>();
  for (const { command } of plain.arrivals) if (command.type === 'SubmitLease') asked.set(command.lease, command.terms);
  const tried: string[] = [];
  const { arrivals, end } = strewn(plain, random, (submitted) => randomResize(random, submitted, asked, tried));

  return { ...plain, arrivals, end: Math.max(end, plain.end) };
}

function randomResize(
  random: Random,
  submitted: readonly string[],
  asked: ReadonlyMap<string, Terms>,
  tried: string[],
): Command {
  const lease = random.pick(random.chance(1, 4) ? submitted : submitted.slice(-8));
  switch (random.below(14)) {
    case 12:
    case 13:
      return { type: 'SettleResize', lease: tried.at(-1) ?? lease, how: random.pick(['confirm', 'revert']) };
    case 0:
      return { type: 'SuspendLease', lease };
    case 1:
      return { type: 'ResumeLease', lease };
    case 2:
      return random.chance(1, 2)
        ? { type: 'CancelLease', lease }
        : { type: 'RecoverLease', lease, how: random.pick(['retry', 'recreate']) };
    case 3:
      return { type: 'ExtendLease', lease, to: { by: (1 + random.below(30)) * MINUTE } };
    default: {
      const demands = asked.get(lease)!.groups.map(({ demand }) =>
        // Half of what it had to twice as much; what is counted in units stays, mostly.
        demand.map((had, r) => (r > 1 && random.chance(7, 8) ? had : Math.ceil((had * (1 + random.below(4))) / 2))),
      );
      const revertAfter = random.chance(1, 3) ? { revertAfter: (1 + random.below(90)) * MINUTE } : {};
      if ('revertAfter' in revertAfter) tried.push(lease);
      return { type: 'ResizeLease', lease, demands, cold: random.chance(3, 4), ...revertAfter, approver: 'somebody' };
    }
  }
}
