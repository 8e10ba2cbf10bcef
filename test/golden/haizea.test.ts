/**
 * 41 workloads that Haizea has scheduled, read from its own files. Where Haizea is right, the schedule is the same; where
 * it is wrong, ours is right, and the case says what that means.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Schedule } from '../support/haizea.js';
import { haizeaLeases, haizeaSchedule, ourRun } from '../support/haizea.js';
import { type Difference, differences, type Facts, table, unmet, worse } from '../support/haizea-comparison.js';
import { Promises } from '../swarm/judge.js';

/** The same: state, start, end and every interval of every lease, and the nodes. */
const EQUAL = [
  '01_ar_simple',
  '02_ar_preempts_be_suspend_resume',
  '03_suspend_local_exclusion',
  '04_suspend_global_exclusion',
  '07_migration_yes',
  '09_migration_notransfer',
  '10_transfer_unicast_noreuse',
  '15_immediate',
  '16_deadline_preempt',
  '17_deadline_reject',
  '18_backfill_off',
  '19_backfill_aggressive',
  '21_backfill_intermediate2',
  '22_early_end_aggressive',
  '24_ar_early_end_resume',
  '25_hetero_multicpu',
  '27_pricing_constant',
  '28_threshold_factor',
  '29_overheads_shutdown_enact',
  '31_oldest_preempted_first',
  '32_annotation_injection',
  '42_mixed_nosusp',
  '44_bf40_off',
  '45_bf40_aggressive',
  '47_bf40_intermediate3',
  '52_no_preemption_policy',
  'T_s500_aggr',
];

/** Of these the times are the same, and nodes are chosen otherwise among equals. */
const OTHER_NODES: Readonly<Record<string, string>> = {};

interface Better {
  readonly why: string;
  /** What is to be had of the leases that are better off. */
  readonly expected: Readonly<Record<string, Facts>>;
  /** Of all other leases: the same, or nothing that is worse. */
  readonly others: 'the same' | 'no worse';
}

const BETTER: Readonly<Record<string, Better>> = {
  '05_serial_only': {
    why: 'the lease that cannot be saved runs until the reservation begins, not until it is requested',
    expected: { 1: { state: 'done', start: '0', end: '7200', 'run 1': '0–1800', 'run 2': '3600–7200' } },
    others: 'the same',
  },
  '06_suspension_none_requeue': {
    why: 'the lease that cannot be saved runs until the reservation begins, not until it is requested',
    expected: { 1: { state: 'done', start: '0', end: '7200', 'run 1': '0–1800', 'run 2': '3600–7200' } },
    others: 'the same',
  },
  '11_transfer_multicast_noreuse': {
    why: 'the channel is idle before the transfer for lease 4: lease 5 can be had',
    expected: {
      4: { state: 'done', start: '5400', end: '7200' },
      5: { state: 'done', start: '5400', end: '7200' },
    },
    others: 'no worse',
  },
  '12_transfer_multicast_imagecache': {
    why: 'as in 11: lease 5 can be had; copies on nodes change nothing about its own image',
    expected: { 5: { state: 'done', start: '5400', end: '7200' } },
    others: 'the same',
  },
  '14_transfer_ar_edf': {
    why: 'two transfers of 328 s are done by 900 and 1200; a third, by 300, cannot be, and Haizea is right about that',
    expected: {
      1: { state: 'done', start: '1200', end: '3000' },
      2: { state: 'done', start: '900', end: '2700' },
      3: { state: 'rejected', start: '–' },
    },
    others: 'no worse',
  },
};

/** Haizea moves reservations in an order that depends on memory addresses; here promises are kept. */
const REPLANNED: Readonly<Record<string, { readonly displaced: readonly string[] }>> = {
  '23_early_end_conservative': { displaced: [] },
  '35_mixed_200_16n_cons_mig': { displaced: ['displaced'] },
  '49_bf40_conservative_early': { displaced: [] },
};

interface Right {
  readonly why: string;
  readonly expected: Readonly<Record<string, Facts>>;
  /** Why leases are refused. */
  readonly refused: Readonly<Record<string, string>>;
}

/** Haizea is wrong; what is right. */
const RIGHT: Readonly<Record<string, Right>> = {
  '39_BUG_immediate_lost': {
    why: 'the reservation needs all nodes from 1800: an immediate lease of an hour cannot be had at 300, and is not cut',
    expected: { 1: { state: 'done', start: '1800', end: '5400' }, 2: { state: 'rejected', start: '–', 'run 1': '–' } },
    refused: { 2: 'insufficient-capacity' },
  },
  '51_BUG_nonpreemptible_preempted': {
    why: 'a lease that is not preemptible is not preempted: the reservation of all nodes is refused',
    expected: {
      1: { state: 'done', start: '0', end: '3600', 'run 1': '0–3600', 'run 2': '–' },
      2: { state: 'rejected' },
    },
    refused: { 2: 'insufficient-capacity' },
  },
  '54_BUG_oversize_be_kills': {
    why: 'a lease of more nodes than there are is refused, and the other one runs',
    expected: { 1: { state: 'done', start: '0', end: '3600' }, 2: { state: 'rejected' } },
    refused: { 2: 'never-fits' },
  },
  '55_BUG_deadline_plus_future_be': {
    why: 'a deadline goes before a best-effort lease that has not begun',
    expected: {
      1: { state: 'done', start: '0', end: '3600', 'run 1': '0–3600' },
      2: { state: 'done', start: '5400', end: '9000' },
      3: { state: 'done', start: '3600', end: '5400' },
    },
    refused: {},
  },
};

