import { expect, test } from 'vitest';
import { resizeScenario } from './resizes.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 20);

const seen = { asked: 0, ordered: 0, done: 0, failed: 0, refused: 0 };

for (const faulty of [false, true])
  test(`${COUNT} seeds with leases that are resized, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ turns }) => {
        const orders = new Set<string>();
        for (const { inputs, decisions } of turns) {
          for (const input of inputs) {
            if (input.type === 'LeaseResizeRequested') seen.asked++;
            else if (input.type === 'VmsResized') seen.done++;
            else if (input.type === 'OrderFailed' && orders.has(input.order)) seen.failed++;
          }
          for (const decision of decisions)
            if (decision.type === 'ResizeOrdered') {
              seen.ordered++;
              orders.add(decision.order);
            } else if (decision.type === 'ChangeRefused') seen.refused++;
        }
      },
      resizeScenario,
    );
  }, 600_000);

test('VMs were resized, could not be, and stayed as they were', () => {
  expect(seen.ordered).toBeGreaterThan(COUNT);
  expect(seen.done).toBeGreaterThan(COUNT / 2);
  expect(seen.failed).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(COUNT / 8);
  expect(seen.asked).toBeGreaterThan(COUNT);
});
