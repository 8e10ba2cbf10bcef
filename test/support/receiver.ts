/** Who receives webhooks: an HTTP server of this machine that keeps what it was sent, and answers as it is told. */

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was sent
  readonly body: any;
}

/** How it answers; what is returned is the status, and undefined: it has seen to that itself. */
export type Answering = (received: Received, response: ServerResponse) => number | undefined;

export class Receiver {
  readonly received: Received[] = [];
  answering: Answering = () => 204;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** `tls`: certificate and key (PEM); by http without. */
  static async start(tls: { readonly cert: Buffer; readonly key: Buffer } | null = null): Promise<Receiver> {
    const receive = (request: IncomingMessage, response: ServerResponse): void => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => {
        text += chunk;
      });
      request.on('end', () => {
        const { headers, url = '' } = request;
        const received = { id: String(headers['webhook-id']), path: url, headers, text, body: JSON.parse(text) };
        receiver.received.push(received);
        const status = receiver.answering(received, response);
        if (status !== undefined) response.writeHead(status).end();
      });
    };
    const server = tls === null ? createServer(receive) : createTlsServer(tls, receive);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const scheme = tls === null ? 'http' : 'https';
    const receiver = new Receiver(server, `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    return receiver;
  }

  /** The turns that came, in the order in which they came; tests and repeats, too. */
  get turns(): (number | null)[] {
    return this.received.map(({ body }) => body.data.number ?? null);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
