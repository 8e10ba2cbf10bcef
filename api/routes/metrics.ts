/** The metrics, on the service's own port or on one of their own. */

import type { FastifyRequest } from 'fastify';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config.js';
import type { Server, ServerDeps } from '../deps.js';
import type { Metrics } from '../metrics/metrics.js';
import { SECURITY_HEADERS } from '../security-headers.js';

/** Open where nobody but this machine can ask; otherwise it takes a token that may read how the service does. */
export function metricsRoutes(app: Server, deps: ServerDeps): void {
  const { metrics } = deps;
  const config = { openTo: (request: FastifyRequest) => isFromHere(request, deps) };
  app.get('/metrics', { config, schema: { operationId: 'readMetrics', hide: true } }, async (_request, reply) =>
    reply
      .type(metrics.registry.contentType)
      .serializer((text: string) => text)
      .send(await metrics.text()),
  );
}

/** What a proxy on this machine passes on is not from here. */
function isFromHere({ headers }: FastifyRequest, { servers }: ServerDeps): boolean {
  const { thisMachineOnly, proxies } = servers.listening;
  const passedOn = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined);
  return thisMachineOnly && proxies.length === 0 && !passedOn;
}

const SLOW_MS = 10_000;
const CONNECTIONS_MAX = 16;

/**
 * A port that answers `/metrics` to everybody, and nothing else; null where none is wanted. Throws a ConfigError where it
 * cannot be had.
 */
export async function metricsAt(address: string | null, metrics: Metrics): Promise<HttpServer | null> {
  if (address === null) return null;
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address)!;
  const limits = { headersTimeout: SLOW_MS, requestTimeout: SLOW_MS, maxHeaderSize: 16 * 1024 };
  const server = createServer(limits, (request, response) => {
    const isAsked = request.url?.split('?', 1)[0] === '/metrics' && ['GET', 'HEAD'].includes(request.method ?? '');
    if (!isAsked) {
      response
        .writeHead(404, { ...SECURITY_HEADERS, 'content-type': 'text/plain' })
        .end('Only GET /metrics is here.\n');
      return;
    }
    metrics.text().then(
      (text) =>
        response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500, SECURITY_HEADERS).end(),
    );
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) => reject(new ConfigError(`metrics-listen: cannot listen: ${message}`)));
    server.listen({ host, port: Number(port) }, resolve);
  });
  return server.unref();
}

/** Where it listens. */
export function addressOf(server: HttpServer): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`;
}
