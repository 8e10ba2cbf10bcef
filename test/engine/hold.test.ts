import { describe, expect, test } from 'vitest';
import { explain } from '../../engine/index.js';
import { type Doing, drawn, MINUTE, nodes, play } from '../support/play.js';

const hold = (at: number, lease: string): Doing => ({ at, command: { type: 'HoldLease', lease } });
const release = (at: number, lease: string): Doing => ({ at, command: { type: 'ReleaseLease', lease } });
const cancel = (at: number, lease: string): Doing => ({ at, command: { type: 'CancelLease', lease } });

describe('a lease on hold', () => {
  test('is passed over, keeps its order of arrival, and begins when it is released', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 1, minutes: 10 },
        { id: 'C', vms: 1, minutes: 10 },
        { id: 'D', vms: 1, minutes: 10 },
      ],
      {},
      [hold(5, 'B'), release(25, 'B')],
    );
    // C is running when B is released; B, which came before D, is next.
    expect(played.draw(55)).toBe(drawn('n1 |AAAACCBBDD.'));
  });

  test('may be held from the beginning, and blocks nobody meanwhile', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 2, minutes: 10, held: true },
        { id: 'B', vms: 2, minutes: 10 },
      ],
      { backfilling: { kind: 'conservative' } },
      [release(30, 'A')],
    );
    expect(played.draw(45)).toBe(drawn('n1 |BB....AA.\nn2 |BB....AA.'));
  });

  test('gives up its reservation: others move into it, and it takes another when it is released', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 1, minutes: 20 },
        { id: 'C', vms: 1, minutes: 10 },
      ],
      { backfilling: { kind: 'conservative' } },
      [hold(10, 'B'), release(15, 'B')],
    );
    expect(played.on('C').map(({ type }) => type)).toEqual(['Reserved', 'StartOrdered']);
    expect(played.draw(55)).toBe(drawn('n1 |AAAACCBBBB.'));
    const decisions = played.turns.flatMap((turn) => turn.decisions);
    const moved = decisions.filter((decision) => decision.type === 'ReservationsMoved' && decision.leases.length > 0);
    expect(moved).toMatchObject([{ leases: ['C'], from: [20 * MINUTE] }]);
  });

  test('while it is suspended, does not resume', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 40 },
        { id: 'R', at: 5, vms: 1, minutes: 10, start: { at: 20 } },
      ],
      {},
      [hold(25, 'A'), release(60, 'A')],
    );
    expect(played.draw(95)).toBe(drawn('n1 |AAAARR.......AAAA..'));
    expect(played.over.get('A')!.outcome).toBe('done');
  });

  test('expires when it has not begun by the time it was wanted', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 10, held: true, start: { before: 30 } }]);
    expect(played.over.get('A')).toMatchObject({ outcome: 'expired', ended: 30 * MINUTE });
  });

  test('that the site could never hold is refused at once', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 2, minutes: 10, held: true }]);
    expect(played.on('A')).toMatchObject([{ type: 'Refused', reasons: [{ code: 'never-fits' }] }]);
  });

  test('says so when it is asked why it waits', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 10, held: true },
        { id: 'B', vms: 1, minutes: 10, held: true, after: [{ lease: 'A', on: 'start' }] },
      ],
    );
    const why = (id: string) => explain(played.state, id, played.state.now).map(({ code }) => code);
    expect(why('A')).toEqual(['on-hold']);
    expect(why('B')).toEqual(['on-hold', 'waits-for-lease']);
  });

  test('runs, or begins at an instant: it cannot be held', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'R', vms: 1, minutes: 10, start: { at: 30 } },
        { id: 'S', vms: 1, minutes: 10, start: { at: 30 }, held: true },
      ],
      {},
      [hold(5, 'A'), hold(5, 'R'), release(5, 'A')],
    );
    const inputs = played.turns.flatMap((turn) => turn.inputs).map(({ type }) => type);
    expect(inputs.filter((type) => type === 'LeaseHeld' || type === 'LeaseReleased')).toEqual([]);
    expect([...played.over.keys()].sort()).toEqual(['A', 'R']);
  });
});

