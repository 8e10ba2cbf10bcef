/** What simulations count: by hand, as Haizea counted, and that it adds up whatever happens. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../simulations/simulate.js';
import { type Accounted, account, accounted, type Asked } from './accounting-run.js';
import { data, directory, file, refusal } from './files.js';

/** On two nodes: one lease runs at once, one waits for it, one is promised, and two find no room. */
const SMALL: readonly Asked[] = [
  { id: 'a', at: 0, vms: 2, duration: 100 },
  { id: 'b', at: 10, vms: 1, duration: 50, runs: 40, extras: { team: 'x', rate: '2' } },
  { id: 'c', at: 20, vms: 2, duration: 100, start: 200 },
  { id: 'd', at: 30, vms: 1, duration: 100, start: 250, extras: { team: 'z' } },
  { id: 'e', at: 40, vms: 1, duration: 10, start: 'now' },
];

describe('a small workload', () => {
  test('leases are counted by kind and by end, an accepted one once', async () => {
    const { counters, figures, end } = await account(2, SMALL);
    const values = Object.fromEntries(Object.entries(counters).map(([name, { value }]) => [name, value]));
    expect(values).toMatchObject({
      'Requested leases': 5,
      'Completed leases': 3,
      'Rejected leases': 2,
      'Rejected leases (by user)': 0,
      'Expired leases': 0,
      'Accepted AR': 1,
      'Rejected AR': 1,
      'Accepted Immediate': 0,
      'Rejected Immediate': 1,
      'Best-effort completed': 2,
    });
    expect(figures).toMatchObject({ 'Total requested leases': 5, 'Total accepted AR': 1, 'all-best-effort': 140 });
    expect(end).toBe(300);
  });

  test('counters have a row for each instant that changes them, averages are over time', async () => {
    const { series, counters } = await account(2, SMALL);
    expect(series('CPU utilization')).toEqual([
      [0, 1, 1],
      [100, 0.5, 1],
      [140, 0, 0.857143],
      [200, 1, 0.6],
      [300, 0, 0.733333],
    ]);
    expect(series('Queue length')).toEqual([
      [0, 0, 0],
      [10, 1, 0],
      [100, 0, 0.9],
      [300, 0, 0.3],
    ]);
    expect(series('Completed leases')).toEqual([
      [0, 0, Number.NaN],
      [100, 1, Number.NaN],
      [140, 2, Number.NaN],
      [300, 3, Number.NaN],
    ]);
    expect(counters['CPU utilization']).toEqual({ unit: 'part of 1', value: 0, average: 0.733333 });
  });

  test('waiting is told of best-effort leases, and averaged', async () => {
    const { leases, figures } = await account(2, SMALL);
    expect(leases.b).toMatchObject({
      wait: '90',
      bounded_slowdown: '3.25',
      haizea_wait: '90',
      haizea_slowdown: '3.25',
    });
    expect(leases.c).toMatchObject({ wait: '', bounded_slowdown: '' });
    expect(figures).toMatchObject({ 'Waiting time, mean': 45, 'Bounded slowdown, mean': 2.125 });
  });

  test('each lease has its facts, and its extras have columns', async () => {
    const workload = SMALL.map((lease) =>
      lease.id === 'b' ? { ...lease, extras: { team: 'x\ty', rate: '2' } } : lease,
    );
    const { names, leases } = await account(2, workload);
    expect(names.filter((name) => name.startsWith('extra_'))).toEqual(['extra_team', 'extra_rate']);
    expect(leases.b).toMatchObject({
      kind: 'best-effort',
      state: 'done',
      submit: '10',
      vms: '1',
      start: '100',
      end: '140',
    });
    expect(leases.b).toMatchObject({ requested_duration: '50', actual_duration: '40', lost: '0', start_delta: '' });
    expect(leases.b).toMatchObject({ extra_team: 'x y', extra_rate: '2' });
    expect(leases.c).toMatchObject({ kind: 'advance', start_delta: '180', extra_team: '' });
    expect(leases.d).toMatchObject({ state: 'rejected', start: '', actual_duration: '', start_delta: '220' });
  });

  test('only the probes that are named have counters and columns', async () => {
    const { probes, counters, names, attributes } = await account(2, SMALL, '', 'immediate, lease');
    expect(probes).toEqual(['lease', 'immediate']);
    expect(Object.keys(counters)).not.toContain('Accepted AR');
    expect(Object.keys(counters)).toContain('Accepted Immediate');
    expect(names).toEqual(['lease', 'kind', 'state', 'submit']);
    expect(attributes).toEqual({ case: 'small' });
  });
});

