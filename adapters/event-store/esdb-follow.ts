/** Following the log by a subscription, which is begun again wherever it ends: no turn is missed, none comes twice. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Head, Revision, Turn } from '../../engine/index.js';
import type { EsdbEvent } from './esdb-client.js';
import type { Connection } from './esdb-connection.js';

const PAUSE_MS_MIN = 50;
const PAUSE_MS_MAX = 2000;

export interface Following {
  readonly connection: Connection;
  readonly stream: string;
  /** The store is closed. */
  readonly stop: AbortSignal;
  readonly after: Revision;
  head(): Promise<Head>;
  /** How the events of one subscription are read. */
  turns(): (event: EsdbEvent) => Promise<Turn>;
}

/** Turns after `after`, then every later one, until the store is closed or the reader leaves. */
export function followStream(following: Following): AsyncIterableIterator<Turn> {
  const leave = new AbortController();
  const turns = followUntil(AbortSignal.any([following.stop, leave.signal]), following);
  return {
    next: () => turns.next(),
    // A generator that waits does not hear of its return before it goes on.
    return: () => {
      leave.abort();
      return turns.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* followUntil(stop: AbortSignal, following: Following): AsyncGenerator<Turn> {
  const { connection, after } = following;
  let read: Revision | null = null;
  let pause = PAUSE_MS_MIN;
  while (!stop.aborted) {
    try {
      // 1. What a server makes of a subscription from beyond the end is not written anywhere: begin at the end.
      read ??= Math.min(after, (await following.head()).revision);
      // 2. Turn by turn, as long as each is the next.
      for await (const turn of subscription(stop, following, read)) {
        if (turn.number <= read) continue;
        if (turn.number > read + 1) break;
        read = turn.number;
        pause = PAUSE_MS_MIN;
        if (read > after) yield turn;
        if (stop.aborted) return;
      }
    } catch (error) {
      if (stop.aborted) return;
      // What another try does not change is for the reader to know.
      const failure = connection.failure('follow the log', error);
      if (failure.code !== 'io') throw failure;
    }
    // 3. Again, from where it ended.
    await delay(pause, undefined, { signal: stop }).catch(() => {});
    pause = Math.min(2 * pause, PAUSE_MS_MAX);
  }
}

async function* subscription(stop: AbortSignal, following: Following, after: Revision): AsyncGenerator<Turn> {
  const { connection, stream } = following;
  let read = after;
  const turnOf = following.turns();
  const check = async () => {
    const { revision } = await following.head();
    if (revision > read) throw new Error(`the subscription does not bring turn ${read + 1}, which is in the log`);
  };
  const from = after === 0 ? null : BigInt(after - 1);
  // Where nothing comes, the subscription may be broken and not know.
  for await (const event of connection.subscribe(stream, from, stop, { ms: connection.deadlineMs, check })) {
    const turn = await turnOf(event);
    yield turn;
    read = turn.number;
  }
}
