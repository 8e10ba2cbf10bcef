import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Backfilling, Policy } from '../../engine/index.js';
import { type Job, slowStarts } from '../models/slow-scheduler.js';
import { type Asked, MINUTE, nodes, play } from '../support/play.js';

const SIZE = 6;

const workloads = fc.array(
  fc
    .record({
      gap: fc.nat(4),
      width: fc.integer({ min: 1, max: SIZE }),
      estimate: fc.integer({ min: 1, max: 12 }),
      part: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ part, ...job }) => ({ ...job, run: Math.max(1, Math.ceil((job.estimate * part) / 4)) })),
  { minLength: 1, maxLength: 24 },
);

/** The same pool, described in four ways. Conservative reservations name nodes where nodes are not counted. */
const SITES: Readonly<Record<string, { site: Parameters<typeof play>[0]; policy: Partial<Policy>; named?: boolean }>> =
  {
    'nodes counted': { site: [nodes(SIZE, 1, 1024, { exclusive: true })], policy: { suspension: 'none' } },
    'nodes given whole, one by one': { site: [nodes(SIZE, 1, 1024, { exclusive: true })], policy: {}, named: true },
    'nodes shared, one cpu each': { site: [nodes(SIZE)], policy: {}, named: true },
    'one large node': { site: [nodes(1, SIZE, SIZE * 1024)], policy: {} },
  };

const RULES: Readonly<Record<'none' | 'easy' | 'conservative', Backfilling>> = {
  none: { kind: 'none' },
  easy: { kind: 'easy' },
  conservative: { kind: 'conservative' },
};

describe('leases of one-cpu VMs start when the slow twin says', () => {
  for (const [name, { site, policy, named }] of Object.entries(SITES))
    test.each(named ? (['none', 'easy'] as const) : (['none', 'easy', 'conservative'] as const))(
      `${name}, backfilling %s`,
      async (rule) => {
        await fc.assert(
          fc.asyncProperty(workloads, async (gaps) => {
            let submit = 0;
            const jobs = gaps.map(({ gap, ...job }): Job => {
              submit += gap;
              return { ...job, submit };
            });
            const asked = jobs.map(
              (job, i): Asked => ({ id: `${i}`, at: job.submit, vms: job.width, minutes: job.estimate, runs: job.run }),
            );
            const played = await play(site, asked, { ...policy, backfilling: RULES[rule] });
            const starts = jobs.map((_, i) => played.over.get(`${i}`)!.firstStart! / MINUTE);
            expect(starts).toEqual(slowStarts(jobs, SIZE, rule));
          }),
          { numRuns: 150 },
        );
      },
    );
});
