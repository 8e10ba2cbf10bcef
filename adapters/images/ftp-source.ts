/** Images by FTP, as anonymous. Data comes from the address that was looked at, whatever the server says of another. */

import { PassThrough } from 'node:stream';
import { Client, FTPError } from 'basic-ftp';
import { DestinationError, type Destinations, literalOf } from '../destinations.js';
import type { Open } from './fetch.js';
import { ImageError, type ImageLimits } from '../image-port.js';

const PORT = 21;

export function ftpSource(text: string, destinations: Destinations, { answerMs }: Pick<ImageLimits, 'answerMs'>): Open {
  return async (from, expected, signal) => {
    // 1. To an address that may be reached.
    const { url, path } = judged(text, destinations);
    const address = literalOf(url) ?? (await addressOf(url.hostname, destinations));
    const client = new Client(answerMs, { allowSeparateTransferHost: false });
    const end = (): void => client.close();
    signal.addEventListener('abort', end, { once: true });
    try {
      signal.throwIfAborted();
      await client.connect(address, Number(url.port || PORT));
      await client.login('anonymous', 'leasehold@');
      await client.send('TYPE I');
      // 2. What it is, as far as the server says.
      const total = await saidOrNull(client.size(path));
      const changed = await saidOrNull(client.lastMod(path));
      const validator = total === null || changed === null ? null : `${total} ${changed.getTime()}`;
      const begin = validator !== null && validator === expected ? from : 0;
      return { from: begin, total, validator, bytes: bytesOf(client, path, begin, end, signal) };
    } catch (error) {
      client.close();
      signal.removeEventListener('abort', end);
      throw asSourceError(error);
    }
  };
}

async function* bytesOf(
  client: Client,
  path: string,
  from: number,
  end: () => void,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const through = new PassThrough();
  // It ends the stream whatever became of it; what that was it says afterwards.
  const done = client.downloadTo(through, path, from);
  done.catch((error: Error) => through.destroy(error));
  try {
    yield* through as AsyncIterable<Buffer>;
    await done;
  } catch (error) {
    throw asSourceError(error);
  } finally {
    signal.removeEventListener('abort', end);
    client.close();
  }
}

/** The path is one that no command can hide in. */
function judged(text: string, destinations: Destinations): { readonly url: URL; readonly path: string } {
  try {
    const url = destinations.urlOf(text);
    const path = decodeURIComponent(url.pathname).slice(1);
    if (path === '' || path.endsWith('/')) throw new DestinationError('must name a file');
    if (/[\u0000-\u001f\u007f]/.test(path) || path.startsWith(' '))
      throw new DestinationError('must have a plain path');
    return { url, path };
  } catch (error) {
    if (error instanceof DestinationError) throw new ImageError('source-refused', `the URL ${error.message}`);
    if (error instanceof URIError) throw new ImageError('source-refused', 'the URL must have a plain path');
    throw error;
  }
}

async function addressOf(name: string, destinations: Destinations): Promise<string> {
  try {
    return (await destinations.addressesOf(name))[0]!;
  } catch (error) {
    if (error instanceof DestinationError) throw new ImageError('source-refused', `the URL ${error.message}`);
    throw error;
  }
}

/** Not every server says it. */
async function saidOrNull<T>(said: Promise<T>): Promise<T | null> {
  try {
    return await said;
  } catch (error) {
    if (error instanceof FTPError) return null;
    throw error;
  }
}

/** The server's own words may be of any kind, and are not repeated. */
function asSourceError(error: unknown): unknown {
  if (!(error instanceof FTPError)) return error;
  const passes = error.code < 500;
  return new ImageError('source-failed', `it was answered ${error.code}`, passes ? 'yes' : 'no');
}
