import { describe, expect, test } from 'vitest';
import { type Asked, type Doing, drawn, MINUTE, nodes, play, termsOf } from '../support/play.js';

const change = (at: number, lease: string, minutes: number): Doing => ({
  at,
  command: { type: 'ChangeDuration', lease, duration: minutes * MINUTE },
});

const seriesOf = (asked: Asked, minutes: number, times: number): Doing['command'] => ({
  type: 'SubmitLease',
  lease: asked.id,
  terms: termsOf(asked),
  key: null,
  repeat: { every: minutes * MINUTE, times },
});

/** All times here were worked out on paper. */
describe('a lease that runs', () => {
  test('ends earlier, and others begin then', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'B', vms: 1, minutes: 10 },
      ],
      {},
      [change(10, 'A', 20)],
    );
    expect(played.draw(40)).toBe(drawn('n1 |AAAABB..'));
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', terms: { duration: 20 * MINUTE } });
  });

  test('lasts longer where its node is free: who waits for the node waits longer', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20, runs: 90 },
        { id: 'B', vms: 1, minutes: 10 },
      ],
      {},
      [change(10, 'A', 40)],
    );
    expect(played.draw(55)).toBe(drawn('n1 |AAAAAAAABB.'));
    expect(played.on('A')).toMatchObject([
      { type: 'StartOrdered' },
      { type: 'DurationChanged', duration: 40 * MINUTE, until: 40 * MINUTE, pools: null },
      { type: 'StopOrdered', cause: 'time-over' },
    ]);
  });

  test('lasts as long as was asked last', async () => {
    for (const asked of [
      [40, 20],
      [40, 15],
      [15, 40],
      [15, 20],
    ] as const) {
      const changes = asked.map((minutes) => change(10, 'A', minutes));
      const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 20, runs: 90 }], {}, changes);
      expect(played.over.get('A')!.ended).toBe(asked[1] * MINUTE);
    }
  });

  test('ends as planned where its node is reserved after it, and says for whom', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20, runs: 90 },
        { id: 'R', vms: 1, minutes: 10, start: { at: 30 } },
      ],
      {},
      [change(10, 'A', 31), change(15, 'A', 30)],
    );
    expect(played.draw(45)).toBe(drawn('n1 |AAAAAARR.'));
    expect(played.on('A').slice(1, 3)).toMatchObject([
      { type: 'ChangeRefused', reasons: [{ code: 'insufficient-capacity', blockers: ['R'] }] },
      { type: 'DurationChanged', until: 30 * MINUTE },
    ]);
  });

  test('does not last longer on a node that is drained', async () => {
    const drain: Doing = { at: 5, command: { type: 'DrainNode', node: 1 } };
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 20 }], {}, [drain, change(10, 'A', 30)]);
    expect(played.on('A')[1]).toMatchObject({
      type: 'ChangeRefused',
      reasons: [{ code: 'node-unavailable', blockers: ['node:1'] }],
    });
  });

  test('cannot last shorter than it has', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 20 }], {}, [change(10, 'A', 10)]);
    expect(played.draw(25)).toBe(drawn('n1 |AAAA.'));
    expect(played.turns.flatMap((turn) => turn.inputs).map(({ type }) => type)).not.toContain('LeaseChangeRequested');
  });

  test('that is to be suspended for another is not, if it ends before; if it lasts longer, it goes on afterwards', async () => {
    const leases = [
      { id: 'A', vms: 1, minutes: 60, runs: 90 },
      { id: 'R', at: 5, vms: 1, minutes: 10, start: { at: 30 } },
    ];
    const shorter = await play([nodes(1)], leases, {}, [change(10, 'A', 25)]);
    expect(shorter.draw(45)).toBe(drawn('n1 |AAAAA.RR.'));
    expect(shorter.over.get('A')).toMatchObject({ outcome: 'done', preemptions: 0 });
    const longer = await play([nodes(1)], leases, {}, [change(10, 'A', 70)]);
    expect(longer.draw(90)).toBe(drawn('n1 |AAAAAARR.AAAAAAAA.'));
  });
});

