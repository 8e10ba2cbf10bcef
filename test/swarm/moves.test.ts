import { expect, test } from 'vitest';
import { Answers } from './answers.js';
import { moveScenario } from './moves.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 7);

const seen = new Answers({ asked: 'LeaseMigrationRequested', ordered: 'LiveMigrateOrdered', done: 'VmsLiveMigrated' });

for (const faulty of [false, true])
  test(`${COUNT} seeds with leases that move while they run, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(COUNT, faulty, seen.count, moveScenario);
  }, 600_000);

test('VMs were carried to other nodes, could not be, and stayed where they were', () => {
  expect(seen.ordered).toBeGreaterThan(COUNT);
  expect(seen.done).toBeGreaterThan(COUNT / 2);
  expect(seen.failed).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(COUNT / 8);
  expect(seen.asked).toBeGreaterThan(COUNT);
});
