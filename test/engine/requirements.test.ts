/** Requirements and rank: which nodes a lease may use, and which of them come first. */

import { describe, expect, test } from 'vitest';
import {
  type Command,
  decide,
  evolve,
  type LoadClass,
  type Policy,
  type State,
  type Where,
} from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { meets, rankPools } from '../../engine/schedule/requirements.js';
import { type Occupant, occupied, request } from '../support/occupied.js';
import { MINUTE, nodes } from '../support/play.js';

const NODES = [
  nodes(1, 4, 8192, { labels: { site: 'lyon', ssd: 'true' } }),
  nodes(1, 8, 4096, { labels: { site: 'lyon', 'gpu-model': 'a100' } }),
  nodes(1, 2.5, 4096, { labels: { site: 'nancy', vms: '99' } }),
];

/** Numbers of the nodes that meet the requirements. */
function meeting(requirements: string, state: State = occupied(NODES, [])): number[] {
  const { terms } = state.leases.get(request(state, 'new', [[1, 1, 0]], { requirements }))!;
  return state.pools.filter((pool) => meets(state, pool, terms)).map((pool) => pool.nodes[0]!);
}

describe('requirements', () => {
  test.each([
    ['true', [1, 2, 3]],
    ['site == "lyon"', [1, 2]],
    ['ssd', [1]],
    ['!ssd', [2, 3]],
    ['cpu >= 4 && memory <= 4096', [2]],
    ['cpu == 2.5', [3]],
    ['label("gpu-model") == "a100" || memory > 8000', [1, 2]],
    ['node != 2', [1, 3]],
    ['defined(label("toString"))', []],
    ['gpu >= 1', []],
    ['gpu < 1', []],
    ['site', []],
  ])('%s', (requirements, numbers) => {
    expect(meeting(requirements)).toEqual(numbers);
  });

  test('a lease without any may use every node', () => {
    const state = occupied(NODES, []);
    const { terms } = state.leases.get(request(state, 'new', [[1, 1, 0]]))!;
    expect(state.pools.every((pool) => meets(state, pool, terms))).toBe(true);
    expect(state.pools.every((pool) => meets(state, pool, { ...terms, where: null }))).toBe(true);
  });

  test('a node that is drained is still the same', () => {
    const state = occupied(NODES, []);
    for (const node of [1, 3]) evolve(state, { type: 'NodeDrained', node }, 0);
    const { terms } = state.leases.get(request(state, 'new', [[1, 1, 0]], { requirements: 'node != 1' }))!;
    expect(state.pools.map((pool) => meets(state, pool, terms))).toEqual([false, true, true]);
  });

  test('nodes that are counted have no number', () => {
    const state = occupied([nodes(3, 1, 1024, { exclusive: true })], [], { suspension: 'none' });
    expect(meeting('node == 1', state)).toEqual([]);
  });
});

