/** A turn that is decoded as far as somebody asks is the turn that is decoded whole, whatever its text. */

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { CodecError, type Decision, decodeTurn, encodeTurn, RecordedTurn, type Turn } from '../../engine/index.js';
import { swarm } from '../swarm/swarm.js';

/** As `value`, or the message of the CodecError. */
function outcome<T>(work: () => T): { value: T } | { message: string } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof CodecError) return { message: error.message };
    throw error;
  }
}

const recorded = (text: string) =>
  outcome(() => {
    const { number, now, inputs, decisions } = RecordedTurn.decode(text);
    return { number, now, inputs, decisions };
  });

/** The same value, members the other way round. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, reversed(member)])
      .reverse(),
  ) as T;
}

describe('a recorded turn', () => {
  let turns: readonly Turn[] = [];
  beforeAll(async () => {
    turns = (await Promise.all([1, 2, 3].map((seed) => swarm(seed)))).flatMap((course) => course.turns);
  });

  test('says what was decided, and nothing else', () => {
    expect(turns.length).toBeGreaterThan(300);
    let before: readonly Decision[] = [];
    for (const turn of turns) {
      const text = encodeTurn(turn);
      expect(RecordedTurn.decode(text).says(turn.decisions)).toBe(true);
      expect(RecordedTurn.decode(text).says(before)).toBe(encodeTurn({ ...turn, decisions: before }) === text);
      expect(recorded(text)).toEqual({ value: turn });
      before = turn.decisions;
    }
  });

  test('whatever the order of its members', () => {
    for (const turn of turns) {
      expect(RecordedTurn.decode(JSON.stringify(reversed(turn))).says(turn.decisions)).toBe(true);
      const { decisions, ...head } = turn;
      expect(RecordedTurn.decode(JSON.stringify({ decisions, ...head })).says(decisions)).toBe(true);
    }
  });

  test('with text that was altered: as if it had been decoded whole', () => {
    const piece = fc.constantFrom('', ',', '"', '}', '{', ']', '0', '1', 'x', ',"decisions":[]', '"type":"Failed"');
    const alteration = fc.record({ turn: fc.nat(), at: fc.nat(), cut: fc.nat({ max: 3 }), put: piece });
    fc.assert(
      fc.property(alteration, ({ turn, at, cut, put }) => {
        const { decisions, ...whole } = turns[turn % turns.length]!;
        const text = encodeTurn({ ...whole, decisions });
        const place = at % (text.length + 1);
        const altered = `${text.slice(0, place)}${put}${text.slice(place + cut)}`;
        const expected = outcome(() => decodeTurn(altered));
        expect(recorded(altered)).toEqual(expected);
        const said = outcome(() => RecordedTurn.decode(altered).says(decisions));
        if ('message' in expected) expect(said).toEqual(expected);
        else expect(said).toEqual({ value: RecordedTurn.decode(encodeTurn(expected.value)).says(decisions) });
      }),
      { numRuns: 20_000 },
    );
  });

  test('with members of other things that have its name', () => {
    const nodes = { first: 1, count: 1, capacity: [1], exclusive: true, labels: {}, names: null };
    const turn: Turn = {
      number: 1,
      now: 0,
      inputs: [{ type: 'NodesAdded', nodes: { ...nodes, units: { a: [], decisions: ['gpu'] } } }],
      decisions: [],
    };
    const labelled = { ...nodes, labels: { 'a,"decisions":[]}': ',"decisions":[' }, units: {} };
    for (const inputs of [turn.inputs, [{ type: 'NodesAdded', nodes: labelled } as const]]) {
      const text = encodeTurn({ ...turn, inputs });
      expect(recorded(text)).toEqual({ value: { ...turn, inputs } });
      expect(RecordedTurn.decode(text).says([])).toBe(true);
    }
    for (const text of [
      '{"number":1,"now":0,"inputs":[],"decisions":[],"decisions":[]}',
      '{"number":1,"now":0,"decisions":[],"inputs":[]}',
      '{"number":1,"now":0,"inputs":[]}',
      '{"number":1,"now":0,"inputs":[],"decisions":[]}}',
      '{"number":1,"now":0,"inputs":[],"decisions":[] }',
    ])
      expect(recorded(text)).toEqual(outcome(() => decodeTurn(text)));
  });
});
