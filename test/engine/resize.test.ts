/** VMs that become larger and smaller while their lease waits, or runs. Times are minutes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noFaults } from '../../adapters/simulated/faults.js';
import {
  type Command,
  cpuOf,
  type Decision,
  decodeState,
  encodeState,
  largestSizes,
  type Observation,
  type Policy,
  sized,
  type State,
  takeTurn,
} from '../../engine/index.js';
import { type Asked, begun, type Doing, MINUTE, nodes, play, type Played, submission } from '../support/play.js';

const GIB = 1024;
/** One VM of so many cpus and GiB. */
const vm = (id: string, cpu: number, minutes: number, more: Partial<Asked> = {}): Asked => ({
  ...{ id, vms: [[1, cpu, GIB]], minutes },
  ...more,
});
const resize = (lease: string, cpu: number, more: Partial<Command & { type: 'ResizeLease' }> = {}): Command => ({
  ...{ type: 'ResizeLease', lease, demands: [[cpu * 1000, GIB]], cold: true },
  ...more,
});
const at = (minute: number, command: Command): Doing => ({ at: minute, command });
const typesOf = (played: Played, lease: string) => played.on(lease).map(({ type }) => type);

function take(state: State, now: number, observations: readonly Observation[], ...commands: readonly Command[]) {
  return takeTurn(state, { observations, commands }, now);
}

/** Leases that run since instant 0, on one node of 8 cpus. */
function running(asked: readonly Asked[], policy: Partial<Policy> = {}): State {
  const state = begun([nodes(1, 8, 64 * GIB)], asked, policy);
  const started = [...state.leases.values()].flatMap(({ id, pending }) =>
    pending.map(
      ({ decision }): Observation => ({ type: 'VmsStarted', at: 0, lease: id, order: decision.order, vms: null }),
    ),
  );
  take(state, 0, started);
  return state;
}

function ordered(turn: { readonly decisions: readonly Decision[] } | null) {
  const found = turn?.decisions.find((decision) => decision.type === 'ResizeOrdered');
  if (found?.type !== 'ResizeOrdered') throw new Error('nothing was ordered');
  return found;
}

const free = (state: State, minute: number) => state.pools[0]!.profile.freeAt(minute * MINUTE, 0) / 1000;
const done = ({ order, lease }: { order: string; lease: string }, now: number): Observation => ({
  ...{ type: 'VmsResized', at: now, lease, order, vms: null },
});
const failed = ({ order, lease }: { order: string; lease: string }, now: number): Observation => ({
  ...{ type: 'OrderFailed', at: now, lease, order, detail: 'no' },
});

