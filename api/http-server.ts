/** The sockets under the server: with TLS or without, and with a limit on everything that can be slow or many. */

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Limits } from './config.js';
import type { Listening } from './listening.js';
import { type Certificate, readCertificate, TLS_VERSION_MIN } from './tls.js';

export class HttpServers {
  /** `localhost` may be two addresses, and so two servers. */
  private readonly secured: TlsServer[] = [];
  /** The one in use; null: without TLS. */
  certificate: Certificate | null;
  /** Answers what there is no room for; true: it has. It comes before anything is made of a request. */
  turnAway: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;

  constructor(
    private readonly limits: Limits,
    readonly listening: Listening,
  ) {
    this.certificate = listening.tls?.certificate ?? null;
  }

  /** For Fastify's `serverFactory`. */
  readonly make = (answer: RequestListener): Server => {
    const { limits, certificate } = this;
    const handler: RequestListener = (request, response) => {
      if (!this.turnAway(request, response)) answer(request, response);
    };
    const options = {
      headersTimeout: limits.headersMs,
      // Timeouts are looked after so often: Node's half a minute would double them.
      connectionsCheckingInterval: Math.min(limits.headersMs, 2_000),
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
    };
    const server =
      certificate === null ? createServer(options, handler) : this.makeSecured(certificate, options, handler);
    server.setTimeout(limits.idleMs);
    server.maxConnections = limits.connectionsMax;
    // One more than is allowed: otherwise Node drops those that are too many, and nobody is told.
    server.maxHeadersCount = limits.headersMax + 1;
    return server;
  };

  /** Reads the certificate again; new connections get it. Throws a TlsError, and goes on with the one it has. */
  reload(): void {
    if (this.listening.tls === null) return;
    const certificate = readCertificate(this.listening.tls);
    const { cert, key } = certificate;
    for (const server of this.secured) server.setSecureContext({ cert, key, minVersion: TLS_VERSION_MIN });
    this.certificate = certificate;
  }

  private makeSecured({ cert, key }: Certificate, options: object, handler: RequestListener): TlsServer {
    const { headersMs: handshakeTimeout } = this.limits;
    const secure = { cert, key, minVersion: TLS_VERSION_MIN, handshakeTimeout } as const;
    const server = createTlsServer({ ...options, ...secure }, handler);
    this.secured.push(server);
    return server;
  }
}
