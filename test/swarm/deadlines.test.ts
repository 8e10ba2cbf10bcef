import { expect, test } from 'vitest';
import { deadlineScenario, judgeDeadlines } from './deadlines.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 7);

let suspended = 0;
let resumed = 0;
let moved = 0;
let lifted = 0;

for (const faulty of [false, true])
  test(`${COUNT} seeds with deadline leases as victims, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      (result) => {
        const { turns, over } = result;
        judgeDeadlines(result, faulty);
        const leaving = new Set<string>();
        for (const { decisions } of turns)
          for (const decision of decisions) {
            if (decision.type === 'SuspensionPlanned' && decision.resumption !== undefined) leaving.add(decision.lease);
            else if (decision.type === 'ReservationsMoved')
              moved += decision.leases.filter((id) => leaving.has(id)).length;
            else if (decision.type === 'PreemptionLifted' && leaving.has(decision.lease)) lifted++;
          }
        suspended += leaving.size;
        for (const { terms, spans, outcome } of over.values())
          if (terms.start.kind === 'deadline' && outcome === 'done' && spans.some(({ kind }) => kind === 'resumption'))
            resumed++;
      },
      deadlineScenario,
    );
  }, 600_000);

test.runIf(COUNT >= 100)('deadline leases were suspended, moved, let stay, and came back', () => {
  expect(suspended).toBeGreaterThan(COUNT);
  expect(resumed).toBeGreaterThan(COUNT / 2);
  expect(moved).toBeGreaterThan(COUNT / 10);
  expect(lifted).toBeGreaterThan(0);
});