describe('a lease that runs', () => {
  test('grows on its node, and holds what it needs until its end', () => {
    const state = running([vm('A', 2, 60)]);
    const { turn } = take(state, MINUTE, [], resize('A', 6));
    expect([free(state, 1), free(state, 59), free(state, 60)]).toEqual([2, 2, 8]);
    take(state, 2 * MINUTE, [done(ordered(turn), 2 * MINUTE)]);
    expect([free(state, 2), free(state, 59), free(state, 60)]).toEqual([2, 2, 8]);
    expect(state.leases.get('A')!.terms.groups).toMatchObject([{ demand: [6000, GIB] }]);
  });

  test('holds what it had until it has shrunk, and others begin in what it leaves', async () => {
    const played = await play([nodes(1, 4, 64 * GIB)], [vm('A', 4, 60), vm('B', 2, 10)], {}, [at(5, resize('A', 2))], {
      ...noFaults,
      takes: (planned: number, now: number) => (now === 5 * MINUTE ? 10 * MINUTE : planned),
    });
    expect(played.over.get('B')).toMatchObject({ firstStart: 15 * MINUTE, outcome: 'done' });
    expect(played.over.get('A')!.terms.groups).toMatchObject([{ demand: [2000, GIB], max: [4000, GIB] }]);
  });

  test('stays as it is where there is no room, and is told who is in the way, and when there would be', async () => {
    const played = await play([nodes(1, 4, 64 * GIB)], [vm('A', 2, 60), vm('B', 2, 20)], {}, [
      at(5, resize('A', 3)),
      at(30, resize('A', 3)),
    ]);
    expect(played.on('A').slice(1, 3)).toEqual([
      {
        type: 'ChangeRefused',
        lease: 'A',
        reasons: [
          expect.objectContaining({
            ...{ code: 'insufficient-capacity', resource: 'cpu', need: 3000, have: 2000 },
            ...{ blockers: ['B'], earliestRelease: 20 * MINUTE },
          }),
        ],
      },
      expect.objectContaining({ type: 'ResizeOrdered', demands: [[3000, GIB]] }),
    ]);
  });

  test('takes nothing that is promised to others', async () => {
    const asked = [vm('A', 2, 60), vm('R', 2, 10, { start: { at: 40 } })];
    const played = await play([nodes(1, 4, 64 * GIB)], asked, {}, [at(5, resize('A', 3))]);
    expect(played.on('A')).toContainEqual(
      expect.objectContaining({ type: 'ChangeRefused', reasons: [expect.objectContaining({ blockers: ['R'] })] }),
    );
    expect(played.over.get('R')).toMatchObject({ firstStart: 40 * MINUTE });
  });

  test('is never larger than its node', () => {
    const state = begun([nodes(1, 4, GIB), nodes(1, 8, 4 * GIB)], [vm('A', 2, 60, { on: [1] })], {});
    const { order } = state.leases.get('A')!.pending[0]!.decision;
    take(state, 0, [{ type: 'VmsStarted', at: 0, lease: 'A', order, vms: null }]);
    const { turn } = take(state, 1, [], resize('A', 6));
    expect(turn!.decisions).toMatchObject([{ type: 'ChangeRefused', reasons: [{ resource: 'cpu', have: 4000 }] }]);
    const { answers } = take(state, 2, [], resize('A', 9));
    expect(answers[0]!.decided).toMatchObject({ ok: false, rejection: { detail: 'no node is so large' } });
  });

  test('is as it was where the order fails', () => {
    const state = running([vm('A', 2, 60)]);
    const order = ordered(take(state, 1, [], resize('A', 6)).turn);
    take(state, 2, [failed(order, 2)]);
    expect(free(state, 1)).toBe(6);
    expect(state.leases.get('A')!.terms.groups[0]!.demand).toEqual([2000, GIB]);
    take(state, 3, [done(order, 3)]);
    expect(state.leases.get('A')!.terms.groups[0]!.demand).toEqual([2000, GIB]);
  });

  test('is stopped for it only where it takes that, and somebody has said that it may be', () => {
    const state = running([vm('A', 2, 60)]);
    const { answers } = take(state, 1, [], resize('A', 3, { cold: false }));
    expect(answers[0]!.decided).toMatchObject({ ok: false, rejection: { pointer: '/resources/cpu' } });
    const cold = ordered(take(state, 2, [], resize('A', 3)).turn);
    expect(cold.cold).toBe(true);
    take(state, 3, [done(cold, 3)]);
    // It was made for three cpus then: back to them it runs on.
    const smaller = ordered(take(state, 4, [], resize('A', 1, { cold: false })).turn);
    take(state, 5, [done(smaller, 5)]);
    expect(ordered(take(state, 6, [], resize('A', 3)).turn)).not.toHaveProperty('cold');
  });

  test('grows without being stopped as far as was said when it was asked for', () => {
    const asked = submission(vm('A', 2, 60)) as Command & { type: 'SubmitLease' };
    const groups = asked.terms.groups.map((group) => ({ ...group, max: [4000, GIB] }));
    const state = begun([nodes(1, 8, 64 * GIB)], [], {});
    take(state, 0, [], { ...asked, terms: { ...asked.terms, groups } });
    const { order } = state.leases.get('A')!.pending[0]!.decision;
    take(state, 0, [{ type: 'VmsStarted', at: 0, lease: 'A', order, vms: null }]);
    expect(ordered(take(state, 1, [], resize('A', 4, { cold: false })).turn)).not.toHaveProperty('cold');
    const less = { ...asked, lease: 'B', terms: { ...asked.terms, groups: [{ ...groups[0]!, max: [1000, GIB] }] } };
    expect(take(state, 2, [], less).answers[0]!.decided).toMatchObject({ rejection: { pointer: '/max/cpu' } });
  });

  test('is charged for what its VMs had when', () => {
    const state = running([vm('A', 2, 60)]);
    const order = ordered(take(state, 10 * MINUTE, [], resize('A', 6)).turn);
    take(state, 20 * MINUTE, [done(order, 20 * MINUTE)]);
    const lease = state.leases.get('A')!;
    expect(lease.spans).toMatchObject([
      { from: 0, until: 20 * MINUTE, demands: [[2000, GIB]] },
      { from: 20 * MINUTE, until: null },
    ]);
    expect(cpuOf(state, lease.terms)).toBe(6000);
    expect(cpuOf(state, sized(lease.terms, lease.spans[0]!.demands!))).toBe(2000);
  });

  test('waits with everything else until that is done', () => {
    const state = running([vm('A', 2, 60)]);
    const first = take(state, 1, [], resize('A', 6), resize('A', 5), { type: 'SuspendLease', lease: 'A' });
    expect(first.answers.map(({ decided }) => decided.ok)).toEqual([true, false, false]);
    for (const command of [
      resize('A', 4),
      { type: 'SuspendLease', lease: 'A' },
      { type: 'ExtendLease', lease: 'A', to: { by: MINUTE } },
      { type: 'MigrateLease', lease: 'A', nodes: null },
      { type: 'ActOnLease', lease: 'A', act: 'reset', vms: null },
    ] as const)
      expect(take(state, 2, [], command).answers[0]!.decided).toMatchObject({ rejection: { code: 'lease-state' } });
    expect(encodeState(decodeState(encodeState(state)))).toBe(encodeState(state));
    const { turn } = take(state, 3, [], { type: 'CancelLease', lease: 'A' });
    expect(turn!.decisions.map(({ type }) => type)).toEqual(['StopOrdered']);
    expect(free(state, 1)).toBe(8);
  });

  test('makes room for others only once that is done', async () => {
    const slow = { ...noFaults, takes: (planned: number, now: number) => (now === 5 * MINUTE ? 10 * MINUTE : planned) };
    const asked = [
      vm('A', 2, 60),
      vm('R', 4, 10, { at: 6, start: { at: 40 } }),
      vm('S', 4, 10, { at: 16, start: { at: 40 } }),
    ];
    const played = await play([nodes(1, 4, 64 * GIB)], asked, {}, [at(5, resize('A', 3))], slow);
    expect(played.over.get('R')).toMatchObject({ outcome: 'rejected' });
    expect(played.over.get('S')).toMatchObject({ outcome: 'done', firstStart: 40 * MINUTE });
    expect(typesOf(played, 'A')).toContain('ResumptionPlanned');
  });

  test('is not resized in the turn in which it leaves', () => {
    const state = running([vm('A', 2, 60)]);
    const { turn } = take(state, 60 * MINUTE, [], resize('A', 3));
    expect(turn!.decisions.map(({ type }) => type)).toEqual(['StopOrdered', 'ChangeRefused']);
    expect(state.resizes).toEqual([]);
  });

  test('keeps within the quota of its account, also while that is not done', () => {
    const quotas = { user: { leases: null, vms: null, cpu: 6000, advance: null }, project: null };
    const state = running([vm('A', 2, 60, { user: 'eva' }), vm('B', 1, 60, { user: 'eva' })], { quotas });
    expect(take(state, 1, [], resize('A', 6)).answers[0]!.decided).toMatchObject({
      rejection: { code: 'quota-exceeded' },
    });
    const both = take(state, 2, [], resize('A', 4), resize('B', 3));
    expect(both.answers.map(({ decided }) => decided.ok)).toEqual([true, false]);
    const later = take(state, 3, [], resize('B', 3), submission(vm('C', 2, 5, { user: 'eva' })));
    expect(later.answers[0]!.decided.ok).toBe(false);
    expect(later.turn!.decisions).toMatchObject([{ type: 'Refused', lease: 'C' }]);
  });
});

