import { expect, test } from 'vitest';
import { everySeed, SEEDS } from './seeds.js';
import { verbScenario } from './verbs.js';

const COUNT = Math.ceil(SEEDS / 7);

let asked = 0;
let planned = 0;
let back = 0;

for (const faulty of [false, true])
  test(`${COUNT} seeds with leases suspended by request, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ turns }) => {
        const suspended = new Set<string>();
        for (const { inputs, decisions } of turns) {
          asked += inputs.filter(({ type }) => type === 'LeaseSuspensionRequested').length;
          for (const decision of decisions) {
            if (decision.type === 'SuspensionPlanned' && decision.reasons[0]?.code === 'suspension-requested') {
              planned++;
              suspended.add(decision.lease);
            } else if (decision.type === 'ResumptionPlanned' && suspended.has(decision.lease)) back++;
          }
        }
      },
      verbScenario,
    );
  }, 600_000);

test('leases were suspended as their owners asked, and came back', () => {
  expect(planned).toBeGreaterThan(COUNT);
  expect(back).toBeGreaterThan(COUNT / 2);
  expect(asked).toBeGreaterThanOrEqual(planned);
});
