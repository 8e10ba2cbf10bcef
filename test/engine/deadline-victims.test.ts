/** Deadline leases that run make room for others of their kind, come back, and are over by their deadline all the same. */

import { describe, expect, test } from 'vitest';
import { faultOfKnobs, POLICY_DEFAULT, type Policy } from '../../engine/index.js';
import { type Asked, drawn, MINUTE, nodes, play } from '../support/play.js';

const DEADLINES: Partial<Policy> = {
  preemptors: ['advance', 'immediate', 'deadline'],
  victims: ['deadline'],
  suspendExclusionAcross: false,
};
/** Runs at once; has two hours to spare. */
const LONG: Asked = { id: 'd', vms: 1, minutes: 60, start: { from: 0, by: 180 }, preemptible: true };
/** Would have to wait for LONG, and cannot. */
const TIGHT: Asked = { id: 'e', at: 1, vms: 1, minutes: 30, start: { from: 10, by: 45 }, preemptible: false };

test('a deadline lease is suspended for another, comes back, and is over by its deadline', async () => {
  const { draw, on, over } = await play([nodes(1)], [LONG, TIGHT], DEADLINES);
  expect(draw(100)).toBe(
    drawn(`
      n1 |ddeeeeee.dddddddddd.`),
  );
  // 1 GiB at 32 MiB/s: 32 seconds to be saved, and as many to come back.
  expect(on('d').find(({ type }) => type === 'SuspensionPlanned')).toMatchObject({
    by: 10 * MINUTE,
    resumption: { from: 40 * MINUTE, until: 91 * MINUTE + 4000, pools: [0, 1] },
  });
  expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 91 * MINUTE + 4000, remaining: 0, preemptions: 1 });
  expect(over.get('e')).toMatchObject({ outcome: 'done', ended: 40 * MINUTE });
});

describe('it does not make room', () => {
  test.each<[string, Partial<Asked>, Partial<Asked>, Partial<Policy>]>([
    ['where it would miss its deadline', { start: { from: 0, by: 91 } }, {}, {}],
    ['where it is not preemptible', { preemptible: false }, {}, {}],
    ['where it cannot be suspended', {}, {}, { suspension: 'none' }],
    ['where there is no time to save it', {}, {}, { suspendRate: 1 }],
    ['for advance leases', {}, { start: { at: 10 } }, {}],
    ['for immediate leases', {}, { start: 'immediate' }, {}],
    ['unless the policy says so', {}, {}, { victims: ['best-effort', 'immediate'] }],
    ['unless deadline leases may preempt', {}, {}, { preemptors: ['advance'] }],
  ])('%s', async (_, long, tight, policy) => {
    const asked = [
      { ...LONG, ...long },
      { ...TIGHT, ...tight },
    ];
    const { on, over } = await play([nodes(1)], asked, { ...DEADLINES, ...policy });
    expect(on('e')).toMatchObject([{ type: 'Refused' }]);
    expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 60 * MINUTE, preemptions: 0 });
  });
});

describe('of several', () => {
  const spare = (id: string, by: number): Asked => ({ ...LONG, id, start: { from: 0, by } });

  test('the one with most slack makes room', async () => {
    const { draw } = await play([nodes(2)], [spare('c', 180), spare('d', 240), TIGHT], DEADLINES);
    expect(draw(65)).toBe(
      drawn(`
        n1 |cccccccccccc.
        n2 |ddeeeeee.dddd`),
    );
  });

  test('best-effort leases come first: they were promised nothing', async () => {
    const best: Asked = { ...LONG, id: 'b', start: 'best-effort' };
    const policy: Partial<Policy> = { ...DEADLINES, victims: ['best-effort', 'deadline'] };
    const { over } = await play([nodes(2)], [spare('d', 400), best, TIGHT], policy);
    expect(over.get('b')).toMatchObject({ preemptions: 1 });
    expect(over.get('d')).toMatchObject({ preemptions: 0 });
  });

  test('all come back in time where all must make room', async () => {
    const wide: Asked = { ...TIGHT, vms: 2 };
    const { draw } = await play([nodes(2)], [spare('c', 92), spare('d', 92), wide], DEADLINES);
    expect(draw(100)).toBe(
      drawn(`
        n1 |cceeeeee.cccccccccc.
        n2 |ddeeeeee.dddddddddd.`),
    );
  });

  test('whoever comes back later than others, on the same node, counts with them', async () => {
    // Two of a GiB share a node of two: one is saved, and comes back, behind the other.
    const two = ['c', 'd'].map((id): Asked => ({ ...spare(id, 92), vms: [[1, 1, 1024]] }));
    const narrow: Asked = { ...LONG, id: 'f', at: 1, start: { at: 60 } };
    const wide: Asked = { ...TIGHT, at: 2, vms: [[1, 2, 1024]] };
    // `f` has the room of one of them from minute 60 on: only one of both could come back.
    const { on, over } = await play([nodes(1, 2, 4096)], [...two, narrow, wide], DEADLINES);
    expect(on('f')[0]).toMatchObject({ type: 'Reserved', from: 60 * MINUTE });
    expect(over.get('e')).toMatchObject({ outcome: 'rejected' });
    for (const id of ['c', 'd', 'f']) expect(over.get(id)).toMatchObject({ outcome: 'done', preemptions: 0 });
  });
});

test('it comes back elsewhere, and sooner, where all nodes reach its memory', async () => {
  const other: Asked = { id: 'x', vms: 1, minutes: 20, start: 'immediate', preemptible: false };
  const { draw } = await play([nodes(2)], [other, LONG, TIGHT], { ...DEADLINES, migration: 'no-transfer' });
  expect(draw(75)).toBe(
    drawn(`
      n1 |ddeeeeee.......
      n2 |xxxx.dddddddddd`),
  );
});

