/** Images are fetched whole or not at all, from where they may be: real servers of this machine, with their faults. */

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Images, type ImagesOptions } from '../../../adapters/images/images.js';
import {
  type HeldImage,
  IMAGE_LIMITS,
  type ImageLimits,
  type ImageProgress,
  type WantedImage,
} from '../../../adapters/image-port.js';
import { FtpServer, type FtpFaults } from '../../support/ftp-server.js';
import { MIB, qcow2Image, rawImage } from '../../support/image-files.js';
import { needs } from '../../support/needs.js';

const QUICK: ImageLimits = { ...IMAGE_LIMITS, bytesMax: 64 * MIB, pauseMs: 1 };
const DISK = rawImage();
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let directory = '';
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-images-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(directory, { recursive: true });
});

const opened = (options: Partial<ImagesOptions> = {}): Promise<Images> =>
  Images.open({ directory: join(directory, 'images'), allowed: ['127.0.0.1'], roots: [], limits: QUICK, ...options });

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Answers each request as told; `count` from 1. */
async function web(answer: Answer): Promise<{ readonly url: string; readonly ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const server: Server = createServer((request, response) => {
    response.on('error', () => {});
    answer(request, response, ranges.push(request.headers.range));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.img`, ranges };
}

/** Breaks the answer that is under way, once whoever fetches has told of so many bytes. */
let breaking: { readonly at: number; readonly response: ServerResponse } | null = null;
function heard({ bytes }: ImageProgress): void {
  if (breaking === null || bytes < breaking.at) return;
  breaking.response.destroy();
  breaking = null;
}

/** A server that knows ranges; so many bytes of each answer, and then the connection breaks. */
function ranged(
  content: Buffer,
  cut: (count: number) => number,
  etag: (count: number) => string | null = () => '"a"',
): Answer {
  return ({ headers }, response, count) => {
    const tag = etag(count);
    const goesOn = headers.range !== undefined && headers['if-range'] === tag;
    const from = goesOn ? Number(/^bytes=(\d+)-$/.exec(headers.range!)![1]) : 0;
    response.writeHead(goesOn ? 206 : 200, {
      'content-length': content.length - from,
      ...(tag === null ? {} : { etag: tag }),
      ...(goesOn ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    const until = from + cut(count);
    if (until >= content.length) {
      response.end(content.subarray(from));
      return;
    }
    breaking = { at: until, response };
    response.write(content.subarray(from, until));
  };
}

async function got(
  images: Images,
  wanted: Partial<WantedImage>,
  signal = new AbortController().signal,
): Promise<HeldImage | string> {
  try {
    const source = images.sourceOf(wanted.source ?? '');
    return await images.obtain({ format: 'raw', sha256: null, ...wanted, source }, signal, heard);
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

function left(): string[] {
  return ['blobs', 'parts'].flatMap((name) => readdirSync(join(directory, 'images', name)));
}

const HELD = { sha256: digest(DISK), bytes: MIB, virtualBytes: MIB };

describe('an image by http', () => {
  it('is fetched, kept by its digest, and not fetched again', async () => {
    const server = await web((_, response) => response.end(DISK));
    const images = await opened();
    const told: ImageProgress[] = [];
    const wanted: WantedImage = { source: images.sourceOf(server.url), format: 'raw', sha256: digest(DISK) };
    expect(await images.obtain(wanted, new AbortController().signal, (progress) => told.push(progress))).toEqual(HELD);
    expect(readFileSync(images.path(HELD.sha256)).equals(DISK)).toBe(true);
    expect(told.at(-1)?.bytes).toBe(MIB);
    expect(left()).toEqual([HELD.sha256]);
    expect(await got(images, wanted)).toEqual(HELD);
    expect(server.ranges).toHaveLength(1);
    // As something else it is looked at again.
    expect(await got(images, { ...wanted, format: 'iso' })).toContain('image-refused');
  });

  it('that breaks off is gone on with', async () => {
    const server = await web(ranged(DISK, () => 300_000));
    expect(await got(await opened(), { source: server.url, sha256: HELD.sha256 })).toEqual(HELD);
    expect(server.ranges).toEqual([undefined, 'bytes=300000-', 'bytes=600000-', 'bytes=900000-']);
  });

  it('that changed in between is begun again', async () => {
    const other = rawImage(2 * MIB).subarray(MIB);
    const answers: Answer = (request, response, count) =>
      ranged(
        count === 1 ? DISK : other,
        () => (count === 1 ? 300_000 : MIB),
        () => (count === 1 ? '"a"' : '"b"'),
      )(request, response, count);
    const server = await web(answers);
    expect(await got(await opened(), { source: server.url })).toMatchObject({ sha256: digest(other) });
    expect(server.ranges).toEqual([undefined, 'bytes=300000-']);
  });

  it('that nobody could tell from another one is begun again', async () => {
    const server = await web(
      ranged(
        DISK,
        (count) => (count < 3 ? 300_000 : MIB),
        () => null,
      ),
    );
    expect(await got(await opened(), { source: server.url })).toEqual(HELD);
    expect(server.ranges).toEqual([undefined, undefined, undefined]);
  });

  it('that always breaks off is given up, and nothing of it is left', async () => {
    const server = await web(
      ranged(
        DISK,
        () => 1000,
        () => null,
      ),
    );
    expect(await got(await opened(), { source: server.url })).toBe(
      'source-failed: it could not be read (ECONNRESET), 5 times',
    );
    expect(left()).toEqual([]);
  });

  it.each<[string, Answer, string, number]>([
    ['is not there', (_, response) => response.writeHead(404).end(), 'source-failed: it was answered 404', 1],
    ['is not there just now', (_, response) => response.writeHead(503).end(), 'answered 503, 5 times', 5],
    [
      'is announced as too large',
      (_, response) => response.writeHead(200, { 'content-length': 2 ** 40 }).write('x'),
      'too-large',
      1,
    ],
    [
      'comes compressed',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(DISK)),
      'encoded',
      1,
    ],
    ['is an archive', (_, response) => response.end(gzipSync(DISK)), 'image-refused: it is a gzip archive', 1],
    ['is a web page', (_, response) => response.end('<!DOCTYPE html><p>Sign in'), 'image-refused: it is a web page', 1],
    [
      'has another part than was asked for',
      (_, response) => response.writeHead(206, { 'content-range': 'bytes 5-9/10' }).end('12345'),
      'another part',
      5,
    ],
  ])('that %s is refused', async (_, answer, told, requests) => {
    const server = await web(answer);
    expect(await got(await opened(), { source: server.url })).toContain(told);
    expect(server.ranges).toHaveLength(requests);
    expect(left()).toEqual([]);
  });

  it('that never ends is ended', async () => {
    const server = await web((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(DISK));
        response.once('drain', more);
      };
      more();
    });
    expect(await got(await opened(), { source: server.url })).toBe(`too-large: it has more than ${64 * MIB} bytes`);
    expect(left()).toEqual([]);
  });

  it('that is never answered is given up', async () => {
    const server = await web(() => {});
    const images = await opened({ limits: { ...QUICK, triesMax: 2, answerMs: 200 } });
    expect(await got(images, { source: server.url })).toBe('too-slow: no answer within 0.2 s, 2 times');
  });

  it('that drips is given up', async () => {
    const server = await web((_, response) => {
      const drip = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const images = await opened({ limits: { ...QUICK, triesMax: 2, stallMs: 150 } });
    expect(await got(images, { source: server.url })).toMatch(/^too-slow: only \d+ bytes came in 0.15 s, 2 times$/);
  });

  it('that takes too long in all is given up', async () => {
    const server = await web((_, response) => {
      const drip = setInterval(() => response.write(DISK.subarray(0, 100_000)), 20);
      response.on('close', () => clearInterval(drip));
    });
    const images = await opened({ limits: { ...QUICK, deadlineMs: 400 } });
    expect(await got(images, { source: server.url })).toBe('too-slow: it was not there after 0.4 s');
    expect(left()).toEqual([]);
  });

  it('is let go of when nobody wants it any more', async () => {
    const ending = new AbortController();
    const server = await web((_, response) => {
      response.write(DISK);
      ending.abort();
    });
    expect(await got(await opened(), { source: server.url }, ending.signal)).toContain('aborted');
    expect(left()).toEqual([]);
  });

  it('with another checksum is fetched once more, put aside, and refused', async () => {
    const server = await web((_, response) => response.end(DISK));
    const images = await opened();
    expect(await got(images, { source: server.url, sha256: 'a'.repeat(64) })).toBe(
      `checksum-mismatch: its sha256 is ${HELD.sha256}, and should be ${'a'.repeat(64)}`,
    );
    expect(server.ranges).toHaveLength(2);
    expect(left()).toEqual([]);
    expect(existsSync(join(directory, 'images', 'quarantine', 'last'))).toBe(true);
    // The second copy may be what it should be.
    const better = await web((_, response, count) => response.end(count === 1 ? Buffer.alloc(512) : DISK));
    expect(await got(images, { source: better.url, sha256: HELD.sha256 })).toEqual(HELD);
  });

  it('with tables that are damaged is refused by QEMU', needs('qemu-img'), async () => {
    // The first table leads to where nothing is.
    const damaged = qcow2Image(64 * MIB, (image) => image.writeBigUInt64BE(0x80_00_00_00_00_10_00_00n, 3 * 65_536));
    const server = await web((request, response) => response.end(request.url === '/good' ? qcow2Image() : damaged));
    const images = await opened();
    expect(await got(images, { source: server.url, format: 'qcow2' })).toContain(
      'image-refused: its tables are damaged',
    );
    const good = new URL('/good', server.url).href;
    expect(await got(images, { source: good, format: 'qcow2' })).toMatchObject({ virtualBytes: 64 * MIB });
  });
});

describe('where an image may be', () => {
  it.each([
    ...[
      'http://10.0.0.1/',
      'http://169.254.169.254/latest',
      'https://100.100.100.200/',
      'http://[::1]/',
      'http://[fd00::1]/',
    ],
    ...['http://0x7f000002/', 'http://2130706434/', 'http://[::ffff:127.0.0.2]/', 'https://user:pw@example.org/'],
    ...[
      'ftp://user:pw@example.org/a',
      'ftp://example.org:25/a',
      'ftp://10.0.0.1/a',
      'gopher://example.org/a',
      'nfs://nas/a',
    ],
    ...[
      'http://example.org:22/',
      'json:{"driver":"file"}',
      'nbd://example.org/a',
      'file://example.org/a',
      'file:///a?b',
      '',
    ],
    ...['file:///a%00b', '/a\nb', 'file:///%ff'],
  ])('is not %s', async (source) => {
    expect(await got(await opened(), { source })).toContain('source-refused');
  });

  it('is not where a redirect leads inside, or on and on', async () => {
    const images = await opened();
    for (const [location, told] of [
      ['http://127.0.0.2:8080/', 'source-refused: it is redirected to a URL that leads to an address'],
      ['file:///etc/passwd', 'source-refused: it is redirected to a URL that must be'],
      ['ftp://127.0.0.1:2121/a', 'source-refused: it is redirected to a URL that must be'],
      ['http://a:b@127.0.0.1/', 'source-refused: it is redirected to a URL that must not have a user'],
      ['/again', 'source-failed: it is redirected more than 3 times'],
      ['http://%', 'source-failed: it is redirected to no URL'],
    ] as const) {
      const server = await web((_, response) => response.writeHead(302, { location }).end());
      expect(await got(images, { source: server.url }), location).toContain(told);
    }
    const server = await web((request, response) =>
      request.url === '/disk.img' ? response.writeHead(307, { location: '/there' }).end() : response.end(DISK),
    );
    expect(await got(images, { source: server.url })).toEqual(HELD);
  });

  it('is not at a name that leads inside, whatever it led to before', async () => {
    const server = await web((_, response) => response.end(DISK));
    const { port } = new URL(server.url);
    let asked = 0;
    // It leads to where it may, and then to where it may not; what was looked at is what is connected to.
    const resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['127.0.0.2']);
    const images = await opened({ resolve });
    expect(await got(images, { source: `http://rebound.example:${port}/disk.img` })).toEqual(HELD);
    expect(await got(images, { source: `http://rebound.example:${port}/disk.img` })).toContain(
      'source-refused: the URL leads',
    );
    expect(await got(images, { source: `ftp://rebound.example:${port}/disk.img` })).toContain(
      'source-refused: the URL leads',
    );
    expect(server.ranges).toHaveLength(1);
  });

  it('is below the directories that were named, wherever links lead', async () => {
    const [inside, outside] = [join(directory, 'inside'), join(directory, 'outside')];
    for (const one of [inside, outside]) mkdirSync(one);
    writeFileSync(join(inside, 'disk.img'), DISK);
    writeFileSync(join(outside, 'secret'), DISK);
    symlinkSync(join(outside, 'secret'), join(inside, 'link'));
    symlinkSync(outside, join(inside, 'way'));
    const images = await opened({ roots: [inside] });
    expect(await got(images, { source: join(inside, 'disk.img') })).toEqual(HELD);
    expect(await got(images, { source: `file://${inside}/disk.img` })).toEqual(HELD);
    for (const path of ['link', 'way/secret', '../outside/secret', '.', 'none', ''])
      expect(await got(images, { source: `${inside}/${path}` }), path).toContain('source-refused');
    expect(await got(images, { source: '/dev/zero' })).toContain('source-refused');
    expect(await got(await opened(), { source: join(inside, 'disk.img') })).toContain('source-refused');
  });
});