describe('rank', () => {
  /** Numbers of the nodes by rank at minute 0, those of a counted pool by its first. */
  function ranked(
    rank: string | null,
    occupants: readonly Occupant[],
    site = [nodes(4, 4, 4096)],
    policy: Partial<Policy> = {},
    seen: readonly LoadClass[] = [],
  ): number[] {
    const state = occupied(site, occupants, policy);
    for (const [i, load] of seen.entries()) evolve(state, { type: 'NodeLoadObserved', at: 0, node: i + 1, load }, 0);
    const lease = state.leases.get(request(state, 'new', [[1, 1, 0]], { rank }))!;
    const draft = Draft.of(state, 0);
    const pools = [...state.pools];
    rankPools(draft, pools, 0, lease);
    draft.finish();
    return pools.map((pool) => pool.nodes[0]!);
  }

  const busy: readonly Occupant[] = [
    { vms: [[3, 0.5, 0]], nodes: [1, 1, 1, 1, 1, 1], from: 0, until: 90 },
    { vms: [[1, 3, 0]], nodes: [2, 2], from: 0, until: 90 },
    {
      vms: [
        [1, 1, 0],
        [2, 0.5, 0],
      ],
      nodes: [3, 3, 2, 3],
      from: 0,
      until: 90,
    },
    { vms: [[4, 1, 0]], pools: [3, 4], from: 30, until: 90 },
  ];

  test.each<[string | null, number[]]>([
    [null, [1, 2, 3, 4]],
    ['0', [1, 2, 3, 4]],
    ['node', [4, 3, 2, 1]],
    ['vms', [1, 2, 3, 4]], // 3, 2, 2, 0
    ['-vms', [4, 2, 3, 1]],
    ['-leases', [4, 1, 3, 2]], // 1, 2, 1, 0
    ['cpuFree', [4, 1, 3, 2]], // 2.5, 0.5, 2.5, 4
    ['-(vms*50 + cpuFree)', [4, 2, 3, 1]],
    ['nothing', [1, 2, 3, 4]],
    ['1 / (node - 2)', [3, 4, 1, 2]], // -1, missing, 1, 0.5
  ])('%s', (rank, numbers) => {
    expect(ranked(rank, busy)).toEqual(numbers);
  });

  test('what the draft starts counts, and what it stops or takes back does not', () => {
    const state = occupied([nodes(3, 4, 4096)], [{ vms: [[2, 1, 0]], nodes: [1, 1, 1, 1], from: 0, until: 90 }]);
    const [starting, ranking] = ['a', 'b'].map(
      (id) => state.leases.get(request(state, id, [[3, 1, 0]], { rank: 'vms' }))!,
    );
    const draft = Draft.of(state, 0);
    const order = () => {
      const pools = [...state.pools];
      rankPools(draft, pools, 0, ranking!);
      return pools.map((pool) => pool.index + 1);
    };
    expect(order()).toEqual([1, 2, 3]);
    const loads = [{ pool: 2, amounts: [3000, 0] }];
    draft.place(starting!, { loads, from: 0, until: 60 * MINUTE });
    draft.start(starting!, [2, 3], 60 * MINUTE);
    expect(order()).toEqual([3, 1, 2]);
    draft.stop(state.leases.get('1')!, 'preempted', 'queue', []);
    expect(order()).toEqual([3, 1, 2]);
    draft.lift(starting!);
    expect(order()).toEqual([1, 2, 3]);
    draft.finish();
  });

  test.each<[string, number[]]>([
    ['(load == "idle") * 2 + (load == "low")', [3, 2, 1, 4]],
    ['-(load == "high")', [2, 3, 4, 1]],
    ['load == "unknown"', [4, 1, 2, 3]],
    ['load', [1, 2, 3, 4]], // text is no rank
  ])('%s, as nodes were seen last', (rank, numbers) => {
    const site = [nodes(4, 4, 4096, { labels: { load: 'idle' } })];
    expect(ranked(rank, [], site, {}, ['high', 'low', 'idle'])).toEqual(numbers);
  });

  test('of nodes that are counted an empty one is offered', () => {
    const site = [nodes(2, 8, 1024, { exclusive: true }), nodes(1, 4)];
    const leases = (...taken: number[]): Occupant[] =>
      taken.map((node) => ({ vms: [[1, 1, 0]], nodes: [node, node], from: 0, until: 90 }));
    const policy = { suspension: 'none' } as const;
    expect(ranked('cpuFree', leases(1), site, policy)).toEqual([1, 3]);
    expect(ranked('cpuFree', leases(1, 2), site, policy)).toEqual([3, 1]);
    expect(ranked('vms + leases', leases(1, 2, 3), site, policy)).toEqual([3, 1]);
    expect(ranked('-(load == "unknown")', [], site, policy, ['idle', 'idle', 'high'])).toEqual([3, 1]);
  });
});

describe('expressions that mean nothing are not accepted', () => {
  function rejection(where: Partial<Where>) {
    const state = occupied(NODES, []);
    const { terms } = state.leases.get(request(state, 'new', [[1, 1, 0]], where))!;
    const command: Command = { type: 'SubmitLease', lease: 'newer', terms, key: null };
    const decided = decide(state, command, 0);
    return decided.ok ? null : decided.rejection;
  }

  test('with the column, and what was expected', () => {
    expect(rejection({ requirements: 'cpu >= 4', rank: '-vms' })).toBeNull();
    expect(rejection({ requirements: 'cpu >=' })).toEqual({
      code: 'terms-invalid',
      detail: 'column 7: expected a value, found the end',
      pointer: '/where/requirements',
    });
    expect(rejection({ rank: '1 +' })).toMatchObject({ pointer: '/where/rank' });
    expect(rejection({ rank: '1'.repeat(1025) })).toMatchObject({ detail: /^column 1025: .* at most 1024 characters/ });
  });

  test.each(['cpuFree > 1', 'vms == 0', 'leases == 0 || true', 'load == "idle"', 'defined(memoryFree)'])(
    'requirements cannot change with time: %s',
    (requirements) => {
      expect(rejection({ requirements })?.detail).toContain('changes all the time');
      expect(rejection({ rank: requirements })).toBeNull();
    },
  );
});
