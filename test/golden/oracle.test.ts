import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../simulations/simulate.js';

/** Rules of the reference, and what they are called here. */
const RULES = { fcfs: 'none', easy: 'easy', consc: 'conservative' } as const;
type Rule = keyof typeof RULES;

const SMALL = ['kth', 'nasa', 'blue20k', 'hpc2n20k'];
const LARGE = ['blue', 'hpc2n'];

/** Mean wait (s), bounded slowdown, makespan (s) and utilisation, as published with the exact starts. */
const FIGURES: Readonly<Record<string, readonly [string, string, number, string]>> = {
  'kth easy': ['6419.0279', '86.397739', 28763776, '0.685924'],
  'nasa easy': ['4.0666', '1.011872', 7949022, '0.466093'],
  'blue20k easy': ['4184.4385', '24.747084', 7184025, '0.747172'],
  'hpc2n20k easy': ['4716.3876', '45.215740', 19249478, '0.581042'],
  'hpc2n easy': ['11259.8319', '90.101056', 109598927, '0.596521'],
  'blue easy': ['7792.5475', '37.566990', 84289577, '0.766138'],
  'blue consc': ['7613.1110', '35.482010', 84289577, '0.766138'],
  'hpc2n consc': ['11320.7484', '88.812520', 109598927, '0.596521'],
};

describe('real traces, against a slow exact reference', () => {
  test.each(SMALL.flatMap((trace) => (['fcfs', 'easy', 'consc'] as const).map((rule) => [trace, rule] as const)))(
    '%s, %s: every job starts when it should',
    async (trace, rule) => {
      await compare(`${trace}.swf.gz`, trace, rule);
    },
  );

  test.each(LARGE.flatMap((trace) => (['easy', 'consc'] as const).map((rule) => [trace, rule] as const)))(
    '%s, %s: every job starts when it should',
    async (trace, rule) => {
      await compare(`${trace}.swf.gz`, trace, rule);
    },
  );

  test('the raw log of KTH, imported by our own rules, gives the same', async () => {
    await compare('KTH-SP2-1996-2.1-cln.swf.gz', 'kth', 'easy');
  });

  test('four one-cpu VMs a node, on nodes that are shared, are as good as four nodes', async () => {
    await compare('kth.swf.gz', 'kth', 'easy', { nodes: ['25x cpu=4,memory=8GiB'] });
  });
});

async function compare(file: string, trace: string, rule: Rule, site: { nodes?: string[] } = {}): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-oracle-'));
  try {
    const out = join(directory, 'out');
    const options = { trace: `test/data/traces/${file}`, out, log: false, backfilling: RULES[rule], ...site };
    const summary = await simulate(options);
    const wrong = await differences(join(out, 'jobs.csv'), exactStarts(trace, rule));
    expect(wrong).toEqual([]);
    const figures = FIGURES[`${trace} ${rule}`];
    if (figures === undefined) return;
    const [wait, slowdown, makespan, utilisation] = figures;
    expect(summary.waitMean!.toFixed(4)).toBe(wait);
    expect(summary.boundedSlowdownMean!.toFixed(6)).toBe(slowdown);
    expect(summary.makespan).toBe(makespan);
    expect(summary.utilisation.toFixed(6)).toBe(utilisation);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function exactStarts(trace: string, rule: Rule): Map<string, number> {
  const text = gunzipSync(readFileSync(`test/data/oracle/${trace}.${rule}.csv.gz`)).toString();
  const starts = new Map<string, number>();
  for (const line of text.trim().split('\n').slice(1)) {
    const [job, start] = line.split(',');
    starts.set(job!, Number(start));
  }
  return starts;
}

/** The first jobs whose start in `jobs.csv` is not the exact one, or that are missing. */
async function differences(file: string, exact: Map<string, number>): Promise<string[]> {
  const wrong: string[] = [];
  let header: string[] | null = null;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const cells = line.split(',');
    if (header === null) {
      header = cells;
      continue;
    }
    const job = cells[header.indexOf('job_id')]!;
    const start = Number(cells[header.indexOf('starting_time')]);
    if (exact.get(job) !== start) wrong.push(`${job}: ${start} instead of ${exact.get(job)}`);
    exact.delete(job);
  }
  return [...wrong, ...[...exact.keys()].map((job) => `${job} is missing`)].slice(0, 5);
}
