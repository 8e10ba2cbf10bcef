/** The repository's channel: whatever set of transfers could be done in time is accepted, and nothing else. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyState, type Lease } from '../../engine/index.js';
import { Channel } from '../../engine/schedule/channel.js';

interface Job {
  readonly length: number;
  readonly by: number;
}

/** By trying all orders: whether transfers that may begin at 0 are all done by their instants. */
function feasible(jobs: readonly Job[], at = 0): boolean {
  if (jobs.length === 0) return true;
  return jobs.some(
    (job, i) =>
      at + job.length <= job.by &&
      feasible(
        jobs.filter((_, k) => k !== i),
        at + job.length,
      ),
  );
}

/** A lease that is to start at `at`, or queued: `null`. */
function leaseAt(at: number | null): Lease {
  const start = at === null ? { kind: 'best-effort', before: null } : { kind: 'advance', at };
  return { terms: { start } } as unknown as Lease;
}

const job = fc.record({ length: fc.integer({ min: 1, max: 12 }), by: fc.integer({ min: 1, max: 40 }) });

describe('transfers for reservations', () => {
  test('are accepted if and only if all that are accepted can be done in time', () => {
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 6 }), (jobs) => {
        const channel = new Channel(emptyState(), 0);
        const accepted: Job[] = [];
        for (const [id, one] of jobs.entries()) {
          const gap = channel.inTime(one.length, one.by);
          expect(gap !== null).toBe(feasible([...accepted, one]));
          if (gap === null) continue;
          accepted.push(one);
          channel.rearrange(gap);
          const slot = {
            id: id + 1,
            image: 'a',
            begun: false,
            fixed: false,
            ahead: [],
            users: [{ lease: leaseAt(one.by), by: one.by }],
          };
          channel.add({ ...slot, from: gap.from, until: gap.from + one.length });
          inOrder(channel);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('come before those for waiting leases, which take the first gap and give way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(job, fc.boolean()), { minLength: 1, maxLength: 6 }), (jobs) => {
        const channel = new Channel(emptyState(), 0);
        const accepted: Job[] = [];
        for (const [id, [one, waits]] of jobs.entries()) {
          const slot = { id: id + 1, image: 'a', begun: false, fixed: false, ahead: [] };
          if (waits) {
            const from = channel.first(one.length);
            channel.add({ ...slot, from, until: from + one.length, users: [{ lease: leaseAt(null), by: null }] });
          } else {
            const gap = channel.inTime(one.length, one.by);
            expect(gap !== null).toBe(feasible([...accepted, one]));
            if (gap === null) continue;
            accepted.push(one);
            channel.rearrange(gap);
            channel.add({
              ...slot,
              from: gap.from,
              until: gap.from + one.length,
              users: [{ lease: leaseAt(one.by), by: one.by }],
            });
          }
          inOrder(channel);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('a transfer gives way once nobody is left who was promised it', () => {
  const channel = new Channel(emptyState(), 0);
  const [promised, waiting] = [leaseAt(10), leaseAt(null)];
  const users = [
    { lease: promised, by: 10 },
    { lease: waiting, by: null },
  ];
  channel.add({ id: 1, image: 'a', begun: false, fixed: false, ahead: [], from: 0, until: 10, users });
  expect(channel.inTime(10, 10)).toBeNull();
  channel.leave(promised);
  expect(channel.inTime(10, 10)).toEqual({ from: 0, moved: [], displaced: [waiting] });
});

/** One after another, not before 0, and each in time. */
function inOrder(channel: Channel): void {
  channel.all.forEach((slot, i) => {
    expect(slot.from).toBeGreaterThanOrEqual(i === 0 ? 0 : channel.all[i - 1]!.until);
    const { terms } = slot.users[0]!.lease;
    if (terms.start.kind === 'advance') expect(slot.until).toBeLessThanOrEqual(terms.start.at);
  });
}
