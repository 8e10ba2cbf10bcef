/**
 * Under conservative backfilling each reservation, of VMs that are alike, begins as early as there is room beside the others: when many are made in a
 * turn, and when all are made anew since a node is lost. Searches that begin where others ended beside those that begin now.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type State, takeTurn } from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { earliest } from '../../engine/schedule/prepare.js';
import { begun, MINUTE, nodes, submission } from '../support/play.js';

const NODES = 4;
const size = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }));
const asks = fc.record({
  vms: fc.tuple(size),
  minutes: fc.integer({ min: 1, max: 60 }),
});

test('nobody could begin earlier than reserved, after many arrivals nor after a loss', () => {
  const cases = fc.record({
    first: fc.array(asks, { minLength: 1, maxLength: 25 }),
    later: fc.array(asks, { maxLength: 25 }),
    lost: fc.integer({ min: 1, max: NODES }),
  });
  let reserved = 0;
  fc.assert(
    fc.property(cases, ({ first, later, lost }) => {
      const asked = [...first, ...later].map((one, i) => ({ ...one, id: `L${i}` }));
      const policy = { backfilling: { kind: 'conservative' }, suspension: 'none' } as const;
      const state = begun(
        [nodes(NODES, 4, 4), nodes(1, 4, 4, { exclusive: true })],
        asked.slice(0, first.length),
        policy,
      );
      reserved += areEarliest(state);
      takeTurn(state, { observations: [], commands: asked.slice(first.length).map(submission) }, MINUTE);
      reserved += areEarliest(state);
      takeTurn(state, { observations: [{ type: 'NodeLost', at: MINUTE, node: lost }], commands: [] }, MINUTE);
      reserved += areEarliest(state);
    }),
    { numRuns: 300 },
  );
  expect(reserved).toBeGreaterThan(1000);
}, 120_000);

/** How many have a reservation. */
function areEarliest(state: State): number {
  let count = 0;
  const draft = Draft.of(state, state.now);
  for (const lease of state.queue) {
    const held = draft.heldBy(lease);
    if (held === null) continue;
    draft.lift(lease);
    expect(earliest(draft, lease, held.from), lease.id).toBeNull();
    draft.place(lease, held);
    count++;
  }
  draft.finish();
  return count;
}
