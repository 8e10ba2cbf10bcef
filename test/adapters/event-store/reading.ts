/** Reading stores in tests. */

import type { EventStore, Turn } from '../../../engine/index.js';

/** More turns than any store holds in one page. */
export const MANY = 600;

/** All that is to be read. */
export async function all<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const next of entries) read.push(next);
  return read;
}

export function numbers(turns: readonly Turn[]): number[] {
  return turns.map(({ number }) => number);
}

/** A follower from which turns are taken a few at a time. */
export function follow(store: EventStore, after: number): { take(count: number): Promise<number[]> } {
  const turns = store.subscribe(after)[Symbol.asyncIterator]();
  return {
    async take(count) {
      const taken: number[] = [];
      while (taken.length < count) {
        const next = await turns.next();
        if (next.done === true) break;
        taken.push(next.value.number);
      }
      return taken;
    },
  };
}
