/** Who comes first: priorities, age, fair shares. Worked out by hand. */

import { describe, expect, test } from 'vitest';
import {
  decide,
  emptyState,
  explain,
  type FairShare,
  POLICY_DEFAULT,
  type Policy,
  takeTurn,
} from '../../engine/index.js';
import { fairShareFactors } from '../../engine/schedule/priority.js';
import { drawn, MINUTE, nodes, play, termsOf } from '../support/play.js';

const HOUR = 60 * MINUTE;
const FAIR: FairShare = { by: 'user', halfLife: 24 * HOUR, weight: 1, shares: {} };

describe('the order of the queue', () => {
  const leases = [
    { id: 'A', vms: 1, minutes: 10 },
    { id: 'B', vms: 1, minutes: 10 },
    { id: 'C', vms: 1, minutes: 10, priority: 5 },
    { id: 'D', vms: 1, minutes: 10, priority: 9 },
  ];

  test('a higher priority goes first; leases of the same one as they came', async () => {
    const { draw } = await play([nodes(1)], leases);
    expect(draw(40)).toBe('n1 |DDCCAABB');
  });

  test('by arrival, priorities do not count', async () => {
    const { draw } = await play([nodes(1)], leases, { queueOrder: 'arrival' });
    expect(draw(40)).toBe('n1 |AABBCCDD');
    const without = await play([nodes(1)], leases, { priorityWeight: 0 });
    expect(without.draw(40)).toBe('n1 |AABBCCDD');
  });

  test('a priority takes nothing from who runs, and backfilling goes on behind it', async () => {
    const { draw } = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 2, minutes: 10, at: 5 },
        { id: 'C', vms: 2, minutes: 10, at: 5, priority: 1 },
        { id: 'D', vms: 1, minutes: 15, at: 5 },
      ],
    );
    expect(draw(40)).toBe(
      drawn(`
      n1 |AAAACCBB
      n2 |.DDDCCBB`),
    );
  });

  test('who arrives with a higher priority is the first, and is not held back for those before it', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 20 },
      { id: 'B', vms: 2, minutes: 10 },
      { id: 'C', vms: 1, minutes: 60, at: 5, priority: 1 },
    ];
    for (const exclusive of [true, false]) {
      const site = [nodes(2, 1, 1024, { exclusive })];
      const { over } = await play(site, asked, { suspension: 'none' });
      expect(over.get('C')!.firstStart).toBe(5 * MINUTE);
      expect(over.get('B')!.firstStart).toBe(65 * MINUTE);
    }
  });

  test.each([
    { kind: 'conservative' },
    { kind: 'sticky', depth: null },
    { kind: 'sticky', depth: 1 },
    { kind: 'none' },
  ] as const)('under %j, too', async (backfilling) => {
    const { draw } = await play([nodes(1)], leases, { backfilling });
    expect(draw(40)).toBe('n1 |DDCCAABB');
  });

  test('age: who has waited long enough overtakes a higher priority', async () => {
    // A thousandth of 1000 minutes is a minute: when the node is free, A has 60 points, and C 45 and 5.
    const waiting = [
      { id: 'R', vms: 1, minutes: 60 },
      { id: 'A', vms: 1, minutes: 10 },
      { id: 'C', vms: 1, minutes: 10, at: 55, priority: 45 },
    ];
    const young = await play([nodes(1)], waiting, { ageMax: 1000 * MINUTE });
    expect(young.draw(80)).toBe('n1 |RRRRRRRRRRRRCCAA');
    const aged = await play([nodes(1)], waiting, { ageMax: 1000 * MINUTE, ageWeight: 1 });
    expect(aged.draw(80)).toBe('n1 |RRRRRRRRRRRRAACC');
    // C has 90 for its priority now, and 5 for its age.
    const heavier = await play([nodes(1)], waiting, { ageMax: 1000 * MINUTE, ageWeight: 1, priorityWeight: 2 });
    expect(heavier.draw(80)).toBe('n1 |RRRRRRRRRRRRCCAA');
  });

  test('a lease is told who goes before it', async () => {
    const { state } = await play([nodes(1)], []);
    const asked = ['A', 'B', 'C'] as const;
    const submit = (id: string, priority: number) => ({
      type: 'SubmitLease' as const,
      lease: id,
      terms: termsOf({ id, vms: 1, minutes: 10, priority }),
      key: null,
    });
    takeTurn(state, { observations: [], commands: asked.map((id, i) => submit(id, i)) }, 0);
    const behind = (id: string) => explain(state, id, 0).find(({ code }) => code === 'behind-in-queue')?.blockers ?? [];
    expect(behind('A')).toEqual(['B']);
    expect(behind('B')).toEqual([]);
    expect(state.leases.get('C')!.phase).toBe('starting');
  });
});

