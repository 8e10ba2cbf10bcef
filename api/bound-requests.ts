/** Bounds requests, their size and how many are under way, and measures them. What asks for the health of the service always passes. */

import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Server, ServerDeps } from './deps.js';
import { Problem, PROBLEM_MEDIA_TYPE, problemBody } from './problems.js';
import { securityHeadersFor } from './security-headers.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const HEALTH = new Set(['/livez', '/readyz', '/startupz', '/metrics']);

/** Whether the answer is about the service itself: it is given also when there is too much to do. */
export function isAboutHealth(request: FastifyRequest): boolean {
  return HEALTH.has(request.routeOptions.url ?? '');
}

export function boundRequests(
  app: Server,
  { metrics, limits, servers }: Pick<ServerDeps, 'metrics' | 'limits' | 'servers'>,
): void {
  const { requestsMax } = limits;
  let underWay = 0;
  const answerBusy = busyAnswer(requestsMax, servers.listening.tls !== null);
  servers.turnAway = ({ url }, response) => {
    if (underWay < requestsMax || HEALTH.has((url ?? '').split('?', 1)[0]!)) return false;
    metrics.shed.inc({ why: 'too many at once' });
    answerBusy(response);
    return true;
  };
  const counted = new WeakSet<FastifyRequest>();
  const leave = (request: FastifyRequest): void => {
    if (!counted.delete(request)) return;
    metrics.underWay.set(--underWay);
  };
  app.addHook('onRequest', (request, reply, done) => {
    if ((request.raw.url ?? '').length > limits.urlLength)
      throw new Problem('url-too-long', `the path and the query have more than ${limits.urlLength} characters`);
    if (request.raw.rawHeaders.length > 2 * limits.headersMax)
      throw new Problem('headers-too-large', `there are more than ${limits.headersMax} headers`);
    if (isAboutHealth(request)) return done();
    counted.add(request);
    // The one thing that comes for certain: no hook hears of a client who is gone once all that he asked was read.
    reply.raw.once('close', () => leave(request));
    metrics.underWay.set(++underWay);
    done();
  });
  // A stream is counted as one, and no longer as a request.
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (!isStream(reply)) return done();
    leave(request);
    metrics.streams.inc();
    reply.raw.once('close', () => metrics.streams.dec());
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    leave(request);
    if (isStream(reply)) return done();
    const method = METHODS.has(request.method) ? request.method : 'other';
    const route = request.routeOptions.url ?? 'none';
    metrics.requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
}

function isStream(reply: FastifyReply): boolean {
  return reply.getHeader('x-accel-buffering') === 'no';
}

/**
 * Always the same, and made once: those that are turned away take time from those that are not. Through the hooks it would
 * cost two and a half times as much.
 */
function busyAnswer(requestsMax: number, overTls: boolean): (response: ServerResponse) => void {
  const problem = new Problem('busy', `${requestsMax} requests are under way; try again shortly`);
  const body = JSON.stringify(problemBody(problem, '', ''));
  const headers = {
    ...securityHeadersFor(overTls),
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    'retry-after': String(problem.retryAfter),
  };
  return (response) => response.writeHead(problem.status, headers).end(body);
}
