/** A fork goes on as a state that was written as text and read again would, and the state that it is of stays as it is. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Backfilling,
  beginTurn,
  decodeState,
  emptyState,
  encodeState,
  evolve,
  foldTurn,
  forkState,
  type Policy,
  schedule,
  type State,
  type Turn,
} from '../../engine/index.js';
import { MINUTE, play } from '../support/play.js';
import { SITES, workloads } from './workloads.js';

const BACKFILLING: readonly Backfilling[] = [
  { kind: 'easy' },
  { kind: 'conservative' },
  { kind: 'sticky', depth: null },
];

const policies: fc.Arbitrary<Partial<Policy>> = fc.record({
  backfilling: fc.constantFrom(...BACKFILLING),
  preemptors: fc.constantFrom(['advance'] as const, [] as const),
  suspension: fc.constantFrom('none' as const, 'all' as const),
  migration: fc.constantFrom('no' as const, 'yes' as const),
});

describe.each(Object.entries(SITES))('%s', (_, site) => {
  test('forked after any turn, it decides what was decided', async () => {
    await fc.assert(
      fc.asyncProperty(
        workloads({ advance: 3, immediate: 1 }),
        policies,
        fc.nat(1000),
        fc.integer({ min: 1, max: 30 }),
        async (asked, policy, thousandths, minute) => {
          const doings = [
            { at: minute, command: { type: 'DrainNode', node: 1 } as const },
            { at: minute, command: { type: 'SuspendLease', lease: asked[0]!.id } as const },
            { at: 2 * minute, command: { type: 'RestoreNode', node: 1 } as const },
          ];
          const { turns } = await play(site, asked, policy, doings);
          const at = Math.floor((turns.length * thousandths) / 1000);
          const state = turns.slice(0, at).reduce(foldTurn, emptyState());
          const text = encodeState(state);
          const [fork, read] = [forkState(state), decodeState(text)];
          expect(encodeState(fork)).toBe(text);
          for (const turn of turns.slice(at)) {
            expect(planned(fork, turn)).toEqual(turn.decisions);
            expect(planned(read, turn)).toEqual(turn.decisions);
            expect(encodeState(fork)).toBe(encodeState(read));
          }
          expect(encodeState(state)).toBe(text);
          // It can go on by itself later, too, and ends where its forks have.
          for (const turn of turns.slice(at)) planned(state, turn);
          expect(encodeState(state)).toBe(encodeState(fork));
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('a node that is lost in a fork is not lost beside it', async () => {
  const [, site] = Object.entries(SITES)[0]!;
  const { turns } = await play(site, [{ id: 'a', vms: 4, minutes: 60 }], {});
  const state = turns.slice(0, 3).reduce(foldTurn, emptyState());
  const text = encodeState(state);
  const fork = forkState(state);
  beginTurn(fork);
  evolve(fork, { type: 'NodeLost', at: state.now + MINUTE, node: 1 }, state.now + MINUTE);
  expect(encodeState(fork)).not.toBe(text);
  expect(encodeState(state)).toBe(text);
});

/** As a replay: what the scheduler says to the inputs of the turn, which is folded. */
function planned(state: State, { number, now, inputs }: Turn): Turn['decisions'] {
  beginTurn(state);
  for (const input of inputs) evolve(state, input, now);
  const decisions = schedule(state, now);
  for (const decision of decisions) evolve(state, decision, now);
  state.now = now;
  state.turn = number;
  return decisions;
}
