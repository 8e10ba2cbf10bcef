/** Nodes that do not answer: nothing is placed there, what is there stays, and they are as they were when they answer. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Command,
  decodeState,
  encodeState,
  type Event,
  evolve,
  expand,
  foldTurn,
  type Observation,
  type State,
  takeTurn,
} from '../../engine/index.js';
import { begun, MINUTE, nodes, termsOf } from '../support/play.js';

const silent = (node: number): Observation => ({ type: 'NodeUnreachable', at: 0, node });
const found = (node: number): Observation => ({ type: 'NodeFound', at: 0, node });
const lost = (node: number): Observation => ({ type: 'NodeLost', at: 0, node });
const submit = (lease: string, vms: number): Command => {
  const terms = termsOf({ id: lease, vms, minutes: 60 });
  return { type: 'SubmitLease', lease, terms, key: null };
};
const started = (state: State, observations: readonly Observation[], commands: readonly Command[], now: number) => {
  const { turn } = takeTurn(state, { observations: [...observations], commands: [...commands] }, now);
  return (turn?.decisions ?? []).flatMap((one) =>
    one.type === 'StartOrdered' ? [[one.lease, expand(one.nodes)]] : [],
  );
};

describe('a node that does not answer', () => {
  test('gets no VMs, and gets them when it answers', () => {
    const state = begun([nodes(2)], [], {});
    expect(started(state, [silent(1)], [submit('A', 1), submit('B', 1)], MINUTE)).toEqual([['A', [2]]]);
    expect(started(state, [found(1)], [], 2 * MINUTE)).toEqual([['B', [1]]]);
  });

  test('keeps the VMs that it has, and nobody starts them elsewhere', () => {
    const state = begun([nodes(2)], [], {});
    expect(started(state, [], [submit('A', 1)], MINUTE)).toEqual([['A', [1]]]);
    expect(started(state, [silent(1)], [submit('B', 2)], 2 * MINUTE)).toEqual([]);
    expect(state.leases.get('A')!.phase).toBe('starting');
    expect(state.leases.get('A')!.nodes).toEqual([1, 1]);
  });

  test('that was reserved for somebody is reserved elsewhere', () => {
    const state = begun([nodes(2)], [], {});
    const at = 30 * MINUTE;
    const terms = { ...termsOf({ id: 'A', vms: 1, minutes: 60, start: { at: 30 } }) };
    takeTurn(state, { observations: [], commands: [{ type: 'SubmitLease', lease: 'A', terms, key: null }] }, MINUTE);
    takeTurn(state, { observations: [silent(1)], commands: [] }, 2 * MINUTE);
    expect(started(state, [], [], at)).toEqual([['A', [2]]]);
  });

  const status = (...events: readonly Event[]): string => {
    const state = begun([nodes(2)], [], {});
    for (const event of events) evolve(state, event, 0);
    return state.nodeStatus.get(1) ?? 'up';
  };
  const drained: Event = { type: 'NodeDrained', node: 1 };
  const restored: Event = { type: 'NodeRestored', node: 1 };
  const removed: Event = { type: 'NodeRemoved', node: 1 };
  test.each<readonly [string, string, readonly Event[]]>([
    ['is unreachable', 'unreachable', [silent(1)]],
    ['is up again', 'up', [silent(1), silent(1), found(1)]],
    ['is drained all the same', 'draining', [silent(1), drained]],
    ['is drained when it answers', 'draining', [silent(1), drained, found(1)]],
    ['is drained when it answers, as before', 'draining', [drained, silent(1), found(1)]],
    ['takes nothing when it is restored', 'unreachable', [drained, silent(1), restored]],
    ['is up when it has been restored and answers', 'up', [drained, silent(1), restored, found(1)]],
    ['is lost', 'lost', [silent(1), lost(1)]],
    ['stays lost', 'lost', [lost(1), silent(1)]],
    ['is up when it was lost and answers', 'up', [silent(1), lost(1), found(1)]],
    ['is gone', 'gone', [silent(1), removed, found(1), silent(1)]],
  ])('%s', (_name, expected, events) => {
    expect(status(...events)).toBe(expected);
  });

  test('whatever happens to it: nothing starts where nobody answers, and a replay knows the same', () => {
    const happening = fc.record({
      what: fc.constantFrom('silent', 'found', 'lost', 'drain', 'restore', 'submit'),
      node: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), (all) => {
        const state = begun([nodes(3)], [], {});
        const other = decodeState(encodeState(state));
        for (const [index, { what, node }] of all.entries()) {
          const observed = { silent, found, lost }[what as 'lost'];
          const commands: Command[] =
            what === 'drain'
              ? [{ type: 'DrainNode', node }]
              : what === 'restore'
                ? [{ type: 'RestoreNode', node }]
                : what === 'submit'
                  ? [submit(`L${index}`, 1)]
                  : [];
          const input = { observations: observed === undefined ? [] : [observed(node)], commands };
          const { turn } = takeTurn(state, input, (index + 1) * MINUTE);
          if (turn === null) continue;
          foldTurn(other, turn);
          for (const one of turn.decisions)
            if (one.type === 'StartOrdered')
              for (const on of expand(one.nodes)) expect([on, state.nodeStatus.get(on)]).toEqual([on, undefined]);
        }
        expect(encodeState(decodeState(encodeState(state)))).toBe(encodeState(state));
        expect([...other.nodeStatus].sort()).toEqual([...state.nodeStatus].sort());
      }),
      { numRuns: 60 },
    );
  });
});
