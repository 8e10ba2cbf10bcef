import { expect, test } from 'vitest';
import { approvalScenario } from './approvals.js';
import { everySeed, SEEDS } from './seeds.js';
import { verbScenario } from './verbs.js';

const COUNT = Math.ceil(SEEDS / 40);

const met: Record<string, number> = {};

for (const faulty of [false, true])
  for (const [what, plan] of [
    ['wait for approvals', approvalScenario],
    ['wait for approvals and are suspended', (seed: number) => approvalScenario(seed, verbScenario(seed))],
  ] as const)
    test(`${COUNT} seeds with leases that ${what}, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
      await everySeed(
        COUNT,
        faulty,
        ({ turns }) => {
          for (const { inputs, decisions } of turns) {
            for (const { type } of [...inputs, ...decisions]) met[type] = (met[type] ?? 0) + 1;
            for (const decision of decisions)
              if (decision.type === 'Refused' && decision.reasons[0]?.code === 'not-approved')
                met[decision.reasons[0].code] = (met[decision.reasons[0].code] ?? 0) + 1;
          }
        },
        plan,
      );
    }, 600_000);

test('leases waited, were approved, rejected and too late; and were warned of their end', () => {
  for (const what of ['ApprovalAwaited', 'LeaseApproved', 'ApprovalRefused', 'LeaseEnding', 'not-approved'])
    expect(met[what], what).toBeGreaterThan(COUNT);
});
