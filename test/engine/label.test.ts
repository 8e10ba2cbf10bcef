/** Nodes that get other labels. */

import { describe, expect, test } from 'vitest';
import { type Doing, drawn, nodes, play } from '../support/play.js';

const label = (at: number, node: number, zone: string | null): Doing => ({
  at,
  command: { type: 'LabelNode', node, labels: { zone } },
});
const drain = (at: number, node: number): Doing => ({ at, command: { type: 'DrainNode', node } });
const restore = (at: number, node: number): Doing => ({ at, command: { type: 'RestoreNode', node } });

describe('a node with another label', () => {
  test('is taken by a lease that waited for one', async () => {
    const played = await play(
      [nodes(1, 1, 1024, { labels: { zone: 'a' } }), nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60, zone: 'a' },
        { id: 'B', vms: 1, minutes: 20, zone: 'a' },
      ],
      {},
      [label(10, 2, 'a')],
    );
    expect(played.draw(65)).toBe(drawn('n1 |AAAAAAAAAAAA.\nn2 |..BBBB.......'));
  });

  test('is not labelled so while a lease counts on what it has', async () => {
    const played = await play(
      [nodes(2, 1, 1024, { labels: { zone: 'a' } })],
      [
        { id: 'A', vms: 1, minutes: 20, zone: 'a' },
        { id: 'R', vms: 2, minutes: 10, zone: 'a', start: { at: 60 } },
      ],
      {},
      [label(10, 1, 'b'), label(30, 2, 'b'), label(80, 2, 'b')],
    );
    const inputs = played.turns.flatMap((turn) => turn.inputs);
    expect(inputs.filter(({ type }) => type === 'NodeLabelled')).toMatchObject([{ node: 2 }]);
    expect(played.over.get('R')!.outcome).toBe('done');
  });

  test('is refused to those who could be had nowhere else', async () => {
    const played = await play(
      [nodes(1, 1, 1024, { labels: { zone: 'a' } })],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'B', vms: 1, minutes: 20, zone: 'a' },
      ],
      { backfilling: { kind: 'none' } },
      [label(10, 1, 'b')],
    );
    expect(played.on('B')).toMatchObject([{ type: 'Refused', reasons: [{ code: 'never-fits' }] }]);
  });
});

describe('a node that is planned by count', () => {
  const whole = { exclusive: true, labels: { zone: 'a' } };
  const policy = { suspension: 'none' } as const;

  test('is labelled once it is drained and empty, and then is of its new kind', async () => {
    const played = await play(
      [nodes(2, 1, 1024, whole)],
      [
        { id: 'A', vms: 2, minutes: 20, zone: 'a' },
        { id: 'B', at: 1, vms: 1, minutes: 20, zone: 'b' },
      ],
      policy,
      [drain(5, 2), label(10, 2, 'b'), label(30, 2, 'b'), restore(30, 2)],
    );
    // Nobody could have B at first: the site has no such node.
    expect(played.over.get('B')!.outcome).toBe('rejected');
    expect(played.state.pools.map(({ labels, nodes: there }) => [labels.zone, [...there]])).toEqual([
      ['a', [1, 1]],
      ['b', [2, 2]],
    ]);
  });

  test('is not labelled while it is up', async () => {
    const played = await play([nodes(2, 1, 1024, whole)], [], policy, [label(10, 2, 'b')]);
    expect(played.turns.flatMap(({ inputs }) => inputs).map(({ type }) => type)).not.toContain('NodeLabelled');
  });
});
