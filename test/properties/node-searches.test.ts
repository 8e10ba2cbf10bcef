/** Searches over many nodes that were made quick, each beside a slow twin that looks at all of them. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { couldEverFit, FOREVER, type NodeChoiceName, type Pool, type State } from '../../engine/index.js';
import { packAlike } from '../../engine/schedule/alike.js';
import { Draft } from '../../engine/schedule/draft.js';
import { instants } from '../../engine/schedule/instants.js';
import { NODE_CHOICE } from '../../engine/schedule/node-choice/index.js';
import { pack } from '../../engine/schedule/pack.js';
import { hold, holdInstead, letGo } from '../../engine/state/leases.js';
import { begun, nodes } from '../support/play.js';

const CHOICES: readonly NodeChoiceName[] = ['greedy@1', 'first@1', 'packed@1', 'load-aware@1', 'random@1'];
const CPU = 1000;
const NODES = 8;

/** What is held on one node. Less than nothing may be free, as where VMs stay on a node that is lost. */
const taken = fc.record({
  pool: fc.nat(NODES - 1),
  from: fc.nat(40),
  length: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(FOREVER)),
  cpus: fc.integer({ min: 0, max: 4 }),
  memory: fc.integer({ min: 0, max: 4 }),
});
const asked = fc.record({
  at: fc.nat(50),
  length: fc.integer({ min: 1, max: 40 }),
  vms: fc.integer({ min: 1, max: 12 }),
  cpus: fc.integer({ min: 0, max: 3 }),
  memory: fc.integer({ min: 1, max: 3 }),
  shunned: fc.nat(NODES - 1),
});

/** Nodes shared by VMs, nodes given whole but not counted, and some that are counted; and a lease that is too large for all. */
function site(choice: NodeChoiceName): State {
  const classes = [nodes(5, 4, 4), nodes(2, 4, 4, { exclusive: true }), nodes(1, 2, 8)];
  const one = { id: 'waits', vms: [[1, 1, 1] as const], minutes: 1, held: true };
  return begun(classes, [one], { nodeChoice: choice, backfilling: { kind: 'none' } });
}

type Taken = typeof taken extends fc.Arbitrary<infer T> ? T : never;

/** Takes it of the pool, counted nodes as such; what was there before is returned by the function. */
function occupy(state: State, { pool: index, from, length, cpus, memory }: Taken): void {
  const pool = state.pools[index % state.pools.length]!;
  const amounts = pool.counted ? [cpus] : [cpus * CPU, memory];
  pool.profile.add(from, length === FOREVER ? FOREVER : from + length, amounts, -1);
}

describe('searches over nodes', () => {
  test('VMs that are alike lie where packing all nodes in the order of the choice would have them', () => {
    const cases = fc.record({
      choice: fc.constantFrom(...CHOICES),
      holds: fc.array(taken, { maxLength: 20 }),
      questions: fc.array(asked, { minLength: 40, maxLength: 60 }),
    });
    fc.assert(
      fc.property(cases, ({ choice, holds, questions }) => {
        const state = site(choice);
        for (const one of holds) occupy(state, one);
        const draft = Draft.of(state, 0);
        const lease = [...state.leases.values()][0]!;
        for (const { at, length, vms, cpus, memory, shunned } of questions) {
          const group = { name: null, vms, demand: [cpus * CPU, memory], image: null };
          const mayUse = (pool: Pool) => pool.index !== shunned;
          const found = packAlike(draft, lease, group, at, length, mayUse);
          const inOrder = state.pools.filter(mayUse);
          NODE_CHOICE[choice](draft, inOrder, at, length, lease);
          const rooms = inOrder.map((pool) => {
            const free = new Array<number>(pool.profile.width).fill(0);
            pool.profile.minimum(at, at + length, free);
            return { pool, free };
          });
          expect(found).toEqual(pack([group], rooms));
        }
        draft.finish();
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  test('VMs that are alike could ever fit where they fit into all nodes while these are empty', () => {
    const state = site('first@1');
    const rooms = state.pools.map((pool) => ({ pool, free: pool.counted ? [2] : pool.leasable }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(5), fc.integer({ min: 1, max: 9 }), (vms, cpus, memory) => {
        const groups = [{ name: null, vms, demand: [cpus * CPU, memory], image: null }];
        const lease = [...state.leases.values()][0]!;
        expect(couldEverFit(state, { ...lease.terms, groups })).toBe(pack(groups, rooms) !== null);
      }),
      { numRuns: 1000 },
    );
  });

  test('the instants at which something is released are those of all nodes, each once and in order', () => {
    const cases = fc.record({
      holds: fc.array(taken, { maxLength: 25 }),
      windows: fc.array(fc.tuple(fc.nat(60), fc.oneof(fc.nat(80), fc.constant(FOREVER))), { minLength: 10 }),
    });
    fc.assert(
      fc.property(cases, ({ holds, windows }) => {
        const state = site('first@1');
        for (const one of holds) occupy(state, one);
        const draft = Draft.of(state, 0);
        for (const [after, limit] of windows) {
          const all = new Set(after < limit ? [after] : []);
          for (const { profile } of state.pools)
            profile.forEachRelease(after, (at) => {
              if (at < limit) all.add(at);
            });
          expect([...instants(draft, after, limit)]).toEqual([...all].sort((a, b) => a - b));
        }
        draft.finish();
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  test('a reservation that moves holds what one does that lets go and holds anew', () => {
    const load = fc.record({ pool: fc.nat(1), cpus: fc.integer({ min: 1, max: 3 }) });
    const place = fc.record({
      from: fc.nat(40),
      length: fc.integer({ min: 1, max: 30 }),
      loads: fc.uniqueArray(load, { minLength: 1, maxLength: 2, selector: ({ pool }) => pool }),
      now: fc.nat(3),
    });
    const history = fc.array(place, { minLength: 40, maxLength: 80 });
    fc.assert(
      fc.property(history, (places) => {
        const [quick, slow] = [site('first@1'), site('first@1')];
        let now = 0;
        for (const { from, length, loads, now: passed } of places) {
          now += passed;
          for (const state of [quick, slow]) {
            const lease = [...state.leases.values()][0]!;
            const held = loads.map(({ pool, cpus }) => ({ pool, amounts: [cpus * CPU, cpus] }));
            state.now = now;
            if (state === quick) holdInstead(state, lease, now + from, now + from + length, held);
            else {
              letGo(state, lease);
              hold(state, lease, now + from, now + from + length, held);
            }
            lease.pools = [held[0]!.pool, 1];
          }
          expect(written(quick, now)).toBe(written(slow, now));
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});

/** What is free from now on in the pools that are used here, and who holds anything there. */
function written({ pools }: State, now: number): string {
  return pools
    .slice(0, 2)
    .map(({ profile, holders }) => {
      let segments = `${[...holders].length}:`;
      profile.forEachSegment(now, (from, segment) => {
        segments += ` ${Math.max(from, now)} ${profile.amount(segment, 0)} ${profile.amount(segment, 1)}`;
      });
      return segments;
    })
    .join('\n');
}
