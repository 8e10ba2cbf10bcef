/** A service that keeps its log in PostgreSQL, as processes of their own. */

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.js';
import { PASSWORD, PostgresPlace, PostgresServer } from '../support/postgres.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

const SMALL = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };

describe('a log in PostgreSQL', needs('build', 'postgres'), () => {
  let place: PostgresPlace;
  let server: PostgresServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  let running: ServedProcess[] = [];
  beforeAll(async () => {
    place = new PostgresPlace();
    server = await PostgresServer.create(place, 's1');
  });
  afterAll(() => place.remove());
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(async () => {
    await Promise.all(running.map((service) => service.signal('SIGKILL')));
    running = [];
    directory.remove();
  });

  async function start(url: string, name = 'a'): Promise<ServedProcess> {
    const own = join(directory.path, name);
    mkdirSync(own, { recursive: true });
    const service = await ServedProcess.start(own, ['--store', url]);
    running.push(service);
    return service;
  }

  it('keeps what was acknowledged through a kill -9, and can be audited', async () => {
    const url = server.url('?schema=kill');
    const before = await start(url);
    for (let i = 0; i < 3; i++) expect((await before.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
    const ids = async (service: ServedProcess) =>
      (await service.ask('GET', '/v1/leases')).json().items.map(({ id }: { id: string }) => id);
    const list = await ids(before);
    await before.signal('SIGKILL');
    expect(existsSync(join(directory.path, 'a/data/leasehold.db'))).toBe(false);

    const after = await start(url);
    expect(await ids(after)).toEqual(list);
    const audit = await leasehold(['audit', url]);
    expect(audit).toMatchObject({ code: 0, stdout: expect.stringContaining('every decision is as recorded') });
  });

  it('that has lost its end is not taken over, and not begun anew', async () => {
    const url = server.url('?schema=lost');
    const before = await start(url);
    for (let i = 0; i < 3; i++) expect((await before.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
    await before.signal('SIGTERM');
    const [lost] = await server.ask(`DELETE FROM lost.turns WHERE number > 2 RETURNING number`);
    expect(lost).toBeDefined();
    await server.ask(`UPDATE lost.head SET revision = 2, hash = (SELECT hash FROM lost.turns WHERE number = 2)`);
    await expect(start(url)).rejects.toThrow(/ended with 66: .*ends with turn 2; turn \d+ was acknowledged/s);
    await server.ask(`DROP SCHEMA lost CASCADE`);
    await expect(start(url)).rejects.toThrow(/ended with 66/);
    const other = await start(server.url('?schema=lost'), 'b');
    expect((await other.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
  });

  it('is written by one service: who comes later takes over, and the first ends', async () => {
    const url = server.url('?schema=two');
    const first = await start(url, 'a');
    const second = await start(url, 'b');
    await first.ask('POST', '/v1/leases', SMALL).catch(() => null); // it learns of it at its next turn
    expect(await first.ended).toMatchObject({ code: 75 });
    expect((await second.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
  });

  it('that is not there: a clear end, and no password in it', async () => {
    const url = server.url('?schema=x').replace(encodeURIComponent(PASSWORD), 'wrong%2Fsecret');
    const ended = await leasehold(['serve', '--port', '0', '--data-dir', join(directory.path, 'data'), '--store', url]);
    expect([74, 78]).toContain(ended.code);
    for (const secret of ['wrong/secret', 'wrong%2Fsecret']) expect(ended.stderr + ended.stdout).not.toContain(secret);
    expect(ended.stderr).not.toContain('    at ');
  });
});