describe('a lease that follows others', () => {
  test('begins after they have ended, and holds nobody up before', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 30 },
        { id: 'B', vms: 2, minutes: 10, after: [{ lease: 'A', on: 'end' }] },
        { id: 'C', vms: 1, minutes: 40 },
        { id: 'D', vms: 1, minutes: 20 },
      ],
      { backfilling: { kind: 'none' } },
    );
    // From 30 on, B comes before D.
    expect(played.draw(75)).toBe(
      drawn(`
      n1 |AAAAAA..BBDDDD.
      n2 |CCCCCCCCBB.....`),
    );
  });

  test('may only wait for their start', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'X', vms: 2, minutes: 10 },
        { id: 'A', vms: 1, minutes: 30 },
        { id: 'B', vms: 1, minutes: 10, after: [{ lease: 'A', on: 'start' }] },
      ],
    );
    expect(played.draw(45)).toBe(drawn('n1 |XXAAAAAA.\nn2 |XXBB.....'));
  });

  test('waits for all of them', async () => {
    const played = await play(
      [nodes(3)],
      [
        { id: 'A', vms: 1, minutes: 10 },
        { id: 'B', vms: 1, minutes: 20 },
        {
          id: 'C',
          vms: 1,
          minutes: 10,
          after: [
            { lease: 'A', on: 'end' },
            { lease: 'B', on: 'end' },
            { lease: 'B', on: 'start' },
          ],
        },
      ],
    );
    expect(played.over.get('C')!.firstStart).toBe(20 * MINUTE);
  });

  test('is refused when one of them does not end well, and so are those that follow it', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 30 },
        { id: 'B', vms: 1, minutes: 10, after: [{ lease: 'A', on: 'end' }] },
        { id: 'C', vms: 1, minutes: 10, after: [{ lease: 'B', on: 'start' }] },
        { id: 'D', vms: 1, minutes: 10, after: [{ lease: 'A', on: 'start' }] },
      ],
      {},
      [cancel(10, 'A')],
    );
    expect(played.on('B')).toMatchObject([
      { type: 'Refused', outcome: 'rejected', reasons: [{ code: 'dependency-failed', blockers: ['A'] }] },
    ]);
    expect(played.on('C')).toMatchObject([{ reasons: [{ code: 'dependency-failed', blockers: ['B'] }] }]);
    expect(played.over.get('D')!.outcome).toBe('done');
  });

  test('is refused in the same turn as one that can never be had', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 2, minutes: 30 },
        { id: 'B', vms: 1, minutes: 10, after: [{ lease: 'A', on: 'end' }] },
      ],
    );
    expect(played.over.get('B')).toMatchObject({ outcome: 'rejected', ended: 0 });
  });

  test('names leases that are not over, else it is not accepted', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 10 },
        { id: 'B', at: 15, vms: 1, minutes: 10, after: [{ lease: 'A', on: 'end' }] },
        { id: 'C', vms: 1, minutes: 10, after: [{ lease: 'C', on: 'end' }] },
        { id: 'R', vms: 1, minutes: 10, start: { at: 30 }, after: [{ lease: 'A', on: 'end' }] },
      ],
    );
    expect([...played.over.keys()]).toEqual(['A']);
  });

  test('begins when it has waited for them and has been released, in whatever order', async () => {
    const leases = [
      { id: 'A', vms: 1, minutes: 20 },
      { id: 'B', vms: 1, minutes: 10, held: true, after: [{ lease: 'A', on: 'end' as const }] },
    ];
    for (const [at, begins] of [
      [5, 20],
      [40, 40],
    ] as const) {
      const played = await play([nodes(2)], leases, {}, [release(at, 'B')]);
      expect(played.over.get('B')!.firstStart).toBe(begins * MINUTE);
    }
  });
});
