/** The load of nodes in the state and in the log: what is known of whom, and that a replay knows the same. */

import { describe, expect, test } from 'vitest';
import {
  audit,
  CodecError,
  decodeState,
  decodeTurn,
  emptyState,
  encodeState,
  encodeTurn,
  type Event,
  evolve,
  LOAD_CLASSES,
  type LoadClass,
  POLICY_DEFAULT,
  type State,
  takeTurn,
  type Turn,
} from '../../engine/index.js';
import { occupied } from '../support/occupied.js';
import { MINUTE, nodes, termsOf } from '../support/play.js';

const seen = (node: number, load: LoadClass, at = 0) => ({ type: 'NodeLoadObserved', at, node, load }) as const;

function known(...events: readonly Event[]): [number, LoadClass][] {
  const state = occupied([nodes(2), nodes(2, 1, 1024, { exclusive: true })], [], { suspension: 'none' });
  for (const event of events) evolve(state, event, 0);
  return [...state.loads];
}

describe('the load of a node', () => {
  test('is what was seen last; unknown ones are not kept', () => {
    expect(known()).toEqual([]);
    expect(known(seen(1, 'idle'), seen(2, 'low'), seen(4, 'high'), seen(1, 'high'), seen(2, 'unknown'))).toEqual([
      [1, 'high'],
      [4, 'high'],
    ]);
  });

  test('is known of a node that is drained', () => {
    expect(known({ type: 'NodeDrained', node: 1 }, seen(1, 'low'))).toEqual([[1, 'low']]);
    expect(known(seen(1, 'low'), { type: 'NodeDrained', node: 1 }, { type: 'NodeRestored', node: 1 })).toHaveLength(1);
  });

  test.each([1, 3])('is unknown of a node that was lost, until it is found and seen: node %i', (node) => {
    const lost: Event = { type: 'NodeLost', at: 0, node };
    const found: Event = { type: 'NodeFound', at: 0, node };
    expect(known(seen(node, 'high'), lost)).toEqual([]);
    expect(known(seen(node, 'high'), lost, seen(node, 'low'))).toEqual([]);
    expect(known(seen(node, 'high'), lost, found)).toEqual([]);
    expect(known(seen(node, 'high'), lost, found, seen(node, 'idle'))).toEqual([[node, 'idle']]);
  });

  test('is unknown of a node that has left the site, or never was', () => {
    expect(known(seen(1, 'low'), { type: 'NodeRemoved', node: 1 }, seen(1, 'low'))).toEqual([]);
    expect(known(seen(0, 'low'), seen(5, 'low'), seen(-1, 'low'))).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('knows the loads, in whichever order they were seen', () => {
    const state = occupied([nodes(3)], []);
    const other = occupied([nodes(3)], []);
    for (const node of [3, 1]) evolve(state, seen(node, 'low'), 0);
    for (const node of [1, 3]) evolve(other, seen(node, 'low'), 0);
    expect(encodeState(state)).toBe(encodeState(other));
    expect([...decodeState(encodeState(state)).loads]).toEqual([
      [1, 'low'],
      [3, 'low'],
    ]);
  });

  test('says nothing of loads where none are known, as those from before there were any', () => {
    const state = occupied([nodes(3)], []);
    expect(JSON.parse(encodeState(state))).not.toHaveProperty('loads');
    expect(decodeState(encodeState(state)).loads.size).toBe(0);
  });
});

describe('the log', () => {
  const turn = (load: string): string =>
    JSON.stringify({ number: 1, now: 0, inputs: [{ type: 'NodeLoadObserved', at: 0, node: 1, load }], decisions: [] });

  test('holds classes, and nothing else', () => {
    for (const load of LOAD_CLASSES) expect(encodeTurn(decodeTurn(turn(load)))).toBe(turn(load));
    expect(() => decodeTurn(turn('0.42'))).toThrow(CodecError);
    expect(() => decodeTurn(turn('0.42'))).toThrow('load must be idle or low or high or unknown, not "0.42"');
  });

  /** Two nodes of two cpus report their load, then two leases of one VM are asked for. */
  function played(): { state: State; turns: Turn[] } {
    const state = emptyState();
    const submit = (lease: string) =>
      ({ type: 'SubmitLease', lease, terms: termsOf({ id: lease, vms: 1, minutes: 10 }), key: null }) as const;
    const inboxes: readonly Parameters<typeof takeTurn>[1][] = [
      {
        observations: [],
        commands: [
          { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, nodeChoice: 'by-load@1' } },
          { type: 'DeclareSite', resources: ['cpu', 'memory'].map((name) => ({ name, kind: 'amount' as const })) },
          { type: 'AddNodes', nodes: nodes(2, 2, 2048) },
        ],
      },
      { observations: [seen(1, 'low', MINUTE), seen(2, 'idle', MINUTE)], commands: [] },
      { observations: [], commands: [submit('A')] },
      { observations: [seen(2, 'high', 3 * MINUTE)], commands: [submit('B')] },
    ];
    const turns = inboxes.map((inbox, i) => takeTurn(state, inbox, i * MINUTE).turn!);
    return { state, turns };
  }

  async function* each(turns: readonly Turn[]): AsyncIterable<Turn> {
    yield* turns;
  }

  test('a load alone decides nothing; leases go by the latest', () => {
    const { turns } = played();
    expect(turns[1]!.decisions).toEqual([]);
    expect(turns.flatMap(({ decisions }) => decisions)).toMatchObject([
      { type: 'StartOrdered', lease: 'A', nodes: [2, 2] },
      { type: 'StartOrdered', lease: 'B', nodes: [1, 1] },
    ]);
  });

  test('is replayed to the same decisions, and to others where a load is another', async () => {
    const { state, turns } = played();
    const replayed = emptyState();
    expect(await audit(replayed, each(turns.map(encodeTurn).map(decodeTurn)))).toBeNull();
    expect(encodeState(replayed)).toBe(encodeState(state));
    const tampered = turns.map((one) => ({
      ...one,
      inputs: one.inputs.map((input) =>
        input.type === 'NodeLoadObserved' && input.load === 'idle' ? { ...input, load: 'high' as const } : input,
      ),
    }));
    expect(await audit(emptyState(), each(tampered))).toMatchObject({ turn: 3, kind: 'decisions-differ' });
  });
});
