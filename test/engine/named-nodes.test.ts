/** Leases that name their nodes: only those are used, the first ones first. */

import { describe, expect, test } from 'vitest';
import { decide, type Policy, type Rejection, type State, type Terms } from '../../engine/index.js';
import { occupied } from '../support/occupied.js';
import { drawn, nodes, play, termsOf } from '../support/play.js';

describe('nodes by name', () => {
  test('are taken in the order named, and no others', async () => {
    const { draw } = await play(
      [nodes(4)],
      [
        { id: 'a', vms: 2, minutes: 10, on: [4, 2] },
        { id: 'b', vms: 1, minutes: 10, on: [2, 3] },
        { id: 'c', vms: 1, minutes: 10, on: [4] },
      ],
    );
    expect(draw(20)).toBe(
      drawn(`
        n1 |....
        n2 |aa..
        n3 |bb..
        n4 |aacc`),
    );
  });

  test('are taken in their order whatever the node choice; a rank comes before', async () => {
    const one = (rank: string | null) =>
      play([nodes(3, 2)], [], { nodeChoice: 'packed@1' }, [
        {
          at: 0,
          command: {
            type: 'SubmitLease',
            lease: 'a',
            terms: {
              ...termsOf({ id: 'a', vms: 1, minutes: 10 }),
              where: { labels: {}, requirements: null, rank, nodes: [2, 3, 1] },
            },
            key: null,
          },
        },
      ]);
    expect((await one(null)).on('a')[0]).toMatchObject({ nodes: [2, 2] });
    expect((await one('node')).on('a')[0]).toMatchObject({ nodes: [3, 3] });
    expect((await one('node == 1')).on('a')[0]).toMatchObject({ nodes: [1, 1] });
  });

  test('that are too small or too few are refused, and those that are taken out of service waited for', async () => {
    const { on, draw } = await play(
      [nodes(3)],
      [
        { id: 'a', vms: 3, minutes: 10, on: [1, 2] },
        { id: 'b', vms: [[1, 2, 1024]], minutes: 10, on: [3] },
        { id: 'c', vms: 1, minutes: 10, on: [2], at: 1 },
      ],
      {},
      [
        { at: 0, command: { type: 'DrainNode', node: 2 } },
        { at: 10, command: { type: 'RestoreNode', node: 2 } },
      ],
    );
    for (const lease of ['a', 'b']) expect(on(lease)).toMatchObject([{ type: 'Refused', outcome: 'rejected' }]);
    expect(draw(25)).toBe(
      drawn(`
        n1 |.....
        n2 |..cc.
        n3 |.....`),
    );
  });

  test('can be reserved, and others make room there', async () => {
    const { draw } = await play(
      [nodes(2)],
      [
        { id: 'w', vms: 2, minutes: 20 },
        { id: 'a', vms: 1, minutes: 10, at: 1, start: { at: 5 }, on: [2] },
      ],
      { suspension: 'none', migration: 'no', preparation: 'transfer' },
    );
    expect(draw(35).split('\n')[1]).toMatch(/^n2 \|.a/);
  });
});

describe('nodes that cannot be named', () => {
  function fault(state: State, named: readonly number[]): Rejection | null {
    const where: Terms['where'] = { labels: {}, requirements: null, rank: null, nodes: named };
    const terms = { ...termsOf({ id: 'a', vms: 1, minutes: 10 }), where };
    const decided = decide(state, { type: 'SubmitLease', lease: 'a', terms, key: null }, 0);
    return decided.ok ? null : decided.rejection;
  }

  test.each<[readonly number[], RegExp]>([
    [[], /^1 to 256 nodes/],
    [Array.from({ length: 257 }, (_, i) => i + 1), /^1 to 256 nodes/],
    [[1, 2, 1], /twice/],
    [[0], /no node 0/],
    [[4], /no node 4/],
    [[1.5], /no node 1.5/],
  ])('%j', (named, detail) => {
    const rejection = fault(occupied([nodes(3)], []), named)!;
    expect(rejection).toMatchObject({ code: 'terms-invalid', pointer: '/where/nodes' });
    expect(rejection.detail).toMatch(detail);
  });

  test('are those planned by count; where nodes given whole are planned one by one, they can', () => {
    const site = [nodes(3, 1, 1024, { exclusive: true }), nodes(1)];
    const counting: Partial<Policy> = { suspension: 'none' };
    expect(fault(occupied(site, [], counting), [4, 2])?.detail).toMatch(/^node 2 is given whole/);
    expect(fault(occupied(site, [], counting), [4])).toBeNull();
    expect(fault(occupied(site, []), [4, 2])).toBeNull();
  });
});
