/** The real service on disks that are full, failing or read only, and with too few open files. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold, type ServedProcess } from '../support/process.js';
import { inspect } from '../support/proof/inspection.js';
import { SmallDisk } from '../support/proof/small-disk.js';
import { Books, startWriters } from '../support/proof/writers.js';
import { services } from '../support/services.js';

const LONG = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };

const { directory, startIn: start } = services();

const ready = (service: ServedProcess) => async () => (await service.ask('GET', '/readyz')).status;

describe('a small disk', needs('build', 'mount'), () => {
  let disk: SmallDisk;
  beforeEach(() => {
    disk = new SmallDisk(24);
  });
  afterEach(() => disk.remove());

  it('that is full: writes are refused, reads go on, what runs goes on, and all is well when there is room', async () => {
    const service = await start(disk.path);
    const { id } = (await service.ask('POST', '/v1/leases', LONG)).json();
    const state = async () => (await service.ask('GET', `/v1/leases/${id}`)).json().state;
    await eventually(state).toBe('active');
    const books = new Books();
    let over = false;
    const writers = startWriters(service, books, new Random(1), { isOver: () => over });
    await eventually(() => books.leases.size).toBeGreaterThan(30);
    disk.fill();
    await eventually(ready(service)).toBe(503);
    await eventually(() => books.refusals.get('store-unavailable') ?? 0).toBeGreaterThan(20);
    expect((await service.ask('GET', '/v1/leases')).status).toBe(200);
    expect(await state()).toBe('active');
    disk.makeRoom();
    await eventually(ready(service)).toBe(200);
    const before = books.leases.size;
    await eventually(() => books.leases.size).toBeGreaterThan(before + 20);
    over = true;
    await writers;
    expect(await state()).toBe('active');
    expect(await inspect(disk.path, books, true)).toEqual([]);
    expect((await service.signal('SIGTERM')).code).toBe(0);
  });

  it('that is full from the start: a clear end, and a start when there is room', async () => {
    disk.fill();
    const ended = await leasehold(['serve', '--port', '0', '--data-dir', join(disk.path, 'data')]);
    expect(ended.stderr).toMatch(/no space left|ENOSPC/);
    expect(ended.stderr).not.toContain('    at ');
    expect([74, 78]).toContain(ended.code);
    disk.makeRoom();
    expect(await ready(await start(disk.path))()).toBe(200);
  });

  it('that is read only: a clear end, and nothing is changed', async () => {
    const first = await start(disk.path);
    await first.ask('POST', '/v1/leases', LONG);
    await first.signal('SIGKILL');
    const before = listing(disk.path);
    disk.readOnly();
    const ended = await leasehold(['serve', '--port', '0', '--data-dir', join(disk.path, 'data')]);
    expect(ended.stderr).toMatch(/read-only|readonly|EROFS/i);
    expect(ended.stderr).not.toContain('    at ');
    expect(ended.code).toBe(78);
    expect(listing(disk.path)).toEqual(before);
  });
});

describe('a disk that fails', needs('build'), () => {
  const cases = {
    'to sync the anchor': 'anchor-written@30=error:EIO',
    'while committing': 'append-inserted@30=error:SQLITE_IOERR_WRITE',
    'to sync what was committed': 'append-committed@30=error:SQLITE_IOERR_FSYNC',
    'to keep the journal of the machines': 'journal-written@10=error:EIO',
  };

  it.each(Object.entries(cases))('%s: the service ends, and nothing acknowledged is lost', async (_what, failpoint) => {
    const service = await start(directory(), [], { env: { LEASEHOLD_FAILPOINT: failpoint } });
    const books = new Books();
    await startWriters(service, books, new Random(2));
    const { code, stderr } = await service.ended;
    expect(code).toBe(74);
    expect(stderr).not.toContain('    at ');
    expect(await inspect(directory(), books)).toEqual([]);
    const next = await start(directory());
    let over = false;
    const writers = startWriters(next, books, new Random(3), { isOver: () => over });
    await eventually(() => books.open.length).toBe(0);
    over = true;
    await writers;
    expect(await inspect(directory(), books, true)).toEqual([]);
  });

  it('to sync, as the system says it: the same', needs('strace'), async () => {
    const inject = ['-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=60'];
    const under = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', ...inject];
    const service = await start(directory(), [], { under, env: { UV_USE_IO_URING: '0' } });
    const books = new Books();
    await startWriters(service, books, new Random(4));
    expect((await service.ended).code).toBe(74);
    expect(await inspect(directory(), books, true)).toEqual([]);
  });
});

describe('few open files', needs('build'), () => {
  it('keep new connections waiting, and nothing else', async () => {
    const service = await start(directory());
    // Not from the start: to read the program takes more.
    execFileSync('prlimit', [`--pid=${service.pid}`, '--nofile=64']);
    const { id } = (await service.ask('POST', '/v1/leases', LONG)).json();
    const port = Number(new URL(service.url).port);
    const sockets: Socket[] = [];
    for (let k = 0; k < 150; k++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
    await eventually(() => openFiles(service.pid)).toBeGreaterThanOrEqual(60);
    for (const socket of sockets) socket.destroy();
    await eventually(ready(service)).toBe(200);
    expect((await service.ask('POST', '/v1/leases', LONG)).status).toBe(201);
    expect((await service.ask('GET', `/v1/leases/${id}`)).status).toBe(200);
    expect((await service.signal('SIGTERM')).code).toBe(0);
  });
});

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Every file there, its size and its content. */
function listing(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const file = join(path, name);
      return `${name} ${statSync(file).isFile() ? readFileSync(file).toString('hex') : ''}`;
    });
}
