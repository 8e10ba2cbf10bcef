import { describe, expect, test } from 'vitest';
import { noFaults } from '../../adapters/simulated/faults.js';
import { decide, type Decision, type Policy, type Terms } from '../../engine/index.js';
import { type Asked, begun, type Doing, drawn, MINUTE, nodes, play, type Played, termsOf } from '../support/play.js';

/** Two nodes, or these; the first is lost after 20 minutes, and found again after 60. */
const lossOf = (asked: readonly Asked[], site = [nodes(2)]): Promise<Played> => {
  const faults = { nextLoss: (now: number) => (now < 20 * MINUTE ? 20 * MINUTE : null) };
  const loss = () => ({ node: 1, found: 60 * MINUTE });
  return play(site, asked, {}, [], { ...noFaults, ...faults, loss });
};

const lease = (onNodeLost?: Terms['onNodeLost'], more: Partial<Asked> = {}): Asked => ({
  ...{ id: 'A', vms: 1, minutes: 60 },
  ...(onNodeLost === undefined ? {} : { onNodeLost }),
  ...more,
});
const orders = (all: readonly Decision[]) => all.map(({ type }) => type);
const endOf = ({ over }: Played) => [over.get('A')!.outcome, over.get('A')!.ended! / MINUTE];

describe('a lease whose node is lost', () => {
  test('starts elsewhere, if it is best-effort and says nothing, or says so', async () => {
    for (const onNodeLost of [undefined, 'restart'] as const) {
      const played = await lossOf([lease(onNodeLost)]);
      expect(played.draw(90)).toBe(
        drawn(`
        n1 |AAAA..............
        n2 |....AAAAAAAAAAAA..`),
      );
    }
  });

  test('starts elsewhere on its storage, if it is to migrate', async () => {
    const vault = nodes(1, 1, 1024, { labels: { storage: 'vault' } });
    const played = await lossOf([lease('migrate', { storage: 'vault' })], [vault, nodes(1), vault]);
    expect(played.draw(90)).toBe(
      drawn(`
      n1 |AAAA..............
      n2 |..................
      n3 |....AAAAAAAAAAAA..`),
    );
  });

  test('migrates only where its disks are found again, and where it may begin anew', () => {
    const state = begun([nodes(1)], [], {});
    const faultOf = (terms: Terms) => decide(state, { type: 'SubmitLease', lease: 'A', terms, key: null }, 0);
    const refused = { ok: false, rejection: { code: 'terms-invalid', pointer: '/onNodeLost' } };
    const good = termsOf(lease('migrate', { storage: 'vault' }));
    expect(faultOf(good)).toMatchObject({ ok: true });
    expect(faultOf(termsOf(lease('migrate')))).toMatchObject(refused);
    expect(faultOf(termsOf(lease('migrate', { storage: 'vault', start: { at: 5 } })))).toMatchObject(refused);
    const groups = good.groups.map((group) => ({ ...group, image: 'home', writesImage: true }));
    expect(faultOf({ ...good, groups })).toMatchObject(refused);
  });

  test('that is to migrate is stopped as lost on its other nodes, and waits again', async () => {
    const some = nodes(2, 1, 1024, { labels: { storage: 'vault' } });
    const played = await lossOf([lease('migrate', { storage: 'vault', vms: 2 })], [some]);
    const stops = played.on('A').filter((decision) => decision.type === 'StopOrdered');
    expect(stops.map((stop) => [stop.cause, stop.then])[0]).toEqual(['node-lost', 'queue']);
    expect(endOf(played)).toEqual(['done', 120]);
  });

  test('keeps its place and its time, if it waits', async () => {
    const played = await lossOf([lease('wait')]);
    expect(orders(played.on('A'))).toEqual(['StartOrdered']);
    expect(endOf(played)).toEqual(['done', 60]);
  });

  test('is over when its time is, though the node was not found yet', async () => {
    expect(endOf(await lossOf([lease('wait', { minutes: 40 })]))).toEqual(['done', 40]);
  });

  test('that waits leaves no room for others there, and nobody else starts on the node meanwhile', async () => {
    const played = await lossOf([lease('wait'), { id: 'B', vms: 2, minutes: 10, at: 10 }]);
    expect(played.over.get('B')!.firstStart).toBe(60 * MINUTE);
  });

  test('is over, if it is to be deleted', async () => {
    const played = await lossOf([lease('delete')]);
    expect(orders(played.on('A'))).toEqual(['StartOrdered', 'Failed']);
    expect(endOf(played)).toEqual(['failed', 20]);
  });

  test('is over on all its nodes, if it is to be deleted and only one of them is lost', async () => {
    const played = await lossOf([lease('delete', { vms: 2 })]);
    expect(orders(played.on('A'))).toEqual(['StartOrdered', 'StopOrdered']);
    expect(endOf(played)).toEqual(['failed', 20]);
  });

  test('is over, if it was promised its time: it cannot wait in the queue', async () => {
    const start = { at: 5 };
    expect(endOf(await lossOf([lease(undefined, { start })]))).toEqual(['failed', 20]);
    expect(endOf(await lossOf([lease('wait', { start })]))).toEqual(['done', 65]);
    const state = begun([nodes(1)], [], {});
    const terms = termsOf(lease('restart', { start }));
    expect(decide(state, { type: 'SubmitLease', lease: 'A', terms, key: null }, 0)).toMatchObject({
      ok: false,
      rejection: { code: 'terms-invalid', pointer: '/onNodeLost' },
    });
  });

  test('does not wait for a node that leaves the site', async () => {
    const gone = { at: 30, command: { type: 'RemoveNode', node: 1 } as const };
    const played = await play([nodes(2)], [lease('wait')], {}, [gone]);
    expect(played.draw(90)).toBe(
      drawn(`
      n1 |AAAAAA............
      n2 |......AAAAAAAAAAAA`),
    );
  });
});

