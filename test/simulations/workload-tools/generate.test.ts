/** Workloads drawn at random: within their bounds, with the mean that they should have, and the same for the same seed. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chance } from '../../../simulations/workload-tools/chance.js';
import { DISTRIBUTION_KEYS, distributionIn } from '../../../simulations/workload-tools/distributions.js';
import { downey, speedup } from '../../../simulations/workload-tools/downey.js';
import { gammaBelow } from '../../../simulations/workload-tools/gamma-function.js';
import { generateLeases } from '../../../simulations/workload-tools/generate-leases.js';
import type { LeaseSource } from '../../../simulations/workload-tools/lease-source.js';
import { lublin } from '../../../simulations/workload-tools/lublin.js';
import { readToolSettings } from '../../../simulations/workload-tools/tool-settings.js';
import type { WorkloadEntry } from '../../../simulations/workloads/entry.js';
import { file, refusal } from '../files.js';
import { written } from './tools.js';

const DRAWS = 40_000;
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

function drawn(lines: Readonly<Record<string, string | number | boolean>>, seed = 1): number[] {
  const content = `[x]\n${Object.entries(lines)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')}`;
  const settings = readToolSettings(file('dist.conf', content), { x: DISTRIBUTION_KEYS });
  const distribution = distributionIn(settings, 'x', seed)!;
  return Array.from({ length: DRAWS }, () => Number(distribution.draw()));
}

/** Mean of a Pareto between l and h. */
function paretoMean(l: number, h: number, a: number): number {
  return ((l ** a / (1 - (l / h) ** a)) * a * (l ** (1 - a) - h ** (1 - a))) / (a - 1);
}

/** The same by the midpoints of a thousand slices of the probability. */
function meanOf(quantile: (share: number) => number): number {
  return mean(Array.from({ length: 10_000 }, (_, i) => quantile((i + 0.5) / 10_000)));
}

describe('distributions', () => {
  const beyond = (share: number) => {
    const least = 1 / 11; // scale 1, alpha 1, cut at 10
    return (1 / (1 - share * (1 - least)) - 1) / 10;
  };

  test.each([
    [{ distribution: 'uniform', min: -5, max: 15 }, 5, 20],
    [{ distribution: 'uniform', min: 1, max: 6, discrete: true }, 3.5, 5],
    [{ distribution: 'uniform', values: '1 2 6', discrete: 'yes', min: 0, max: 0 }, 3, 6],
    [{ distribution: 'normal', mu: 10, sigma: 2, min: 0, max: 20 }, 10, 20],
    // Cut at its middle: half of it is 10, the others are sigma * sqrt(2 / pi) below on average.
    [{ distribution: 'normal', mu: 10, sigma: 2, min: 'unbounded', max: 10 }, 10 - Math.sqrt(2 / Math.PI), 20],
    [{ distribution: 'bounded-pareto', alpha: 1.5, min: 10, max: 1000 }, paretoMean(10, 1000, 1.5), 990],
    [{ distribution: 'bounded-pareto', alpha: 2.5, min: 1, max: 20, invert: true }, 21 - paretoMean(1, 20, 2.5), 19],
    [{ distribution: 'truncated-pareto', alpha: 1, scale: 1, min: 100, max: 200 }, 100 + 100 * meanOf(beyond), 100],
    [
      { distribution: 'truncated-pareto', alpha: 1, scale: 1, min: 100, max: 200, invert: true },
      200 - 100 * meanOf(beyond),
      100,
    ],
    [
      { distribution: 'truncated-pareto', alpha: 1, scale: 1, min: 1, max: 4, discrete: true },
      meanOf((share) => 1 + Math.floor(beyond(share) * 4)),
      3,
    ],
  ])('%j', (lines, expected, width) => {
    const numbers = drawn(lines);
    // 40,000 draws are within a hundredth of the width of the mean that they should have.
    expect(Math.abs(mean(numbers) - expected)).toBeLessThan(width / 100);
    const bounds = 'values' in lines ? [1, 6] : [lines.min, lines.max].map(Number);
    const [min, max] = bounds.map((bound, i) => (Number.isNaN(bound) ? (i === 0 ? -1e9 : 1e9) : bound));
    for (const number of numbers) expect(number >= min! && number <= max!).toBe(true);
    if ('discrete' in lines) expect(numbers.every(Number.isInteger)).toBe(true);
  });

  test('a seed of its own comes first; other seeds draw others', () => {
    const lines = { distribution: 'uniform', min: 0, max: 1 };
    expect(drawn(lines, 1)).toEqual(drawn(lines, 1));
    expect(drawn(lines, 1)).not.toEqual(drawn(lines, 2));
    expect(drawn({ ...lines, seed: 7 }, 1)).toEqual(drawn({ ...lines, seed: 7 }, 2));
  });

  test.each([
    [{ distribution: 'gauss', min: 0, max: 1 }, 'uniform'],
    [{ distribution: 'uniform', min: 2, max: 1 }, 'min ≤ max'],
    [{ distribution: 'uniform', min: 2 }, 'max'],
    [{ distribution: 'uniform', min: 'unbounded', max: 1 }, 'number'],
    [{ distribution: 'bounded-pareto', alpha: 1, min: 0, max: 1 }, 'above 0'],
    [{ distribution: 'normal', mu: 1, sigma: -1, min: 0, max: 1 }, '0 to'],
    [{ distribution: 'normal', mu: 1, sigma: 1, min: 0, max: 1, discrete: 'true' }, 'uniform or truncated'],
    [{ distribution: 'uniform', min: 0, max: 1, sed: 3 }, 'Did you mean "seed"'],
  ])('%j is refused', async (lines, hint) => {
    expect((await refusal(() => drawn(lines))).hint).toContain(hint);
  });

  test('gamma variables, and how likely they are', () => {
    const chance = new Chance(5);
    for (const [shape, scale] of [
      [6.57, 0.823],
      [639.1, 0.0156],
      [1, 3],
    ] as const) {
      const numbers = Array.from({ length: DRAWS }, () => chance.gamma(shape, scale));
      expect(Math.abs(mean(numbers) / (shape * scale) - 1)).toBeLessThan(0.02);
      const below = numbers.filter((number) => number <= shape * scale).length / DRAWS;
      expect(Math.abs(below - gammaBelow(shape * scale, shape, scale))).toBeLessThan(0.01);
    }
    // Of shape 1 it is exponential, of a whole shape it is the tail of a Poisson.
    expect(gammaBelow(2, 1, 1)).toBeCloseTo(1 - Math.exp(-2), 10);
    expect(gammaBelow(3, 4, 1)).toBeCloseTo(1 - Math.exp(-3) * (1 + 3 + 4.5 + 4.5), 10);
    expect(gammaBelow(60, 6.1271, 5.274)).toBeLessThan(1);
  });
});