describe('victims', () => {
  test('lowest-priority@1: the lower priority makes room, then the younger', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 60, priority: 3 },
      { id: 'B', vms: 1, minutes: 60, priority: 1 },
      { id: 'C', vms: 1, minutes: 60, priority: 1 },
      { id: 'X', vms: 1, minutes: 20, at: 20, start: 'immediate' as const },
      { id: 'Y', vms: 1, minutes: 20, at: 25, start: 'immediate' as const },
    ];
    const policy = { victimOrder: 'lowest-priority@1', suspension: 'none', preemptors: ['immediate'] } as const;
    const { on } = await play([nodes(3)], asked, policy);
    const stopped = (id: string) => on(id).some((one) => one.type === 'StopOrdered' && one.cause === 'preempted');
    expect(['A', 'B', 'C'].map(stopped)).toEqual([false, true, true]);
    const [first] = on('C').filter((one) => one.type === 'StopOrdered');
    expect(first).toMatchObject({ reasons: [{ code: 'preempted', blockers: ['X'] }] });
  });
});

describe('fair share', () => {
  test('who used nothing comes before who used much, however long that one waits', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 60, user: 'ann' },
      { id: 'B', vms: 1, minutes: 20, at: 10, user: 'ann' },
      { id: 'C', vms: 1, minutes: 20, at: 30, user: 'bob' },
    ];
    const { draw } = await play([nodes(1)], asked, { fairShare: FAIR });
    expect(draw(100, 10)).toBe('n1 |AAAAAACCBB');
    const byProject = await play([nodes(1)], asked, { fairShare: { ...FAIR, by: 'project' } });
    expect(byProject.draw(100, 10)).toBe('n1 |AAAAAABBCC');
  });

  test('usage counts relative to shares: who has three times the share may use three times as much', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 60, user: 'ann' },
      { id: 'B', vms: 1, minutes: 30, user: 'bob' },
      { id: 'C', vms: 1, minutes: 10, at: 1, user: 'ann' },
      { id: 'D', vms: 1, minutes: 10, at: 1, user: 'bob' },
    ];
    const equal = await play([nodes(1)], asked, { fairShare: FAIR });
    expect(equal.draw(110, 10)).toBe('n1 |AAAAAABBBDC');
    const shares = await play([nodes(1)], asked, { fairShare: { ...FAIR, shares: { ann: 3 } } });
    expect(shares.draw(110, 10)).toBe('n1 |AAAAAABBBCD');
  });

  test('usage is forgotten: half of it is left after a half-life, in steps of a sixteenth', async () => {
    const asked = [
      { id: 'A', vms: 2, minutes: 60, user: 'ann' },
      { id: 'B', vms: 1, minutes: 1, at: 60 + 16 * 60, user: 'bob' },
    ];
    const { state } = await play([nodes(2)], asked, { fairShare: { ...FAIR, halfLife: 16 * HOUR } });
    // 120 cpu-minutes by the end of the first hour; 16 steps of an hour later half of them.
    const left = state.usage.get('ann')! / (120 * MINUTE);
    expect(left).toBeGreaterThan(0.49999);
    expect(left).toBeLessThan(0.50001);
    expect(state.usage.get('bob')).toBe(MINUTE);
  });

  test('a lease that runs on counts as it goes', async () => {
    const asked = [
      { id: 'A', vms: 2, minutes: 300, user: 'ann' },
      { id: 'X', vms: 1, minutes: 20, user: 'bob' },
      { id: 'B', vms: 1, minutes: 10, at: 5, user: 'ann' },
      { id: 'C', vms: 1, minutes: 10, at: 10, user: 'bob' },
    ];
    const { draw } = await play([nodes(3)], asked, { fairShare: FAIR });
    // At 20 ann has used 40 cpu-minutes, of a lease that is not over, and bob 20.
    expect(draw(50, 10).split('\n')[2]).toBe('n3 |XXCB.');
  });

  test('usage counts from when it is switched on, or counted by others', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 60, user: 'ann', project: 'p' },
      { id: 'B', vms: 1, minutes: 90, user: 'bob', project: 'p' },
    ];
    const LONG = { ...FAIR, halfLife: 1000 * HOUR };
    const adopt = (at: number, fairShare: FairShare | null) => ({
      at,
      command: { type: 'AdoptPolicy' as const, policy: { ...POLICY_DEFAULT, fairShare } },
    });
    const on = await play([nodes(2)], asked, {}, [adopt(40, LONG)]);
    expect(Object.fromEntries(on.state.usage)).toEqual({ ann: 20 * MINUTE, bob: 50 * MINUTE });
    const byProject = await play([nodes(2)], asked, { fairShare: LONG }, [adopt(70, { ...LONG, by: 'project' })]);
    expect(Object.fromEntries(byProject.state.usage)).toEqual({ p: 20 * MINUTE });
    const shares = await play([nodes(2)], asked, { fairShare: LONG }, [adopt(70, { ...LONG, shares: { ann: 2 } })]);
    expect(Object.fromEntries(shares.state.usage)).toEqual({ ann: 60 * MINUTE, bob: 90 * MINUTE });
    const off = await play([nodes(2)], asked, { fairShare: LONG }, [adopt(70, null)]);
    expect(off.state.usage.size).toBe(0);
  });

  test('the factor is a half for who used exactly his share', () => {
    const shares = { a: 1, b: 1, c: 2 };
    const factors = fairShareFactors({ ...FAIR, shares }, new Map(Object.entries({ a: 25, b: 0, c: 75 })));
    expect(Object.fromEntries(factors)).toEqual({ a: 500, b: 1000, c: 400 });
  });
});

