/** What every event store promises when answers are lost, writers change and logs are long: more of the suite. */

import { describe, expect, test } from 'vitest';
import type { EventStore, Turn } from '../../engine/index.js';
import { all, follow, numbers } from '../adapters/event-store/reading.js';
import { claim, turn, turnOfSize } from '../adapters/event-store/turns.js';

/** A million of them in the nightly run. */
const TURNS = Number(process.env.LEASEHOLD_STORE_TURNS ?? 2_000);
const IN_FLIGHT = 64;

/** `logOf`: an open store of so many turns; the first claims epoch 1. */
export function handoverContract(
  name: string,
  logOf: (count: number) => Promise<{ store: EventStore; turns: Turn[]; reopen: () => Promise<EventStore> }>,
): void {
  describe(`${name}: a writer that has lost its answer`, () => {
    test('finds its turn behind the one that it expected', async () => {
      const { store } = await logOf(4);
      await store.append(turn(5), 4, 1); // and nobody hears of it
      expect(await first(store.read(4))).toEqual(turn(5));
      expect(await store.append(turn(5), 4, 1)).toEqual({ outcome: 'appended', revision: 5 });
    });

    test('finds nothing there where it was never sent, and sends it again', async () => {
      const { store } = await logOf(4);
      expect(await first(store.read(4))).toBeNull();
      expect(await store.append(turn(5), 4, 1)).toEqual({ outcome: 'appended', revision: 5 });
    });

    test('finds the turn of another there, and is refused', async () => {
      const { store } = await logOf(4);
      await store.append(claim(5, 2), 4, 2);
      expect(await first(store.read(4))).toEqual(claim(5, 2));
      expect(await store.append(turn(5), 4, 1)).toEqual({ outcome: 'refused', head: { revision: 5, epoch: 2 } });
    });

    test('sends it twenty times at once: it is stored once', async () => {
      const { store } = await logOf(4);
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.append(turn(5), 4, 1)));
      expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['appended']));
      expect(numbers(await all(store.read(4)))).toEqual([5]);
    });
  });

  describe(`${name}: a change of writers`, () => {
    test('in the midst of appends on their way: those behind the claim are refused', async () => {
      const { store } = await logOf(2);
      const answers = await Promise.all([
        store.append(turn(3), 2, 1),
        store.append(claim(4, 2), 3, 2),
        store.append(turn(5), 4, 1),
        store.append(turn(5, 'new'), 4, 2),
      ]);
      expect(answers.map(({ outcome }) => outcome)).toEqual(['appended', 'appended', 'refused', 'appended']);
      expect(await first(store.read(4))).toEqual(turn(5, 'new'));
    });

    test('is seen by those who follow, in its place', async () => {
      const { store } = await logOf(2);
      const follower = follow(store, 1);
      await store.append(claim(3, 5), 2, 5);
      await store.append(turn(4), 3, 5);
      expect(await follower.take(3)).toEqual([2, 3, 4]);
    });

    test('skips epochs, and never goes back', async () => {
      const { store } = await logOf(1);
      expect((await store.append(claim(2, 9), 1, 9)).outcome).toBe('appended');
      for (const epoch of [1, 8, 9]) expect((await store.append(claim(3, epoch), 2, epoch)).outcome).toBe('refused');
      expect(await store.head()).toEqual({ revision: 2, epoch: 9 });
    });
  });

  describe(`${name}: followers`, () => {
    test('go on where they stopped, after a restart of the store', async () => {
      const { store, reopen } = await logOf(5);
      const seen = await follow(store, 0).take(3);
      const again = await reopen();
      await again.append(turn(6), 5, 1);
      expect([...seen, ...(await follow(again, seen.at(-1)!).take(3))]).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test('get large turns whole', async () => {
      const { store } = await logOf(1);
      const large = turnOfSize(2, 900_000, 'ü');
      const turns = store.subscribe(1)[Symbol.asyncIterator]();
      await store.append(large, 1, 1);
      expect((await turns.next()).value).toEqual(large);
      await turns.return?.();
    });
  });

  describe(`${name}: very many turns`, () => {
    test(`${TURNS} of them, ${IN_FLIGHT} on their way at a time, are in order and complete`, {
      timeout: 0,
    }, async () => {
      const { store, reopen } = await logOf(1);
      let next = 2;
      const write = async () => {
        while (next <= TURNS) {
          const number = next++;
          // A store that has not answered in time is asked again, as the loop does: a million turns take long.
          let answer = await store.append(turn(number), number - 1, 1);
          for (let again = 0; answer.outcome === 'unknown' && again < 10; again++)
            answer = await store.append(turn(number), number - 1, 1);
          expect(answer).toEqual({ outcome: 'appended', revision: number });
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, write));
      expect(await store.head()).toEqual({ revision: TURNS, epoch: 1 });
      await complete(store);
      await complete(await reopen());
    });
  });
}

/** Without keeping them: a million turns do not fit beside each other. */
async function complete(store: EventStore): Promise<void> {
  let read = 0;
  for await (const { number } of store.read(0)) if (number !== ++read) throw new Error(`${number} after ${read - 1}`);
  expect(read).toBe(TURNS);
}

async function first(turns: AsyncIterable<Turn>): Promise<Turn | null> {
  for await (const one of turns) return one;
  return null;
}
