/** The figures of a simulation: as published for the real traces, and in small by hand. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Metrics } from '../../simulations/metrics.js';
import type { FinishedLease } from '../../simulations/report/finished-lease.js';
import { data, swfRows } from './files.js';
import { finished, neverRan } from './leases.js';

function figures(leases: readonly FinishedLease[], cpuCapacity = 4000) {
  const metrics = new Metrics(cpuCapacity);
  for (const lease of leases) metrics.add(lease);
  return metrics.figures();
}

describe('the real traces with the start times of the reference', () => {
  test.each([
    ['kth', 'easy', 100, '6419.0279', '86.397739', 28_763_776, '0.685924'],
    ['nasa', 'easy', 128, '4.0666', '1.011872', 7_949_022, '0.466093'],
    ['blue20k', 'easy', 1152, '4184.4385', '24.747084', 7_184_025, '0.747172'],
    ['hpc2n20k', 'easy', 240, '4716.3876', '45.215740', 19_249_478, '0.581042'],
    ['blue', 'consc', 1152, '7613.1110', '35.482010', 84_289_577, '0.766138'],
  ])('%s %s', async (trace, algorithm, procs, wait, slowdown, makespan, utilisation) => {
    const text = gunzipSync(readFileSync(data(`oracle/${trace}.${algorithm}.csv.gz`))).toString();
    const starts = new Map(
      text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',').map(Number) as [number, number]),
    );
    const { rows } = await swfRows(data(`traces/${trace}.swf.gz`));
    const leases = rows.map(([, id, submit, run, width]) => {
      const start = starts.get(id!)!;
      return finished(String(id), [submit!, start, start + run!], { vms: width! });
    });
    const result = figures(leases, procs * 1000);
    expect(result.waitMean?.toFixed(4)).toBe(wait);
    expect(result.boundedSlowdownMean?.toFixed(6)).toBe(slowdown);
    expect(result.makespan).toBe(makespan);
    expect(result.utilisation.toFixed(6)).toBe(utilisation);
    expect([result.leases, result.completed]).toEqual([rows.length, rows.length]);
  });
});

describe('in small', () => {
  test('waits, slowdowns, makespan and utilisation', () => {
    const leases = [finished('a', [100, 100, 160], { vms: 4 }), finished('b', [110, 160, 165], { vms: 2 })];
    expect(figures(leases)).toEqual({
      leases: 2,
      completed: 2,
      rejected: 0,
      expired: 0,
      cancelled: 0,
      failed: 0,
      waitMean: 25,
      boundedSlowdownMean: (1 + 5.5) / 2, // a 5 s run counts as 10 s: (50 + 5) / 10
      makespan: 65,
      utilisation: 0.961538, // (60 × 4 + 5 × 2) / (65 × 4)
      preemptions: 0,
      suspensions: 0,
      migrations: 0,
    });
  });

  test('what never ran has no wait; what ran in part has used its cpu', () => {
    const cut = finished('c', [0, 5, 35], { state: 'failed', vms: 2 });
    const leases = [
      finished('a', [0, 10, 100]),
      neverRan('b', 0, 'rejected'),
      neverRan('d', 5, 'expired'),
      cut,
      neverRan('e', 0, 'cancelled'),
    ];
    expect(figures(leases)).toMatchObject({
      leases: 5,
      completed: 1,
      rejected: 1,
      expired: 1,
      failed: 1,
      cancelled: 1,
      waitMean: 10,
      utilisation: 0.375,
    });
  });

  test('a preempted lease waits until its first start and has run as long as all its runs', () => {
    const step = { start: 500_000, end: 532_000, vms: [1, 1], nodes: [1, 1] };
    const lease = finished('a', [0, 100, 1500], {
      preemptions: 1,
      vms: 2,
      runs: [
        { start: 100_000, end: 500_000, nodes: [1, 2] },
        { start: 1_000_000, end: 1_500_000, nodes: [1, 2] },
      ],
      suspensions: [step, { ...step, start: 532_000, end: 564_000, vms: [2, 2], nodes: [2, 2] }],
      resumptions: [step],
      migrations: [{ start: 564_000, end: 600_000, moves: [] }],
    });
    expect(figures([lease])).toMatchObject({
      waitMean: 100,
      boundedSlowdownMean: 1.111111, // (100 + 900) / 900
      utilisation: 0.3, // 900 × 2 / (1500 × 4)
      preemptions: 1,
      suspensions: 1,
      migrations: 1,
    });
  });

  test('nothing at all', () => {
    expect(figures([])).toMatchObject({
      leases: 0,
      waitMean: null,
      boundedSlowdownMean: null,
      makespan: 0,
      utilisation: 0,
    });
    expect(figures([neverRan('a', 7, 'rejected')])).toMatchObject({ leases: 1, makespan: 0, utilisation: 0 });
  });
});

test('the order of the leases does not matter, however large the numbers', () => {
  const lease = fc.record({
    submit: fc.nat(),
    wait: fc.nat(),
    run: fc.nat({ max: 30_000_000_000 }),
    vms: fc.integer({ min: 1, max: 1e6 }),
  });
  fc.assert(
    fc.property(fc.array(lease, { minLength: 1 }), (all) => {
      const leases = all.map(({ submit, wait, run, vms }, i) =>
        finished(`${i}`, [submit, submit + wait, submit + wait + run], { vms }),
      );
      const forth = figures(leases, 1e9);
      expect(figures([...leases].reverse(), 1e9)).toEqual(forth);
      const work = all.reduce((sum, { run, vms }) => sum + BigInt(run) * BigInt(vms), 0n);
      if (forth.makespan > 0) expect(forth.utilisation).toBeCloseTo(Number(work) / 1e6 / forth.makespan, 6);
    }),
  );
});
