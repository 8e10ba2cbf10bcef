/** Other policies adopted while leases wait and run. */

import { describe, expect, test } from 'vitest';
import { decide, emptyState, evolve, POLICY_DEFAULT, type Policy } from '../../engine/index.js';
import { type Doing, drawn, MINUTE, nodes, play } from '../support/play.js';

const RATES = { suspendRate: 32, resumeRate: 32 };
const adopt = (at: number, policy: Partial<Policy>): Doing => ({
  at,
  command: { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, ...RATES, ...policy } },
});

describe('another backfilling', () => {
  test('plans those anew that wait: what was reserved for them counts no more', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 40, runs: 20 },
      { id: 'B', vms: 2, minutes: 20 },
      { id: 'C', vms: 1, minutes: 30 },
    ];
    const played = await play([nodes(2)], asked, { backfilling: { kind: 'conservative' } }, [
      adopt(10, { backfilling: { kind: 'none' } }),
    ]);
    expect(played.on('B').map(({ type }) => type)).toEqual(['Reserved', 'StartOrdered']);
    expect(played.state.reservations).toBe(0);
  });

  test('leaves an advance lease its instant', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'R', vms: 1, minutes: 10, start: { at: 30 } },
        { id: 'A', vms: 1, minutes: 40 },
      ],
      { backfilling: { kind: 'conservative' } },
      [adopt(10, { backfilling: { kind: 'easy' } })],
    );
    expect(played.draw(85)).toBe(drawn('n1 |......RRAAAAAAAA.'));
    expect(played.on('R').map(({ type }) => type)).toEqual(['Reserved', 'StartOrdered']);
  });
});

describe('suspension switched off', () => {
  test('while a lease is suspended: it comes back all the same', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 40 },
        { id: 'R', at: 5, vms: 1, minutes: 10, start: { at: 20 } },
        { id: 'S', at: 35, vms: 1, minutes: 10, start: { at: 50 } },
      ],
      {},
      [adopt(25, { suspension: 'none' })],
    );
    const types = played.on('A').map(({ type }) => type);
    expect(types.filter((type) => type === 'SuspendOrdered' || type === 'ResumeOrdered')).toEqual([
      'SuspendOrdered',
      'ResumeOrdered',
    ]);
    // For S it is stopped: nothing is saved any more.
    expect(played.on('A')).toContainEqual(expect.objectContaining({ type: 'StopOrdered', cause: 'preempted' }));
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', preemptions: 2 });
  });
});

describe('a longer shutdown', () => {
  test('ends running leases as much later, where that is free', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 20, runs: 60 }], {}, [
      adopt(10, { shutdownTime: MINUTE }),
    ]);
    expect(played.on('A')).toContainEqual({ type: 'UntilMoved', lease: 'A', until: 21 * MINUTE });
    expect(played.on('A')).toContainEqual(expect.objectContaining({ type: 'StopOrdered', until: 21 * MINUTE }));
    expect(played.over.get('A')!.spans.filter(({ kind }) => kind === 'run')).toMatchObject([{ until: 20 * MINUTE }]);
  });

  test('is taken from those whose nodes are another lease’s then', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 20, runs: 60 },
        { id: 'R', vms: 1, minutes: 10, start: { at: 20 } },
      ],
      {},
      [adopt(10, { shutdownTime: MINUTE })],
    );
    expect(played.on('A').map(({ type }) => type)).toContain('UntilKept');
    expect(played.over.get('A')!.spans.filter(({ kind }) => kind === 'run')).toMatchObject([{ until: 19 * MINUTE }]);
    expect(played.over.get('R')!.firstStart).toBe(20 * MINUTE);
  });

  test('shorter again: the rest is free at once', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 20, runs: 60 }], { shutdownTime: 5 * MINUTE }, [
      adopt(10, {}),
    ]);
    expect(played.on('A')).toContainEqual(expect.objectContaining({ type: 'StopOrdered', until: 20 * MINUTE }));
  });
});

describe('a policy is not adopted', () => {
  const state = (policy: Partial<Policy>, exclusive: boolean) => {
    const made = emptyState();
    evolve(made, { type: 'PolicyAdopted', policy: { ...POLICY_DEFAULT, ...policy } }, 0);
    evolve(made, { type: 'SiteDeclared', resources: [{ name: 'cpu', kind: 'amount' }] }, 0);
    const capacity = { capacity: [1000], labels: {}, names: null, units: {} };
    evolve(made, { type: 'NodesAdded', nodes: { first: 1, count: 2, exclusive, ...capacity } }, 0);
    return made;
  };
  const adopting = (before: Partial<Policy>, exclusive: boolean, after: Partial<Policy>) =>
    decide(state(before, exclusive), { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, ...after } }, 0);
  const refused = (why: RegExp) => ({
    ok: false,
    rejection: { code: 'policy-invalid', detail: expect.stringMatching(why) },
  });

  test('where exclusive nodes are planned by count, and it would have to tell them apart', () => {
    expect(adopting({ suspension: 'none' }, true, { suspension: 'all' })).toMatchObject(refused(/planned by count/));
    expect(adopting({ suspension: 'none' }, false, { suspension: 'all' }).ok).toBe(true);
    expect(adopting({ suspension: 'all' }, true, { suspension: 'none' }).ok).toBe(true);
  });

  test('where it says that storage is shared, and it was not, or the other way round', () => {
    expect(adopting({}, false, { migration: 'no-transfer' })).toMatchObject(refused(/^migration: no-transfer/));
    expect(adopting({ migration: 'no-transfer' }, false, {})).toMatchObject(refused(/^migration: no-transfer/));
    expect(adopting({}, false, { migration: 'yes' }).ok).toBe(true);
  });

  test('where it was made from a policy that is in force no more', () => {
    const over = { ...POLICY_DEFAULT, shutdownTime: 7 };
    const decided = decide(state({}, false), { type: 'AdoptPolicy', policy: POLICY_DEFAULT, over }, 0);
    expect(decided).toMatchObject({ ok: false, rejection: { code: 'policy-changed' } });
    const now = decide(state({}, false), { type: 'AdoptPolicy', policy: over, over: POLICY_DEFAULT }, 0);
    expect(now.ok).toBe(true);
  });
});
