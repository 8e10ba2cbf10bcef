/**
 * The trace of a request: taken from its `traceparent`, gone on with where traces are sent, and handed with what the request
 * submits to the loop, which keeps it in the log. Routes know nothing of it.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyRequest } from 'fastify';
import { isAboutHealth } from '../bound-requests.js';
import type { Server } from '../deps.js';
import { formatTraceparent, parseTraceparent, type TraceContext } from './trace-context.js';
import type { Origin, RequestSpan, Submit, Tracing } from './tracing.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: traces are not sent. */
    span: RequestSpan | null;
  }
}

/** What the request being answered is for; undefined: no trace. */
const current = new AsyncLocalStorage<Origin>();

/** `tracing` null: a trace is passed on as it came. */
export function traceRequests(app: Server, tracing: Tracing | null): void {
  app.decorateRequest('span', null);
  if (tracing !== null) recordRequests(app, tracing);
  app.addHook('preHandler', (request, _reply, done) => {
    const origin = request.method === 'GET' || request.method === 'HEAD' ? null : originOf(request);
    if (origin === null) done();
    else current.run(origin, done);
  });
}

/** What is submitted while a request with a trace is answered, is submitted with it. */
export function traced(submit: Submit): Submit {
  return (command) => {
    const origin = current.getStore();
    return origin === undefined ? submit(command) : origin.submit(command, submit);
  };
}

/** Where the request is in its trace; null: it has none. */
export function traceOf({ span, headers }: Pick<FastifyRequest, 'span' | 'headers'>): TraceContext | null {
  return span?.recorded === true ? span.context : parseTraceparent(headers.traceparent);
}

/** For a line of the log. */
export function traceIds(context: TraceContext | null): { trace_id?: string; span_id?: string } {
  return context === null ? {} : { trace_id: context.traceId, span_id: context.spanId };
}

function recordRequests(app: Server, tracing: Tracing): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (isAboutHealth(request)) return done();
    const { id, method, headers, routeOptions } = request;
    const from = parseTraceparent(headers.traceparent);
    const span = tracing.begin({ id: String(id), method, route: routeOptions.url ?? null, from });
    request.span = span;
    reply.raw.once('close', () => span.end(null));
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.span?.end(reply.statusCode);
    done();
  });
}

function originOf(request: FastifyRequest): Origin | null {
  if (request.span?.recorded === true) return request.span;
  const from = parseTraceparent(request.headers.traceparent);
  if (from === null) return null;
  const traceparent = formatTraceparent(from);
  return { submit: (command, submit) => submit({ ...command, traceparent }) };
}
