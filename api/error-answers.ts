/** Whatever goes wrong becomes a problem document. What is our fault is logged and not shown. */

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { JsonError } from './json-body.js';
import { addSecurityHeaders, SECURITY_HEADERS } from './security-headers.js';
import { traceIds, traceOf } from './traces/request-traces.js';
import { Problem, PROBLEM_MEDIA_TYPE, type ProblemCode, problemBody, quoted } from './problems.js';

/** Fastify's own errors, by their code. */
const OF_FASTIFY: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'the body is larger than 64 KiB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media-type-unsupported', 'send the body as application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['http-invalid', 'the body is not as long as Content-Length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['json-invalid', 'the body is empty; a JSON object is expected'],
  FST_ERR_BAD_URL: ['http-invalid', 'the path is not a valid URL'],
  FST_ERR_MAX_PARAM_LENGTH: ['route-unknown', 'a part of the path is too long'],
  FST_ERR_ASYNC_CONSTRAINT: ['http-invalid', 'the request is not valid'],
};

export function answerError(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemFor(error);
  if (problem.code === 'internal') request.log.error({ err: error, ...traceIds(traceOf(request)) }, 'a request failed');
  sendProblem(problem, request, reply);
}

function problemFor(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof JsonError) {
    const at = error.pointer === null ? [] : [{ pointer: error.pointer, detail: error.message }];
    return new Problem('json-invalid', `${error.pointer ?? ''} ${error.message}`.trim(), at);
  }
  const known = OF_FASTIFY[(error as FastifyError).code];
  if (known !== undefined) return new Problem(known[0], known[1]);
  const { statusCode } = error as FastifyError;
  if (statusCode === 400) return new Problem('http-invalid', 'the request is not valid');
  return new Problem('internal', 'something went wrong here; the log of the service has the details');
}

export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  addSecurityHeaders(reply);
  reply.code(problem.status).type(PROBLEM_MEDIA_TYPE);
  if (problem.retryAfter !== null) reply.header('retry-after', problem.retryAfter);
  if (problem.code === 'token-required') reply.header('www-authenticate', 'Bearer');
  if (problem.code === 'not-leader' && typeof problem.more.leader === 'string')
    reply.header('location', `${problem.more.leader}${request.url}`);
  reply.serializer((body) => JSON.stringify(body));
  reply.send(problemBody(problem, pathOf(request), String(request.id)));
}

/** The routes there are, to tell a wrong method from a wrong path. Collects those that are added after it. */
export class RouteTable {
  private readonly routes: { readonly method: string; readonly pattern: RegExp }[] = [];

  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ method, url }) => {
      // Paths of ours hold letters, digits and parameters only.
      const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:[a-z]+/g, '[^/]+')}$`);
      for (const one of [method].flat()) this.routes.push({ method: one, pattern });
    });
  }

  /** 405 where the path is known with other methods, else 404. */
  readonly answerNotFound = (request: FastifyRequest, reply: FastifyReply): void => {
    const path = pathOf(request);
    const allowed = this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (allowed.length === 0) {
      sendProblem(new Problem('route-unknown', `there is nothing at ${quoted(path)}; see /docs`), request, reply);
      return;
    }
    reply.header('allow', allowed.join(', '));
    sendProblem(new Problem('method-not-allowed', `${quoted(path)} takes ${allowed.join(', ')}`), request, reply);
  };
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!.slice(0, 200);
}

/** Errors below HTTP's level have no request: they are answered on the socket, and it is closed. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: ProblemCode =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers-too-large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request-timeout'
        : 'http-invalid';
  const problem = new Problem(code, 'the request could not be read');
  const body = JSON.stringify(problemBody(problem, '', ''));
  const headers = Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${headers.join('')}` +
      `content-type: ${PROBLEM_MEDIA_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