test('what is named as the largest size fits, and nothing larger does', () => {
  const others = fc.array(
    fc.record({ cpu: fc.integer({ min: 1, max: 4 }), minutes: fc.integer({ min: 1, max: 90 }) }),
    {
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(others, fc.boolean(), (asked, two) => {
      const first = { ...vm('A', 1, 60), vms: [[two ? 2 : 1, 1, GIB]] as const };
      const state = running([first, ...asked.map(({ cpu, minutes }, i) => vm(`B${i}`, cpu, minutes, { on: [1] }))]);
      const [largest] = largestSizes(state, 'A')!;
      const cpu = Math.floor(largest![0]! / 1000);
      const more = take(state, 1, [], resize('A', cpu + 1)).answers[0]!;
      const isRefused = !more.decided.ok || more.decisions.some(({ type }) => type === 'ChangeRefused');
      expect(isRefused).toBe(true);
      if (cpu > 1) ordered(take(state, 2, [], resize('A', cpu)).turn);
    }),
  );
});

describe('a size that is to be confirmed', () => {
  const settle = (how: 'confirm' | 'revert'): Command => ({ type: 'SettleResize', lease: 'A', how });
  const revertAfter = 10 * MINUTE;
  /** A has gone from `before` to `after` cpus at minute 2, and goes back at minute 12. */
  function tried(before: number, after: number, more: Partial<Command & { type: 'ResizeLease' }> = {}): State {
    const state = running([vm('A', before, 60)]);
    const order = ordered(take(state, MINUTE, [], resize('A', after, { revertAfter, ...more })).turn);
    expect(order).toMatchObject({ revertAfter });
    take(state, 2 * MINUTE, [done(order, 2 * MINUTE)]);
    return state;
  }
  const sizeOf = (state: State) => state.leases.get('A')!.terms.groups[0]!.demand[0]! / 1000;

  test('goes back by itself, into what was kept for it', () => {
    const state = tried(4, 2);
    expect([free(state, 2), free(state, 59), free(state, 60)]).toEqual([4, 4, 8]);
    expect(take(state, 11 * MINUTE, []).turn?.decisions ?? []).toEqual([]);
    const back = ordered(take(state, 12 * MINUTE, []).turn);
    expect(back).toMatchObject({ demands: [[4000, GIB]] });
    expect(back).not.toHaveProperty('revertAfter');
    take(state, 13 * MINUTE, [done(back, 13 * MINUTE)]);
    expect([sizeOf(state), state.leases.get('A')!.former, free(state, 13)]).toEqual([4, null, 4]);
    expect(take(state, 14 * MINUTE, [], settle('revert')).answers[0]!.decided).toMatchObject({ ok: false });
  });

  test('stays when it is confirmed, and what was kept is free', () => {
    const state = tried(4, 2);
    take(state, 3 * MINUTE, [], settle('confirm'));
    expect([free(state, 3), free(state, 59), sizeOf(state)]).toEqual([6, 6, 2]);
    expect(take(state, 12 * MINUTE, []).turn?.decisions ?? []).toEqual([]);
    expect(take(state, 13 * MINUTE, [], settle('confirm')).answers[0]!.decided).toMatchObject({
      rejection: { code: 'lease-state' },
    });
  });

  test('goes back at once when that is asked for, and as it came: stopped, or running', () => {
    const state = tried(2, 4);
    const back = ordered(take(state, 3 * MINUTE, [], settle('revert')).turn);
    expect(back).toMatchObject({ demands: [[2000, GIB]], cold: true });
    expect(take(state, 4 * MINUTE, [], settle('confirm')).answers[0]!.decided).toMatchObject({ ok: false });
    const smaller = tried(4, 2);
    expect(ordered(take(smaller, 3 * MINUTE, [], settle('revert')).turn)).not.toHaveProperty('cold');
  });

  test('is tried again where its VMs could not go back, until somebody confirms it', () => {
    const state = tried(4, 2);
    const first = ordered(take(state, 12 * MINUTE, []).turn);
    take(state, 12 * MINUTE + 1, [failed(first, 12 * MINUTE + 1)]);
    expect([sizeOf(state), free(state, 20)]).toEqual([2, 4]);
    ordered(take(state, 13 * MINUTE + 1, []).turn);
    const other = tried(4, 2);
    take(other, 12 * MINUTE + 1, [failed(ordered(take(other, 12 * MINUTE, []).turn), 12 * MINUTE + 1)]);
    take(other, 12 * MINUTE + 2, [], settle('confirm'));
    expect(take(other, 20 * MINUTE, []).turn?.decisions ?? []).toEqual([]);
  });

  test('waits for what else is done to its VMs, and keeps other wishes waiting', () => {
    const state = tried(4, 2);
    expect(encodeState(decodeState(encodeState(state)))).toBe(encodeState(state));
    for (const command of [
      resize('A', 3),
      { type: 'SuspendLease', lease: 'A' },
      { type: 'MigrateLease', lease: 'A', nodes: null },
    ] as const)
      expect(take(state, 3 * MINUTE, [], command).answers[0]!.decided).toMatchObject({
        rejection: { code: 'lease-state', detail: expect.stringContaining('confirm') },
      });
    const { turn } = take(state, 3 * MINUTE, [], { type: 'ActOnLease', lease: 'A', act: 'pause', vms: null });
    const act = turn!.decisions.find((decision) => decision.type === 'ActOrdered')!;
    const acted = (order: string, now: number): Observation => ({
      ...{ type: 'VmsActed', at: now, lease: 'A', order, vms: null },
    });
    take(state, 4 * MINUTE, [acted(act.order, 4 * MINUTE)]);
    expect(take(state, 12 * MINUTE, []).turn?.decisions ?? []).toEqual([]);
    const again = take(state, 20 * MINUTE, [], { type: 'ActOnLease', lease: 'A', act: 'unpause', vms: null });
    const go = again.turn!.decisions.find((decision) => decision.type === 'ActOrdered')!;
    const { turn: after } = take(state, 21 * MINUTE, [acted(go.order, 21 * MINUTE)]);
    expect(ordered(after)).toMatchObject({ demands: [[4000, GIB]] });
  });

  test('stays where its lease has to make room for another', async () => {
    const asked = [vm('A', 4, 60), vm('R', 4, 10, { at: 6, start: { at: 40 } })];
    const later = { revertAfter: 50 * MINUTE };
    const played = await play([nodes(1, 4, 64 * GIB)], asked, {}, [at(5, resize('A', 2, later))]);
    expect(played.over.get('R')).toMatchObject({ outcome: 'done', firstStart: 40 * MINUTE });
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', former: null });
    expect(played.over.get('A')!.terms.groups[0]!.demand).toEqual([2000, GIB]);
    expect(typesOf(played, 'A').filter((type) => type === 'ResizeOrdered')).toHaveLength(1);
  });

  test.each([
    [0, 'takes more than nothing'],
    [86_400_001, 'at most a day'],
  ])('%d ms is no time to confirm it in', (after, detail) => {
    const state = running([vm('A', 2, 60)]);
    expect(take(state, 1, [], resize('A', 3, { revertAfter: after })).answers[0]!.decided).toMatchObject({
      rejection: { pointer: '/revertAfter', detail: expect.stringContaining(detail) },
    });
  });
});

describe('a lease that waits', () => {
  test('begins with VMs of its new size, in its place', async () => {
    const asked = [vm('A', 4, 20), vm('B', 4, 10), vm('C', 4, 10)];
    const played = await play([nodes(1, 4, 64 * GIB)], asked, {}, [at(5, resize('B', 1)), at(5, resize('C', 3))]);
    expect(played.over.get('B')).toMatchObject({ firstStart: 20 * MINUTE });
    expect(played.over.get('C')).toMatchObject({ firstStart: 20 * MINUTE });
    expect(played.over.get('C')!.terms.groups[0]).toEqual(expect.not.objectContaining({ max: expect.anything() }));
  });

  test('gives up its reservation, and begins at once where it fits now', async () => {
    const asked = [vm('A', 3, 20), vm('B', 4, 10)];
    const policy = { backfilling: { kind: 'conservative' as const } };
    const played = await play([nodes(1, 4, 64 * GIB)], asked, policy, [at(5, resize('B', 1))]);
    expect(played.over.get('B')).toMatchObject({ firstStart: 5 * MINUTE });
  });

  test('is not resized where it was promised its time', () => {
    const state = running([vm('R', 2, 10, { start: { at: 40 } })]);
    expect(take(state, 1, [], resize('R', 3)).answers[0]!.decided).toMatchObject({
      rejection: { code: 'lease-state', detail: expect.stringContaining('promised') },
    });
  });
});

test.each([
  [[[1000, -1]], '/resources/memory'],
  [[[0, 0]], '/resources'],
  [[[1000]], '/resources'],
  [
    [
      [1000, 1024],
      [1000, 1024],
    ],
    '/groups',
  ],
  [[[1.5, 1024]], '/resources/cpu'],
])('%j is no size', (demands, pointer) => {
  const state = running([vm('A', 2, 60)]);
  const said = take(state, 1, [], resize('A', 1, { demands })).answers[0]!.decided;
  expect(said).toMatchObject({ ok: false, rejection: { code: 'terms-invalid', pointer } });
});

test('whatever is asked and answered, what is free is what nobody holds, is never less than nothing, and suffices to go back', () => {
  const asked = fc.array(
    fc.record({
      lease: fc.constantFrom('A', 'B', 'C'),
      cpu: fc.integer({ min: 1, max: 8 }),
      wish: fc.constantFrom('resize', 'try', 'confirm', 'revert', 'wait'),
      answer: fc.constantFrom('done', 'failed', 'later'),
    }),
    { maxLength: 32 },
  );
  fc.assert(
    fc.property(asked, (wishes) => {
      const state = running([vm('A', 2, 60), vm('B', 2, 40), vm('C', 1, 20)]);
      const has = new Map([...state.leases.values()].map(({ id, terms }) => [id, terms.groups[0]!.demand[0]! / 1000]));
      const open = new Map<string, { order: string; lease: string; cpu: number; former: number | null }>();
      const former = new Map<string, number>();
      for (const { lease, cpu, wish, answer } of wishes) {
        const now = state.now + (wish === 'wait' ? 2000 : 1);
        const commands: Command[] =
          wish === 'resize' || wish === 'try'
            ? [resize(lease, cpu, wish === 'try' ? { revertAfter: 1000 } : {})]
            : wish === 'wait'
              ? []
              : [{ type: 'SettleResize', lease, how: wish }];
        const { turn, answers } = take(state, now, [], ...commands);
        if (wish === 'confirm' && answers[0]!.decided.ok) former.delete(lease);
        for (const decision of turn?.decisions ?? []) {
          if (decision.type !== 'ResizeOrdered') continue;
          const to = decision.demands[0]![0]! / 1000;
          if (former.has(decision.lease)) expect(to).toBe(former.get(decision.lease));
          const before = decision.revertAfter === undefined ? null : has.get(decision.lease)!;
          open.set(decision.lease, { order: decision.order, lease: decision.lease, cpu: to, former: before });
        }
        const order = open.get(lease);
        if (order !== undefined && answer !== 'later') {
          take(state, state.now + 1, [(answer === 'done' ? done : failed)(order, state.now + 1)]);
          if (answer === 'done') {
            has.set(lease, order.cpu);
            if (order.former === null) former.delete(lease);
            else former.set(lease, order.former);
          }
          open.delete(lease);
        }
        const held = [...has].map(([id, one]) => Math.max(one, open.get(id)?.cpu ?? 0, former.get(id) ?? 0));
        expect(free(state, 1)).toBe(8 - held.reduce((sum, one) => sum + one, 0));
        for (const minute of [2, 20, 40, 60]) expect(free(state, minute)).toBeGreaterThanOrEqual(0);
        expect(free(state, 60)).toBe(8);
      }
    }),
  );
});
