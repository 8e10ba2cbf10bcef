/** The log as a stream: NDJSON, or server-sent events that resume where a client stopped. */

import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Limits } from '../config.js';
import { asNdjson, asServerSentEvents, feed, SharedPart } from '../event-feed.js';
import { EventFilter, type FilterSources } from '../event-filter.js';
import { answers } from '../openapi.js';
import { ParsedTurns } from '../parsed-turns.js';
import type { Caller } from '../access/caller.js';
import { Problem } from '../problems.js';
import { EventsHeaders, EventsQuery } from '../schemas/log.js';
import type { Server, RouteDeps } from '../deps.js';

export function eventRoutes(app: Server, deps: RouteDeps, closing: AbortSignal): void {
  const { follower, history, limits } = deps;
  const streams = new Streams(limits);
  const shared = new SharedPart();
  const sources: FilterSources = {
    accountOf: (lease) => follower.record(lease)?.lease.terms ?? null,
    parsed: new ParsedTurns(),
  };
  const schema = {
    operationId: 'readEvents',
    tags: ['log'],
    summary: 'The log, turn by turn',
    description:
      'Turns as they were logged (times in milliseconds since 1970): what `leasehold audit` reads. One a line, or, with ' +
      '`Accept: text/event-stream`, one an event whose id is the number of the turn; that stream stays open and goes on ' +
      'after Last-Event-ID. Empty lines and comments are signs of life. With a filter, turns hold what is wanted of them, ' +
      'and those that hold nothing are left out. ' +
      'Who may not read the log (`log:read`) is told of leases that they see, and of nothing else.',
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
    const { caller } = request;
    const release = streams.take(caller.tokenId ?? caller.subject);
    const ended = new AbortController();
    const signal = AbortSignal.any([closing, ended.signal, AbortSignal.timeout(limits.streamLifeMs)]);
    const filter = filterOf(request.query, caller, sources);
    const { heartbeatMs } = limits;
    const gatherMs = () => streams.gatherMs;
    const options = { after, follow, filter, heartbeatMs, shared, gatherMs, signal };
    const parts = feed({ follower, history }, options);
    const texts = sse ? asServerSentEvents(parts, options) : asNdjson(parts, options);
    const stream = Readable.from(texts, { objectMode: false, highWaterMark: BUFFERED });
    stream.once('close', () => {
      release();
      ended.abort();
    });
    send(reply, stream, sse, () => ended.abort());
  });
}

/** What a client has not taken waits here, up to so much: then the stream waits for it. */
const BUFFERED = 16 * 1024;
/** With many streams turns are told together, at most so late. */
const GATHER_MS_MAX = 100;

/** The streams that are open. */
class Streams {
  private open = 0;
  private readonly ofCaller = new Map<string, number>();

  constructor(private readonly limits: Limits) {}

  get gatherMs(): number {
    return Math.min(GATHER_MS_MAX, Math.floor(this.open / 10));
  }

  /** Throws a Problem where there are too many. The function that comes back gives the place up again. */
  take(caller: string): () => void {
    const { streamsMax, streamsOfCallerMax } = this.limits;
    const own = this.ofCaller.get(caller) ?? 0;
    if (own >= streamsOfCallerMax)
      throw new Problem('rate-limited', `${own} streams of yours are open; end one of them`);
    if (this.open >= streamsMax) throw new Problem('busy', `${streamsMax} streams are open; try again later`);
    this.open++;
    this.ofCaller.set(caller, own + 1);
    return () => {
      this.open--;
      const left = this.ofCaller.get(caller)! - 1;
      if (left === 0) this.ofCaller.delete(caller);
      else this.ofCaller.set(caller, left);
    };
  }
}

/** Null: all of the log, as it is. */
function filterOf({ type, lease, project }: EventsQuery, caller: Caller, sources: FilterSources): EventFilter | null {
  const wanted = { types: namesIn(type), leases: namesIn(lease), projects: namesIn(project) };
  const filter = new EventFilter(wanted, caller, sources);
  return filter.isOpen ? null : filter;
}

function namesIn(text: string | undefined): readonly string[] | null {
  return text === undefined ? null : text.split(',');
}

function tooLate(head: number, pointer: string): Problem {
  const fault = { pointer, detail: `is later than the last turn, ${head}` };
  return new Problem('query-invalid', `the log ends at turn ${head}; is this the log that you followed?`, [fault]);
}

function send(reply: FastifyReply, stream: Readable, sse: boolean, gone: () => void): void {
  reply.raw.once('close', gone);
  reply
    .header('content-type', sse ? 'text/event-stream' : 'application/x-ndjson')
    .header('x-accel-buffering', 'no')
    // The socket is of no use after a stream, and would hold up the end of the process.
    .header('connection', 'close')
    .send(stream);
}
