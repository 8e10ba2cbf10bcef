/** Node choices: which nodes each of them prefers, worked out by hand. Nodes are named by number. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evolve, type LoadClass, type NodeClass, type Policy } from '../../engine/index.js';
import { faultOfNodeChoice, type NodeChoiceName } from '../../engine/model/node-choice-options.js';
import { deal } from '../../engine/schedule/deal.js';
import { Draft } from '../../engine/schedule/draft.js';
import { NODE_CHOICE, vmsPerRound } from '../../engine/schedule/node-choice/index.js';
import { type Occupant, occupied, request } from '../support/occupied.js';
import { drawn, MINUTE, nodes, play } from '../support/play.js';

/** Node numbers in the order in which they are offered to a lease that would begin at minute 0 for an hour. `seen`: loads. */
function offered(
  choice: NodeChoiceName,
  site: readonly Omit<NodeClass, 'first'>[],
  occupants: readonly Occupant[] = [],
  policy: Partial<Policy> = {},
  seen: readonly LoadClass[] = [],
): number[] {
  const state = occupied(site, occupants, policy);
  for (const [i, load] of seen.entries()) evolve(state, { type: 'NodeLoadObserved', at: 0, node: i + 1, load }, 0);
  const lease = state.leases.get(request(state, 'new', [[1, 1, 0]]))!;
  const draft = Draft.of(state, 0);
  const pools = [...state.pools];
  NODE_CHOICE[choice](draft, pools, 0, 60 * MINUTE, lease);
  draft.finish();
  return pools.map((pool) => pool.nodes[0]!);
}

/** Four nodes of 4 cpus and 4 GiB: one cpu used on the first, three on the second, all on the third. */
const FOUR = [nodes(4, 4, 4096)];
const STEPS: readonly Occupant[] = [
  { vms: [[1, 1, 1024]], nodes: [1, 1], from: 0, until: 90 },
  { vms: [[3, 1, 1024]], nodes: [2, 2, 2, 2, 2, 2], from: 0, until: 90 },
  { vms: [[1, 4, 4096]], nodes: [3, 3], from: 0, until: 90 },
];

