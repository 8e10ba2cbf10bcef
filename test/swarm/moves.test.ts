import { expect, test } from 'vitest';
import { moveScenario } from './moves.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 7);

const seen = { asked: 0, ordered: 0, arrived: 0, failed: 0, refused: 0 };

for (const faulty of [false, true])
  test(`${COUNT} seeds with leases that move while they run, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ turns }) => {
        const orders = new Set<string>();
        for (const { inputs, decisions } of turns) {
          for (const input of inputs) {
            if (input.type === 'LeaseMigrationRequested') seen.asked++;
            else if (input.type === 'VmsLiveMigrated') seen.arrived++;
            else if (input.type === 'OrderFailed' && orders.has(input.order)) seen.failed++;
          }
          for (const decision of decisions)
            if (decision.type === 'LiveMigrateOrdered') {
              seen.ordered++;
              orders.add(decision.order);
            } else if (decision.type === 'ChangeRefused') seen.refused++;
        }
      },
      moveScenario,
    );
  }, 600_000);

test('VMs were carried to other nodes, could not be, and stayed where they were', () => {
  expect(seen.ordered).toBeGreaterThan(COUNT);
  expect(seen.arrived).toBeGreaterThan(COUNT / 2);
  expect(seen.failed).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(COUNT / 8);
  expect(seen.asked).toBeGreaterThan(COUNT);
});
