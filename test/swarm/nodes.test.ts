import { expect, test } from 'vitest';
import { nodeScenario } from './nodes.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 10);

let labelled = 0;
let joined = 0;

for (const faulty of [false, true])
  test(`${COUNT} seeds in which nodes join and get other labels, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ turns }) => {
        for (const { number, inputs } of turns)
          for (const { type } of inputs) {
            if (type === 'NodeLabelled') labelled++;
            if (type === 'NodesAdded' && number > 1) joined++;
          }
      },
      nodeScenario,
    );
  }, 600_000);

test('nodes were labelled, and joined', () => {
  expect(labelled).toBeGreaterThan(COUNT);
  expect(joined).toBeGreaterThan(COUNT / 4);
});
