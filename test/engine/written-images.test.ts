/** Images that are written: by one lease at a time, whatever is asked for. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Dependency, type Group, takeTurn, type Terms } from '../../engine/index.js';
import { begun, MINUTE, nodes, play, termsOf } from '../support/play.js';

function writing(id: string, minutes: number, image: string | null, after: readonly Dependency[] = []): Terms {
  const group: Group = { name: null, vms: 1, demand: [1000, 1024], image };
  const groups = [image === null ? group : { ...group, writesImage: true }];
  return { ...termsOf({ id, vms: 1, minutes }), groups, ...(after.length === 0 ? {} : { after }) };
}

const submit = (lease: string, terms: Terms) => ({ type: 'SubmitLease' as const, lease, key: null, terms });

test('whoever wants an image that is written is refused, is told who has it, and has it once that is over', async () => {
  const played = await play([nodes(4)], [], {}, [
    { at: 0, command: submit('A', writing('A', 10, 'x')) },
    { at: 1, command: submit('B', writing('B', 10, 'x')) },
    { at: 2, command: submit('C', writing('C', 10, 'y')) },
    { at: 11, command: submit('D', writing('D', 10, 'x')) },
  ]);
  const outcomes = Object.fromEntries([...played.over.values()].map(({ id, outcome }) => [id, outcome]));
  expect(outcomes).toEqual({ A: 'done', B: 'rejected', C: 'done', D: 'done' });
  expect(played.over.get('B')!.reasons[0]).toMatchObject({ code: 'image-in-use', blockers: ['A'] });
});

test('of two that come at once one has it', async () => {
  const asked = ['A', 'B'].map((id) => ({ at: 0, command: submit(id, writing(id, 10, 'x')) }));
  const played = await play([nodes(4)], [], {}, asked);
  expect([...played.over.values()].map(({ outcome }) => outcome).sort()).toEqual(['done', 'rejected']);
});

test('whoever follows the end of those that have it waits for it', async () => {
  const follows: Dependency[] = [{ lease: 'A', on: 'end' }];
  const played = await play([nodes(4)], [], {}, [
    { at: 0, command: submit('A', writing('A', 10, 'x')) },
    { at: 1, command: submit('B', writing('B', 10, 'x', follows)) },
    { at: 2, command: submit('C', writing('C', 10, 'x', follows)) },
    { at: 3, command: submit('D', writing('D', 10, 'x', [{ lease: 'A', on: 'start' }])) },
  ]);
  expect(played.over.get('B')).toMatchObject({ outcome: 'done', firstStart: 10 * MINUTE });
  expect(played.over.get('C')!.reasons[0]).toMatchObject({ code: 'image-in-use', blockers: ['B'] });
  expect(played.over.get('D')!.reasons[0]).toMatchObject({ code: 'image-in-use', blockers: ['A', 'B'] });
});

test('an image is written by one VM', () => {
  const state = begun([nodes(4)], [], {});
  const [group] = writing('A', 10, 'x').groups;
  for (const fault of [{ vms: 2 }, { image: null }]) {
    const terms = { ...writing('A', 10, 'x'), groups: [{ ...group!, ...fault }] };
    const commands = [submit('A', terms)];
    const [answer] = takeTurn(state, { observations: [], commands }, 1).answers;
    expect(answer!.decided).toMatchObject({ ok: false, rejection: { code: 'terms-invalid', pointer: '/image' } });
  }
});

test('no two leases ever run that write the same image', async () => {
  const lease = fc.record({
    at: fc.nat(20),
    minutes: fc.integer({ min: 1, max: 15 }),
    image: fc.constantFrom('x', 'y', null),
    follows: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(lease, { minLength: 2, maxLength: 8 }), async (asked) => {
      const order = asked.map((one, i) => ({ ...one, id: `L${i}` })).sort((a, b) => a.at - b.at);
      const doings = order.map(({ at, id, minutes, image, follows }, i) => {
        const before = follows && i > 0 ? [{ lease: order[i - 1]!.id, on: 'end' as const }] : [];
        return { at, command: submit(id, writing(id, minutes, image, before)) };
      });
      const { over } = await play([nodes(2)], [], {}, doings);
      const ran = [...over.values()].filter(({ firstStart }) => firstStart !== null);
      for (const one of ran)
        for (const other of ran) {
          const image = one.terms.groups[0]!.image;
          if (one === other || image === null || other.terms.groups[0]!.image !== image) continue;
          const areApart = one.ended! <= other.firstStart! || other.ended! <= one.firstStart!;
          expect(areApart, `${one.id} and ${other.id}`).toBe(true);
        }
    }),
    { numRuns: 60 },
  );
});