async function leasesOf(source: LeaseSource): Promise<readonly WorkloadEntry[]> {
  const leases: WorkloadEntry[] = [];
  for await (const lease of source.leases) leases.push(lease);
  return leases;
}

describe('batch models', () => {
  test.each([
    ['lublin', (seed: number) => lublin({ jobs: 5000, procs: 128, seed })],
    ['downey', (seed: number) => downey({ jobs: 5000, procs: 128, seed, load: 0.7 })],
  ])('%s: the same seed, the same file', async (_, model) => {
    const [first, again, other] = [
      await written(model(1), 'swf'),
      await written(model(1), 'swf'),
      await written(model(2), 'swf'),
    ];
    expect(again.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
    expect(first.losses).toEqual([]);
    const leases = await leasesOf(model(1));
    leases.forEach(({ submit, run, terms }, i) => {
      expect(submit).toBeGreaterThanOrEqual(leases[i - 1]?.submit ?? 0);
      expect(run).toBeGreaterThanOrEqual(1000);
      expect(terms.groups[0]!.vms).toBeGreaterThanOrEqual(1);
      expect(terms.groups[0]!.vms).toBeLessThanOrEqual(128);
    });
  });

  test('Lublin and Feitelson: widths, run times, the cycle of the day', async () => {
    const leases = await leasesOf(lublin({ jobs: 20_000, procs: 128, seed: 3 }));
    const widths = leases.map(({ terms }) => terms.groups[0]!.vms);
    const share = (isSuch: (width: number) => boolean) => widths.filter(isSuch).length / widths.length;
    expect(Math.abs(share((width) => width === 1) - 0.2927)).toBeLessThan(0.02);
    expect(share((width) => Number.isInteger(Math.log2(width)))).toBeGreaterThan(0.2927 + 0.6686);
    const logs = leases.map(({ run }) => Math.log(run / 1000));
    // The mixture's mean at the mean width, a little less for the cut at 12 and for whole seconds.
    const short = 0.6986 - 0.003 * mean(widths);
    expect(Math.abs(mean(logs) - (short * 6.57 * 0.823 + (1 - short) * 639.1 * 0.0156))).toBeLessThan(0.2);
    expect(Math.max(...logs)).toBeLessThanOrEqual(12);
    // Long runs are as long on wide jobs, but more of them are long.
    const wide = logs.filter((_, i) => widths[i]! >= 64);
    expect(mean(wide)).toBeGreaterThan(mean(logs) + 0.2);
  });

  test('Downey: the load that was asked for, and no job faster than its parallelism', async () => {
    for (const load of [0.3, 0.9]) {
      const leases = await leasesOf(downey({ jobs: 20_000, procs: 64, seed: 9, load }));
      const interval = leases.at(-1)!.submit / 1000 / (leases.length - 1);
      const work = (Math.exp(13) - Math.exp(3)) / 10;
      expect(Math.abs(work / interval / 64 / load - 1)).toBeLessThan(0.03);
    }
    const parallelism = fc.double({ min: 1, max: 1000, noNaN: true });
    const variance = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), parallelism, variance, (n, a, v) => {
        const faster = speedup(n, a, v);
        expect(faster).toBeLessThanOrEqual(Math.min(n, a) * (1 + 1e-9));
        expect(speedup(n + 1, a, v)).toBeGreaterThanOrEqual(faster * (1 - 1e-9));
        expect(speedup(1, a, v)).toBeCloseTo(1, 9);
      }),
    );
  });
});

