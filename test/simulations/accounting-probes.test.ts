/** Probes and counters by themselves: prices, deadlines, attempts, and what is noted out of order. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyState } from '../../engine/index.js';
import { lastAttempt } from '../../simulations/accounting/attempts.js';
import type { Probe } from '../../simulations/accounting/probe.js';
import { makeProbes, PROBE_NAMES, type ProbeName, parseProbes } from '../../simulations/accounting/probes.js';
import { Series } from '../../simulations/accounting/series.js';
import type { FinishedLease, Price } from '../../simulations/report/finished-lease.js';
import { TextFile } from '../../simulations/report/text-file.js';
import { directory, refusal } from './files.js';
import { finished, neverRan } from './leases.js';

/** A series, and how to end it and read its rows. */
function series() {
  const path = join(directory(), 'series.csv');
  const file = TextFile.create(path);
  const counters = new Series(file);
  const rows = (end: number) => {
    counters.finish(end * 1000);
    file.finish();
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  };
  return { counters, rows };
}

/** A probe that is told of these leases, each over when it ended: its figures and, by lease, its columns. */
function told(name: ProbeName, leases: readonly FinishedLease[]) {
  const { counters } = series();
  const context = { series: counters, state: emptyState(), cpuCapacity: 1000, extras: [] };
  const [probe] = makeProbes([name], context) as [Probe];
  for (const lease of leases) probe.over?.(lease, lease.end ?? lease.submit);
  counters.finish(1_000_000);
  return {
    figures: probe.figures?.() ?? {},
    counters: counters.figures(),
    rows: leases.map((lease) =>
      Object.fromEntries((probe.columns ?? []).map((column) => [column.name, column.value(lease)])),
    ),
  };
}

describe('counters over time', () => {
  test('what a turn notes is brought into order, and an instant has one row', () => {
    const { counters, rows } = series();
    const queue = counters.level('queue');
    queue.set(0, 2);
    queue.set(10_000, 5);
    queue.add(4_000, 1);
    counters.settle();
    queue.set(10_000, 1);
    counters.settle();
    expect(rows(20)).toEqual(['0,queue,2,2', '4,queue,3,2', '10,queue,1,2.6', '20,queue,1,1.8']);
  });

  test('what stays the same has no row, but for the last of an average', () => {
    const { counters, rows } = series();
    const done = counters.count('done');
    const used = counters.level('used', 'part of 1', 4);
    for (const at of [0, 5_000, 9_000]) used.set(at, 1);
    done.add(7_000, 2);
    expect(rows(10)).toEqual(['0,done,0,', '0,used,0.25,0.25', '7,done,2,', '10,used,0.25,0.25']);
    expect(counters.figures()).toEqual({
      done: { unit: 'leases', value: 2, average: null },
      used: { unit: 'part of 1', value: 0.25, average: 0.25 },
    });
  });

  test('a simulation without length has its values as averages', () => {
    const { counters, rows } = series();
    counters.level('queue').set(0, 3);
    expect(rows(0)).toEqual(['0,queue,3,3']);
  });
});

describe('prices', () => {
  const price = (asked: number, given: Partial<Price> = {}): Price => ({
    asked,
    surcharge: 0,
    worth: null,
    declined: false,
    ...given,
  });
  const LEASES = [
    finished('1', [0, 10, 20], { price: price(0.2, { worth: 0.4, surcharge: 0.05 }) }),
    finished('2', [0, 10, 20], { price: price(0.15, { worth: 0.15 }) }),
    finished('3', [0, 10, 20], { price: price(7) }),
    { ...neverRan('4', 5, 'rejected'), price: price(0.2, { worth: 0.1, declined: true }) },
    { ...neverRan('5', 5, 'rejected'), price: price(0.3, { worth: 0.5 }) },
    { ...neverRan('6', 5, 'cancelled'), price: price(9, { worth: 9 }) },
    finished('7', [0, 10, 20]),
  ];

  test('revenue is what completed leases pay; what was missed is known where the worth is', () => {
    expect(told('price', LEASES).figures).toEqual({
      Revenue: 7.35,
      Surcharge: 0.05,
      'Missed revenue (undercharging)': 0.2,
      'Missed revenue (reject)': 0.5,
      'Missed revenue (reject by user)': 0.1,
      'Missed revenue (total)': 0.8,
    });
    expect(told('price', LEASES).counters.Revenue).toEqual({ unit: 'money', value: 7.35, average: null });
  });

  test('a lease that its user found too dear is counted apart', () => {
    const { figures } = told('lease', LEASES);
    expect(figures).toMatchObject({ 'Total rejected leases': 1, 'Total rejected leases (by user)': 1 });
  });

  test('leases have columns for it', () => {
    const { rows } = told('price', LEASES);
    expect(rows[0]).toEqual({ price: 0.2, rejected_price: null, surcharge: 0.05, worth: 0.4 });
    expect(rows[3]).toEqual({ price: null, rejected_price: 0.2, surcharge: 0, worth: 0.1 });
    expect(rows[6]).toEqual({ price: null, rejected_price: null, surcharge: null, worth: null });
  });
});

