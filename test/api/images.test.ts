/** Images: registered, fetched, named by leases, and kept as long as somebody needs them. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { eventually } from '../support/eventually.js';
import { MIB, rawImage } from '../support/image-files.js';
import { Service, type ServiceOptions, SMALL } from '../support/service.js';

const DISK = rawImage(3 * MIB);
const SHA256 = createHash('sha256').update(DISK).digest('hex');

let directory = '';
let service: Service;
let server: Server;
let url = '';
/** Whether the server answers; else it lets everybody wait. */
let answers = true;
let requests = 0;
const waiting: (() => void)[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-images-'));
  mkdirSync(join(directory, 'share'));
  writeFileSync(join(directory, 'share', 'disk.img'), DISK);
  requests = 0;
  waiting.length = 0;
  answers = true;
  server = createServer((request, response) => {
    requests++;
    const answer = () => void (request.url === '/none' ? response.writeHead(404).end() : response.end(DISK));
    if (answers) answer();
    else waiting.push(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.img?key=secret`;
});
afterEach(async () => {
  await service.stop();
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true });
});

const blobs = () => readdirSync(join(directory, 'images', 'blobs'));
async function begin(options: ServiceOptions = {}): Promise<void> {
  const images = { directory: join(directory, 'images'), roots: [join(directory, 'share')], ...options.images };
  service = await Service.start({ ...options, images });
}
const add = (request: object = {}) =>
  service.ask('POST', '/v1/images', { name: 'disk', source: url, format: 'raw', ...request });
const stateOf = async (name = 'disk') => (await service.ask('GET', `/v1/images/${name}`)).body.state;
const lease = (request: object = {}) => service.ask('POST', '/v1/leases', { ...SMALL, image: 'disk', ...request });

describe('an image', () => {
  it('is registered, fetched, and told of', async () => {
    await begin();
    answers = false;
    const added = await add();
    expect(added.status, added.text).toBe(201);
    expect(added.body).toMatchObject({ name: 'disk', source: url, sha256: null, bytes: null, leases: 0, by: 'admin' });
    expect(added.headers.location).toBe('/v1/images/disk');
    await eventually(() => requests).toBe(1);
    expect(await stateOf()).toBe('fetching');
    waiting.splice(0).forEach((answer) => answer());
    await eventually(() => stateOf()).toBe('ready');
    expect((await service.ask('GET', '/v1/images/disk')).body).toMatchObject({
      sha256: SHA256,
      bytes: 3 * MIB,
      virtualBytes: 3 * MIB,
      progress: null,
      failure: null,
    });
    expect(blobs()).toEqual([SHA256]);
    expect((await service.ask('GET', '/v1/images')).body.items).toHaveLength(1);
    // What may be secret in its URL is for those who may change it.
    const viewer = await service.token({ subject: 'vic', roles: ['viewer'] });
    const seen = await service.ask('GET', '/v1/images/disk', undefined, { authorization: `Bearer ${viewer}` });
    expect(seen.body.source).toBe(url.replace('?key=secret', ''));
    // As it was before it was there.
    const past = await service.ask('GET', '/v1/images?asOf=2');
    expect(past.body.items).toMatchObject([{ name: 'disk', state: 'pending', sha256: null }]);
  });

  it('of this machine is taken from where the operator allows it', async () => {
    await begin();
    const path = join(directory, 'share', 'disk.img');
    await add({ source: path, sha256: SHA256 });
    await eventually(() => stateOf()).toBe('ready');
    const other = await add({ name: 'other', source: '/etc/hostname' });
    expect(other.status).toBe(422);
    expect(other.body.detail).toBe(`/source must be below ${dirname(path)}: the directories of --image-root`);
    await add({ name: 'none', source: join(dirname(path), 'none') });
    await eventually(() => stateOf('none')).toBe('failed');
  });

  it('that cannot be had says why, and can be fetched again', async () => {
    await begin();
    const none = new URL('/none', url).href;
    await add({ source: none });
    await eventually(() => stateOf()).toBe('failed');
    const { body } = await service.ask('GET', '/v1/images/disk');
    expect(body.failure).toEqual({ code: 'source-failed', detail: 'it was answered 404' });
    const refused = await lease();
    expect(refused.body).toMatchObject({ code: 'image-not-ready', retryable: false });
    expect(refused.body.detail).toContain('answered 404');
    await service.ask('POST', '/v1/images/disk/fetch');
    await eventually(() => requests).toBe(2);
    await eventually(() => stateOf()).toBe('failed');
  });

  it('is refused where nobody could fetch it, or there is one of that name', async () => {
    await begin();
    for (const [request, pointer] of [
      [{ source: 'http://169.254.169.254/a' }, '/source'],
      [{ source: 'nfs://nas/a' }, '/source'],
      [{ source: 'ftp://a:b@example.org/a' }, '/source'],
      [{ source: url, format: 'vmdk' }, '/format'],
      [{ source: url, name: '../disk' }, '/name'],
      [{ source: url, sha256: 'abc' }, '/sha256'],
      [{ source: url, persistent: true }, '/persistent'],
    ] as const) {
      const { status, body } = await add(request);
      expect(status, JSON.stringify(request)).toBe(422);
      expect(body.errors[0].pointer).toBe(pointer);
    }
    await add();
    expect((await add()).body.code).toBe('image-exists');
    expect((await service.ask('GET', '/v1/images/none')).body.code).toBe('image-unknown');
    await eventually(() => stateOf()).toBe('ready');
    expect((await service.ask('POST', '/v1/images/disk/fetch')).body.code).toBe('image-state');
    const dry = await service.ask('DELETE', '/v1/images/disk?dryRun=true');
    expect(dry.body.turn.inputs).toMatchObject([{ type: 'NoteKept', key: 'image/disk', value: null }]);
    expect(await stateOf()).toBe('ready');
  });

  it('that is removed is not fetched any further, and nothing of it is kept', async () => {
    await begin();
    answers = false;
    await add();
    await eventually(() => requests).toBe(1);
    expect((await service.ask('DELETE', '/v1/images/disk')).body.state).toBe('fetching');
    expect((await service.ask('GET', '/v1/images/disk')).status).toBe(404);
    answers = true;
    await add();
    await eventually(() => stateOf()).toBe('ready');
    await service.ask('DELETE', '/v1/images/disk');
    await eventually(() => blobs()).toEqual([]);
  });
});

describe('a lease', () => {
  it('may name anything while nothing is registered', async () => {
    await begin();
    const { status, body } = await lease({ image: 'whatever' });
    expect(status).toBe(201);
    expect(body.groups[0].image).toBe('whatever');
  });

  it('names what is in the image, and keeps it', async () => {
    await begin({ policy: { preparation: 'transfer', imageRate: 1_000_000 } });
    await add();
    await eventually(() => stateOf()).toBe('ready');
    const { status, body } = await lease();
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body.groups[0].image).toBe(`disk@sha256:${SHA256}`);
    expect(service.follower.record(body.id)?.lease.terms.imageSize).toBe(3);
    expect((await service.ask('GET', '/v1/images/disk')).body.leases).toBe(1);
    expect((await service.ask('DELETE', '/v1/images/disk')).body.code).toBe('image-in-use');
    await service.ask('DELETE', `/v1/leases/${body.id}`);
    await service.until(body.id, 'cancelled');
    expect((await service.ask('DELETE', '/v1/images/disk')).status).toBe(200);
    await eventually(() => blobs()).toEqual([]);
  });

  it('waits for an image that is on its way, and is told of one that is not there', async () => {
    await begin();
    answers = false;
    await add();
    const early = await lease();
    expect(early.body).toMatchObject({ code: 'image-not-ready', retryable: true });
    expect(early.headers['retry-after']).toBe('5');
    const other = await lease({ image: 'disc' });
    await eventually(() => waiting.length).toBe(1);
    expect(other.body).toMatchObject({
      code: 'request-invalid',
      errors: [{ pointer: '/image', detail: '"disc" is not registered; there is disk' }],
    });
    waiting.splice(0).forEach((answer) => answer());
    await eventually(() => stateOf()).toBe('ready');
    const quote = await service.ask('POST', '/v1/quotes', { ...SMALL, image: 'disk' });
    expect(quote.status).toBe(200);
    expect((await lease({ commit: quote.body.id })).status).toBe(201);
  });

  it('has a disk that its image fits on', async () => {
    await begin({ nodes: '2x cpu=8,memory=32GiB,disk=100GiB' });
    await add();
    await eventually(() => stateOf()).toBe('ready');
    const small = await lease({ resources: { cpu: 1, memoryMiB: 512, diskMiB: 2 } });
    expect(small.body.errors).toEqual([
      { pointer: '/resources/diskMiB', detail: 'the disk of image "disk" has 3 MiB' },
    ]);
    expect((await lease({ resources: { cpu: 1, memoryMiB: 512, diskMiB: 3 } })).status).toBe(201);
  });
});

describe('a service that begins again', () => {
  it('fetches what is not beside it, as it was, and removes what nobody needs', async () => {
    const store = new MemoryStore(new MemoryLog());
    await begin({ store });
    await add();
    await eventually(() => stateOf()).toBe('ready');
    await service.stop();
    rmSync(join(directory, 'images', 'blobs', SHA256));
    writeFileSync(join(directory, 'images', 'blobs', 'f'.repeat(64)), 'nobody’s');
    writeFileSync(join(directory, 'images', 'parts', 'half'), 'half');
    await begin({ store });
    await eventually(() => blobs()).toEqual([SHA256]);
    expect(requests).toBe(2);
    expect(existsSync(join(directory, 'images', 'parts', 'half'))).toBe(false);
  });
});