describe('nodes come', () => {
  test('first@1: as they are numbered', () => {
    expect(offered('first@1', FOUR, STEPS)).toEqual([1, 2, 3, 4]);
  });

  test('packed@1: the fullest first', () => {
    expect(offered('packed@1', FOUR, STEPS)).toEqual([3, 2, 1, 4]);
  });

  test('striping@1: the emptiest first', () => {
    expect(offered('striping@1', FOUR, STEPS)).toEqual([4, 1, 2, 3]);
  });

  test('greedy@1: with few leases, then those that stay as they are', () => {
    // Node 1 has a lease: 0.375 + 0.25 + 0.25. Node 2 changes after 15 minutes of 60: 0.5 + 0.25 + 0.0625. Node 3: 1.
    const leases: Occupant[] = [
      { vms: [[1, 1, 0]], nodes: [1, 1], from: 0, until: 90 },
      { vms: [[1, 1, 0]], pools: [1, 1], from: 15, until: 90 },
    ];
    expect(offered('greedy@1', [nodes(3, 4)], leases)).toEqual([3, 1, 2]);
  });

  test('round-robin@1: behind the last node of the lease that began last', () => {
    expect(offered('round-robin@1', FOUR)).toEqual([1, 2, 3, 4]);
    const later: Occupant[] = [
      { vms: [[1, 1, 0]], nodes: [1, 1], from: -20, until: 90 },
      { vms: [[2, 4, 0]], nodes: [2, 3], from: -10, until: 90 },
      { vms: [[1, 1, 0]], nodes: [4, 4], from: -15, until: 90 },
      { vms: [[1, 1, 0]], pools: [0, 1], from: 30, until: 90 },
    ];
    expect(offered('round-robin@1', FOUR, later)).toEqual([4, 1, 2, 3]);
  });

  test('round-robin@1: of leases that began together, the one that arrived last', () => {
    expect(offered('round-robin@1', FOUR, STEPS)).toEqual([4, 1, 2, 3]);
    expect(offered('round-robin@1', FOUR, [STEPS[2]!, STEPS[1]!, STEPS[0]!])).toEqual([2, 3, 4, 1]);
  });

  test('round-robin@1: leases that overlap take turns', async () => {
    const leases = ['A', 'B', 'C', 'D'].map((id, i) => ({ id, vms: 1, minutes: 60, at: i * 5 }));
    const played = await play([nodes(3, 4, 8192)], leases, { nodeChoice: 'round-robin@1' });
    expect(played.draw(80)).toBe(
      drawn(`
      n1 |AAA222222222DDD.
      n2 |.BBBBBBBBBBBB...
      n3 |..CCCCCCCCCCCC..`),
    );
  });

  test('load-aware@1: by cpu or memory, whichever is scarcer, while the lease lasts', () => {
    const leases: Occupant[] = [
      { vms: [[1, 1, 3072]], nodes: [1, 1], from: 0, until: 90 }, // memory: a quarter is free
      { vms: [[1, 2, 1024]], nodes: [2, 2], from: 0, until: 90 }, // cpu: half
      { vms: [[1, 4, 1024]], pools: [2, 1], from: 30, until: 90 }, // no cpu from minute 30 on
      { vms: [[1, 4, 1024]], pools: [3, 1], from: 60, until: 90 }, // the lease is over by then
    ];
    expect(offered('load-aware@1', FOUR, leases)).toEqual([4, 2, 1, 3]);
  });

  test('by-load@1: by what was seen, then by what is free', () => {
    const sees = (...seen: LoadClass[]) => offered('by-load@1', FOUR, STEPS, {}, seen);
    expect(sees()).toEqual([4, 1, 2, 3]); // 4, 3, 1 and 0 cpus
    expect(sees('high', 'unknown', 'idle', 'low')).toEqual([3, 4, 2, 1]);
    expect(sees('high', 'low', 'low', 'high')).toEqual([2, 3, 4, 1]);
    expect(sees('unknown', 'high')).toEqual([4, 1, 3, 2]);
  });

  test('fixed-priority@1: by the label of that name', () => {
    const labelled = ['5', '10', 'high', '-1'].map((priority) => nodes(1, 1, 1024, { labels: { priority } }));
    expect(offered('fixed-priority@1', [...labelled, nodes(1)])).toEqual([2, 1, 3, 5, 4]);
  });

  test('random@1: the same for the same seed, another for another', () => {
    const orders = [1, 1, 2, 3, 4].map((seed) =>
      offered('random@1', [nodes(8)], [], { nodeChoice: 'random@1', nodeChoiceOptions: { seed } }),
    );
    expect(orders[0]).toEqual(orders[1]);
    expect(new Set(orders.map(String)).size).toBe(4);
    expect(offered('random@1', [nodes(8)])).toEqual(orders[0]);
  });

  test('random@1: each node is first for about as many leases as any other', () => {
    const state = occupied([nodes(4)], []);
    const firsts = [0, 0, 0, 0];
    for (let i = 0; i < 400; i++) {
      const pools = [...state.pools];
      const draft = Draft.of(state, 0);
      const lease = state.leases.get(request(state, `${i}`, [[1, 1, 0]]))!;
      NODE_CHOICE['random@1'](draft, pools, 0, MINUTE, lease);
      draft.finish();
      firsts[pools[0]!.index]!++;
    }
    for (const count of firsts) expect(count).toBeGreaterThan(70);
  });
});

test('nodes that are counted are as full as the share of them that is taken', () => {
  const exclusive = (count: number, cpu: number) => nodes(count, cpu, 1024, { exclusive: true });
  const site = [exclusive(4, 1), exclusive(4, 2), nodes(1, 4)];
  const leases: Occupant[] = [
    { vms: [[3, 1, 0]], nodes: [1, 3], from: 0, until: 90 },
    { vms: [[1, 1, 0]], nodes: [5, 5], from: 0, until: 90 },
    { vms: [[1, 2, 512]], nodes: [9, 9], from: 0, until: 90 },
  ];
  const policy = { suspension: 'none' } as const;
  expect(offered('packed@1', site, leases, policy)).toEqual([1, 9, 5]);
  expect(offered('striping@1', site, leases, policy)).toEqual([5, 9, 1]);
  expect(offered('load-aware@1', site, leases, policy)).toEqual([5, 9, 1]);
  const seen: LoadClass[] = [...Array<LoadClass>(8).fill('idle'), 'high']; // of counted nodes it is not known
  expect(offered('by-load@1', site, leases, policy, seen)).toEqual([5, 1, 9]);
});

