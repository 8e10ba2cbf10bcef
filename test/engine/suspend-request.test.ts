/** Leases suspended and resumed by their owners. */

import { describe, expect, test } from 'vitest';
import { explain } from '../../engine/index.js';
import { type Doing, drawn, MINUTE, nodes, play } from '../support/play.js';

const suspend = (at: number, lease: string): Doing => ({ at, command: { type: 'SuspendLease', lease } });
const resume = (at: number, lease: string): Doing => ({ at, command: { type: 'ResumeLease', lease } });

describe('a lease that runs', () => {
  test('is suspended at once, stays so until it is resumed, and loses no time', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 30 }], {}, [suspend(10, 'A'), resume(40, 'A')]);
    expect(played.draw(65)).toBe(drawn('n1 |AA.......AAAA'));
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', preemptions: 0 });
    expect(played.on('A')).toContainEqual(
      expect.objectContaining({
        type: 'SuspensionPlanned',
        reasons: [expect.objectContaining({ code: 'suspension-requested' })],
      }),
    );
  });

  test('leaves its nodes to those who wait, and takes its place in the queue when it is resumed', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 40 },
        { id: 'B', vms: 1, minutes: 20 },
        { id: 'C', vms: 1, minutes: 20 },
      ],
      {},
      [suspend(10, 'A'), resume(20, 'A')],
    );
    // B begins when A is saved; A, which came before C, comes back before it.
    expect(played.draw(105)).toBe(drawn('n1 |AA.BBBBAAAAAACCCC....'));
  });

  test('lets conservative reservations move into what it leaves', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'B', vms: 1, minutes: 20 },
      ],
      { backfilling: { kind: 'conservative' } },
      [suspend(10, 'A'), resume(15, 'A')],
    );
    expect(played.over.get('B')!.firstStart).toBeLessThan(12 * MINUTE);
    expect(played.over.get('A')!.outcome).toBe('done');
  });

  test('waits until nobody else is saved on its node, and may be resumed before that', async () => {
    const asked = [
      { id: 'A', vms: [[1, 1, 1024]] as const, minutes: 60 },
      { id: 'B', vms: [[1, 1, 1024]] as const, minutes: 60 },
    ];
    const both = await play([nodes(1, 2, 2048)], asked, {}, [
      suspend(10, 'A'),
      suspend(10, 'B'),
      resume(60, 'A'),
      resume(60, 'B'),
    ]);
    const saved = (id: string) => both.over.get(id)!.spans.find(({ kind }) => kind === 'suspension')!;
    expect(saved('B').from).toBe(saved('A').until);
    const changed = await play([nodes(1, 2, 2048)], asked, {}, [
      suspend(10, 'A'),
      suspend(10, 'B'),
      resume(10.2, 'B'),
      resume(60, 'A'),
    ]);
    expect(changed.on('B').map(({ type }) => type)).toEqual(['StartOrdered', 'SuspensionPlanned', 'PreemptionLifted']);
  });

  test('that would be over first stays, and is told so', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 10.25 }], {}, [suspend(10, 'A')]);
    expect(played.on('A')).toContainEqual({
      type: 'ChangeRefused',
      lease: 'A',
      reasons: [expect.objectContaining({ code: 'ends-too-soon', need: 32_000, have: 15_000 })],
    });
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', ended: 10.25 * MINUTE, held: false });
  });

  test('and is to make room for another anyway is saved sooner, and stays away', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'R', at: 5, vms: 1, minutes: 10, start: { at: 30 } },
      ],
      {},
      [suspend(10, 'A'), resume(60, 'A')],
    );
    expect(played.draw(115)).toBe(drawn('n1 |AA....RR.....AAAAAAAAAA'));
  });
});

describe('a suspended lease', () => {
  test('that made room for another stays away when its owner wants it to', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 40 },
        { id: 'R', at: 5, vms: 1, minutes: 10, start: { at: 20 } },
      ],
      {},
      [suspend(25, 'A'), resume(60, 'A')],
    );
    expect(played.draw(95)).toBe(drawn('n1 |AAAARR.......AAAA..'));
  });

  test('says why it waits', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 30 }], {}, [suspend(10, 'A')]);
    expect(explain(played.state, 'A', played.state.now).map(({ code }) => code)).toEqual(['on-hold']);
    expect(played.state.leases.get('A')).toMatchObject({ phase: 'suspended', held: true });
  });
});

describe('nothing is suspended', () => {
  const requests = (turns: Awaited<ReturnType<typeof play>>['turns']) =>
    turns
      .flatMap(({ inputs }) => inputs)
      .filter(({ type }) => type === 'LeaseSuspensionRequested' || type === 'LeaseHeld');

  test('of a lease that waits, or was promised its time, or where the policy has no suspension', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 2, minutes: 30 },
        { id: 'B', vms: 2, minutes: 10 },
        { id: 'R', vms: 1, minutes: 20, start: { at: 40 } },
        { id: 'D', vms: 1, minutes: 20, start: { from: 40, by: 60 } },
      ],
      {},
      [suspend(10, 'B'), suspend(45, 'R'), suspend(45, 'D')],
    );
    expect(requests(played.turns)).toEqual([]);
    const off = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 30 }], { suspension: 'none' }, [suspend(10, 'A')]);
    expect(requests(off.turns)).toEqual([]);
    const serial = await play([nodes(2)], [{ id: 'A', vms: 2, minutes: 30 }], { suspension: 'serial-only' }, [
      suspend(10, 'A'),
    ]);
    expect(requests(serial.turns)).toEqual([]);
  });
});
