import { describe, expect, test } from 'vitest';
import { decide, type Decision } from '../../engine/index.js';
import { begun, MINUTE, nodes, play, type Played, termsOf } from '../support/play.js';

/** When which warnings of lease A were given, in minutes: at, end, before. */
function warnings({ turns }: Played): (readonly [at: number, end: number, before: number])[] {
  const isWarning = (decision: Decision) => decision.type === 'LeaseEnding' && decision.lease === 'A';
  return turns.flatMap(({ now, decisions }) =>
    decisions
      .filter(isWarning)
      .map((one) => (one.type === 'LeaseEnding' ? [now / MINUTE, one.end / MINUTE, one.before / MINUTE] : []))
      .map(([at, end, before]) => [at!, end!, before!] as const),
  );
}

const MOMENT = 1 / MINUTE;

describe('warnings before the end', () => {
  test('are given so long before, and not at all where none are asked for', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60, runs: 200, warnings: [30, 10, 1] }]);
    expect(warnings(played)).toEqual([
      [30, 60, 30],
      [50, 60, 10],
      [59, 60, 1],
    ]);
    expect(warnings(await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60 }]))).toEqual([]);
  });

  test('count from when its VMs are told to stop, not from when they are off their nodes', async () => {
    const site = [nodes(1)];
    const played = await play(site, [{ id: 'A', vms: 1, minutes: 60, runs: 200, warnings: [10] }], {
      shutdownTime: 5 * MINUTE,
    });
    expect(warnings(played)).toEqual([[50, 60, 10]]);
    expect(played.over.get('A')!.ended).toBe(65 * MINUTE);
  });

  test('are given at once where they are as long as the lease', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60, runs: 200, warnings: [60] }]);
    expect(warnings(played)).toEqual([[MOMENT, 60, 60]]);
  });

  test('are given anew for another end', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60, runs: 200, warnings: [30, 10] }], {}, [
      { at: 40, command: { type: 'ExtendLease', lease: 'A', to: { by: 60 * MINUTE } } },
    ]);
    expect(warnings(played)).toEqual([
      [30, 60, 30],
      [90, 120, 30],
      [110, 120, 10],
    ]);
  });

  test('whose instants have passed are given right afterwards, as one', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60, runs: 200, warnings: [30, 10, 1] }], {}, [
      { at: 20, command: { type: 'ShrinkLease', lease: 'A', to: { by: 35 * MINUTE } } },
    ]);
    expect(warnings(played)).toEqual([
      [20 + MOMENT, 25, 10],
      [24, 25, 1],
    ]);
  });

  test('are not given while it is suspended, nor to one that makes room', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 40, runs: 200, warnings: [25, 5] },
        { id: 'R', at: 5, vms: 1, minutes: 10, start: { at: 20 } },
      ],
    );
    // It leaves at 20 for R and is back at 30, with a little less than 25 minutes to go, since saving takes a while.
    const given = warnings(played);
    expect(given.map(([, , before]) => before)).toEqual([25, 5]);
    expect(given[0]![0]).toBeGreaterThan(30);
    expect(given[1]![0]).toBe(played.over.get('A')!.ended! / MINUTE - 5);
  });

  test('say nothing of a lease that ends by itself before', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60, runs: 20, warnings: [30] }]);
    expect(warnings(played)).toEqual([]);
    expect(played.over.get('A')).toMatchObject({ outcome: 'done', ended: 20 * MINUTE });
  });
});

test.each([
  ['none', []],
  ['more than eight', [9, 8, 7, 6, 5, 4, 3, 2, 1]],
  ['longer than it lasts', [61]],
  ['shortest first', [5, 10]],
  ['twice the same', [5, 5]],
  ['nothing at all', [0]],
])('terms with warnings that are not: %s', (_what, given) => {
  const state = begun([nodes(1)], [], {});
  const terms = termsOf({ id: 'A', vms: 1, minutes: 60, runs: 200, warnings: given });
  const decided = decide(state, { type: 'SubmitLease', lease: 'A', terms, key: null }, 0);
  expect(decided).toMatchObject({ ok: false, rejection: { code: 'terms-invalid' } });
});