/** From minute 20 on the cluster's answers are five minutes on their way; the first node leaves the site at `at`. */
const raced = (
  at: number,
  asked: readonly Asked[],
  policy: Partial<Policy>,
  doings: readonly Doing[] = [],
): Promise<Played> => {
  const deliveries = (now: number) => [now < 20 * MINUTE ? 0 : 5 * MINUTE];
  const gone = { at, command: { type: 'RemoveNode', node: 1 } as const };
  return play([nodes(2)], asked, policy, [...doings, gone], { ...noFaults, deliveries });
};

describe('a lease that was carried off a node before it was lost, as is not known yet', () => {
  test('runs on, if it ran', async () => {
    const move = { at: 20, command: { type: 'MigrateLease', lease: 'A', nodes: null } as const };
    const played = await raced(23, [lease()], { migrationRate: 1000 }, [move]);
    expect(orders(played.on('A'))).toEqual(['StartOrdered', 'LiveMigrateOrdered', 'StopOrdered']);
    expect(endOf(played)[0]).toBe('done');
  });

  test('begins anew, if it did not get away', async () => {
    const move = { at: 20, command: { type: 'MigrateLease', lease: 'A', nodes: null } as const };
    const played = await raced(23, [lease()], { migrationRate: 14 }, [move]);
    const types = orders(played.on('A'));
    expect(types.slice(0, 4)).toEqual(['StartOrdered', 'LiveMigrateOrdered', 'Requeued', 'StartOrdered']);
    expect(endOf(played)[0]).toBe('done');
  });

  test('resumes, if its memory was carried', async () => {
    const B: Asked = { id: 'B', at: 15, vms: 1, minutes: 60, start: { at: 20 }, on: [1] };
    const policy = { migration: 'yes', migrationRate: 1000, suspendRate: 1000, resumeRate: 1000 } as const;
    const played = await raced(27, [lease(), B], policy);
    expect(orders(played.on('A')).filter((type) => type === 'StartOrdered')).toHaveLength(1);
    expect(orders(played.on('A'))).toContain('MigrateOrdered');
    expect(endOf(played)[0]).toBe('done');
  });
});