test.each<[Partial<Policy>, string]>([
  [{ queueOrder: 'arrival', fairShare: FAIR }, 'no fair share'],
  [{ queueOrder: 'arrival', ageWeight: 1 }, 'age has no weight'],
  [{ fairShare: { ...FAIR, halfLife: 59_999 } }, 'half-life'],
  [{ fairShare: { ...FAIR, shares: { ann: 0 } } }, 'share is 1'],
  [{ priorityWeight: -1 }, 'a weight is 0'],
  [{ ageMax: 0 }, 'more than 0'],
  [{ admission: 'no-one@1' }, 'known are accept-all@1, no-advance@1'],
  [{ admission: 'no-advance@1', minimumNotice: 1 }, 'no notice'],
  [{ minimumNotice: -1 }, 'minimum notice'],
  [{ quotas: { user: { leases: 1.5, vms: null, cpu: null, advance: null }, project: null } }, 'a quota is 0'],
  [{ pricing: { kind: 'constant', rate: -1 } }, 'a rate is 0'],
  [{ pricing: { kind: 'random', min: 2, max: 1, seed: 0 } }, 'more than the highest'],
  [{ pricing: { kind: 'random', min: 1, max: 1, seed: 2 ** 32 } }, 'a seed is 0'],
  [{ pricing: { kind: 'adaptive', rate: 0 } }, 'would never rise'],
])('the policy %j is refused', (knobs, why) => {
  const decided = decide(emptyState(), { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, ...knobs } }, 0);
  expect(decided).toMatchObject({ ok: false, rejection: { detail: expect.stringContaining(why) } });
});
