/** Sends the events of a stream to one reader, no faster than it reads; to a subscriber, also those to come. */

import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { EsdbData, Recorded } from './data.js';
import type { Answers, ReadAsked } from './messages.js';

export async function sendEvents(
  call: ServerWritableStream<ReadReq, ReadResp>,
  asked: ReadAsked,
  data: EsdbData,
  answers: Answers,
): Promise<void> {
  if (asked.live) return follow(call, asked, data, answers);
  const visible = data.visible(asked.stream);
  if (visible.length === 0) {
    await send(call, answers.notFound(asked.stream));
    return;
  }
  for (const event of range(visible, asked)) await send(call, answers.event(event));
}

/** Until the reader leaves, or the test has it silenced. */
async function follow(
  call: ServerWritableStream<ReadReq, ReadResp>,
  { stream, from }: ReadAsked,
  data: EsdbData,
  answers: Answers,
): Promise<void> {
  let silenced = false;
  call.once('silenced', () => {
    silenced = true;
  });
  await send(call, answers.confirmation());
  let next = from === 'start' ? 0 : from === 'end' ? (data.visible(stream).at(-1)?.revision ?? -1) + 1 : from + 1;
  let wake = () => {};
  const leave = () => wake();
  call.once('cancelled', leave).once('error', leave);
  const appended = (event: Recorded) => {
    if (event.stream === stream) wake();
  };
  data.on('appended', appended);
  try {
    for (let caughtUp = false; !call.cancelled && !call.destroyed; ) {
      const event = silenced ? undefined : after(data.visible(stream), next);
      if (event !== undefined) {
        next = event.revision + 1;
        await send(call, answers.event(event));
        continue;
      }
      if (!caughtUp) await send(call, answers.caughtUp());
      caughtUp = true;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    data.off('appended', appended);
  }
}

/** The first event at `revision` or later. */
function after(events: readonly Recorded[], revision: number): Recorded | undefined {
  return events[Math.max(0, revision - (events[0]?.revision ?? 0))];
}

function range(events: readonly Recorded[], { from, backwards, count }: ReadAsked): readonly Recorded[] {
  if (backwards) {
    const upTo = typeof from === 'number' ? from : from === 'end' ? Number.MAX_SAFE_INTEGER : 0;
    return events
      .filter(({ revision }) => revision <= upTo)
      .slice(-count)
      .reverse();
  }
  if (from === 'end') return [];
  const first = events[0]!.revision;
  const skip = typeof from === 'number' ? Math.max(0, from - first) : 0;
  return events.slice(skip, skip + count);
}

async function send(call: ServerWritableStream<ReadReq, ReadResp>, response: ReadResp): Promise<void> {
  if (call.cancelled || call.destroyed) throw new Error('the reader has left');
  if (call.write(response)) return;
  const waiting = new AbortController();
  const any = ['drain', 'cancelled', 'close'].map((name) => once(call, name, { signal: waiting.signal }));
  await Promise.race(any).finally(() => waiting.abort());
}
