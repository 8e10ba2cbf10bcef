/** What every event store promises to those who follow its log. */

import { describe, expect, test } from 'vitest';
import type { EventStore } from '../../../engine/index.js';
import { MANY, all, follow, numbers } from './reading.js';
import { turn } from './turns.js';

/** `logOf`: an open store whose log holds so many turns, of epoch 1. */
export function followingContract(name: string, logOf: (count: number) => Promise<{ store: EventStore }>): void {
  describe(`${name}: following the log`, () => {
    test('from the start: what is there, then each turn as it is appended', async () => {
      const { store } = await logOf(3);
      const follower = follow(store, 0);
      expect(await follower.take(3)).toEqual([1, 2, 3]);
      for (let n = 4; n <= 8; n++) {
        const next = follower.take(1);
        await store.append(turn(n), n - 1, 1);
        expect(await next).toEqual([n]);
      }
    });

    test('from the middle', async () => {
      const { store } = await logOf(9);
      const follower = follow(store, 6);
      expect(await follower.take(3)).toEqual([7, 8, 9]);
    });

    test('from the end and from beyond it: turns come when they are reached', async () => {
      const { store } = await logOf(2);
      const atEnd = follow(store, 2).take(1);
      const beyond = follow(store, 4).take(1);
      for (let n = 3; n <= 5; n++) await store.append(turn(n), n - 1, 1);
      expect(await atEnd).toEqual([3]);
      expect(await beyond).toEqual([5]);
    });

    test('a slow follower misses nothing', async () => {
      const { store } = await logOf(2);
      const follower = follow(store, 0);
      expect(await follower.take(1)).toEqual([1]);
      for (let n = 3; n <= MANY; n++) await store.append(turn(n), n - 1, 1);
      expect(await follower.take(MANY - 1)).toEqual(Array.from({ length: MANY - 1 }, (_, i) => i + 2));
    });

    test('refused and repeated appends are not seen', async () => {
      const { store } = await logOf(2);
      const follower = follow(store, 1);
      await store.append(turn(2, 'another'), 1, 1);
      await store.append(turn(2), 1, 1);
      await store.append(turn(3), 2, 1);
      expect(await follower.take(2)).toEqual([2, 3]);
    });

    test('several followers see the same', async () => {
      const { store } = await logOf(1);
      const followers = [follow(store, 0), follow(store, 0), follow(store, 1)];
      const taken = Promise.all(followers.map((follower, i) => follower.take(i < 2 ? 10 : 9)));
      for (let n = 2; n <= 10; n++) await store.append(turn(n), n - 1, 1);
      const [a, b, c] = await taken;
      expect(a).toEqual(b);
      expect(a!.slice(1)).toEqual(c);
    });

    test('ends when the store is closed, also for a follower that waits', async () => {
      const { store } = await logOf(2);
      const waiting = all(store.subscribe(0));
      const never = store.subscribe(0);
      await Promise.resolve();
      await store.close();
      expect(numbers(await waiting).length).toBeLessThanOrEqual(2);
      expect(await all(never)).toEqual([]);
    });

    test('a follower that waits can leave', async () => {
      const { store } = await logOf(1);
      const follower = store.subscribe(1)[Symbol.asyncIterator]();
      const next = follower.next();
      await follower.return!();
      expect((await next).done).toBe(true);
      expect((await store.append(turn(2), 1, 1)).outcome).toBe('appended');
    });
  });
}
