/** Overcommit, how many VMs start on a node at a time, and images that are sent ahead. */

import { describe, expect, test } from 'vitest';
import { decide, emptyState, POLICY_DEFAULT, type Policy, type Turn } from '../../engine/index.js';
import { type Asked, drawn, MINUTE, nodes, play, termsOf } from '../support/play.js';

describe('overcommit', () => {
  test('leases more of a shared node than it has, and not a whole one', async () => {
    const asked = [1, 2, 3, 4, 5].map((id): Asked => ({ id: `${id}`, vms: [[1, 1, 512]], minutes: 10 }));
    const { draw, turns } = await play([nodes(1, 1, 2048), nodes(1, 1, 2048, { exclusive: true })], asked, {
      overcommit: { cpu: 3000 },
    });
    expect(draw(20)).toBe(
      drawn(`
        n1 |3355
        n2 |22..`),
    );
    const added = turns[0]!.inputs.flatMap((input) => (input.type === 'NodesAdded' ? [input.nodes.leasable] : []));
    expect(added).toEqual([[3000, 2048], undefined]);
  });

  test('is exact: what fills the node to the last part fits, and no VM is larger than its node', async () => {
    const wide: Asked = { id: 'w', vms: [[1, 3, 512]], minutes: 10 };
    const { over } = await play([nodes(1, 2, 1024)], [wide, { id: 'e', vms: [[3, 1, 512]], minutes: 10 }], {
      overcommit: { cpu: 1500, memory: 1500 },
    });
    expect(over.get('w')).toMatchObject({ outcome: 'rejected', reasons: [{ code: 'never-fits' }] });
    expect(over.get('e')?.outcome).toBe('done');
  });

  test('names resources that the site counts, and none that are handed out by name', () => {
    const state = { ...emptyState(), policy: { ...POLICY_DEFAULT, overcommit: { gpu: 2000 } } };
    const declare = (kind: 'amount' | 'units', name: string) =>
      decide(state, { type: 'DeclareSite', resources: [{ name, kind }] }, 0);
    expect(declare('amount', 'gpu').ok).toBe(true);
    expect(declare('units', 'gpu')).toMatchObject({ rejection: { detail: expect.stringMatching(/by name/) } });
    expect(declare('amount', 'cpu')).toMatchObject({
      rejection: { code: 'policy-invalid', detail: expect.stringMatching(/no gpu; it counts cpu/) },
    });
  });
});

describe('starts', () => {
  const three = ['a', 'b', 'c'].map((id): Asked => ({ id, vms: 1, minutes: 10 }));

  test('that are under way keep waiting leases off the node until VMs run', async () => {
    const { turns } = await play([nodes(1, 4, 8192)], three, { startsMax: 2 });
    expect(startsOf(turns)).toEqual([['a', 'b'], ['c']]);
    expect(startsOf((await play([nodes(1, 4, 8192)], three)).turns)).toEqual([['a', 'b', 'c']]);
  });

  test('do not keep those waiting that were promised theirs, nor part the VMs of a lease', async () => {
    const promised = three.map((one): Asked => ({ ...one, start: { at: 5 } }));
    const gang: Asked = { id: 'g', vms: 4, minutes: 10, at: 30 };
    const { turns } = await play([nodes(1, 4, 8192)], [...promised, gang], { startsMax: 1 });
    expect(startsOf(turns)).toEqual([['a', 'b', 'c'], ['g']]);
  });
});

describe('images sent ahead', () => {
  /** 600 MiB at 80 Mbit/s are a minute. */
  const policy: Partial<Policy> = { preparation: 'transfer', imageRate: 80, imagePrefetch: true };
  const submit = (at: number, id: string, minutes: number) => ({
    at,
    command: {
      type: 'SubmitLease' as const,
      lease: id,
      key: null,
      terms: {
        ...termsOf({ id, vms: 1, minutes }),
        groups: [{ name: null, vms: 1, demand: [1000, 1024], image: id }],
        imageSize: 600,
      },
    },
  });
  const startOf = (turns: readonly Turn[], id: string) =>
    turns.find(({ decisions }) => decisions.some((one) => one.type === 'StartOrdered' && one.lease === id))!.now /
    MINUTE;

  test('are there when a node is free', async () => {
    const doings = [submit(0, 'a', 10), submit(1, 'b', 10)];
    const without = await play([nodes(1)], [], { ...policy, imagePrefetch: false }, doings);
    const ahead = await play([nodes(1)], [], policy, doings);
    expect([startOf(without.turns, 'a'), startOf(without.turns, 'b')]).toEqual([1, 12]);
    expect([startOf(ahead.turns, 'a'), startOf(ahead.turns, 'b')]).toEqual([1, 11]);
  });

  test('fill free room of caches only', async () => {
    const doings = [submit(0, 'a', 10), submit(1, 'b', 10)];
    const { turns } = await play([nodes(1)], [], { ...policy, imageCacheMax: 1000 }, doings);
    expect(startOf(turns, 'b')).toBe(12);
  });

  test.each([
    [{ imagePrefetch: true }, 'no images'],
    [{ imagePrefetch: true, preparation: 'transfer', imageReuse: 'none' }, 'keep no images'],
    [{ startsMax: 1, backfilling: { kind: 'conservative' } }, 'promises a start'],
    [{ startsMax: 0 }, 'starts of a node are 1'],
    [{ overcommit: { cpu: 500 } }, 'cpu may be leased 1 to 100 times'],
  ] as const)('%o is refused', (knobs, why) => {
    const policyOfAll = { ...POLICY_DEFAULT, ...knobs } as Policy;
    expect(decide(emptyState(), { type: 'AdoptPolicy', policy: policyOfAll }, 0)).toMatchObject({
      ok: false,
      rejection: { code: 'policy-invalid', detail: expect.stringContaining(why) },
    });
  });
});

/** Which leases were told to start in each turn that started any. */
function startsOf(turns: readonly Turn[]): string[][] {
  const started = turns.map(({ decisions }) =>
    decisions.flatMap((decision) => (decision.type === 'StartOrdered' ? [decision.lease] : [])),
  );
  return started.filter((leases) => leases.length > 0);
}