describe('VMs are dealt', () => {
  function dealt(policy: Partial<Policy>, vms: Occupant['vms'], site = [nodes(3, 4)]) {
    const state = occupied(site, [], policy);
    const { groups } = state.leases.get(request(state, 'new', vms))!.terms;
    const rooms = state.pools.map((pool) => ({
      pool,
      free: pool.counted ? [pool.profile.freeAt(0, 0)] : [...pool.capacity],
    }));
    return deal(groups, rooms, vmsPerRound(state.policy)!);
  }

  test('n-by-hosts@1: n on each node before the next one is looked at', () => {
    const by = (n: number) => ({ nodeChoice: 'n-by-hosts@1', nodeChoiceOptions: { n } });
    expect(dealt(by(1), [[4, 1, 0]])).toEqual([0, 2, 1, 1, 2, 1]);
    expect(dealt(by(2), [[4, 1, 0]])).toEqual([0, 2, 1, 2]);
    expect(dealt(by(3), [[4, 1, 0]])).toEqual([0, 3, 1, 1]);
    expect(dealt(by(2), [[12, 1, 0]])).toEqual([0, 4, 1, 4, 2, 4]);
    expect(dealt(by(2), [[13, 1, 0]])).toBeNull();
    expect(dealt({ nodeChoice: 'n-by-hosts@1' }, [[2, 1, 0]])).toEqual([0, 1, 1, 1]);
  });

  test('striping@1: one on each', () => {
    expect(dealt({ nodeChoice: 'striping@1' }, [[3, 1, 0]])).toEqual([0, 1, 1, 1, 2, 1]);
  });

  test('VMs of another group go on with the round, larger ones first', () => {
    expect(
      dealt({ nodeChoice: 'striping@1' }, [
        [1, 1, 0],
        [2, 3, 0],
      ]),
    ).toEqual([2, 1, 0, 1, 1, 1]);
  });

  test('counted nodes take one each, all at once', () => {
    const site = [nodes(5, 1, 1024, { exclusive: true }), nodes(1, 4)];
    expect(dealt({ nodeChoice: 'striping@1', suspension: 'none' }, [[7, 1, 0]], site)).toEqual([0, 5, 1, 2]);
  });

  test('not at all by the others', () => {
    expect(vmsPerRound(occupied([], [], { nodeChoice: 'packed@1' }).policy)).toBeNull();
  });
});

test.each([
  ['greedy@1', {}, null],
  ['n-by-hosts@1', { n: 4 }, null],
  ['random@1', { seed: 0 }, null],
  ['greedy@2', {}, /^node choice greedy@2 is not known; known are greedy@1, /],
  ['toString', {}, /is not known/],
  ['greedy@1', { n: 1 }, /^node choice greedy@1 has no option n; it takes none$/],
  ['random@1', { n: 1 }, /^node choice random@1 has no option n; it takes seed$/],
  ['n-by-hosts@1', { n: 0 }, /^option n of node choice n-by-hosts@1 is a whole number from 1 to 1000000, not 0$/],
  ['n-by-hosts@1', { n: 1.5 }, /not 1.5$/],
  ['n-by-hosts@1', { toString: 1 }, /has no option toString/],
] as const)('options of %s: %j', (name, options, fault) => {
  const found = faultOfNodeChoice(name, options as unknown as Record<string, number>);
  if (fault === null) expect(found).toBeNull();
  else expect(found).toMatch(fault);
});

test('docs/adding-a-policy.md shows the function and its test as they are', () => {
  const here = readFileSync('test/engine/node-choice.test.ts', 'utf8').replace(/^ +/gm, '');
  const shown = [...readFileSync('docs/adding-a-policy.md', 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
    ([, code]) => code!,
  );
  expect(shown).toHaveLength(2);
  expect(shown[0]).toBe(readFileSync('engine/schedule/node-choice/fixed-priority.ts', 'utf8'));
  expect(here).toContain(shown[1]!.replace(/^ +/gm, ''));
});
