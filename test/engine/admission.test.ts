/** Who is turned away before anybody looks for room. */

import { describe, expect, test } from 'vitest';
import { POLICY_DEFAULT, type Policy, type Quota } from '../../engine/index.js';
import { MINUTE, nodes, type Played, play } from '../support/play.js';

const NO_LIMIT: Quota = { leases: null, vms: null, cpu: null, advance: null };

/** Why each lease was refused; null: it was not. */
function refusals({ over }: Played): Record<string, string | null> {
  return Object.fromEntries(
    [...over.values()]
      .sort((a, b) => a.sequence - b.sequence)
      .map(({ id, outcome, reasons }) => [id, outcome === 'rejected' ? reasons[0]!.code : null]),
  );
}

describe('advance leases', () => {
  const asked = [
    { id: 'A', vms: 1, minutes: 10, start: { at: 60 } },
    { id: 'B', vms: 1, minutes: 10 },
    { id: 'C', vms: 1, minutes: 10, at: 30, start: { at: 80 } },
    { id: 'D', vms: 1, minutes: 10, at: 31, start: { at: 90 } },
  ];

  test('are admitted by default', async () => {
    expect(refusals(await play([nodes(1)], asked))).toEqual({ A: null, B: null, C: null, D: null });
  });

  test('no-advance@1 admits none', async () => {
    const played = await play([nodes(1)], asked, { admission: 'no-advance@1' });
    expect(refusals(played)).toEqual({ A: 'not-admitted', B: null, C: 'not-admitted', D: 'not-admitted' });
    expect(played.over.get('A')!.ended).toBe(0);
  });

  test('must be asked for in time, where there is a minimum notice', async () => {
    const played = await play([nodes(1)], asked, { minimumNotice: 55 * MINUTE });
    expect(refusals(played)).toEqual({ A: null, B: null, C: 'notice-too-short', D: null });
    expect(played.over.get('C')!.reasons[0]).toMatchObject({ need: 55 * MINUTE, have: 50 * MINUTE });
  });
});

describe('quotas', () => {
  const each = (quota: Partial<Quota>): Partial<Policy> => ({
    quotas: { user: { ...NO_LIMIT, ...quota }, project: null },
  });

  test('count all leases of a user that are not over, waiting ones too', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 10, user: 'ann' },
      { id: 'B', vms: 1, minutes: 10, user: 'ann' },
      { id: 'C', vms: 1, minutes: 10, user: 'ann' },
      { id: 'D', vms: 1, minutes: 10, user: 'bob' },
      { id: 'E', vms: 1, minutes: 10 },
      { id: 'F', vms: 1, minutes: 10 },
      { id: 'G', vms: 1, minutes: 10 },
      // A is over by now.
      { id: 'H', vms: 1, minutes: 10, at: 11, user: 'ann' },
    ];
    const played = await play([nodes(1)], asked, each({ leases: 2 }));
    const fine = { A: null, B: null, D: null, E: null, F: null, G: null, H: null };
    expect(refusals(played)).toEqual({ ...fine, C: 'quota-exceeded' });
    expect(played.over.get('C')!.reasons[0]).toMatchObject({
      resource: 'leases',
      need: 3,
      have: 2,
      blockers: ['A', 'B'],
    });
  });

  test('a lease that is refused takes nothing of the quota', async () => {
    const asked = [
      { id: 'A', vms: 3, minutes: 10, user: 'ann' },
      { id: 'B', vms: 9, minutes: 10, user: 'ann' },
      { id: 'C', vms: 2, minutes: 10, user: 'ann' },
      { id: 'D', vms: 1, minutes: 10, user: 'ann' },
      { id: 'E', vms: 40, minutes: 10, user: 'bob' },
      { id: 'F', vms: 5, minutes: 10, user: 'bob' },
    ];
    const played = await play([nodes(10)], asked, each({ vms: 5 }));
    expect(refusals(played)).toEqual({
      A: null,
      B: 'quota-exceeded',
      C: null,
      D: 'quota-exceeded',
      E: 'never-fits',
      F: null,
    });
  });

  test('of cpu, and of advance leases', async () => {
    const asked = [
      { id: 'A', vms: [[2, 3, 256]] as const, minutes: 10, user: 'ann' },
      { id: 'B', vms: [[1, 2, 256]] as const, minutes: 10, user: 'ann' },
      { id: 'C', vms: [[1, 1, 256]] as const, minutes: 10, user: 'ann', start: { at: 60 } },
      { id: 'D', vms: [[1, 1, 256]] as const, minutes: 10, at: 20, user: 'ann', start: { at: 80 } },
      { id: 'E', vms: [[1, 1, 256]] as const, minutes: 10, at: 20, user: 'ann' },
    ];
    const played = await play([nodes(4, 8)], asked, each({ cpu: 7_000, advance: 1 }));
    expect(refusals(played)).toEqual({ A: null, B: 'quota-exceeded', C: null, D: 'quota-exceeded', E: null });
    expect(played.over.get('B')!.reasons[0]).toMatchObject({ resource: 'cpu', need: 8_000, have: 7_000 });
    expect(played.over.get('D')!.reasons[0]).toMatchObject({ resource: 'advance', need: 2, have: 1, blockers: ['C'] });
  });

  test('of projects, beside those of users', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 10, user: 'ann', project: 'p' },
      { id: 'B', vms: 1, minutes: 10, user: 'bob', project: 'p' },
      { id: 'C', vms: 1, minutes: 10, user: 'ann', project: 'q' },
      { id: 'D', vms: 1, minutes: 10, user: 'ann' },
    ];
    const quotas = { user: { ...NO_LIMIT, leases: 2 }, project: { ...NO_LIMIT, leases: 1 } };
    const played = await play([nodes(4)], asked, { quotas });
    expect(refusals(played)).toEqual({ A: null, B: 'quota-exceeded', C: null, D: 'quota-exceeded' });
    expect(played.over.get('B')!.reasons[0]!.blockers).toEqual(['A']);
    expect(played.over.get('D')!.reasons[0]!.blockers).toEqual(['A', 'C']);
  });

  test('who has more advance leases than he may have by now can still ask for others', async () => {
    const asked = [
      { id: 'A', vms: 1, minutes: 10, user: 'ann', start: { at: 60 } },
      { id: 'B', vms: 1, minutes: 10, at: 20, user: 'ann' },
      { id: 'C', vms: 1, minutes: 10, at: 20, user: 'ann', start: { at: 90 } },
    ];
    const policy = { ...POLICY_DEFAULT, ...each({ advance: 0 }) };
    const played = await play([nodes(1)], asked, {}, [{ at: 10, command: { type: 'AdoptPolicy', policy } }]);
    expect(refusals(played)).toEqual({ A: null, B: null, C: 'quota-exceeded' });
  });

  test('a lease that was admitted stays, whatever becomes of it', async () => {
    // A is stopped for X and queued again beside B, which came later.
    const asked = [
      { id: 'A', vms: 1, minutes: 30, user: 'ann' },
      { id: 'X', vms: 1, minutes: 10, at: 10, start: 'immediate' as const },
      { id: 'B', vms: 1, minutes: 10, at: 10, user: 'ann' },
    ];
    const played = await play([nodes(1)], asked, { ...each({ leases: 2 }), suspension: 'none' });
    expect(refusals(played)).toEqual({ A: null, X: null, B: null });
    expect(played.draw(60, 10)).toBe('n1 |AXAAAB');
  });
});
