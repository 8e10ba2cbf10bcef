/** The log as a stream of turns: old ones from the store, recent ones from memory, coming ones as they are folded. */

import { encodeTurn, type Turn } from '../engine/index.js';
import { failpoint } from '../adapters/failpoint.js';
import type { FollowerView } from './follower.js';

export interface FeedSources {
  readonly follower: FollowerView;
  /** Turns later than `after`, from the store. */
  readonly history: (after: number) => AsyncIterable<Turn>;
}

export interface FeedOptions {
  readonly after: number;
  /** Goes on with turns that are yet to come. */
  readonly follow: boolean;
  /** How often a feed that follows gives a sign of life. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/** One turn as it was logged, or null: nothing has happened for a while. */
export type FeedItem = { readonly number: number; readonly text: string } | null;

/** Every turn later than `after`, once and in order. Reads as fast as its reader takes. */
export async function* feed(sources: FeedSources, options: FeedOptions): AsyncGenerator<FeedItem> {
  const { follower } = sources;
  const { signal, follow, heartbeatMs } = options;
  let last = options.after;
  while (!signal.aborted) {
    // 1. What memory has forgotten comes from the store.
    if (last + 1 < follower.recent.first) {
      for await (const turn of sources.history(last)) {
        if (signal.aborted) return;
        yield { number: turn.number, text: encodeTurn(turn) };
        last = turn.number;
        if (last + 1 >= follower.recent.first) break;
      }
    }
    // 2. What memory holds.
    for (let text = follower.recent.get(last + 1); text !== undefined; text = follower.recent.get(last + 1)) {
      last++;
      yield { number: last, text };
      if (signal.aborted) return;
    }
    if (last < follower.head) continue;
    if (!follow) return;
    // 3. What is yet to come.
    await follower.later(last, signal, heartbeatMs);
    if (follower.head === last && !signal.aborted) yield null;
  }
}

/** One turn a line; an empty line is a sign of life, and where the stream stays open the first: it has begun. */
export async function* asNdjson(items: AsyncIterable<FeedItem>, follow: boolean): AsyncGenerator<string> {
  if (follow) yield '\n';
  for await (const item of items) yield item === null ? '\n' : `${item.text}\n`;
}

/** Server-sent events: the id is the number of the turn, so a client that reconnects says where it stopped. */
export async function* asServerSentEvents(items: AsyncIterable<FeedItem>): AsyncGenerator<string> {
  yield 'retry: 1000\n\n';
  for await (const item of items) {
    if (item !== null) failpoint('stream-flush');
    yield item === null ? ': alive\n\n' : `id: ${item.number}\nevent: turn\ndata: ${item.text}\n\n`;
  }
}
