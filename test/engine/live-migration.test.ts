/** Leases that go to other nodes while they run: by request, and off nodes that are drained or worked on. Times are minutes. */

import { describe, expect, test } from 'vitest';
import { noFaults } from '../../adapters/simulated/faults.js';
import { type Doing, drawn, MINUTE, nodes, play, type Played } from '../support/play.js';

const migrate = (at: number, lease: string, to: readonly number[] | null = null): Doing => ({
  at,
  command: { type: 'MigrateLease', lease, nodes: to },
});
const drain = (at: number, node: number, how: 'migrate' | 'suspend', by?: number): Doing => ({
  at,
  command: { type: 'DrainNode', node, how, ...(by === undefined ? {} : { by: by * MINUTE }) },
});
/** A GiB takes ten minutes. */
const SLOW = { migrationRate: 14 };
const typesOf = (played: Played, lease: string) => played.on(lease).map(({ type }) => type);

describe('a lease that is moved by request', () => {
  test('never stops, is on its new node afterwards, and others begin where it was', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 40 },
        { id: 'B', at: 6, vms: 1, minutes: 10, on: [1] },
      ],
      SLOW,
      [migrate(5, 'A')],
    );
    expect(played.draw(45)).toBe(drawn('n1 |AAABB....\nn2 |...AAAAA.'));
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', ended: 40 * MINUTE, preemptions: 0 });
    expect(played.over.get('A')!.spans.map(({ kind }) => kind)).toEqual(['run', 'migration', 'run']);
  });

  test('holds what it needs on both nodes while it is on its way', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 40 },
      { id: 'B', at: 6, vms: 1, minutes: 10, on: [1] },
      { id: 'C', at: 6, vms: 1, minutes: 10, on: [2] },
    ];
    const played = await play([nodes(2)], asked, SLOW, [migrate(5, 'A')]);
    expect(played.over.get('B')!.firstStart).toBeGreaterThanOrEqual(14 * MINUTE);
    expect(played.over.get('C')!.firstStart).toBe(40 * MINUTE);
  });

  test('goes where it was asked to go, and only its VMs that are not there', async () => {
    const played = await play([nodes(4)], [{ id: 'A', vms: 2, minutes: 40 }], SLOW, [migrate(5, 'A', [2, 4])]);
    expect(played.over.get('A')!.spans.at(-1)).toMatchObject({ nodes: [4, 4, 2, 2] });
    expect(typesOf(played, 'A').filter((type) => type === 'LiveMigrateOrdered')).toHaveLength(1);
  });

  test('stays where there is no room elsewhere, and is told when there would be', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 40 },
      { id: 'B', vms: 1, minutes: 20 },
    ];
    const played = await play([nodes(2)], asked, {}, [migrate(5, 'A')]);
    expect(played.on('A')).toContainEqual({
      type: 'ChangeRefused',
      lease: 'A',
      reasons: [expect.objectContaining({ code: 'insufficient-capacity', earliestRelease: 20 * MINUTE })],
    });
    expect(played.draw(45)).toBe(drawn('n1 |AAAAAAAA.\nn2 |BBBB.....'));
  });

  test('stays where it would be over before it has arrived', async () => {
    const played = await play([nodes(2)], [{ id: 'A', vms: 1, minutes: 10 }], SLOW, [migrate(5, 'A')]);
    expect(played.on('A')).toContainEqual(
      expect.objectContaining({ reasons: [expect.objectContaining({ code: 'ends-before-it-moved' })] }),
    );
  });

  test('runs on where it was when the cluster cannot do it', async () => {
    const fails = { ...noFaults, fails: (at: number) => at === 5 * MINUTE };
    const played = await play([nodes(2)], [{ id: 'A', vms: 1, minutes: 40 }], SLOW, [migrate(5, 'A')], fails);
    expect(played.draw(45)).toBe(drawn('n1 |AAAAAAAA.\nn2 |.........'));
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', ended: 40 * MINUTE });
  });

  test('is stopped at once where it is cancelled on its way; what was asked besides has to wait', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 60 },
      { id: 'B', at: 9, vms: 2, minutes: 10 },
    ];
    const again: readonly Doing[] = [
      { at: 6, command: { type: 'SuspendLease', lease: 'A' } },
      { at: 6, command: { type: 'ExtendLease', lease: 'A', to: { by: 10 * MINUTE } } },
      migrate(6, 'A'),
      { at: 10, command: { type: 'CancelLease', lease: 'A' } },
    ];
    const played = await play([nodes(2)], asked, SLOW, [migrate(5, 'A'), ...again]);
    expect(played.draw(25)).toBe(drawn('n1 |AABB.\nn2 |..BB.'));
    expect(typesOf(played, 'A')).toEqual(['StartOrdered', 'LiveMigrateOrdered', 'StopOrdered']);
  });

  test('makes room for others only once it has arrived', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 60 },
      { id: 'R', at: 6, vms: 1, minutes: 10, start: { at: 10 } },
      { id: 'S', at: 20, vms: 2, minutes: 10, start: { at: 30 } },
    ];
    const played = await play([nodes(2)], asked, SLOW, [migrate(5, 'A')]);
    expect(played.over.get('R')).toMatchObject({ outcome: 'rejected' });
    expect(played.over.get('S')).toMatchObject({ outcome: 'done', firstStart: 30 * MINUTE });
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', preemptions: 1 });
  });

  test('is not moved at all where the policy says so', async () => {
    const policy = { liveMigration: 'no' as const };
    const played = await play([nodes(2)], [{ id: 'A', vms: 1, minutes: 40 }], policy, [migrate(5, 'A')]);
    expect(typesOf(played, 'A')).not.toContain('LiveMigrateOrdered');
  });
});