describe('what is held for its return', () => {
  const advance = (at: number): Asked => ({ id: 'a', at, vms: 1, minutes: 30, start: { at: 50 }, preemptible: false });

  test('is nobody else’s', async () => {
    const { on, over } = await play([nodes(1)], [LONG, TIGHT, advance(5)], DEADLINES);
    expect(on('a')).toMatchObject([{ type: 'Refused', reasons: [{ blockers: ['d'] }] }]);
    expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 91 * MINUTE + 4000 });
  });

  test.each([
    ['before it is suspended', 5],
    ['while it is suspended', 20],
  ])('is free again when it is cancelled %s', async (_, at) => {
    const cancel = { at, command: { type: 'CancelLease', lease: 'd' } as const };
    const { on, over } = await play([nodes(1)], [LONG, TIGHT, advance(25)], DEADLINES, [cancel]);
    expect(over.get('d')).toMatchObject({ outcome: 'cancelled' });
    expect(on('a')[0]).toMatchObject({ type: 'Reserved' });
  });

  test('is free again when it is over sooner', async () => {
    const { on } = await play([nodes(1)], [{ ...LONG, runs: 5 }, TIGHT, advance(25)], DEADLINES);
    expect(on('a')[0]).toMatchObject({ type: 'Reserved' });
  });

  test('is free again when it need not leave after all', async () => {
    const cancel = { at: 5, command: { type: 'CancelLease', lease: 'e' } as const };
    const late: Asked = { ...advance(25), start: { at: 60 } };
    const { on, over } = await play([nodes(1)], [LONG, TIGHT, late], DEADLINES, [cancel]);
    expect(on('d').map(({ type }) => type)).toContain('PreemptionLifted');
    expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 60 * MINUTE, preemptions: 0 });
    expect(on('a')[0]).toMatchObject({ type: 'Reserved' });
  });
});

describe('when its node goes away', () => {
  const drain = (at: number) => ({ at, command: { type: 'DrainNode', node: 1 } as const });
  const restore = (at: number) => ({ at, command: { type: 'RestoreNode', node: 1 } as const });

  test('while it is suspended, it waits, and comes back as soon as it can', async () => {
    const { draw, on, over } = await play([nodes(1)], [LONG, TIGHT], DEADLINES, [drain(20), restore(60)]);
    expect(on('d')).toContainEqual(expect.objectContaining({ type: 'ReservationDropped' }));
    expect(draw(115)).toBe(
      drawn(`
        n1 |ddeeeeee.....dddddddddd`),
    );
    expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 111 * MINUTE + 4000 });
  });

  test('for too long, it is given up, and the reason is kept', async () => {
    const { over } = await play([nodes(1)], [LONG, TIGHT], DEADLINES, [drain(20), restore(170)]);
    const { outcome, ended, reasons } = over.get('d')!;
    expect(outcome).toBe('failed');
    expect(ended).toBeLessThanOrEqual((180 - 50) * MINUTE);
    expect(reasons.map(({ code }) => code)).toContain('node-unavailable');
  });

  test('before it is suspended, it runs on where nobody else can come', async () => {
    const { on, over } = await play([nodes(1)], [LONG, TIGHT], DEADLINES, [drain(5)]);
    expect(on('d').map(({ type }) => type)).toContain('PreemptionLifted');
    expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 60 * MINUTE });
    expect(over.get('e')).toMatchObject({ outcome: 'failed' });
  });

  test('and nodes reach its memory, it comes back on another by its deadline', async () => {
    const policy: Partial<Policy> = { ...DEADLINES, migration: 'no-transfer' };
    const other: Asked = { id: 'x', vms: 1, minutes: 60, start: 'immediate', preemptible: false };
    const { draw, over } = await play([nodes(2)], [LONG, other, TIGHT], policy, [drain(20), restore(400)]);
    expect(draw(115)).toBe(
      drawn(`
        n1 |ddeeeeee...............
        n2 |xxxxxxxxxxxx.dddddddddd`),
    );
    expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 111 * MINUTE + 4000 });
  });

  test('to which it was to return, its return is planned anew', async () => {
    const policy: Partial<Policy> = { ...DEADLINES, migration: 'no-transfer' };
    const other: Asked = { id: 'x', vms: 1, minutes: 20, start: 'immediate', preemptible: false };
    const away = [2, 400].map((at, i) => ({
      at,
      command: { type: i === 0 ? 'DrainNode' : 'RestoreNode', node: 2 } as const,
    }));
    const { on, over } = await play([nodes(2)], [LONG, other, TIGHT], policy, away);
    expect(on('d')).toContainEqual(expect.objectContaining({ type: 'SuspensionPlanned', by: 10 * MINUTE }));
    expect(over.get('d')).toMatchObject({ outcome: 'done', ended: 91 * MINUTE + 4000 });
  });

  test('for ever, with its memory, it is given up', async () => {
    const remove = { at: 20, command: { type: 'RemoveNode', node: 1 } as const };
    const { over } = await play([nodes(2)], [LONG, { ...LONG, id: 'x', preemptible: false }, TIGHT], DEADLINES, [
      remove,
    ]);
    expect(over.get('d')).toMatchObject({ outcome: 'failed' });
  });
});

test('a policy that could not keep the promise is refused', () => {
  const policy: Policy = { ...POLICY_DEFAULT, victims: ['deadline'] };
  expect(faultOfKnobs(policy)).toMatchObject({
    knob: 'victims',
    detail: expect.stringContaining('suspend-exclusion-across'),
  });
  expect(faultOfKnobs({ ...policy, suspendExclusionAcross: false })).toBeNull();
});