describe('waiting', () => {
  test('a run of less than ten seconds counts as ten; only the usual slowdown is never below 1', () => {
    const { rows } = told('best-effort', [finished('1', [0, 5, 7]), finished('2', [0, 28, 30])]);
    expect(rows[0]).toEqual({ wait: 5, bounded_slowdown: 1, haizea_wait: 5, haizea_slowdown: 0.7 });
    expect(rows[1]).toEqual({ wait: 28, bounded_slowdown: 3, haizea_wait: 28, haizea_slowdown: 3 });
  });
});

describe('deadlines', () => {
  const between = (notBefore: number, by: number, duration: number): Partial<FinishedLease> => ({
    kind: 'deadline',
    requested: duration * 1000,
    terms: {
      ...finished('', [0, 0, 0]).terms,
      start: { kind: 'deadline', notBefore: notBefore * 1000, by: by * 1000 },
    },
  });

  test('the slowdown is from the earliest start, by the duration asked for; a margin below 0 is a missed deadline', () => {
    const { figures, rows } = told('deadline', [
      finished('1', [0, 5400, 7200], between(1800, 6300, 1800)),
      finished('2', [0, 900, 902], between(900, 2700, 2)),
      neverRan('3', 0, 'rejected'),
    ]);
    expect(rows[0]).toEqual({ deadline_slowdown: 3, deadline_margin: -900 });
    expect(rows[1]).toEqual({ deadline_slowdown: 0.2, deadline_margin: 1798 });
    expect(rows[2]).toEqual({ deadline_slowdown: null, deadline_margin: null });
    expect(figures).toMatchObject({ 'Total missed deadlines': 1, 'Deadline slowdown, mean': 1.6 });
  });

  test('leases tell how far off their start and their deadline were', () => {
    const { rows } = told('lease-extras', [finished('1', [600, 5400, 7200], between(1800, 6300, 1800))]);
    expect(rows[0]).toMatchObject({ start_delta: 1200, deadline_delta: 4500 });
  });
});

describe('the last attempt', () => {
  const run = (start: number, end: number) => ({ start, end, nodes: [1, 1] });
  const resumed = (start: number, end: number) => ({ start, end, vms: [1, 1], nodes: [1, 1] });

  test('begins anew where a run does not follow a resumption', () => {
    const lease = finished('1', [0, 0, 900], {
      runs: [run(0, 100), run(200, 250), run(400, 700), run(750, 900)],
      resumptions: [resumed(190, 200), resumed(740, 750)],
    });
    expect(lastAttempt(lease)).toEqual({ start: 400, run: 450, lost: 150 });
    expect(lastAttempt(neverRan('2', 0, 'rejected'))).toEqual({ start: null, run: 0, lost: 0 });
  });
});

describe('names of probes', () => {
  test('are taken with blanks or commas between them, in their own order', () => {
    expect(parseProbes('price  ar,lease', { file: 'x' })).toEqual(['lease', 'ar', 'price']);
    expect(parseProbes('all', { file: 'x' })).toEqual(PROBE_NAMES);
    expect(parseProbes('', { file: 'x' })).toEqual([]);
  });

  test('are refused where the user wrote them', async () => {
    const place = { file: 'haizea.conf', line: 7, path: '[accounting] probes' };
    const unknown = await refusal(() => parseProbes('ar my.own.Probe', place));
    expect(unknown.message).toBe('haizea.conf:7: [accounting] probes: "my.own.Probe" is no probe');
    expect(unknown.hint).toContain('best-effort');
  });
});
