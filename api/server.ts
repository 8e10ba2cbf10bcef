/** The HTTP server, put together from its parts. It is built here and listens elsewhere, so that tests need no socket. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import underPressure from '@fastify/under-pressure';
import fastify, { type FastifyRequest } from 'fastify';
import { failpoint } from '../adapters/failpoint.js';
import { guard } from './access/guard.js';
import type { Server, ServerDeps } from './deps.js';
import { answerClientError, answerError, RouteTable } from './error-answers.js';
import { readJson } from './json-body.js';
import { logOptions, logRequests } from './log.js';
import { boundRequests, isAboutHealth } from './bound-requests.js';
import { dryRuns, onlyAsks } from './dry-run.js';
import { documentation } from './openapi.js';
import { Problem } from './problems.js';
import { asOf } from './as-of.js';
import { routes } from './routes/all.js';
import { healthRoutes } from './routes/health.js';
import { metricsRoutes } from './routes/metrics.js';
import { operationRoutes } from './routes/operation.js';
import { securityHeaders } from './security-headers.js';
import { traced, traceRequests } from './traces/request-traces.js';
import { validatorCompiler } from './validation.js';

export async function buildServer(deps: ServerDeps): Promise<Server> {
  const app = newInstance(deps);
  // 1. What every answer goes through.
  securityHeaders(app, deps.servers.listening.tls !== null);
  const slow = new Problem('busy', 'the service is overloaded; try again shortly');
  await app.register(underPressure, {
    maxEventLoopDelay: deps.limits.eventLoopDelayMsMax,
    pressureHandler: (request) => {
      if (isAboutHealth(request)) return;
      deps.metrics.shed.inc({ why: 'slow' });
      throw slow;
    },
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(new RouteTable(app).answerNotFound);
  // Hooks that wait for nothing take `done`: a promise each would be a tenth of what a read costs.
  app.addHook('onSend', (request, _reply, _payload, done) => {
    if (request.method !== 'GET') failpoint('answer-begin');
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    if (request.method !== 'GET') failpoint('answer-sent');
    done();
  });
  boundRequests(app, deps);
  traceRequests(app, deps.tracing);
  logRequests(app);
  await guard(app, deps);
  // 2. Closing ends the streams first: they would keep their sockets for ever. Others get a moment to finish.
  const closing = new AbortController();
  app.addHook('preClose', async () => {
    closing.abort();
    setTimeout(() => app.server.closeAllConnections(), deps.limits.closingMs).unref();
  });
  // 3. The documentation listens to the routes that follow.
  await documentation(app);
  app.register(async (open) => {
    healthRoutes(open as Server, deps);
    metricsRoutes(open as Server, deps);
  });
  app.register(
    async (v1) => {
      v1.addHook('preHandler', (request, _reply, done) => {
        const { open, early } = request.routeOptions.config;
        if (deps.isReady() || open === true || early === true) return done();
        throw new Problem('not-ready', `the history is being read; turn ${deps.follower.head} so far`);
      });
      // Whoever has changed something can show later that the log held it. The follower is at that turn or a later one.
      v1.addHook('onSend', (request, reply, _payload, done) => {
        const changes = !onlyAsks(request) && reply.statusCode < 300;
        if (changes && !reply.hasHeader('receipt')) reply.header('receipt', deps.follower.proof.receipt);
        done();
      });
      // Before anything else is said about a write: what is known here may be old.
      v1.addHook('preHandler', ({ method }, _reply, done) => {
        const problem = method === 'GET' || method === 'HEAD' ? null : deps.notLeader();
        if (problem !== null) throw problem;
        done();
      });
      v1.addHook('onRequest', (request, reply, done) => {
        if (request.method !== 'GET' && request.method !== 'HEAD') return done();
        reply.header('x-state-turn', deps.follower.head);
        const { ageMs } = deps.standing();
        if (ageMs !== null) reply.header('x-state-age', ageMs);
        done();
      });
      asOf(v1 as Server, deps);
      routes(v1 as Server, dryRuns(v1 as Server, { ...deps, submit: traced(deps.submit) }), closing.signal);
      operationRoutes(v1 as Server, deps);
    },
    { prefix: '/v1' },
  );
  await app.ready();
  return app;
}

function newInstance({ limits, logLevel, servers }: ServerDeps): Server {
  const { proxies } = servers.listening;
  const app = fastify({
    ...logOptions(logLevel),
    bodyLimit: limits.bodyBytes,
    serverFactory: servers.make,
    forceCloseConnections: 'idle',
    // Fastify's own answer is no problem document; while it closes, those who ask are told so by `isReady`.
    return503OnClosing: false,
    trustProxy: proxies.length > 0 && [...proxies],
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: limits.urlParameterLength },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerError,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // What goes out is ours: it is written as it is, and the tests hold it against the schemas.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  readBodiesStrictly(app);
  return app;
}

/** JSON is the only thing that is read, and it is read strictly. */
function readBodiesStrictly(app: Server): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const encoding = request.headers['content-encoding'] ?? 'identity';
      if (encoding === 'identity') return readJson(body);
      throw new Problem('media-type-unsupported', 'send the body without a Content-Encoding');
    },
  );
}