describe('leases that make room', () => {
  const SUSPENDED: readonly Asked[] = [
    { id: 'be', at: 0, vms: 1, duration: 3600, preemptible: true, disk: 2000 },
    { id: 'ar', at: 900, vms: 2, duration: 1800, start: 1800, disk: 3000 },
  ];

  test('use no cpu while they are saved and brought back', async () => {
    const { series, counters } = await account(2, SUSPENDED);
    expect(series('CPU utilization').map(([time, value]) => [time, value])).toEqual([
      [0, 0.5],
      [1768, 0],
      [1800, 1],
      [3600, 0],
      [3632, 0.5],
      [5464, 0],
    ]);
    expect(counters['CPU utilization']!.average).toBeCloseTo((1768 * 0.5 + 1800 + 1832 * 0.5) / 5464, 6);
  });

  test('keep their disk, and their memory on it', async () => {
    const { series } = await account(2, SUSPENDED);
    expect(series('Disk usage').map(([time, value]) => [time, value])).toEqual([
      [0, 2000],
      [1768, 3024],
      [1800, 6024],
      [3600, 3024],
      [3632, 2000],
      [5464, 0],
    ]);
  });

  test('wait again, as Haizea has it, only when they must start afresh', async () => {
    const saved = (await account(2, SUSPENDED)).leases.be;
    expect(saved).toMatchObject({ wait: '0', haizea_wait: '0', actual_duration: '3600', lost: '0', preemptions: '1' });
    const stopped = (await account(2, SUSPENDED, 'suspension: none')).leases.be;
    expect(stopped).toMatchObject({ wait: '0', haizea_wait: '3600', actual_duration: '3600', lost: '1800' });
    expect(stopped).toMatchObject({ haizea_slowdown: '2', bounded_slowdown: '1' });
  });
});

/**
 * What Haizea 1.1 counted: best-effort leases completed, all that were completed and rejected, cpu utilisation and queue
 * size on average up to the last change, and of some leases the waiting time and the slowdown.
 */
const HAIZEA: Readonly<Record<string, HaizeaCounted>> = {
  '01_ar_simple': [0, 3, 2, 0.75, 0, {}],
  '02_ar_preempts_be_suspend_resume': [1, 2, 0, 0.494143, 0, { 1: [0, 1.517778] }],
  '15_immediate': [1, 3, 2, 0.75, 0, { 4: [2100, 2.75] }],
  '18_backfill_off': [9, 9, 0, 0.775701, 4.602871, { 2: [3540, 2.966667], 5: [5160, 2.433333] }],
  '21_backfill_intermediate2': [9, 9, 0, 0.873684, 3.288889, { 3: [5280, 1.977778], 4: [0, 1] }],
  '24_ar_early_end_resume': [2, 3, 0, 0.788782, 0.428571, { 1: [0, 1.267778], 3: [0, 1.535556] }],
  '29_overheads_shutdown_enact': [1, 2, 0, 0.656216, 0, { 1: [0, 1.527778] }],
  '31_oldest_preempted_first': [4, 5, 0, 0.887769, 0.5, { 1: [0, 1.258889], 3: [0, 1] }],
  '42_mixed_nosusp': [155, 190, 10, 0.718275, 2.244203, {}],
  '44_bf40_off': [40, 40, 0, 0.730753, 13.121864, { 4: [4331, 2.899561], 5: [4189, 1.727257] }],
};
type HaizeaCounted = readonly [number, number, number, number, number, Readonly<Record<string, readonly number[]>>];

describe('workloads that Haizea has counted', () => {
  test.each(Object.entries(HAIZEA))('%s: the same counters from the same configuration', async (name, counted) => {
    const [bestEffort, completed, rejected, utilisation, queue, waits] = counted;
    const out = join(directory(), 'out');
    const trace = data(`haizea/${name}/workload.xml`);
    await simulate({ trace, haizeaConfig: data(`haizea/${name}/config`), out, log: false });
    const ours = accounted(out);
    expect(ours.figures).toMatchObject({
      'Total best-effort completed': bestEffort,
      'Total completed leases': completed,
      'Total rejected leases': rejected,
    });
    expect(atLastChange(ours, 'CPU utilization')).toBeCloseTo(utilisation, 5);
    expect(atLastChange(ours, 'Queue size')).toBeCloseTo(queue, 5);
    for (const [lease, [wait, slowdown]] of Object.entries(waits)) {
      expect(Number(ours.leases[lease]!.haizea_wait)).toBe(wait);
      expect(Number(ours.leases[lease]!.haizea_slowdown)).toBeCloseTo(slowdown!, 5);
    }
  });

  test('a lease that was admitted and then rejected is not accepted', async () => {
    const out = join(directory(), 'out');
    const trace = data('haizea/01_ar_simple/workload.xml');
    await simulate({ trace, haizeaConfig: data('haizea/01_ar_simple/config'), out, log: false });
    // Haizea 1.1 counted five of these five as accepted, and two as rejected.
    expect(accounted(out).figures).toMatchObject({ 'Total accepted AR': 3, 'Total rejected AR': 2 });
  });
});

/** The average when the value changed for the last time: Haizea goes no further. */
function atLastChange({ series }: Accounted, counter: string): number {
  const changes = series(counter).filter(([, value], i, rows) => i === 0 || value !== rows[i - 1]![1]);
  return changes.at(-1)![2]!;
}

