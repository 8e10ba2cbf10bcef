/** What stores that several services share promise of the signs of life beside the log. */

import { describe, expect, test } from 'vitest';
import type { EventStore, Turn } from '../../engine/index.js';
import { all } from '../adapters/event-store/reading.js';
import { claim, turn } from '../adapters/event-store/turns.js';

interface Log {
  readonly store: EventStore;
  readonly turns: readonly Turn[];
  reopen(): Promise<EventStore>;
}

/** `logOf`: an open store whose log holds so many turns; the first claims epoch 1. */
export function beatsContract(name: string, logOf: (count: number) => Promise<Log>, shared: boolean): void {
  test(`${name}: gives signs of life only where several services can share it`, async () => {
    expect((await logOf(0)).store.beats !== undefined).toBe(shared);
  });

  if (shared) {
    describe(`${name}: signs of life`, () => {
      test('the last one is there for all who share the log, with where it ends', async () => {
        const { store, reopen } = await logOf(2);
        const beats = store.beats!;
        expect(await beats.last()).toEqual({ text: null, head: { revision: 2, epoch: 1 } });
        for (const text of ['a', 'b', `c${'é'.repeat(1000)}`]) {
          expect(await beats.beat(text, 1)).toEqual({ revision: 2, epoch: 1 });
          expect(await beats.last()).toEqual({ text, head: { revision: 2, epoch: 1 } });
        }
        await beats.beat('d', 1);
        expect((await (await reopen()).beats!.last()).text).toBe('d');
      });

      test('whoever has been superseded gives none, and learns of it', async () => {
        const { store } = await logOf(2);
        const beats = store.beats!;
        await beats.beat('first', 1);
        await store.append(claim(3, 2), 2, 1);
        expect(await beats.beat('late', 1)).toEqual({ revision: 3, epoch: 2 });
        expect((await beats.last()).text).toBe('first');
        expect(await beats.beat('second', 2)).toEqual({ revision: 3, epoch: 2 });
        expect((await beats.last()).text).toBe('second');
      });

      test('they change nothing in the log', async () => {
        const { store, turns } = await logOf(3);
        const beats = store.beats!;
        await Promise.all(Array.from({ length: 8 }, (_, i) => beats.beat(`${i}`, 1).catch(() => null)));
        expect(await all(store.read(0))).toEqual(turns);
        expect((await store.append(turn(4), 3, 1)).outcome).toBe('appended');
      });

      test('after closing there are none', async () => {
        const { store } = await logOf(1);
        const beats = store.beats!;
        await store.close();
        await expect(beats.beat('late', 1)).rejects.toMatchObject({ code: 'closed' });
        await expect(beats.last()).rejects.toMatchObject({ code: 'closed' });
      });
    });
  }
}
