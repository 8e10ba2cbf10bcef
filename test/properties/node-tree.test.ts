/** The tree of shared nodes beside a slow twin that asks every node, and what is looked for by it. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FOREVER } from '../../engine/index.js';
import { packAlike } from '../../engine/schedule/alike.js';
import { Draft } from '../../engine/schedule/draft.js';
import { InVain } from '../../engine/schedule/in-vain.js';
import { instants, likelyInstants } from '../../engine/schedule/instants.js';
import { pack } from '../../engine/schedule/pack.js';
import { NodeTree } from '../../engine/state/node-tree.js';
import { Profile } from '../../engine/state/profile.js';
import { begun, nodes } from '../support/play.js';

interface Node {
  readonly index: number;
  readonly counted: boolean;
  readonly nodes: number[];
  readonly profile: Profile;
}

/** One step: a node comes, goes or returns, something is taken or given back, time passes, or somebody looks for room. */
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('come' as const), counted: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const), node: fc.nat(99) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      node: fc.nat(99),
      from: fc.nat(20),
      length: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(FOREVER)),
      cpus: fc.integer({ min: -2, max: 3 }),
      memory: fc.integer({ min: -2, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: -1, max: 9 }) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      cpus: fc.integer({ min: 0, max: 5 }),
      memory: fc.integer({ min: 0, max: 5 }),
      later: fc.oneof(fc.constant(0), fc.nat(30)),
    }),
  },
);

function freeAt({ nodes, profile }: Node, at: number): number[] {
  return [0, 1].map((r) => (nodes.length === 0 ? Number.NEGATIVE_INFINITY : profile.freeAt(at, r)));
}

