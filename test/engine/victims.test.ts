/** Which kinds of preemptible lease make room for others. */

import { describe, expect, test } from 'vitest';
import type { Policy } from '../../engine/index.js';
import { type Asked, drawn, nodes, play } from '../support/play.js';

const ALL: Partial<Policy> = { victims: ['best-effort', 'immediate'] };
const NOW: Asked = { id: 'i', vms: 1, minutes: 30, start: 'immediate', preemptible: true };
const LATER: Asked = { id: 'a', at: 1, vms: 1, minutes: 10, start: { at: 10 } };

describe('immediate leases', () => {
  test('are left alone unless the policy says otherwise', async () => {
    const { on, over } = await play([nodes(1)], [NOW, LATER]);
    expect(over.get('i')).toMatchObject({ outcome: 'done', preemptions: 0 });
    expect(on('a')).toMatchObject([{ type: 'Refused' }]);
  });

  test('are suspended for an advance lease, wait, and come back with what they have done', async () => {
    const { draw, over } = await play([nodes(1)], [NOW, LATER], ALL);
    expect(draw(50)).toBe(
      drawn(`
        n1 |iiaa.iiii.`),
    );
    const lease = over.get('i')!;
    expect(lease).toMatchObject({ outcome: 'done', remaining: 0, preemptions: 1 });
    expect(lease.spans.filter(({ kind }) => kind !== 'run').map(({ kind }) => kind)).toEqual([
      'suspension',
      'resumption',
    ]);
  });

  test.each<[string, Partial<Policy>, Asked]>([
    ['without suspension', { suspension: 'none' }, LATER],
    ['where there is no time to save them', { suspendRate: 1 }, LATER],
    ['for another that begins now', {}, { ...NOW, id: 'a', at: 1 }],
    ['when they are not preemptible', {}, LATER],
  ])('do not make room %s', async (why, policy, other) => {
    const preemptible = why !== 'when they are not preemptible';
    const { on, over } = await play([nodes(1)], [{ ...NOW, preemptible }, other], { ...ALL, ...policy });
    expect(on('a')).toMatchObject([{ type: 'Refused' }]);
    expect(over.get('i')).toMatchObject({ outcome: 'done', preemptions: 0 });
  });

  test('of two on a node, both are saved in time, one after the other', async () => {
    const two = ['i', 'j'].map((id): Asked => ({ ...NOW, id, vms: [[1, 1, 1024]] }));
    const wide: Asked = { ...LATER, vms: [[1, 2, 1024]] };
    const { on, over } = await play([nodes(1, 2, 2048)], [...two, wide], ALL);
    expect(on('a')[0]).toMatchObject({ type: 'Reserved', from: 600_000 });
    for (const id of ['i', 'j']) expect(over.get(id)).toMatchObject({ outcome: 'done', preemptions: 1 });
    // 1 GiB at 32 MiB/s: both fit one after another into a minute and ten seconds, and not into forty.
    const soon: Asked = { ...wide, start: { at: 1 }, at: 0.2 };
    const late = await play([nodes(1, 2, 2048)], [...two, soon], { ...ALL, suspendThreshold: 0 });
    expect(late.on('a')).toMatchObject([{ type: 'Refused' }]);
    for (const id of ['i', 'j']) expect(late.over.get(id)).toMatchObject({ outcome: 'done', preemptions: 0 });
  });
});

describe('best-effort leases', () => {
  test('are left alone where only immediate ones are named', async () => {
    const { over, draw } = await play([nodes(2)], [{ ...NOW, id: 'b', start: 'best-effort' }, NOW, LATER], {
      victims: ['immediate'],
    });
    expect(over.get('b')).toMatchObject({ outcome: 'done', preemptions: 0 });
    expect(draw(20)).toBe(
      drawn(`
        n1 |bbbb
        n2 |iiaa`),
    );
  });
});

test('advance and deadline leases never make room', async () => {
  const { on, over } = await play(
    [nodes(1)],
    [
      { ...NOW, id: 'r', start: { at: 5 } },
      { ...LATER, start: { at: 20 } },
    ],
    ALL,
  );
  expect(on('a')).toMatchObject([{ type: 'Refused' }]);
  expect(over.get('r')).toMatchObject({ outcome: 'done', preemptions: 0 });
});
