import { expect, test } from 'vitest';
import { maintenanceScenario } from './maintenance.js';
import { moveScenario } from './moves.js';
import { everySeed, SEEDS } from './seeds.js';
import type { SwarmResult } from './swarm.js';
import { scenario } from './workload.js';

const COUNT = Math.ceil(SEEDS / 25);
const HOUR = 3_600_000;

const seen = { missed: 0, anew: 0, givenUp: 0 };

for (const faulty of [false, true])
  for (const [what, plan] of [
    ['of all kinds', scenario],
    ['that move', moveScenario],
    ['beside maintenance', maintenanceScenario],
  ] as const)
    test(`${COUNT} seeds with leases ${what}, ${faulty ? 'with' : 'without'} faults, planned hours too late at times: everything holds`, async () => {
      await everySeed(COUNT, faulty, count, plan, 5 * HOUR);
    }, 600_000);

test('turns were missed, reservations made anew, and leases given up that had theirs meanwhile', () => {
  expect(seen.missed).toBeGreaterThan(COUNT);
  expect(seen.anew).toBeGreaterThan(COUNT / 2);
  expect(seen.givenUp).toBeGreaterThan(0);
});

function count({ turns }: SwarmResult): void {
  for (const { inputs, decisions } of turns) {
    if (inputs.some(({ type }) => type === 'TurnsMissed')) seen.missed++;
    for (const decision of decisions) {
      if (decision.type === 'ReservationsMoved' && decision.cause === 'turns-missed') seen.anew++;
      if (decision.type === 'Failed' && decision.reasons.some(({ code }) => code === 'turns-missed')) seen.givenUp++;
    }
  }
}
