import { expect, test } from 'vitest';
import { adoptionScenario } from './adoptions.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 7);

let adopted = 0;

for (const faulty of [false, true])
  test(`${COUNT} seeds in which other policies are adopted, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ turns }) => {
        for (const { number, inputs } of turns)
          if (number > 1) adopted += inputs.filter(({ type }) => type === 'PolicyAdopted').length;
      },
      adoptionScenario,
    );
  }, 600_000);

test('policies were adopted while leases were there', () => {
  expect(adopted).toBeGreaterThan(COUNT);
});
