/** What-ifs: the present goes on as it will, and otherwise. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, decodeState, encodeState, type NodeClass, type State } from '../../engine/index.js';
import { compare, type WhatIf } from '../../simulations/what-if.js';
import { SITES, workloads } from '../properties/workloads.js';
import { type Asked, begun, MINUTE, nodes, play, submission } from '../support/play.js';

function whatIf(state: State, site: readonly Omit<NodeClass, 'first'>[], changes: readonly Command[]): WhatIf {
  let first = 1;
  const classes = site.map((one): NodeClass => {
    const numbered = { first, ...one };
    first += one.count;
    return numbered;
  });
  return { snapshot: encodeState(state), nodes: classes, now: state.now, changes, horizon: null };
}

describe.each(Object.entries(SITES))('%s', (_, site) => {
  test('without changes there is no difference, and what is imagined is what happens', async () => {
    await fc.assert(
      fc.asyncProperty(workloads({ advance: 2 }), async (workload) => {
        const asked = workload.map((one): Asked => ({ ...one, at: 0, runs: one.minutes }));
        const policy = { backfilling: { kind: 'easy' } } as const;
        const compared = await compare(whatIf(begun(site, asked, policy), site, []));
        expect(compared.differences).toEqual([]);
        expect(compared.baseline).toEqual(compared.variant);
        const played = await play(site, asked, policy);
        const imagined = new Map<string, number[]>();
        for (const { lease, activity, from } of compared.baseline.bars)
          if (activity === 'run') imagined.set(lease, [...(imagined.get(lease) ?? []), from]);
        for (const lease of played.over.values()) {
          const runs = lease.spans.filter(({ kind }) => kind === 'run').map(({ from }) => from);
          expect(imagined.get(lease.id) ?? [], lease.id).toEqual(runs);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is otherwise', () => {
  const site = [nodes(4, 1, 1024)];
  const asked: Asked[] = [
    { id: 'a', vms: 4, minutes: 60 },
    { id: 'b', vms: 2, minutes: 30 },
    { id: 'c', vms: 2, minutes: 30 },
  ];
  const state = begun(site, asked, { backfilling: { kind: 'easy' } });

  test('more nodes let leases begin earlier', async () => {
    const add: Command = { type: 'AddNodes', nodes: nodes(2, 1, 1024) };
    const { differences, baseline, variant } = await compare(whatIf(state, site, [add]));
    expect(differences.map(({ lease, startsLater }) => [lease, startsLater])).toEqual([
      ['b', -60 * MINUTE],
      ['c', -30 * MINUTE],
    ]);
    expect(variant.totals.waitMean).toBeLessThan(baseline.totals.waitMean!);
  });

  test('a lease more, one less, and a node that is drained', async () => {
    const changes: Command[] = [
      { type: 'CancelLease', lease: 'b' },
      { type: 'DrainNode', node: 4 },
      submission({ id: 'd', vms: 1, minutes: 10 }),
      { type: 'DrainNode', node: 99 },
    ];
    const compared = await compare(whatIf(state, site, changes));
    const states = compared.differences.map(({ lease, otherwise }) => [lease, otherwise?.state]);
    expect(states).toEqual(
      expect.arrayContaining([
        ['b', 'cancelled'],
        ['d', 'done'],
      ]),
    );
    expect(compared.notAccepted).toEqual([{ command: 'DrainNode', detail: 'there is no node 99' }]);
  });

  test('behind the horizon nothing is looked at', async () => {
    const { baseline, to } = await compare({ ...whatIf(state, site, []), horizon: 45 * MINUTE });
    expect(to).toBe(45 * MINUTE);
    expect(baseline.totals).toMatchObject({ completed: 0, unfinished: 3 });
    expect(baseline.bars.map(({ lease, until }) => [lease, until])).toEqual([['a', null]]);
  });

  test('the state that it goes on from stays as it is', async () => {
    const before = encodeState(state);
    await compare(whatIf(state, site, [{ type: 'CancelLease', lease: 'b' }]));
    expect(encodeState(state)).toBe(before);
    expect(decodeState(before).leases.size).toBe(3);
  });
});
