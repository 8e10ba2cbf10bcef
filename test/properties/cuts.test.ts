/** Leases that are cut short by others: they have run for long enough by then, lose no work, and exclude each other. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Backfilling, type Lease, POLICY_DEFAULT, type Policy, type Span } from '../../engine/index.js';
import { type Asked, MINUTE, nodes, type Played, play } from '../support/play.js';
import { judgeExclusion } from '../swarm/judge.js';
import { SITES, workloads } from './workloads.js';

const SECOND = 1000;
const BACKFILLING: readonly Backfilling[] = [
  { kind: 'easy' },
  { kind: 'conservative' },
  { kind: 'sticky', depth: 1 },
  { kind: 'sticky', depth: null },
];

const policies = fc.record({
  backfilling: fc.constantFrom(...BACKFILLING),
  preemptors: fc.constant(['advance'] as const),
  suspendExclusion: fc.constantFrom('local' as const, 'global' as const),
  suspendExclusionAcross: fc.boolean(),
  migration: fc.constantFrom('no' as const, 'yes' as const),
});

/** Where others are saved just before, a lease is saved earlier, or not in time, and its nodes are idle until then. */
const ALONE = { suspendExclusionAcross: false };

/** Mostly reservations, so that others are often in the way. */
const mixed = workloads({ advance: 4 });

describe.each(Object.entries(SITES))('%s', (_, site) => {
  test('whoever is saved has had its nodes for the time that the policy sets', async () => {
    const thresholds = fc.integer({ min: 1, max: 12 });
    await holds(site, mixed, fc.tuple(policies, thresholds), ([policy, minutes]) => ({
      policy: { ...policy, ...ALONE, suspendThreshold: minutes * MINUTE },
      judge: ({ over }) => {
        for (const lease of over.values())
          for (const held of cuts(lease)) expect(held.until - held.from).toBeGreaterThanOrEqual(minutes * MINUTE);
      },
    }));
  });

  test('who is saved loses nothing; who is stopped was stopped for a lease that came after it had begun', async () => {
    await holds(site, mixed, policies, (policy) => ({
      policy: { ...policy, ...ALONE },
      judge: (played, asked) => {
        for (const { id, runs, minutes } of asked) {
          const lease = played.over.get(id)!;
          if (lease.outcome !== 'done') continue;
          const stops = played.on(id).filter((one) => one.type === 'StopOrdered' && one.cause === 'preempted');
          const ran = runsOf(lease).reduce((sum, { from, until }) => sum + until! - from, 0);
          if (stops.length === 0) expect(ran).toBe((runs ?? minutes) * MINUTE);
          else expect(ran).toBeGreaterThanOrEqual((runs ?? minutes) * MINUTE);
          for (const one of played.on(id)) {
            if (one.type !== 'StopPlanned') continue;
            const began = runsOf(lease)
              .filter(({ from }) => from <= one.at)
              .at(-1)!;
            for (const by of one.reasons.flatMap(({ blockers }) => blockers))
              expect(played.over.get(by)!.submitted).toBeGreaterThanOrEqual(began.from);
          }
        }
      },
    }));
  });

  test('no two VMs are saved or brought back at once on a node, or anywhere', async () => {
    await holds(site, mixed, policies, (policy) => ({
      policy,
      judge: ({ over }) => judgeExclusion({ ...POLICY_DEFAULT, ...policy }, over.values()),
    }));
  });
});

test('where it sets none: for as long as saving takes, and so many times that more', async () => {
  const factors = fc.constantFrom(0, 1000, 3000);
  await holds([nodes(2)], workloads({ advance: 4, vmsMax: 1 }), fc.tuple(policies, factors), ([policy, factor]) => ({
    policy: { ...policy, ...ALONE, suspendRate: 8, suspendThresholdFactor: factor },
    judge: ({ over }) => {
      for (const lease of over.values()) {
        const saved = (lease.terms.groups[0]!.demand[1]! / 8) * SECOND;
        for (const held of cuts(lease))
          expect(held.until - held.from).toBeGreaterThanOrEqual((saved * (1000 + factor)) / 1000);
      }
    },
  }));
});

test('a saved lease that is displaced in the turn in which its memory sets out comes back from where that goes', async () => {
  const played = await play(
    [nodes(2)],
    [
      { id: 'R', vms: 1, minutes: 6, start: { at: 0 } },
      { id: 'A', vms: 1, minutes: 4 },
      // A is saved for S, which ends early. A would come back on its node, but T takes that.
      { id: 'S', at: 1, vms: 1, minutes: 3, runs: 2, start: { at: 3 } },
      { id: 'T', at: 5, vms: 1, minutes: 1, start: { at: 5 } },
    ],
    { backfilling: { kind: 'conservative' }, preemptors: ['advance'], migration: 'yes' },
  );
  expect(played.over.get('A')!.outcome).toBe('done');
});

interface Judged {
  readonly policy: Partial<Policy>;
  readonly judge: (played: Played, asked: readonly Asked[]) => void;
}

async function holds<T>(
  site: Parameters<typeof play>[0],
  leases: fc.Arbitrary<readonly Asked[]>,
  knobs: fc.Arbitrary<T>,
  judged: (knobs: T) => Judged,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(leases, knobs, async (asked, drawn) => {
      const { policy, judge } = judged(drawn);
      judge(await play(site, asked, policy), asked);
    }),
    { numRuns: 150 },
  );
}

function runsOf(lease: Lease): readonly Span[] {
  return lease.spans.filter(({ kind }) => kind === 'run');
}

/** From when the lease had its nodes (it began, or began to come back) until it was saved. */
function cuts(lease: Lease): { from: number; until: number }[] {
  const found: { from: number; until: number }[] = [];
  const runs = runsOf(lease);
  for (const [i, run] of runs.entries()) {
    const after = runs[i + 1]?.from ?? Number.POSITIVE_INFINITY;
    const between = (kind: Span['kind'], from: number, until: number) =>
      lease.spans.filter((span) => span.kind === kind && span.from >= from && span.from < until);
    const saving = between('suspension', run.from, after);
    if (saving.length === 0) continue;
    const back = between('resumption', runs[i - 1]?.until ?? run.from, run.from + 1);
    const from = Math.min(run.from, ...back.map((span) => span.from));
    found.push({ from, until: Math.max(...saving.map((span) => span.until!)) });
  }
  return found;
}
