import { expect, test } from 'vitest';
import { Answers } from './answers.js';
import { resizeScenario } from './resizes.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 20);

const seen = new Answers({ asked: 'LeaseResizeRequested', ordered: 'ResizeOrdered', done: 'VmsResized' });

for (const faulty of [false, true])
  test(`${COUNT} seeds with leases that are resized, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(COUNT, faulty, seen.count, resizeScenario);
  }, 600_000);

test('VMs were resized, could not be, and stayed as they were', () => {
  expect(seen.ordered).toBeGreaterThan(COUNT);
  expect(seen.done).toBeGreaterThan(COUNT / 2);
  expect(seen.failed).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(COUNT / 8);
  expect(seen.asked).toBeGreaterThan(COUNT);
});
