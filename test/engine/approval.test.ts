import { describe, expect, test } from 'vitest';
import { type ApprovalRule, decide, explain, type Policy, tryLease } from '../../engine/index.js';
import { begun, type Doing, drawn, MINUTE, nodes, play, termsOf } from '../support/play.js';

const approve = (at: number, lease: string): Doing => ({ at, command: { type: 'ApproveLease', lease, by: 'ann' } });
const reject = (at: number, lease: string, text: string | null = null): Doing => ({
  at,
  command: { type: 'RejectLease', lease, by: 'ann', text },
});
const wanting = (...approval: ApprovalRule[]): Partial<Policy> => ({ approval });
const LONG = wanting({ durationOver: 15 * MINUTE });

describe('a lease that needs an approval', () => {
  test('is passed over until it has it, and then takes its place by its order of arrival', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 1, minutes: 10 },
        { id: 'C', vms: 1, minutes: 10 },
      ],
      LONG,
      [approve(5, 'A')],
    );
    expect(played.draw(45)).toBe(drawn('n1 |BBAAAACC.'));
    expect(played.on('A').map(({ type }) => type)).toEqual(['ApprovalAwaited', 'StartOrdered']);
    const logged = played.turns.flatMap(({ inputs }) => inputs).find(({ type }) => type === 'LeaseApproved');
    expect(logged).toEqual({ type: 'LeaseApproved', lease: 'A', by: 'ann' });
  });

  test('says so when it is asked why it waits, and holds nothing meanwhile', async () => {
    const site = begun([nodes(1)], [{ id: 'A', vms: 1, minutes: 20, start: { at: 60 } }], LONG);
    expect(explain(site, 'A', site.now)).toMatchObject([{ code: 'awaiting-approval', blockers: [] }]);
    expect(site.leases.get('A')).toMatchObject({ phase: 'waiting', unapproved: true, loads: null });
  });

  test('is reserved at its instant when it is approved, or refused where others have come first', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20, start: { at: 30 } },
        { id: 'B', vms: 1, minutes: 20, start: { at: 70 } },
        { id: 'C', at: 5, vms: 1, minutes: 10, start: { at: 75 } },
      ],
      LONG,
      [approve(10, 'A'), approve(10, 'B')],
    );
    expect(played.draw(60)).toBe(drawn('n1 |......AAAA..'));
    expect(played.on('B')).toMatchObject([
      { type: 'ApprovalAwaited', until: 70 * MINUTE },
      { type: 'Refused', outcome: 'rejected', reasons: [{ code: 'insufficient-capacity', blockers: ['C'] }] },
    ]);
  });

  test('is refused by itself when it is too late: at its instant, and so that its deadline could be kept', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 20, start: { at: 30 } },
        { id: 'D', vms: 1, minutes: 20, start: { from: 0, by: 60 } },
        { id: 'P', vms: 1, minutes: 20, start: { before: 50 } },
      ],
      LONG,
    );
    const ends = (id: string) => {
      const { outcome, ended } = played.over.get(id)!;
      return [outcome, ended! / MINUTE, played.on(id).at(-1)];
    };
    expect(ends('A')).toMatchObject(['rejected', 30, { type: 'Refused', reasons: [{ code: 'not-approved' }] }]);
    expect(ends('D')).toMatchObject(['rejected', 40, { type: 'Refused', reasons: [{ code: 'not-approved' }] }]);
    expect(ends('P')).toMatchObject(['expired', 50, { reasons: [{ code: 'not-started-in-time' }] }]);
  });

  test('may be approved up to the very instant', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 20, start: { at: 30 } }], LONG, [
      approve(30, 'A'),
    ]);
    expect(played.draw(60)).toBe(drawn('n1 |......AAAA..'));
  });

  test('cannot be had now or never', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 20, start: 'immediate' }], LONG);
    expect(played.on('A')).toMatchObject([{ type: 'Refused', reasons: [{ code: 'not-approved' }] }]);
  });

  test('that is rejected is refused with what was said of it, and so is what was to follow it', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 1, minutes: 10, after: [{ lease: 'A', on: 'end' }] },
      ],
      LONG,
      [reject(5, 'A', 'too long'), approve(6, 'A')],
    );
    expect(played.over.get('A')).toMatchObject({ outcome: 'rejected', ended: 5 * MINUTE });
    expect(played.on('A').at(-1)).toMatchObject({ reasons: [{ code: 'not-approved', detail: 'too long' }] });
    expect(played.on('B')).toMatchObject([{ reasons: [{ code: 'dependency-failed', blockers: ['A'] }] }]);
  });

  test('is cancelled, held and made longer as every other that waits', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 1, minutes: 20, runs: 90 },
      ],
      LONG,
      [
        { at: 5, command: { type: 'CancelLease', lease: 'A' } },
        { at: 5, command: { type: 'HoldLease', lease: 'B' } },
        { at: 6, command: { type: 'ChangeDuration', lease: 'B', duration: 25 * MINUTE } },
        approve(10, 'B'),
        { at: 20, command: { type: 'ReleaseLease', lease: 'B' } },
      ],
    );
    expect(played.over.get('A')).toMatchObject({ outcome: 'cancelled', ended: 5 * MINUTE });
    expect(played.draw(50)).toBe(drawn('n1 |....BBBBB.\nn2 |..........'));
  });

  test('that is turned away anyway is not to be approved first', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 2, minutes: 20 }], LONG);
    expect(played.on('A')).toMatchObject([{ type: 'Refused', reasons: [{ code: 'never-fits' }] }]);
  });

  test('is told beforehand', () => {
    const state = begun([nodes(1)], [], LONG);
    const tried = tryLease(state, 'T', termsOf({ id: 'T', vms: 1, minutes: 20 }), state.now);
    expect(tried).toMatchObject({ ok: true, decisions: [{ type: 'ApprovalAwaited', lease: 'T' }] });
  });
});