const CONFIG = `[general]
site: 16 CPU:100,Memory:1024
attributes: experiment=one,load=50

[numleases]
type: interval
numleases: 500
distribution: uniform
min: 60
max: 120

[start-delay]
distribution: uniform
min: 300
max: 600

[duration]
distribution: bounded-pareto
alpha: 1.2
min: 300
max: 7200

[nodes]
resources: CPU:100 Memory:512
distribution: uniform
discrete: true
min: 1
max: 4

[software]
distribution: uniform
discrete: true
values: a.img|1024 b.img|2048 none
`;

describe("Haizea's generator", () => {
  const generated = async (content: string, name = 'gen.conf') => {
    const source = await generateLeases(file(name, content), 1);
    return { source, leases: await leasesOf(source) };
  };

  test('leases at intervals', async () => {
    const { source, leases } = await generated(CONFIG);
    expect(source.about.attributes).toEqual({ experiment: 'one', load: '50' });
    expect(source.site!.classes).toMatchObject([{ count: 16, capacity: [1000, 1024, 1e6, 1e6, 1e6] }]);
    expect(leases).toHaveLength(500);
    leases.forEach(({ submit, terms, imageSize }, i) => {
      const gap = (submit - (leases[i - 1]?.submit ?? 0)) / 1000;
      expect(gap >= 60 && gap <= 120).toBe(true);
      const { start, duration, groups, preemptible } = terms;
      const delay = start.kind === 'advance' ? (start.at - submit) / 1000 : -1;
      expect(delay >= 300 && delay <= 600).toBe(true);
      expect(duration >= 300_000 && duration <= 7_200_000 && duration % 1000 === 0).toBe(true);
      expect(groups[0]!.vms >= 1 && groups[0]!.vms <= 4).toBe(true);
      expect(groups[0]!.demand).toEqual([1000, 512, 0, 0, 0]);
      expect(preemptible).toBe(false);
      expect(imageSize).toBe({ 'a.img': 1024, 'b.img': 2048 }[groups[0]!.image ?? '']);
    });
    const images = new Set(leases.map(({ terms }) => terms.groups[0]!.image));
    expect(images).toEqual(new Set(['a.img', 'b.img', null]));
  });

  test('leases for a utilisation', async () => {
    const config = CONFIG.replace(
      'type: interval\nnumleases: 500',
      'type: utilization\nutilization: 50\nlast-request: 2:00:00:00',
    )
      .replace('min: 60', 'min: -30')
      .replace('max: 120', 'max: 30');
    const { leases } = await generated(config);
    const asked = leases.reduce((sum, { terms }) => sum + terms.groups[0]!.vms * terms.duration, 0);
    expect(asked / (16 * 2 * 86_400_000)).toBeGreaterThanOrEqual(0.5);
    expect(asked / (16 * 2 * 86_400_000)).toBeLessThan(0.52);
    expect(Math.abs(leases.at(-1)!.submit / (2 * 86_400_000) - 1)).toBeLessThan(0.05);
  });

  test('without delays leases are best-effort; YAML says the same', async () => {
    const yaml = `
general: {site: "2 CPU:100,Memory:1024", seed: 5}
numleases: {type: interval, numleases: 3, distribution: uniform, min: 1, max: 1}
duration: {distribution: uniform, min: 60, max: 60}
nodes: {resources: CPU:50, distribution: uniform, discrete: true, values: [2]}
`;
    const { leases } = await generated(yaml, 'gen.yaml');
    const lease = { run: 60_000, terms: { start: { kind: 'best-effort' }, preemptible: true, groups: [{ vms: 2 }] } };
    expect(leases).toMatchObject([1000, 2000, 3000].map((submit) => ({ submit, ...lease })));
  });

  test.each([
    ['site: 16 CPU:100,Memory:1024', 'site: in-tracefile', '[general] site'],
    ['[duration]', '[duratoin]', 'the section "duratoin"'],
    ['numleases: 500', 'numleases: 0', '[numleases] numleases'],
    ['min: 60', 'min: -60', '[numleases] min: -60 is less than 0'],
    ['resources: CPU:100 Memory:512', 'resources: GPU:1', '[nodes] resources'],
    ['a.img|1024', 'a.img', '[software] values'],
    ['type: interval\nnumleases: 500', 'type: utilization\nutilization: many\nlast-request: 1h', 'utilization'],
  ])('%s as %s is refused', async (before, after, place) => {
    const error = await refusal(() => generated(CONFIG.replace(before, after)));
    expect(error.message).toContain(place);
    expect(error.message).toMatch(/gen\.conf:\d+: /);
  });
});
