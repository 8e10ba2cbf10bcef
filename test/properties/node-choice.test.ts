/** Every node choice gives a total order: all nodes once, whatever order they came in, and the same again on replay. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeState, encodeState, NODE_CHOICES, type State } from '../../engine/index.js';
import { deal } from '../../engine/schedule/deal.js';
import { Draft } from '../../engine/schedule/draft.js';
import { NODE_CHOICE } from '../../engine/schedule/node-choice/index.js';
import { pack } from '../../engine/schedule/pack.js';
import { type Occupant, occupied, request } from '../support/occupied.js';
import { MINUTE, nodes } from '../support/play.js';

/** Four shared nodes and a pool of four: leases of one small VM always have room. */
const SHARED = [nodes(2, 8, 8192), nodes(2, 16, 4096, { labels: { priority: '3' } })];
const COUNTED = nodes(4, 1, 1024, { exclusive: true });

const occupants = fc.array(
  fc
    .record({
      node: fc.integer({ min: 1, max: 4 }),
      from: fc.integer({ min: -60, max: 60 }),
      length: fc.integer({ min: 61, max: 200 }),
    })
    .map(
      ({ node, from, length }): Occupant => ({
        vms: [[1, 1, 256]],
        from,
        until: from + length,
        ...(from <= 0 ? { nodes: [node, node] } : { pools: [node - 1, 1] }),
      }),
    ),
  { maxLength: 8 },
);

function order(state: State, choice: (typeof NODE_CHOICES)[number], indices: readonly number[], at: number) {
  const draft = Draft.of(state, 0);
  const pools = indices.map((index) => state.pools[index]!);
  NODE_CHOICE[choice](draft, pools, at * MINUTE, 60 * MINUTE, state.leases.get('new')!);
  draft.finish();
  return pools.map((pool) => pool.index);
}

test.each(NODE_CHOICES)('%s', (choice) => {
  fc.assert(
    fc.property(
      occupants,
      fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
      fc.integer({ min: 0, max: 90 }),
      fc.nat(1_000_000_000),
      (leases, indices, at, seed) => {
        const state = occupied([...SHARED, COUNTED], leases, {
          suspension: 'none',
          nodeChoice: choice,
          nodeChoiceOptions: choice === 'random@1' ? { seed } : {},
        });
        request(state, 'new', [[1, 1, 256]]);
        const before = encodeState(state);
        const ordered = order(state, choice, indices, at);
        expect([...ordered].sort()).toEqual([...indices].sort());
        expect(order(state, choice, [...indices].reverse(), at)).toEqual(ordered);
        expect(order(decodeState(before), choice, indices, at)).toEqual(ordered);
        expect(encodeState(state)).toBe(before);
      },
    ),
    { numRuns: 100 },
  );
});

const groups = fc.array(
  fc
    .record({ vms: fc.integer({ min: 1, max: 6 }), cpu: fc.integer({ min: 1, max: 4 }) })
    .map(({ vms, cpu }) => ({ name: null, vms, demand: [cpu * 1000, 0], image: null })),
  { minLength: 1, maxLength: 3 },
);

test('what is dealt fits, in rounds: no node has more than a round more than another that had room', () => {
  fc.assert(
    fc.property(
      groups,
      fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      (asked, free, perRound) => {
        const state = occupied([nodes(free.length, 8)], []);
        const rooms = state.pools.map((pool, i) => ({ pool, free: [free[i]! * 1000, 0] }));
        const counts = deal(asked, rooms, perRound);
        if (asked.length === 1) expect(counts !== null).toBe(pack(asked, rooms) !== null);
        if (counts === null) return;
        const left = free.map((cpu) => cpu * 1000);
        const given = free.map(() => 0);
        const demands = asked.flatMap(({ vms, demand }) => Array.from({ length: vms }, () => demand[0]!));
        for (let i = 0; i < counts.length; i += 2)
          for (let k = 0; k < counts[i + 1]!; k++) {
            left[counts[i]!]! -= demands.shift()!;
            given[counts[i]!]!++;
          }
        expect(demands).toEqual([]);
        for (const cpu of left) expect(cpu).toBeGreaterThanOrEqual(0);
        if (asked.length > 1) return;
        const most = Math.max(...given);
        for (const [i, count] of given.entries())
          if (left[i]! >= asked[0]!.demand[0]!) expect(most - count).toBeLessThanOrEqual(perRound);
      },
    ),
    { numRuns: 1000 },
  );
});