describe('which leases need one', () => {
  const ask = { id: 'A', vms: 3, minutes: 20, project: 'physics' } as const;
  test.each<readonly [string, boolean, ApprovalRule[]]>([
    ['no rule', false, []],
    ['a rule of all leases', true, [{}]],
    ['kinds', false, [{ kinds: ['advance', 'deadline'] }]],
    ['kinds', true, [{ kinds: ['advance', 'best-effort'] }]],
    ['VMs', false, [{ vmsOver: 3 }]],
    ['VMs', true, [{ vmsOver: 2 }]],
    ['cpus over all VMs', false, [{ cpuOver: 3000 }]],
    ['cpus over all VMs', true, [{ cpuOver: 2999 }]],
    ['projects', false, [{ projects: ['biology'] }]],
    ['projects', true, [{ projects: ['biology', 'physics'] }]],
    ['all that a rule names', false, [{ projects: ['physics'], durationOver: 20 * MINUTE }]],
    ['any of the rules', true, [{ durationOver: 20 * MINUTE }, { projects: ['physics'], vmsOver: 2 }]],
  ])('%s: %s', (_what, needed, approval) => {
    const state = begun([nodes(4)], [ask], { approval });
    expect(state.leases.get('A')!.unapproved).toBe(needed);
  });
});

describe('to last longer', () => {
  const state = () => {
    const site = begun([nodes(1)], [{ id: 'A', vms: 1, minutes: 10 }], LONG);
    return (approver?: string, minutes = 20) =>
      decide(
        site,
        {
          type: 'ChangeDuration',
          lease: 'A',
          duration: minutes * MINUTE,
          ...(approver === undefined ? {} : { approver }),
        },
        site.now,
      );
  };

  test('needs an approval where the lease would have needed one, and none where not', () => {
    expect(state()()).toMatchObject({ ok: false, rejection: { code: 'lease-state' } });
    expect(state()(undefined, 15)).toMatchObject({ ok: true, requests: [{ type: 'LeaseChangeRequested' }] });
  });

  test('is approved by whoever may, and asks for it', () => {
    expect(state()('ann')).toMatchObject({
      ok: true,
      requests: [{ type: 'LeaseApproved', by: 'ann' }, { type: 'LeaseChangeRequested' }],
    });
  });
});

test('who waits for nobody is approved as it is, and is not rejected', () => {
  const state = begun([nodes(1)], [{ id: 'A', vms: 1, minutes: 10 }], LONG);
  expect(decide(state, { type: 'ApproveLease', lease: 'A', by: 'ann' }, 0)).toEqual({ ok: true, requests: [] });
  expect(decide(state, { type: 'RejectLease', lease: 'A', by: 'ann', text: null }, 0)).toMatchObject({
    ok: false,
    rejection: { code: 'lease-state' },
  });
});

test('names and reasons have a limit', () => {
  const state = begun([nodes(1)], [{ id: 'A', vms: 1, minutes: 20 }], LONG);
  for (const command of [
    { type: 'ApproveLease', lease: 'A', by: 'a'.repeat(257) },
    { type: 'RejectLease', lease: 'A', by: 'a'.repeat(257), text: null },
    { type: 'RejectLease', lease: 'A', by: 'ann', text: 'a'.repeat(201) },
  ] as const)
    expect(decide(state, command, 0)).toMatchObject({ ok: false, rejection: { code: 'terms-invalid' } });
});
