/** One attempt to deliver: a POST to where the webhook points, within limits, and what became of it. */

import { type IncomingMessage, request as httpRequest, Agent as HttpAgent, type RequestOptions } from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import { version } from '../version.js';
import { DestinationError, type Destinations } from '../../adapters/destinations.js';
import type { WebhookLimits } from './limits.js';
import type { SignedHeaders } from './signing.js';

/** `delivered`: answered 2xx. `gone`: 410, it is not wanted any more. `refused`: it was not sent. */
export type Result = 'delivered' | 'gone' | 'failed' | 'refused';

export interface Outcome {
  readonly result: Result;
  /** What was answered; null: nothing. */
  readonly status: number | null;
  /** Why it failed, for people; null: it did not. */
  readonly detail: string | null;
  readonly ms: number;
  /** The receiver has asked for such a pause; null: it has not. */
  readonly retryAfterMs: number | null;
}

const HEADER_BYTES = 16 * 1024;
/** A connection that nobody has used for so long is closed. */
const IDLE_MS = 30_000;
const RETRY_AFTER_MAX = 3600;

export class Poster {
  private readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent };

  constructor(
    private readonly destinations: Destinations,
    private readonly limits: Pick<WebhookLimits, 'attemptMs' | 'answerBytes' | 'atOnce'>,
  ) {
    const options = { keepAlive: true, maxSockets: limits.atOnce, maxFreeSockets: limits.atOnce, timeout: IDLE_MS };
    this.agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  }

  /** Never rejects. It is given up when `signal` is aborted. */
  async post(to: string, headers: SignedHeaders, body: string, signal: AbortSignal): Promise<Outcome> {
    const began = performance.now();
    const ended = (of: Omit<Outcome, 'ms' | 'retryAfterMs'>, retryAfterMs: number | null = null): Outcome => ({
      ...of,
      ms: Math.round(performance.now() - began),
      retryAfterMs,
    });
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, this.limits.attemptMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    try {
      const url = this.destinations.urlOf(to);
      const { status, retryAfterMs } = await this.exchange(url, headers, body, ending.signal);
      if (status >= 200 && status < 300) return ended({ result: 'delivered', status, detail: null });
      const detail = DETAILS[status] ?? `it was answered ${status}`;
      return ended({ result: status === 410 ? 'gone' : 'failed', status, detail }, retryAfterMs);
    } catch (error) {
      const result = error instanceof DestinationError ? 'refused' : 'failed';
      return ended({ result, status: null, detail: this.detailOf(error as Error) });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private exchange(url: URL, headers: SignedHeaders, body: string, signal: AbortSignal): Promise<Answered> {
    const isHttps = url.protocol === 'https:';
    const options: RequestOptions = {
      method: 'POST',
      agent: isHttps ? this.agents.https : this.agents.http,
      lookup: this.destinations.lookup,
      maxHeaderSize: HEADER_BYTES,
      signal,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': `leasehold/${version()}`,
      },
    };
    return new Promise((resolve, reject) => {
      const request = (isHttps ? httpsRequest : httpRequest)(url, options, (response) => {
        // Of what it says nothing is kept; read to its end, the connection can be used again.
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= this.limits.answerBytes) return;
          response.destroy();
          resolve(answeredBy(response));
        });
        response.once('end', () => resolve(answeredBy(response)));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  private detailOf(error: Error): string {
    if (error instanceof DestinationError) return `the URL ${error.message}`;
    if (error.name === 'AbortError') return `no answer within ${this.limits.attemptMs / 1000} s`;
    const { code = '' } = error as NodeJS.ErrnoException;
    return /^[A-Z][A-Z0-9_]{2,48}$/.test(code) ? `it could not be sent (${code})` : 'it could not be sent';
  }
}

interface Answered {
  readonly status: number;
  readonly retryAfterMs: number | null;
}

function answeredBy({ statusCode, headers }: IncomingMessage): Answered {
  const after = headers['retry-after'] ?? '';
  const retryAfterMs = /^\d{1,6}$/.test(after) ? Math.min(Number(after), RETRY_AFTER_MAX) * 1000 : null;
  return { status: statusCode ?? 0, retryAfterMs };
}

const REDIRECT = 'it was answered with a redirect, which is not followed: name the place that it leads to';
const DETAILS: Readonly<Record<number, string>> = {
  301: REDIRECT,
  302: REDIRECT,
  303: REDIRECT,
  307: REDIRECT,
  308: REDIRECT,
  410: 'it was answered 410: it is not wanted there any more',
};
