/** The log as a stream: NDJSON, or server-sent events that resume where a client stopped. */

import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { asNdjson, asServerSentEvents, feed } from '../event-feed.js';
import { answers } from '../openapi.js';
import { Problem } from '../problems.js';
import { EventsHeaders, EventsQuery } from '../schemas/log.js';
import type { Server, RouteDeps } from '../deps.js';

export function eventRoutes(app: Server, deps: RouteDeps, closing: AbortSignal): void {
  const { follower, history, limits } = deps;
  let open = 0;
  const schema = {
    operationId: 'readEvents',
    tags: ['log'],
    summary: 'The log, turn by turn',
    description:
      'Turns as they were logged (times in milliseconds since 1970): what `leasehold audit` reads. One a line, or, with ' +
      '`Accept: text/event-stream`, one an event whose id is the number of the turn; that stream stays open and goes on ' +
      'after Last-Event-ID. Empty lines and comments are signs of life.',
    querystring: EventsQuery,
    headers: EventsHeaders,
    response: {
      ...answers({}, 'busy'),
      200: {
        description: 'Turns.',
        content: {
          'application/x-ndjson': { schema: { type: 'string' } },
          'text/event-stream': { schema: { type: 'string' } },
        },
      },
    },
  };
  app.get('/events', { schema, config: { present: true }, exposeHeadRoute: false }, (request, reply) => {
    // Last-Event-ID wins: it is what a client that reconnects sends by itself.
    const sse = (request.headers.accept ?? '').includes('text/event-stream');
    const follow = sse || request.query.follow === true;
    const id = request.headers['last-event-id'];
    const after = id === undefined ? (request.query.after ?? (follow ? follower.head : 0)) : Number(id);
    if (after > follower.head) throw tooLate(follower.head, id === undefined ? 'query/after' : 'header/last-event-id');
    if (open >= limits.streamsMax) throw new Problem('busy', `${limits.streamsMax} streams are open; try again later`);
    const ended = new AbortController();
    const signal = AbortSignal.any([closing, ended.signal]);
    const items = feed({ follower, history }, { after, follow, heartbeatMs: limits.heartbeatMs, signal });
    const stream = Readable.from(sse ? asServerSentEvents(items) : asNdjson(items, follow), { objectMode: true });
    open++;
    stream.once('close', () => {
      open--;
      ended.abort();
    });
    send(reply, stream, sse, () => ended.abort());
  });
}

function tooLate(head: number, pointer: string): Problem {
  const fault = { pointer, detail: `is later than the last turn, ${head}` };
  return new Problem('query-invalid', `the log ends at turn ${head}; is this the log that you followed?`, [fault]);
}

function send(reply: FastifyReply, stream: Readable, sse: boolean, gone: () => void): void {
  reply.raw.once('close', gone);
  reply
    .header('content-type', sse ? 'text/event-stream' : 'application/x-ndjson')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    // The socket is of no use after a stream, and would hold up the end of the process.
    .header('connection', 'close')
    .send(stream);
}
