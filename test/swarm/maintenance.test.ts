import { expect, test } from 'vitest';
import { maintenanceScenario } from './maintenance.js';
import { everySeed, SEEDS } from './seeds.js';

const COUNT = Math.ceil(SEEDS / 10);

let planned = 0;
let cancelled = 0;
let saved = 0;
let stopped = 0;
let moved = 0;
let drained = 0;

for (const faulty of [false, true])
  test(`${COUNT} seeds in which nodes are worked on, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    await everySeed(
      COUNT,
      faulty,
      ({ turns }) => {
        for (const { inputs, decisions } of turns) {
          planned += inputs.filter(({ type }) => type === 'MaintenancePlanned').length;
          drained += inputs.filter((input) => input.type === 'MaintenancePlanned' && input.drain === true).length;
          cancelled += inputs.filter(({ type }) => type === 'MaintenanceCancelled').length;
          for (const decision of decisions) {
            if (decision.type === 'ReservationsMoved' && decision.cause === 'capacity-lost') moved++;
            if (!('reasons' in decision) || decision.reasons[0]?.code !== 'maintenance') continue;
            if (decision.type === 'SuspensionPlanned') saved++;
            else stopped++;
          }
        }
      },
      maintenanceScenario,
    );
  }, 600_000);

test('windows were planned and called off; leases were saved, stopped and moved for them', () => {
  expect(planned).toBeGreaterThan(COUNT);
  expect(cancelled).toBeGreaterThan(0);
  expect(saved).toBeGreaterThan(COUNT / 10);
  expect(stopped).toBeGreaterThan(COUNT / 10);
  expect(moved).toBeGreaterThan(0);
  expect(drained).toBeGreaterThan(COUNT / 10);
});
