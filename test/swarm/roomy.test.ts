import { expect, test } from 'vitest';
import { roomyScenario } from './roomy.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 7);

let overcommitted = 0;
let ahead = 0;
let joined = 0;

for (const faulty of [false, true])
  test(`${COUNT} seeds with overcommit, prefetch and few starts, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ turns }) => {
        const sentAhead = new Set<number>();
        for (const { inputs, decisions } of turns) {
          for (const input of inputs)
            if (input.type === 'NodesAdded' && input.nodes.leasable !== undefined) overcommitted++;
          for (const decision of decisions) {
            if (decision.type === 'TransferPlanned' && decision.vms.length === 0) sentAhead.add(decision.transfer);
            if (decision.type === 'TransferJoined' && sentAhead.has(decision.transfer)) joined++;
          }
        }
        ahead += sentAhead.size;
      },
      roomyScenario,
    );
  }, 600_000);

test.runIf(COUNT >= 100)('nodes were overcommitted, and images sent ahead and waited for', () => {
  expect(overcommitted).toBeGreaterThan(COUNT);
  expect(ahead).toBeGreaterThan(COUNT);
  expect(joined).toBeGreaterThan(0);
});