describe('an image by ftp', () => {
  async function serving(faults: FtpFaults = {}): Promise<FtpServer> {
    const server = await FtpServer.start('pub/disk.img', DISK, faults);
    closing.push(() => server.stop());
    return server;
  }

  it('is fetched', async () => {
    const server = await serving();
    expect(await got(await opened(), { source: server.url })).toEqual(HELD);
    expect(server.asked).toContain('EPSV');
  });

  it('that breaks off is gone on with', async () => {
    const server = await serving({ breakAfter: 400_000 });
    expect(await got(await opened(), { source: server.url })).toEqual(HELD);
    expect(server.asked).toContain('REST 400000');
  });

  it('is not fetched from another host that the server names', async () => {
    expect(await got(await opened(), { source: (await serving({ noEpsv: true })).url })).toEqual(HELD);
    const images = await opened();
    rmSync(images.path(HELD.sha256));
    expect(await got(images, { source: (await serving({ noEpsv: true, passiveHost: '10.0.0.1' })).url })).toContain(
      'source-failed',
    );
  });

  it('that is not there is not had', async () => {
    const server = await serving();
    expect(await got(await opened(), { source: `${server.url}x` })).toBe('source-failed: it was answered 550');
    expect(await got(await opened(), { source: `${server.url}%0d%0aDELE%20x` })).toContain('source-refused');
    expect(server.asked.some((line) => line.startsWith('DELE'))).toBe(false);
  });
});