describe('the tree of nodes', () => {
  test('finds the nodes that have room, or may have by then, and knows what is free on all of them', () => {
    let steps = 0;
    const history = fc.array(step, { minLength: 400, maxLength: 600, size: 'max' });
    fc.assert(
      fc.property(history, (all) => {
        const tree = new NodeTree<Node>();
        const nodes: Node[] = [];
        let now = 0;
        const shared = () => nodes.filter(({ counted }) => !counted);
        for (const one of all) {
          steps++;
          const node = 'node' in one && nodes.length > 0 ? nodes[one.node % nodes.length]! : null;
          if (one.do === 'come') {
            const counted = one.counted === 0;
            const profile = new Profile(counted ? [4] : [4, 4]);
            nodes.push({ index: nodes.length, counted, nodes: [1, 1], profile });
            tree.add(nodes.at(-1)!);
          } else if (one.do === 'turn' && node !== null) {
            if (node.nodes.length > 0) node.nodes.length = 0;
            else node.nodes.push(1, 1);
            tree.changed(node.index);
          } else if (one.do === 'take' && node !== null && !node.counted) {
            const until = one.length === FOREVER ? FOREVER : now + one.from + one.length;
            node.profile.add(now + one.from, until, [one.cpus, one.memory], -1);
          } else if (one.do === 'pass') now = Math.max(0, now + one.time);
          else if (one.do === 'look') {
            tree.refresh(now);
            const demand = [one.cpus, one.memory];
            const at = now + one.later;
            const mayHave = (node: Node) =>
              node.profile.nextChange(now) <= at || freeAt(node, now).every((free, r) => free >= demand[r]!);
            const found = tree.search(demand, at);
            const numbers = (some: readonly Node[]) => some.map(({ index }) => index).join(' ');
            expect(numbers(found)).toBe(numbers(shared().filter(mayHave)));
            const again = tree.search(demand, at);
            expect(numbers(again)).toBe(numbers(found));
            expect(numbers(shared().filter(({ index }) => tree.finds(index, demand, at)))).toBe(numbers(found));
            const sum = [0, 0];
            for (const node of shared())
              for (const [r, free] of freeAt(node, now).entries()) sum[r]! += Math.max(0, free);
            if (shared().length > 0) {
              expect(tree.sum.join(' ')).toBe(sum.join(' '));
              const changes = shared().map(({ profile }) => profile.nextChange(now));
              expect(tree.nextChange(1)).toBe(Math.min(...changes));
            }
          }
        }
      }),
      { numRuns: 250 },
    );
    expect(steps).toBeGreaterThan(100_000);
  }, 240_000);

  test('a plan on trial finds the same by it as by asking all nodes, whatever it holds itself', () => {
    const CPU = 1000;
    const held = fc.record({
      pool: fc.nat(8),
      from: fc.nat(30),
      length: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant(FOREVER)),
      cpus: fc.integer({ min: 1, max: 4 }),
      memory: fc.nat(4),
      trial: fc.boolean(),
    });
    const asked = fc.record({
      at: fc.oneof(fc.constant(0), fc.nat(50)),
      length: fc.integer({ min: 1, max: 40 }),
      vms: fc.integer({ min: 1, max: 14 }),
      cpus: fc.integer({ min: 0, max: 3 }),
      memory: fc.integer({ min: 1, max: 3 }),
      also: fc.option(held),
    });
    const cases = fc.record({
      now: fc.nat(20),
      holds: fc.array(held, { maxLength: 25 }),
      questions: fc.array(asked, { minLength: 20, maxLength: 30, size: 'max' }),
    });
    fc.assert(
      fc.property(cases, ({ now, holds, questions }) => {
        const classes = [nodes(6, 4, 4), nodes(2, 4, 4, { exclusive: true }), nodes(1, 2, 8)];
        const one = { id: 'waits', vms: [[1, 1, 1] as const], minutes: 1, held: true };
        const state = begun(classes, [one], { backfilling: { kind: 'none' } });
        const lease = [...state.leases.values()][0]!;
        const loadOf = ({ pool, cpus, memory }: { pool: number; cpus: number; memory: number }) => {
          const { counted, index } = state.pools[pool % state.pools.length]!;
          return { pool: index, amounts: counted ? [cpus] : [cpus * CPU, memory] };
        };
        for (const hold of holds) {
          const until = hold.length === FOREVER ? FOREVER : hold.from + hold.length;
          const { pool, amounts } = loadOf(hold);
          if (!hold.trial) state.pools[pool]!.profile.add(hold.from, until, amounts, -1);
        }
        const draft = Draft.of(state, now);
        const inVain = new InVain();
        const plan = (hold: (typeof holds)[number]) =>
          draft.take(
            [loadOf(hold)],
            now + hold.from,
            hold.length === FOREVER ? FOREVER : now + hold.from + hold.length,
          );
        for (const hold of holds) if (hold.trial) plan(hold);
        for (const { at, length, vms, cpus, memory, also } of questions) {
          const group = { name: null, vms, demand: [cpus * CPU, memory], image: null };
          const fits = (from: number) => {
            const rooms = state.pools.map((pool) => {
              const free = new Array<number>(pool.profile.width).fill(0);
              draft.profile(pool.index).minimum(from, from + length, free);
              return { pool, free };
            });
            return pack([group], rooms) !== null;
          };
          // 1. Where it fits, …
          const found = packAlike(draft, lease, group, now + at, length, () => true);
          expect(found !== null).toBe(fits(now + at));
          const asks = { ...lease, vms, terms: { ...lease.terms, groups: [group] } };
          expect(state.asks.vms(asks, state.resources.length)).toBe(vms);
          if (at === 0 && inVain.tells(state.asks, asks, vms, length)) expect(found).toBeNull();
          if (at === 0 && found === null) inVain.add(asks, length);
          // 2. … what is free altogether, …
          const sum = state.resources.map((_, r) =>
            state.pools.reduce((total, { index, counted, capacity }) => {
              const free = Math.max(0, draft.profile(index).freeAt(now, counted ? 0 : r));
              return total + (counted ? free * capacity[r]! : free);
            }, 0),
          );
          expect(draft.freeAltogether(now)).toEqual(sum);
          // 3. … and when it could begin.
          const all = [...instants(draft, now + at, FOREVER)];
          const releases = new Set([now + at]);
          for (const { index } of state.pools)
            draft.profile(index).forEachRelease(now + at, (time) => releases.add(time));
          expect(all).toEqual([...releases].sort((a, b) => a - b));
          const likely = new Set(likelyInstants(draft, asks, now + at, FOREVER));
          expect([...likely].filter((time) => !releases.has(time))).toEqual([]);
          expect(all.filter((time) => fits(time) && !likely.has(time))).toEqual([]);
          if (also !== null) plan(also);
        }
        draft.finish();
      }),
      { numRuns: 400 },
    );
  }, 240_000);
});
