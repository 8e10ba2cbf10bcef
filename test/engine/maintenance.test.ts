/** Windows in which nodes are worked on. */

import { describe, expect, test } from 'vitest';
import { type Doing, drawn, MINUTE, nodes, play } from '../support/play.js';

const plan = (at: number, on: readonly number[], from: number, until: number, force = false): Doing => ({
  at,
  command: {
    type: 'PlanMaintenance',
    window: `w${at}`,
    nodes: on,
    from: from * MINUTE,
    until: until * MINUTE,
    reason: 'new disks',
    force,
  },
});
const callOff = (at: number, window: string): Doing => ({ at, command: { type: 'CancelMaintenance', window } });
const planned = (played: Awaited<ReturnType<typeof play>>) =>
  played.turns.flatMap(({ inputs }) => inputs).filter(({ type }) => type === 'MaintenancePlanned').length;

describe('a window', () => {
  test('takes nobody on its node, who would be there then; afterwards the node is back by itself', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', at: 1, vms: 1, minutes: 30 },
        { id: 'B', at: 1, vms: 1, minutes: 20 },
      ],
      {},
      [plan(0, [1], 25, 45)],
    );
    // B is over before it, A must wait.
    expect(played.draw(85)).toBe(drawn('n1 |.BBBB....AAAAAA..'));
  });

  test('saves who is there by then, and lets it come back', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60 }], {}, [plan(5, [1], 30, 45)]);
    const [saved] = played.over.get('A')!.spans.filter(({ kind }) => kind === 'suspension');
    expect(saved!.until).toBe(30 * MINUTE);
    expect(played.on('A')).toContainEqual(
      expect.objectContaining({
        type: 'SuspensionPlanned',
        reasons: [expect.objectContaining({ code: 'maintenance', blockers: ['node:1'] })],
      }),
    );
    expect(played.over.get('A')).toMatchObject({ outcome: 'done' });
    expect(played.draw(85)).toBe(drawn('n1 |AAAAAA....AAAAAA.'));
  });

  test('stops who cannot be saved, and has it begin elsewhere', async () => {
    const played = await play([nodes(2)], [{ id: 'A', vms: 1, minutes: 30 }], { suspension: 'none' }, [
      plan(5, [1], 15, 45),
    ]);
    expect(played.draw(55)).toBe(drawn('n1 |AAA........\nn2 |...AAAAAA..'));
  });

  test('moves reservations to other nodes', async () => {
    const played = await play([nodes(2)], [{ id: 'R', vms: 1, minutes: 20, start: { at: 20 } }], {}, [
      plan(5, [1], 15, 45, true),
    ]);
    expect(played.draw(45)).toBe(drawn('n1 |.........\nn2 |....RRRR.'));
  });

  test('is not had where it would break a promise, unless it is forced', async () => {
    const asked = [
      { id: 'R', vms: 1, minutes: 20, start: { at: 20 } },
      { id: 'N', at: 45, vms: 1, minutes: 20, preemptible: false },
    ];
    const kept = await play([nodes(1)], asked, {}, [plan(5, [1], 30, 40), plan(50, [1], 60, 70)]);
    expect(planned(kept)).toBe(0);
    const forced = await play([nodes(1)], asked, {}, [plan(5, [1], 30, 40, true), plan(50, [1], 60, 70, true)]);
    expect(planned(forced)).toBe(2);
    expect(forced.over.get('R')!.outcome).not.toBe('done');
    expect(forced.over.get('N')).toMatchObject({ outcome: 'done', preemptions: 1 });
  });

  test('that is called off lets those stay who were to leave for it', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60 }], {}, [
      plan(5, [1], 30, 45),
      callOff(10, 'w5'),
    ]);
    expect(played.draw(70)).toBe(drawn('n1 |AAAAAAAAAAAA..'));
    expect(played.on('A').map(({ type }) => type)).toContain('PreemptionLifted');
  });

  test('is of nodes that can be told apart, and in no other window then', async () => {
    const whole = nodes(2, 1, 1024, { exclusive: true });
    expect(planned(await play([whole], [], { suspension: 'none' }, [plan(5, [1], 30, 45)]))).toBe(0);
    expect(planned(await play([whole], [], {}, [plan(5, [1], 30, 45), plan(6, [1, 2], 40, 50)]))).toBe(1);
    expect(planned(await play([whole], [], {}, [plan(5, [1], 30, 45), plan(6, [1, 2], 45, 50)]))).toBe(2);
  });
});

describe('a node that is to be empty by a deadline', () => {
  const drain = (at: number, node: number, by?: number, force = false): Doing => ({
    at,
    command: { type: 'DrainNode', node, force, ...(by === undefined ? {} : { by: by * MINUTE }) },
  });
  const restore = (at: number, node: number): Doing => ({ at, command: { type: 'RestoreNode', node } });

  test('takes nobody; who is there is over by then, or makes room as the policy has it', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 15 },
      { id: 'B', vms: 1, minutes: 60 },
      { id: 'C', at: 6, vms: 1, minutes: 5 },
    ];
    const site = [nodes(1, 2, 2048), nodes(1, 2, 2048)];
    const played = await play(site, asked, { suspension: 'none' }, [drain(5, 2, 30)]);
    expect(played.draw(95)).toBe(drawn('n1 |AA2...BBBBBBBBBBBB.\nn2 |BBBBBB.............'));
    const saved = await play(site, asked, {}, [drain(5, 2, 30), restore(50, 2)]);
    expect(saved.draw(95)).toBe(drawn('n1 |AA2................\nn2 |BBBBBB.....BBBBBB..'));
  });

  test('is refused where a promise is in the way, unless it is forced', async () => {
    const asked = [{ id: 'R', vms: 1, minutes: 40, start: { at: 10 } }];
    const events = async (force: boolean) =>
      (await play([nodes(1)], asked, {}, [drain(15, 1, 30, force)])).turns
        .flatMap(({ inputs }) => inputs)
        .map(({ type }) => type)
        .filter((type) => type === 'NodeDrained' || type === 'MaintenancePlanned');
    expect(await events(false)).toEqual([]);
    expect(await events(true)).toEqual(['NodeDrained', 'MaintenancePlanned']);
    expect((await play([nodes(1)], asked, {}, [drain(15, 1, 50)])).over.get('R')!.outcome).toBe('done');
  });

  test('has another deadline when it is asked for again, and none when it is back', async () => {
    const asked = [{ id: 'A', vms: 1, minutes: 40 }];
    const later = await play([nodes(1)], asked, {}, [drain(5, 1, 30), drain(10, 1, 45), restore(50, 1)]);
    expect(later.draw(75)).toBe(drawn('n1 |AAAAAAAA.......'));
    const back = await play([nodes(1)], asked, {}, [drain(5, 1, 30), restore(10, 1)]);
    expect(back.draw(75)).toBe(drawn('n1 |AAAAAAAA.......'));
    expect(back.state.windows).toEqual([]);
  });

  test('is one that can be told apart', async () => {
    const played = await play([nodes(2, 1, 1024, { exclusive: true })], [], { suspension: 'none' }, [drain(5, 1, 30)]);
    expect(played.state.nodeStatus.size).toBe(0);
  });
});