describe('whatever is asked for', () => {
  const leases = (preemptible: fc.Arbitrary<boolean>): fc.Arbitrary<Asked[]> =>
    fc
      .array(
        fc.record({
          at: fc.integer({ min: 0, max: 300 }),
          vms: fc.integer({ min: 1, max: 4 }),
          duration: fc.integer({ min: 1, max: 300 }),
          runs: fc.integer({ min: 1, max: 300 }),
          start: fc.oneof(fc.constant(undefined), fc.constant('now' as const), fc.integer({ min: 0, max: 600 })),
          preemptible,
        }),
        { minLength: 1, maxLength: 14 },
      )
      .map((list) =>
        list
          .sort((a, b) => a.at - b.at) // stable
          .map(({ start, ...lease }, i) => ({ id: `l${i}`, ...lease, ...(start === undefined ? {} : { start }) })),
      );
  const backfilling = fc.constantFrom('none', 'easy', 'conservative');

  test('every lease that was requested has ended in one way, and every answer was given once', async () => {
    await fc.assert(
      fc.asyncProperty(leases(fc.boolean()), backfilling, async (asked, kind) => {
        const { counters, reported, series } = await account(3, asked, `backfilling: ${kind}`);
        const value = (name: string) => counters[name]!.value;
        const ends = ['Completed', 'Rejected', 'Expired', 'Cancelled', 'Failed'].map((end) => value(`${end} leases`));
        expect(value('Requested leases')).toBe(asked.length);
        expect(ends.reduce((sum, one) => sum + one, 0)).toBe(asked.length);
        for (const [name, of] of [['AR', 'advance'] as const, ['Immediate', 'immediate'] as const]) {
          const rejected = reported.filter(({ kind, state }) => kind === of && state === 'rejected').length;
          expect(value(`Rejected ${name}`)).toBe(rejected);
          expect(value(`Accepted ${name}`)).toBe(reported.filter(({ kind }) => kind === of).length - rejected);
        }
        for (const rows of [series('Requested leases'), series('Completed leases')])
          expect(rows.map(([, value]) => value)).toEqual(rows.map(([, value]) => value!).sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  test('averages are the integral of what leases did, divided by the length of the simulation', async () => {
    await fc.assert(
      fc.asyncProperty(leases(fc.boolean()), backfilling, async (asked, kind) => {
        const { counters, reported, series, end } = await account(3, asked, `backfilling: ${kind}`);
        if (end === 0) return;
        let used = 0;
        for (const { runs } of reported)
          for (const run of runs) used += (run.end - run.start) * Object.keys(run.nodes).length;
        expect(counters['CPU utilization']!.average).toBeCloseTo(used / (3 * end), 5);
        for (const name of ['CPU utilization', 'Queue size', 'Queue length', 'Disk usage']) {
          const rows = [...series(name), [end, 0]];
          let area = 0;
          for (let i = 1; i < rows.length; i++) area += rows[i - 1]![1]! * (rows[i]![0]! - rows[i - 1]![0]!);
          expect(counters[name]!.average).toBeCloseTo(area / end, 3);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('without preemption the queue is as long, on average, as best-effort leases have waited', async () => {
    await fc.assert(
      fc.asyncProperty(leases(fc.constant(false)), backfilling, async (asked, kind) => {
        const { counters, reported, end } = await account(3, asked, `backfilling: ${kind}`);
        if (end === 0) return;
        let waited = 0;
        for (const { kind: of, start, submit } of reported)
          if (of === 'best-effort' && start !== null) waited += start - submit;
        expect(counters['Queue length']!.average).toBeCloseTo(waited / end, 5);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what cannot be accounted', () => {
  test('is refused with what to do', async () => {
    const trace = file('small.swf', '1 0 -1 100 1 -1 -1 1 100 -1 1 1 1 1 1 -1 -1 -1\n');
    const noPlace = await refusal(() => simulate({ trace, log: false, procs: 1, accounting: 'all' }));
    expect(noPlace).toMatchObject({ message: '--accounting: --accounting needs a directory', exitCode: 2 });
    const out = join(directory(), 'out');
    const unknown = await refusal(() => simulate({ trace, log: false, procs: 1, out, accounting: 'ar leas' }));
    expect(unknown).toMatchObject({ message: '--accounting: "leas" is no probe', hint: 'Did you mean lease?' });
  });

  test('an earlier accounting does not stay beside a report without one', async () => {
    const { out } = await account(2, SMALL);
    expect(readdirSync(out)).toContain('counters.json');
    const trace = file('small.swf', '1 0 -1 100 1 -1 -1 1 100 -1 1 1 1 1 1 -1 -1 -1\n');
    await simulate({ trace, log: false, procs: 1, out });
    expect(readdirSync(out).sort()).toEqual(['jobs.csv', 'leases.json', 'summary.json']);
  });
});
