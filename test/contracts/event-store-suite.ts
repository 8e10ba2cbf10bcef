/** What every event store promises, as tests that run on each of them. */

import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StoreError } from '../../adapters/event-store/errors.js';
import {
  type Appended,
  type EventStore,
  InvariantError,
  type Snapshot,
  type Turn,
  encodeTurn,
} from '../../engine/index.js';
import { followingContract } from '../adapters/event-store/following.js';
import { OPERATION, sameAsList } from '../adapters/event-store/history.js';
import { beatsContract } from './beats-suite.js';
import { MANY, all, numbers } from '../adapters/event-store/reading.js';
import { handoverContract } from './event-store-handover.js';
import { claim, richTurn, turn, turnOfSize } from '../adapters/event-store/turns.js';

export interface Opened {
  readonly store: EventStore;
  /** Closes the store and opens the same log again: a restart. */
  reopen(): Promise<EventStore>;
}

/** `shared`: several services can use the store at the same time. */
export function eventStoreContract(name: string, open: () => Promise<Opened>, { shared = true } = {}): void {
  /** An open store whose log holds `count` turns; the first claims epoch 1. */
  async function logOf(count: number): Promise<{ store: EventStore; turns: Turn[]; reopen: Opened['reopen'] }> {
    const { store, reopen } = await open();
    onTestFinished(() => store.close());
    const turns: Turn[] = [];
    for (let n = 1; n <= count; n++) {
      const next = n === 1 ? claim(1, 1) : turn(n);
      expect(await store.append(next, n - 1, 1)).toEqual({ outcome: 'appended', revision: n });
      turns.push(next);
    }
    return { store, turns, reopen: () => reopen().then(closedAtEnd) };
  }

  function closedAtEnd(store: EventStore): EventStore {
    onTestFinished(() => store.close());
    return store;
  }

  describe(`${name}: appending`, () => {
    test('an empty log has revision 0 and epoch 0, and nothing to read', async () => {
      const { store } = await logOf(0);
      expect(await store.head()).toEqual({ revision: 0, epoch: 0 });
      expect(await all(store.read(0))).toEqual([]);
    });

    test('a log may begin without a claim, at epoch 0', async () => {
      const { store } = await logOf(0);
      expect(await store.append(turn(1), 0, 0)).toEqual({ outcome: 'appended', revision: 1 });
      expect(await store.head()).toEqual({ revision: 1, epoch: 0 });
    });

    test('turns are read back in the order they were appended, and the head is the last', async () => {
      const { store, turns } = await logOf(20);
      expect(await all(store.read(0))).toEqual(turns);
      expect(await store.head()).toEqual({ revision: 20, epoch: 1 });
    });

    test('a turn with nothing in it is a turn', async () => {
      const { store } = await logOf(1);
      const empty: Turn = { number: 2, now: 0, inputs: [], decisions: [] };
      expect(await store.append(empty, 1, 1)).toEqual({ outcome: 'appended', revision: 2 });
      expect(await all(store.read(1))).toEqual([empty]);
    });

    test('a writer behind the log is refused, learns the head, and leaves no trace', async () => {
      const { store, turns } = await logOf(3);
      const refused = await store.append(turn(3, 'another'), 2, 1);
      expect(refused).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 1 } });
      expect(await all(store.read(0))).toEqual(turns);
    });

    test('a writer that knows more turns than the log holds is refused', async () => {
      const { store, turns } = await logOf(3);
      const refused = await store.append(turn(6), 5, 1);
      expect(refused).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 1 } });
      expect(await all(store.read(0))).toEqual(turns);
    });

    test('a refused writer may go on from the head', async () => {
      const { store } = await logOf(3);
      const refused = await store.append(turn(3, 'another'), 2, 1);
      const revision = refused.outcome === 'refused' ? refused.head.revision : -1;
      expect((await store.append(turn(revision + 1), revision, 1)).outcome).toBe('appended');
    });

    test('of two appends at the same revision the first wins', async () => {
      const { store } = await logOf(1);
      const answers = await Promise.all([store.append(turn(2, 'a'), 1, 1), store.append(turn(2, 'b'), 1, 1)]);
      expect(answers.map(({ outcome }) => outcome)).toEqual(['appended', 'refused']);
      expect(await all(store.read(1))).toEqual([turn(2, 'a')]);
    });

    test('a turn that would leave a gap is a bug of the writer: nothing is stored', async () => {
      const { store, turns } = await logOf(3);
      await expect(store.append(turn(5), 3, 1)).rejects.toBeInstanceOf(InvariantError);
      await expect(store.append(turn(3), 3, 1)).rejects.toBeInstanceOf(InvariantError);
      expect(await all(store.read(0))).toEqual(turns);
    });

    test('appends that do not wait for each other keep their order', async () => {
      const { store } = await logOf(1);
      const waiting: (Appended | Promise<Appended>)[] = [];
      for (let n = 2; n <= 40; n++) waiting.push(store.append(turn(n), n - 1, 1));
      const revisions = (await Promise.all(waiting)).map((answer) => answer.outcome === 'appended' && answer.revision);
      expect(revisions).toEqual(Array.from({ length: 39 }, (_, i) => i + 2));
      expect(numbers(await all(store.read(0)))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    });
  });

  describe(`${name}: epochs`, () => {
    test('a claim raises the epoch of the log, from its own turn on', async () => {
      const { store } = await logOf(2);
      expect((await store.append(claim(3, 2), 2, 2)).outcome).toBe('appended');
      expect(await store.head()).toEqual({ revision: 3, epoch: 2 });
    });

    test('a claim counts, not the epoch its writer had before', async () => {
      const { store } = await logOf(2);
      expect((await store.append(claim(3, 7), 2, 1)).outcome).toBe('appended');
      expect(await store.head()).toEqual({ revision: 3, epoch: 7 });
    });

    test('after a claim the earlier writer is refused, even at the right revision', async () => {
      const { store } = await logOf(2);
      await store.append(claim(3, 2), 2, 2);
      expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 2 } });
      expect((await store.append(turn(4), 3, 2)).outcome).toBe('appended');
    });

    test('an epoch that nobody claimed is refused', async () => {
      const { store } = await logOf(2);
      expect(await store.append(turn(3), 2, 2)).toEqual({ outcome: 'refused', head: { revision: 2, epoch: 1 } });
    });

    test.each([0, 1])('a claim of epoch %i is refused at epoch 1: it must be higher', async (epoch) => {
      const { store } = await logOf(2);
      expect(await store.append(claim(3, epoch), 2, epoch)).toMatchObject({ outcome: 'refused' });
      expect(await store.head()).toEqual({ revision: 2, epoch: 1 });
    });

    test('a claim behind the log is refused and claims nothing', async () => {
      const { store } = await logOf(3);
      expect(await store.append(claim(3, 9), 2, 9)).toEqual({ outcome: 'refused', head: { revision: 3, epoch: 1 } });
      expect(await store.head()).toEqual({ revision: 3, epoch: 1 });
    });
  });

  describe(`${name}: an append tried again`, () => {
    test('is answered `appended` and stored once', async () => {
      const { store, turns } = await logOf(4);
      expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'appended', revision: 4 });
      expect(await all(store.read(0))).toEqual(turns);
    });

    test('is answered `appended` also when later turns have followed', async () => {
      const { store, turns } = await logOf(9);
      expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'appended', revision: 4 });
      expect(await all(store.read(0))).toEqual(turns);
    });

    test('is answered `appended` for a claim, and the epoch is claimed once', async () => {
      const { store } = await logOf(2);
      await store.append(claim(3, 2), 2, 2);
      expect(await store.append(claim(3, 2), 2, 2)).toEqual({ outcome: 'appended', revision: 3 });
      expect(await store.head()).toEqual({ revision: 3, epoch: 2 });
    });

    test('is refused when anything in the turn differs', async () => {
      const { store } = await logOf(4);
      expect((await store.append({ ...turn(4), now: 4001 }, 3, 1)).outcome).toBe('refused');
    });

    test('is recognised in a large turn', async () => {
      const { store } = await logOf(1);
      const large = turnOfSize(2, 1_500_000, 'é');
      await store.append(large, 1, 1);
      expect(await store.append(large, 1, 1)).toEqual({ outcome: 'appended', revision: 2 });
      expect((await store.append(turnOfSize(2, 1_500_001, 'é'), 1, 1)).outcome).toBe('refused');
    });
  });

  describe(`${name}: reading`, () => {
    test('begins after any position', async () => {
      const { store, turns } = await logOf(12);
      for (let after = 0; after <= 12; after++) expect(await all(store.read(after))).toEqual(turns.slice(after));
    });

    test('beyond the end gives nothing', async () => {
      const { store } = await logOf(3);
      expect(await all(store.read(3))).toEqual([]);
      expect(await all(store.read(1000))).toEqual([]);
    });

    test('gives every turn of a log of many pages', async () => {
      const { store } = await logOf(MANY);
      expect(numbers(await all(store.read(0)))).toEqual(Array.from({ length: MANY }, (_, i) => i + 1));
      expect(numbers(await all(store.read(MANY - 10)))).toHaveLength(10);
    });

    test('ends with the turn that was the last when it began', async () => {
      const { store } = await logOf(5);
      const read: number[] = [];
      for await (const { number } of store.read(0)) {
        read.push(number);
        await store.append(turn(5 + read.length), 4 + read.length, 1);
      }
      expect(read).toEqual([1, 2, 3, 4, 5]);
    });

    test('ends there also when later turns are on the same page', async () => {
      const { store } = await logOf(MANY);
      let last = 0;
      for await (const { number } of store.read(0)) {
        last = number;
        if (number < 4) await store.append(turn(MANY + number), MANY + number - 1, 1);
      }
      expect(last).toBe(MANY);
    });

    test('several readers at once, while turns are appended, each see the log in order', async () => {
      const { store } = await logOf(30);
      const readers = Promise.all([0, 7, 29].map((after) => all(store.read(after))));
      for (let n = 31; n <= 60; n++) await store.append(turn(n), n - 1, 1);
      for (const [i, read] of (await readers).entries()) {
        const after = [0, 7, 29][i]!;
        expect(numbers(read)).toEqual(Array.from({ length: 30 - after }, (_, k) => after + k + 1));
      }
    });

    test('may be left early', async () => {
      const { store } = await logOf(5);
      for await (const { number } of store.read(0)) if (number === 2) break;
      expect((await store.append(turn(6), 5, 1)).outcome).toBe('appended');
      expect(await all(store.read(0))).toHaveLength(6);
    });
  });

  describe(`${name}: turns are kept to the letter`, () => {
    test('hard texts and numbers up to the last exact one', async () => {
      const { store, reopen } = await logOf(1);
      const rich = richTurn(2);
      await store.append(rich, 1, 1);
      expect(await all(store.read(1))).toEqual([rich]);
      const [again] = await all((await reopen()).read(1));
      expect(encodeTurn(again!)).toBe(encodeTurn(rich));
    });

    test.each([512 * 1024 - 1, 512 * 1024, 512 * 1024 + 1, 1024 * 1024, 5_000_000])(
      'a turn of %i bytes',
      async (bytes) => {
        const { store, reopen } = await logOf(1);
        const large = turnOfSize(2, bytes);
        await store.append(large, 1, 1);
        await store.append(turn(3), 2, 1);
        const read = await all((await reopen()).read(0));
        expect(read.map(encodeTurn)).toEqual([claim(1, 1), large, turn(3)].map(encodeTurn));
      },
    );

    test.each(['é', '世', '👩', '"', '\n'])('a turn of two megabytes of %j', async (fill) => {
      const { store, reopen } = await logOf(1);
      const large = turnOfSize(2, 2_000_003, fill);
      await store.append(large, 1, 1);
      const [again] = await all((await reopen()).read(1));
      expect(encodeTurn(again!)).toBe(encodeTurn(large));
    });

    test('large turns among small ones', async () => {
      const { store } = await logOf(1);
      const turns = Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? turnOfSize(i + 2, 700_000) : turn(i + 2)));
      for (const next of turns) await store.append(next, next.number - 1, 1);
      expect((await all(store.read(1))).map(encodeTurn)).toEqual(turns.map(encodeTurn));
    });
  });

  followingContract(name, logOf);

  describe(`${name}: snapshots`, () => {
    const snapshot = (turn: number, state = `state ${turn}`): Snapshot => ({ turn, version: 3, state });

    test('there is none at first', async () => {
      const { store } = await logOf(2);
      expect(await store.latestSnapshot()).toBeNull();
    });

    test('the latest is the one of the highest turn, in whatever order they were saved', async () => {
      const { store } = await logOf(9);
      for (const n of [3, 9, 6]) await store.saveSnapshot(snapshot(n));
      expect(await store.latestSnapshot()).toEqual(snapshot(9));
    });

    test('one of the same turn replaces the one before', async () => {
      const { store } = await logOf(3);
      await store.saveSnapshot(snapshot(3, 'old'));
      await store.saveSnapshot(snapshot(3, 'new'));
      expect(await store.latestSnapshot()).toEqual(snapshot(3, 'new'));
    });

    test('large ones with hard texts are kept to the letter', async () => {
      const { store, reopen } = await logOf(1);
      const large = snapshot(1, '{"世":"👩\\n"}'.repeat(300_000));
      await store.saveSnapshot(large);
      expect((await (await reopen()).latestSnapshot())?.state === large.state).toBe(true);
    });

    test('one that is ahead of the log is a bug of the writer', async () => {
      const { store } = await logOf(3);
      await expect(store.saveSnapshot(snapshot(4))).rejects.toBeInstanceOf(InvariantError);
      expect(await store.latestSnapshot()).toBeNull();
    });
  });

  describe(`${name}: closing and opening again`, () => {
    test('turns, epoch and snapshot are kept, and the log goes on', async () => {
      const { store, turns, reopen } = await logOf(5);
      await store.saveSnapshot({ turn: 4, version: 1, state: 'kept' });
      const again = await reopen();
      expect(await again.head()).toEqual({ revision: 5, epoch: 1 });
      expect(await all(again.read(0))).toEqual(turns);
      expect(await again.latestSnapshot()).toEqual({ turn: 4, version: 1, state: 'kept' });
      expect((await again.append(claim(6, 2), 5, 2)).outcome).toBe('appended');
      expect((await again.append(turn(7), 6, 1)).outcome).toBe('refused');
      expect((await again.append(turn(7), 6, 2)).outcome).toBe('appended');
    });

    test('an empty log stays empty', async () => {
      const { reopen } = await logOf(0);
      expect(await (await reopen()).head()).toEqual({ revision: 0, epoch: 0 });
    });

    test('an append tried again after a restart is recognised', async () => {
      const { reopen } = await logOf(5);
      expect(await (await reopen()).append(turn(5), 4, 1)).toEqual({ outcome: 'appended', revision: 5 });
    });

    test('closing twice is harmless', async () => {
      const { store } = await logOf(1);
      await store.close();
      await store.close();
    });

    test('a closed store says so', async () => {
      const { store } = await logOf(2);
      await store.close();
      await expect(store.append(turn(3), 2, 1)).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
      await expect(store.head()).rejects.toBeInstanceOf(StoreError);
      await expect(all(store.read(0))).rejects.toBeInstanceOf(StoreError);
      await expect(store.latestSnapshot()).rejects.toBeInstanceOf(StoreError);
    });

    test('closing while turns are appended: what was acknowledged is in the log, and nothing else', async () => {
      const { store, reopen } = await logOf(1);
      const appends = Array.from({ length: 20 }, (_, i) => store.append(turn(i + 2), i + 1, 1));
      const closing = store.close();
      const answers = await Promise.allSettled(appends);
      await closing;
      const acknowledged = answers.filter(({ status }) => status === 'fulfilled').length;
      expect(await all((await reopen()).read(1))).toHaveLength(acknowledged);
    });

    test('closing while turns are read: the reader is told that it has not seen all', async () => {
      const { store } = await logOf(4);
      const read = (async () => {
        for await (const { number } of store.read(0)) if (number === 2) await store.close();
      })();
      await expect(read).rejects.toMatchObject({ code: 'closed' });
    });
  });

  beatsContract(name, logOf, shared);
  handoverContract(name, logOf);

  test(`${name}: any history of operations, against a list`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(OPERATION, { maxLength: 25 }), async (operations) => {
        const opened = await open();
        await sameAsList(opened.store, opened.reopen, operations);
      }),
      { numRuns: 40 },
    );
  });
}
