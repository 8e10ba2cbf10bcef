import { expect, test } from 'vitest';
import { placingScenario } from './placing.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 7);

let suspended = 0;
let named = 0;

for (const faulty of [false, true])
  test(`${COUNT} seeds with named nodes and immediate victims, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ over }) => {
        for (const { terms, firstStart, spans } of over.values()) {
          if (terms.where?.nodes !== undefined && firstStart !== null) named++;
          if (terms.start.kind === 'immediate' && spans.some(({ kind }) => kind === 'resumption')) suspended++;
        }
      },
      placingScenario,
    );
  }, 600_000);

test.runIf(COUNT >= 100)('leases ran on nodes that they named, and immediate ones were suspended and came back', () => {
  expect(named).toBeGreaterThan(COUNT);
  expect(suspended).toBeGreaterThan(COUNT / 20);
});
