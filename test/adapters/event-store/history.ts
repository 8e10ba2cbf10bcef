/** Histories of operations on a store, made at random and judged by a list. */

import fc from 'fast-check';
import { expect } from 'vitest';
import { type Appended, type EventStore, type Snapshot, type Turn, encodeTurn } from '../../../engine/index.js';
import { all } from './reading.js';
import { claim, turn } from './turns.js';

/** What may be done to a store; positions and epochs are relative to what its log holds by then. */
export type Operation =
  | { readonly kind: 'append'; readonly behind: number; readonly epochOff: number; readonly name: string }
  | { readonly kind: 'claim'; readonly behind: number; readonly by: number }
  | { readonly kind: 'again' | 'read'; readonly at: number }
  | { readonly kind: 'snapshot'; readonly at: number; readonly state: string }
  | { readonly kind: 'reopen' };

export const OPERATION: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      behind: fc.constantFrom(0, 0, 0, 0, 1, 2, -1),
      epochOff: fc.constantFrom(0, 0, 0, 0, -1, 1),
      name: fc.string({ unit: 'binary', maxLength: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      behind: fc.constantFrom(0, 0, 1),
      by: fc.integer({ min: -1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), at: fc.nat({ max: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), at: fc.nat({ max: 30 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('snapshot' as const), at: fc.nat({ max: 30 }), state: fc.string() }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
);

/** The log as one would write it down: the judge of the stores. */
class SlowLog {
  readonly texts: string[] = [];
  epoch = 0;
  snapshot: Snapshot | null = null;

  append(next: Turn, expected: number, epoch: number): Appended {
    const head = { revision: this.texts.length, epoch: this.epoch };
    if (this.texts[next.number - 1] === encodeTurn(next)) return { outcome: 'appended', revision: next.number };
    if (expected !== this.texts.length) return { outcome: 'refused', head };
    const claims = next.inputs.flatMap((input) => (input.type === 'EpochClaimed' ? [input.epoch] : []));
    if (claims.length > 0 ? claims[0]! <= this.epoch : epoch !== this.epoch) return { outcome: 'refused', head };
    this.texts.push(encodeTurn(next));
    this.epoch = claims[0] ?? this.epoch;
    return { outcome: 'appended', revision: next.number };
  }
}

/** Does the operations to the store and to a list; closes the store. */
export async function sameAsList(
  first: EventStore,
  reopen: () => Promise<EventStore>,
  operations: readonly Operation[],
): Promise<void> {
  const model = new SlowLog();
  let store = first;
  try {
    for (const operation of operations) {
      if (operation.kind === 'reopen') store = await reopen();
      else await sameAnswer(store, model, operation);
    }
    expect((await all(store.read(0))).map(encodeTurn)).toEqual(model.texts);
  } finally {
    await store.close();
  }
}

async function sameAnswer(
  store: EventStore,
  model: SlowLog,
  operation: Exclude<Operation, { kind: 'reopen' }>,
): Promise<void> {
  const revision = model.texts.length;
  switch (operation.kind) {
    case 'append':
    case 'claim': {
      const expected = Math.max(0, revision - operation.behind);
      const epoch = model.epoch + (operation.kind === 'append' ? operation.epochOff : operation.by);
      const number = expected + 1;
      const next = operation.kind === 'append' ? turn(number, operation.name) : claim(number, epoch);
      expect(await store.append(next, expected, epoch)).toEqual(model.append(next, expected, epoch));
      break;
    }
    case 'again': {
      const text = model.texts[operation.at];
      if (text === undefined) return;
      const again = JSON.parse(text) as Turn;
      expect(await store.append(again, operation.at, model.epoch)).toEqual(
        model.append(again, operation.at, model.epoch),
      );
      break;
    }
    case 'read':
      expect((await all(store.read(operation.at))).map(encodeTurn)).toEqual(model.texts.slice(operation.at));
      break;
    case 'snapshot': {
      const snapshot = { turn: Math.min(operation.at, revision), version: 1, state: operation.state };
      await store.saveSnapshot(snapshot);
      if (model.snapshot === null || snapshot.turn >= model.snapshot.turn) model.snapshot = snapshot;
      expect(await store.latestSnapshot()).toEqual(model.snapshot);
      break;
    }
  }
  expect(await store.head()).toEqual({ revision: model.texts.length, epoch: model.epoch });
}
