/** Images by http and https. Every redirect is looked at as the URL itself was. */

import { type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { DestinationError, type Destinations } from '../destinations.js';
import type { Open, Opened } from './fetch.js';
import { ImageError, type ImageLimits } from '../image-port.js';

const REDIRECTS_MAX = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const HEADER_BYTES = 16 * 1024;
const VALIDATOR_MAX = 256;

export function webSource(url: string, destinations: Destinations, { answerMs }: Pick<ImageLimits, 'answerMs'>): Open {
  return async (from, validator, signal) => {
    // 1. To where it really is.
    let at = judged(url, destinations, null);
    for (let redirects = 0; ; redirects++) {
      const response = await answered(at, destinations, headersFor(from, validator), answerMs, signal);
      const { statusCode = 0, headers } = response;
      if (!REDIRECTS.has(statusCode)) return openedBy(response, from, validator);
      response.destroy();
      if (redirects >= REDIRECTS_MAX)
        throw new ImageError('source-failed', `it is redirected more than ${REDIRECTS_MAX} times`);
      at = judged(targetOf(headers.location, at), destinations, at);
    }
  };
}

/** 2. What it answers: all of it, or what was missing. */
function openedBy(response: IncomingMessage, from: number, expected: string | null): Opened {
  const { statusCode = 0, headers } = response;
  const fault = answerFault(statusCode, headers['content-encoding']);
  if (fault !== null) {
    response.destroy();
    throw fault;
  }
  const validator = validatorOf(response);
  const length = /^\d{1,15}$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : null;
  const bytes = response as AsyncIterable<Buffer>;
  if (statusCode === 200) return { from: 0, total: length, validator, bytes };
  const [, first, total] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headers['content-range'] ?? '') ?? [];
  if (first === undefined || Number(first) !== from || (validator !== null && validator !== expected)) {
    response.destroy();
    throw new ImageError('source-failed', 'another part of it was answered than was asked for', 'anew');
  }
  return { from, total: Number(total), validator: expected, bytes };
}

function answerFault(status: number, encoding: string | undefined): ImageError | null {
  if (status === 416) return new ImageError('source-failed', 'it is shorter than it was', 'anew');
  if (status !== 200 && status !== 206) {
    const passes = status === 408 || status === 429 || status >= 500;
    return new ImageError('source-failed', `it was answered ${status}`, passes ? 'yes' : 'no');
  }
  if ((encoding ?? 'identity') === 'identity') return null;
  return new ImageError('source-failed', 'it comes encoded (Content-Encoding), which was not asked for');
}

function headersFor(from: number, validator: string | null): Record<string, string> {
  const plain = { 'accept-encoding': 'identity', accept: '*/*', 'user-agent': 'leasehold' };
  return from === 0 || validator === null ? plain : { ...plain, range: `bytes=${from}-`, 'if-range': validator };
}

/** What `If-Range` takes: a strong tag, or a date. */
function validatorOf({ headers }: IncomingMessage): string | null {
  const { etag, 'last-modified': modified } = headers;
  const found = etag?.startsWith('"') ? etag : modified;
  return found === undefined || found.length > VALIDATOR_MAX ? null : found;
}

function targetOf(location: string | undefined, base: URL): string {
  if (location !== undefined && URL.canParse(location, base.href)) return new URL(location, base).href;
  throw new ImageError('source-failed', 'it is redirected to no URL');
}

/** `before`: where it was redirected from. What was asked for securely is not taken in the clear. */
function judged(text: string, destinations: Destinations, before: URL | null): URL {
  const what = before === null ? 'the URL' : 'it is redirected to a URL that';
  try {
    const url = destinations.urlOf(text);
    if (!url.protocol.startsWith('http')) throw new DestinationError('must be an https or http URL');
    if (before?.protocol === 'https:' && url.protocol === 'http:')
      throw new DestinationError('must not lose its https');
    return url;
  } catch (error) {
    if (error instanceof DestinationError) throw new ImageError('source-refused', `${what} ${error.message}`);
    throw error;
  }
}

function answered(
  url: URL,
  { lookup }: Destinations,
  headers: Record<string, string>,
  answerMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = { method: 'GET', agent: false, lookup, maxHeaderSize: HEADER_BYTES, headers, signal };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      clearTimeout(timer);
      // An error of the body is told to whoever reads it.
      response.on('error', () => {});
      resolve(response);
    });
    const late = (): void =>
      void request.destroy(new ImageError('too-slow', `no answer within ${answerMs / 1000} s`, 'yes'));
    const timer = setTimeout(late, answerMs);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error instanceof DestinationError ? new ImageError('source-refused', `the URL ${error.message}`) : error);
    });
    request.end();
  });
}
