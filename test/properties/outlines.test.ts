/** Outlines, beside a table that keeps what was noted, and beside the leases that they are of. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyState, foldTurn, forkState, type Lease, type State } from '../../engine/index.js';
import { Random } from '../../engine/kit/random.js';
import { Outlines } from '../../engine/state/outlines.js';
import { play } from '../support/play.js';
import { SITES, workloads } from './workloads.js';

const OPERATIONS = 100_000;

test('say what was noted last of each slot, and so do copies (10^5 operations)', () => {
  const random = new Random(1);
  let [fast, slow] = [new Outlines(), new Map<number, Noted>()];
  const kept: (readonly [Outlines, Map<number, Noted>])[] = [];
  for (let i = 0; i < OPERATIONS; i++) {
    // Slots are taken from the least on: more of them the longer it goes on.
    const lease: Noted = {
      slot: random.below(Math.floor(i / 40) + 1),
      vms: 1 + random.below(5000),
      loads: random.chance(3, 10) ? null : [],
      from: 1 + random.below(2 ** 45),
      remaining: 1 + random.below(2 ** 40),
      firstStart: random.chance(3, 10) ? random.below(2 ** 45) : null,
    };
    fast.note(lease);
    slow.set(lease.slot, lease);
    agree(fast, slow, lease.slot);
    agree(fast, slow, random.below(Math.floor(i / 40) + 1));
    if (i % 1000 !== 0) continue;
    // A fork goes on by itself, and what it is of stays as it is.
    const copy = new Outlines();
    copy.copyFrom(fast);
    kept.push([fast, slow]);
    [fast, slow] = [copy, new Map(slow)];
  }
  for (const [outlines, noted] of [...kept.slice(-10), [fast, slow] as const])
    for (const slot of noted.keys()) agree(outlines, noted, slot);
});

type Noted = Parameters<Outlines['note']>[0];

function agree(fast: Outlines, slow: ReadonlyMap<number, Noted>, slot: number): void {
  const noted = slow.get(slot);
  if (noted === undefined) return;
  const { loads, from, vms, remaining, firstStart } = noted;
  const said = [fast.from(slot), fast.vms(slot), fast.length(slot)];
  expect(said).toEqual([loads === null ? 0 : from, vms, firstStart === null ? remaining : 0]);
}

test('say no more of a reservation that may move than its lease does, after every turn and in forks', async () => {
  let looks = 0;
  for (const site of Object.values(SITES))
    await fc.assert(
      fc.asyncProperty(workloads({ advance: 2, immediate: 1 }), async (asked) => {
        const { turns } = await play(site, asked, { backfilling: { kind: 'conservative' } });
        let state = emptyState();
        turns.forEach((turn, i) => {
          state = foldTurn(state, turn);
          for (const lease of state.queue) looks += look(state, lease);
          if (i % 7 === 0) state = forkState(state);
        });
      }),
    );
  expect(looks).toBeGreaterThan(1000);
});

/** How many reservations were looked at. */
function look({ outlines }: State, { slot, loads, from, vms, remaining }: Lease): number {
  expect(outlines.from(slot)).toBe(loads === null ? 0 : from);
  if (loads === null) return 0;
  expect(outlines.vms(slot)).toBe(vms);
  expect(outlines.length(slot)).toBeLessThanOrEqual(remaining);
  return 1;
}
