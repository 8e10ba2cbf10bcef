/**
 * A reservation is a promise: the lease begins when it was promised, or earlier; it is told so when a reservation of
 * higher rank takes its place, and then only.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Backfilling, Decision, Policy } from '../../engine/index.js';
import { type Asked, MINUTE, nodes, type Played, play } from '../support/play.js';
import { Promises } from '../swarm/judge.js';
import { SITES, workloads } from './workloads.js';

const PROMISING: Readonly<Record<string, Backfilling>> = {
  conservative: { kind: 'conservative' },
  'sticky, one reservation': { kind: 'sticky', depth: 1 },
  'sticky, three': { kind: 'sticky', depth: 3 },
  'sticky, all': { kind: 'sticky', depth: null },
};

const policies = fc.record({
  suspension: fc.constantFrom('none' as const, 'all' as const),
  suspendAhead: fc.boolean(),
  estimates: fc.constantFrom('exact' as const, 'haizea' as const),
  suspendExclusionAcross: fc.constant(false),
});

describe.each(Object.entries(PROMISING))('%s', (_, backfilling) => {
  describe.each(Object.entries(SITES))('%s', (_, site) => {
    test('best-effort leases alone: nobody begins later than first promised', async () => {
      await holds(site, workloads({ advance: 0 }), backfilling, (played, asked) => {
        for (const { id } of asked) {
          expect(typesOf(played.on(id))).not.toContain('ReservationDropped');
          const first = played.on(id).find((decision) => decision.type === 'Reserved');
          if (first === undefined) continue;
          expect(played.over.get(id)!.firstStart).toBeLessThanOrEqual(first.from);
        }
      });
    });

    test('with reservations among them: a promise is only taken back for one of these', async () => {
      await holds(site, workloads({ advance: 3, immediate: 1 }), backfilling, (played, asked) => {
        const promises = new Promises();
        for (const turn of played.turns) promises.watch(turn);
        const advance = asked.filter(({ start }) => typeof start === 'object').map(({ id }) => id);
        for (const { id, start } of asked) {
          for (const decision of played.on(id)) {
            if (decision.type !== 'ReservationDropped') continue;
            expect(decision.reasons.map(({ code }) => code)).toEqual(['displaced']);
            expect(advance).toEqual(expect.arrayContaining([...decision.reasons[0]!.blockers]));
          }
          const lease = played.over.get(id)!;
          if (typeof start === 'object' && 'at' in start && lease.outcome !== 'rejected')
            expect([lease.outcome, lease.firstStart]).toEqual(['done', start.at * MINUTE]);
        }
      });
    });
  });
});

describe.each(Object.entries(SITES))('conservative, %s', (_, site) => {
  test('every lease is told its start when it asks', async () => {
    await holds(site, workloads({ advance: 0 }), { kind: 'conservative' }, (played, asked) => {
      for (const turn of played.turns)
        for (const input of turn.inputs) {
          if (input.type !== 'LeaseRequested') continue;
          const answers = turn.decisions.filter((one) => 'lease' in one && one.lease === input.lease);
          expect(answers.some(({ type }) => type === 'Reserved' || type === 'StartOrdered' || type === 'Refused')).toBe(
            true,
          );
        }
      expect(played.over.size).toBe(asked.length);
    });
  });
});

test('a lease that is being saved keeps nobody from what was free beside it', async () => {
  const played = await play(
    [nodes(1, 2, 4096)],
    [
      { id: 'A', vms: 1, minutes: 60 },
      // Beside A. Then B needs all of the node, and A is saved from 29:28 on.
      { id: 'R', at: 5, vms: 1, minutes: 0.25, start: { at: 29.75 } },
      { id: 'B', at: 10, vms: 2, minutes: 10, start: { at: 30 } },
    ],
  );
  expect(played.over.get('R')!.firstStart).toBe(29.75 * MINUTE);
  expect(played.over.get('B')!.firstStart).toBe(30 * MINUTE);
});

async function holds(
  site: Parameters<typeof play>[0],
  leases: fc.Arbitrary<readonly Asked[]>,
  backfilling: Backfilling,
  judge: (played: Played, asked: readonly Asked[]) => void,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(leases, policies, async (asked, policy: Partial<Policy>) => {
      judge(await play(site, asked, { preemptors: ['advance'], ...policy, backfilling }), asked);
    }),
    { numRuns: 100 },
  );
}

function typesOf(decisions: readonly Decision[]): string[] {
  return decisions.map(({ type }) => type);
}