const CRASHED = '38_BUG_imagecache_crash';
const MIXED_IMAGES = '36_mixed_100_8n_images_noreuse';

test('every case is judged, once', () => {
  const judged = [
    EQUAL,
    ...[BETTER, REPLANNED, RIGHT].map((cases) => Object.keys(cases)),
    CRASHED,
    MIXED_IMAGES,
  ].flat();
  expect(judged.sort()).toEqual(readdirSync('test/data/haizea').sort());
});

describe('the same schedule as Haizea', () => {
  test.each(EQUAL)('%s', async (name) => {
    const { leases } = await ourRun(name);
    const found = differences(haizeaSchedule(name), leases);
    const tie = OTHER_NODES[name];
    if (tie === undefined) return none(name, found);
    none(
      name,
      found.filter(({ what }) => !what.endsWith(' nodes')),
    );
    expect(found, `${name} is said to differ in nodes: ${tie}`).not.toEqual([]);
  });
});

describe('a better schedule than Haizea', () => {
  test.each(Object.entries(BETTER))('%s', async (name, { why, expected, others }) => {
    const { leases } = await ourRun(name);
    const haizea = haizeaSchedule(name);
    const rest = ({ id }: Schedule) => expected[id] === undefined;
    none(`${name}, ${why}`, [
      ...unmet(expected, leases),
      ...worse(haizea, leases),
      ...(others === 'the same' ? differences(haizea.filter(rest), leases.filter(rest)) : []),
    ]);
    expect(differences(haizea, leases)).not.toEqual([]);
  });
});

describe('reservations move in order of submission, and no lease starts later than promised', () => {
  test.each(Object.entries(REPLANNED))('%s', async (name, { displaced }) => {
    const { leases, turns } = await ourRun(name);
    const promises = new Promises();
    for (const turn of turns) promises.watch(turn);
    const dropped = turns
      .flatMap(({ decisions }) => decisions)
      .flatMap((decision) => (decision.type === 'ReservationDropped' ? decision.reasons : []));
    for (const { code } of dropped) expect(displaced).toContain(code);
    for (const { id, state, reasons } of leases)
      expect(state === 'done' || reasons.length > 0, `lease ${id} is done, or says why not`).toBe(true);
    const { haizea, ours } = await figures(name, leases);
    console.log(`${name}\n${sideBySide(haizea, ours)}`);
  });
});

describe('Haizea is wrong', () => {
  test.each(Object.entries(RIGHT))('%s', async (name, { why, expected, refused }) => {
    const { leases } = await ourRun(name);
    none(`${name}, ${why}`, unmet(expected, leases));
    for (const [id, code] of Object.entries(refused))
      expect(leases.find((lease) => lease.id === id)!.reasons).toContainEqual(expect.objectContaining({ code }));
  });

  test(`${CRASHED}: leases with images are suspended and come back, and all are done`, async () => {
    const { leases } = await ourRun(CRASHED);
    none(CRASHED, unmet(Object.fromEntries(haizeaSchedule(CRASHED).map(({ id }) => [id, { state: 'done' }])), leases));
    expect(leases.some(({ suspensions, resumptions }) => suspensions.length > 0 && resumptions.length > 0)).toBe(true);
    expect(leases.some(({ transfers }) => transfers.length > 0)).toBe(true);
    for (const { id, start, transfers } of leases)
      for (const { end } of transfers) expect(end, `lease ${id} begins with its image`).toBeLessThanOrEqual(start!);
  });
});

test(`${MIXED_IMAGES}: every lease is done, and the figures are within 5 %`, async () => {
  const { leases } = await ourRun(MIXED_IMAGES);
  const { haizea, ours } = await figures(MIXED_IMAGES, leases);
  const off = Object.entries(haizea).filter(([name, figure]) => {
    const own = ours[name]!;
    return name === 'done' ? own !== figure : Math.abs(own - figure) > 0.05 * figure;
  });
  expect(off, `${MIXED_IMAGES}\n${sideBySide(haizea, ours)}`).toEqual([]);
});

/** Fails with a table of what is found. */
function none(title: string, found: readonly Difference[]): void {
  if (found.length > 0) expect.fail(table(title, found));
}

type Figures = Readonly<Record<string, number>>;

/** The benchmarks are plain JavaScript, so their types are given here. */
interface ScheduleFigures {
  figuresOf(facts: readonly unknown[], leases: readonly Schedule[], cpu: number): Figures;
  cpuOf(workload: string): number;
}

async function figures(name: string, leases: readonly Schedule[]): Promise<{ haizea: Figures; ours: Figures }> {
  const { figuresOf, cpuOf } = (await import(
    pathToFileURL('bench/schedule-figures.mjs').href
  )) as unknown as ScheduleFigures;
  const cpu = cpuOf(readFileSync(join('test/data/haizea', name, 'workload.xml'), 'utf8'));
  const facts = haizeaLeases(name);
  return { haizea: figuresOf(facts, haizeaSchedule(name), cpu), ours: figuresOf(facts, leases, cpu) };
}

function sideBySide(haizea: Figures, ours: Figures): string {
  const row = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(20) : cell.padStart(12))).join('');
  const figure = (value: number) => value.toFixed(value < 100 ? 3 : 0);
  return [
    row(['', 'Haizea', 'ours']),
    ...Object.keys(haizea).map((name) => row([name, figure(haizea[name]!), figure(ours[name]!)])),
  ].join('\n');
}