describe('a lease that waits', () => {
  test('is placed anew: it begins earlier where the shorter one fits', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 30 },
        { id: 'B', vms: 2, minutes: 10 },
        { id: 'C', vms: 1, minutes: 60 },
      ],
      {},
      [change(10, 'C', 20)],
    );
    expect(played.draw(45)).toBe(drawn('n1 |AAAAAABB.\nn2 |..CCCCBB.'));
  });

  test('with a reservation gives it up and takes another', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 1, minutes: 20 },
        { id: 'R', vms: 1, minutes: 20, start: { at: 50 } },
      ],
      { backfilling: { kind: 'conservative' } },
      [change(10, 'B', 40)],
    );
    expect(played.on('B')).toMatchObject([
      { type: 'Reserved', from: 20 * MINUTE },
      { type: 'Reserved', from: 70 * MINUTE },
      { type: 'StartOrdered' },
    ]);
  });

  test('suspended, has more left, or less', async () => {
    for (const [minutes, ends] of [
      [30, 50],
      [60, 80],
    ] as const) {
      const played = await play(
        [nodes(1)],
        [
          { id: 'A', vms: 1, minutes: 40, runs: 90 },
          { id: 'R', at: 5, vms: 1, minutes: 20, start: { at: 20 } },
        ],
        {},
        [change(30, 'A', minutes)],
      );
      // It loses 32 s to its suspension, and 32 s to its resumption.
      expect(played.over.get('A')!.ended).toBe(ends * MINUTE + 64_000);
    }
  });
});

describe('an advance lease', () => {
  const leases = [
    { id: 'R', vms: 1, minutes: 10, runs: 90, start: { at: 20 } },
    { id: 'S', vms: 1, minutes: 10, start: { at: 40 } },
  ];

  test('lasts longer where that fits at its instant', async () => {
    const played = await play([nodes(1)], leases, {}, [change(5, 'R', 20)]);
    expect(played.draw(55)).toBe(drawn('n1 |....RRRRSS.'));
    const refused = await play([nodes(1)], leases, {}, [change(5, 'R', 21)]);
    expect(refused.on('R')[1]).toMatchObject({ type: 'ChangeRefused', reasons: [{ blockers: ['S'] }] });
  });

  test('moves to another node for that, or makes others leave', async () => {
    const moved = await play(
      [nodes(2)],
      [
        { id: 'R', vms: 1, minutes: 10, runs: 30, start: { at: 20 } },
        { id: 'S', vms: 1, minutes: 10, start: { at: 30 } },
      ],
      { nodeChoice: 'first@1' },
      [change(5, 'R', 20)],
    );
    expect(moved.on('R')[1]).toMatchObject({ type: 'DurationChanged', pools: [1, 1] });
    expect(moved.over.get('R')).toMatchObject({ outcome: 'done', firstStart: 20 * MINUTE, ended: 40 * MINUTE });
    expect(moved.over.get('S')!.firstStart).toBe(30 * MINUTE);

    const preempted = await play(
      [nodes(1)],
      [
        { id: 'R', vms: 1, minutes: 10, runs: 30, start: { at: 20 } },
        { id: 'B', at: 1, vms: 1, minutes: 20 },
      ],
      { backfilling: { kind: 'conservative' } },
      [change(5, 'R', 30)],
    );
    expect(preempted.over.get('R')!.ended).toBe(50 * MINUTE);
    expect(preempted.over.get('B')!.outcome).toBe('done');
  });

  test('that is cancelled at that moment needs no answer', async () => {
    const cancel: Doing = { at: 5, command: { type: 'CancelLease', lease: 'R' } };
    const played = await play([nodes(1)], leases, {}, [change(5, 'R', 20), cancel]);
    expect(played.over.get('R')!.outcome).toBe('cancelled');
    expect(played.on('R').map(({ type }) => type)).toEqual(['Reserved']);
  });

  test('lasts shorter, and others begin earlier', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'R', vms: 1, minutes: 30, start: { at: 10 } },
        { id: 'B', vms: 1, minutes: 20 },
      ],
      { backfilling: { kind: 'conservative' }, preemptors: [] },
      [change(5, 'R', 10)],
    );
    expect(played.draw(45)).toBe(drawn('n1 |..RRBBBB.'));
  });
});

describe('a series of advance leases', () => {
  test('is one request: every so often a lease, each answered on its own', async () => {
    const asked = { id: 'R', vms: 1, minutes: 10, start: { at: 10 } } as const;
    const played = await play([nodes(1)], [{ id: 'X', vms: 1, minutes: 10, start: { at: 35 } }], {}, [
      { at: 1, command: seriesOf(asked, 20, 3) },
    ]);
    expect(['R-1', 'R-2', 'R-3'].map((id) => played.over.get(id)!.outcome)).toEqual(['done', 'rejected', 'done']);
    expect(played.over.get('R-3')!.firstStart).toBe(50 * MINUTE);
  });

  test('is of advance leases only', async () => {
    const asked = { id: 'R', vms: 1, minutes: 10 } as const;
    const played = await play([nodes(1)], [], {}, [{ at: 1, command: seriesOf(asked, 20, 3) }]);
    expect(played.over.size).toBe(0);
  });
});