describe('a node that is drained', () => {
  const asked = [
    { id: 'A', vms: 1, minutes: 40 },
    { id: 'B', vms: 1, minutes: 40 },
  ];

  test('has its leases moved to where they fit, and others saved, which come back elsewhere', async () => {
    const two = [
      { id: 'A', vms: [[1, 1, 512]] as const, minutes: 40 },
      { id: 'B', vms: [[1, 1, 512]] as const, minutes: 40 },
    ];
    const policy = { migration: 'yes' as const, nodeChoice: 'packed@1' };
    const played = await play([nodes(1, 2), nodes(1, 1)], two, policy, [drain(10, 1, 'migrate')]);
    expect(typesOf(played, 'A')).toContain('LiveMigrateOrdered');
    expect(typesOf(played, 'B')).toContain('SuspensionPlanned');
    expect(played.over.get('B')).toMatchObject({ outcome: 'done', preemptions: 1 });
    expect(played.over.get('B')!.spans.at(-1)).toMatchObject({ kind: 'run', nodes: [2, 2] });
  });

  test('saves all who are there, one after another, whether others need the room or not', async () => {
    const played = await play(
      [nodes(1, 2, 2048), nodes(1, 2, 2048)],
      asked,
      { migration: 'yes', nodeChoice: 'packed@1' },
      [drain(10, 1, 'suspend')],
    );
    for (const lease of ['A', 'B']) {
      expect(typesOf(played, lease)).not.toContain('LiveMigrateOrdered');
      expect(played.over.get(lease)!.spans.at(-1)).toMatchObject({ nodes: [2, 2] });
    }
  });

  test('keeps who may be neither moved nor saved, and says why', async () => {
    const kept = [{ id: 'A', vms: 1, minutes: 40, preemptible: false }];
    const played = await play([nodes(1)], kept, {}, [drain(10, 1, 'migrate')]);
    const refusal = played.on('A').find(({ type }) => type === 'ChangeRefused');
    expect(refusal).toMatchObject({ reasons: [{ code: 'insufficient-capacity' }, { code: 'may-not-be-saved' }] });
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', ended: 40 * MINUTE });
  });

  test('with a deadline too: who fits elsewhere is moved at once, others are saved by then', async () => {
    const restore: Doing = { at: 45, command: { type: 'RestoreNode', node: 2 } };
    const doings = [drain(10, 1, 'migrate', 30), drain(11, 2, 'migrate', 30), restore];
    const played = await play([nodes(3)], asked, {}, doings);
    expect(typesOf(played, 'A')).toEqual(['StartOrdered', 'LiveMigrateOrdered']);
    expect(typesOf(played, 'B')).toEqual(expect.arrayContaining(['SuspensionPlanned', 'ResumptionPlanned']));
    const [saved] = played.over.get('B')!.spans.filter(({ kind }) => kind === 'suspension');
    expect(saved!.until).toBe(30 * MINUTE);
  });

  test('is refused where the policy moves nobody', async () => {
    const played = await play([nodes(2)], asked, { liveMigration: 'no' }, [drain(10, 1, 'migrate')]);
    expect(played.turns.flatMap(({ inputs }) => inputs).some(({ type }) => type === 'NodeDrained')).toBe(false);
  });
});

describe('a window in which nodes are worked on', () => {
  const window: Doing = {
    at: 5,
    command: {
      ...{ type: 'PlanMaintenance', window: 'w', nodes: [1], reason: null, force: false },
      ...{ from: 20 * MINUTE, until: 30 * MINUTE },
    },
  };

  test.each([
    ['maintenance', 'n1 |AA.......\nn2 |..AAAAAA.'],
    ['asked', 'n1 |AAAA...AAAA\nn2 |...........'],
  ] as const)('moves who is there where the policy says %s', async (liveMigration, picture) => {
    const played = await play([nodes(2)], [{ id: 'A', vms: 1, minutes: 40 }], { liveMigration }, [window]);
    expect(played.draw(liveMigration === 'asked' ? 55 : 45)).toBe(drawn(picture));
  });
});
