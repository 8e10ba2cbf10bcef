/** A service that keeps its log in PostgreSQL, as processes of their own. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { PASSWORD, PostgresPlace, PostgresServer } from '../support/postgres.js';
import { leasehold, type ServedProcess } from '../support/process.js';
import { services } from '../support/services.js';

const SMALL = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };

describe('a log in PostgreSQL', needs('build', 'postgres'), () => {
  let place: PostgresPlace;
  let server: PostgresServer;
  const { directory, startIn } = services();
  beforeAll(async () => {
    place = new PostgresPlace();
    server = await PostgresServer.create(place, 's1');
  });
  afterAll(() => place.remove());

  const roleOf = async (service: ServedProcess) => (await service.ask('GET', '/readyz')).json().role as string;

  async function start(url: string, name = 'a', options: readonly string[] = []): Promise<ServedProcess> {
    const own = join(directory(), name);
    mkdirSync(own, { recursive: true });
    return startIn(own, ['--store', url, ...options]);
  }

  it('keeps what was acknowledged through a kill -9, and can be audited', async () => {
    const url = server.url('?schema=kill');
    const before = await start(url);
    for (let i = 0; i < 3; i++) expect((await before.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
    const ids = async (service: ServedProcess) =>
      (await service.ask('GET', '/v1/leases')).json().items.map(({ id }: { id: string }) => id);
    const list = await ids(before);
    await before.signal('SIGKILL');
    expect(existsSync(join(directory(), 'a/data/leasehold.db'))).toBe(false);

    const after = await start(url);
    expect(await ids(after)).toEqual(list);
    const audit = await leasehold(['audit', url]);
    expect(audit).toMatchObject({ code: 0, stdout: expect.stringContaining('every decision is as recorded') });
  });

  it('is begun whole or not at all, wherever the service dies meanwhile', async () => {
    const url = server.url('?schema=begun');
    for (const point of ['format-raising', 'format-raised']) {
      const dies = leasehold(['serve', '--port', '0', '--data-dir', join(directory(), point), '--store', url], {
        env: { LEASEHOLD_FAILPOINT: `${point}=kill` },
      });
      expect((await dies).signal).toBe('SIGKILL');
      const there = await server.ask(`SELECT FROM pg_namespace WHERE nspname = 'begun'`);
      expect(there).toHaveLength(point === 'format-raising' ? 0 : 1);
    }
    const service = await start(url);
    expect((await service.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
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

  it('is written by one service: who comes later follows, answers reads, and leads when the first has left', async () => {
    const url = server.url('?schema=two');
    const token = join(directory(), 'token');
    writeFileSync(token, 'x'.repeat(43), { mode: 0o600 });
    const options = ['--token-file', token];
    const first = await start(url, 'a', options);
    await eventually(() => roleOf(first)).toBe('leader');
    const second = await start(url, 'b', options);
    expect(await roleOf(second)).toBe('follower');
    expect((await first.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
    await eventually(async () => (await second.ask('GET', '/v1/leases')).json().items.length).toBe(1);
    expect((await second.ask('GET', '/v1/leases')).headers.get('x-state-age')).toMatch(/^\d+$/);

    // A client that asks the wrong one is sent to the right one.
    await eventually(async () => (await second.ask('POST', '/v1/leases', SMALL)).headers.get('location')).toBe(
      `${first.url}/v1/leases`,
    );
    const submit = ['submit', '--cpu', '1', '--duration', '1h', '--url', second.url, '--token-file', token];
    expect((await leasehold(submit)).code).toBe(0);
    expect((await first.ask('GET', '/v1/leases')).json().items).toHaveLength(2);

    // What is in a data directory belongs to one process.
    const third = await leasehold(['serve', '--port', '0', '--data-dir', join(directory(), 'b/data'), '--store', url]);
    expect(third).toMatchObject({ code: 75, stderr: expect.stringContaining('is in use by process') });

    // Nobody waits for a lease to run out where the leader says that it leaves; the client waits for the next one.
    expect(await first.signal('SIGTERM')).toMatchObject({ code: 0 });
    expect((await leasehold(submit)).code).toBe(0);
    expect(await roleOf(second)).toBe('leader');
    expect((await second.ask('GET', '/v1/leases')).json().items).toHaveLength(3);
    expect(second.stderr()).not.toContain('x'.repeat(43));
  });

  it('comes from an export and becomes one again, to the letter, and is looked at as a file is', async () => {
    const [golden, url] = ['test/golden/logs/swarm-3.ndjson.gz', server.url('?schema=imported')];
    const at = (name: string) => join(directory(), name);
    const log = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await leasehold(['log', ...args]);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    await log('import', golden, at('a.db'));
    await log('export', at('a.db'), at('a.gz'));
    expect(await log('import', at('a.gz'), url)).toBe('354 turns\n');
    expect(await log('import', at('a.gz'), url)).toBe('354 turns\n'); // it is all there
    await log('export', url, at('b.gz'));
    expect(readFileSync(at('b.gz'))).toEqual(readFileSync(at('a.gz')));
    expect(JSON.parse(await log('stats', url, '-o', 'json'))).toMatchObject({ turns: 354 });
    expect(await log('tail', url, '-n', '1', '-o', 'table')).toMatch(/^ +354 {2}/m);
    expect((await leasehold(['audit', 'explain', url, '7'])).stdout).toContain('7 is done after turn 354.');
    const other = await leasehold(['log', 'import', 'test/golden/logs/mixed.ndjson.gz', url]);
    expect(other).toMatchObject({ code: 78, stderr: expect.stringContaining('holds another log') });
  });

  it('that is not there: a clear end, and no password in it', async () => {
    const url = server.url('?schema=x').replace(encodeURIComponent(PASSWORD), 'wrong%2Fsecret');
    const ended = await leasehold(['serve', '--port', '0', '--data-dir', join(directory(), 'data'), '--store', url]);
    expect([74, 78]).toContain(ended.code);
    for (const secret of ['wrong/secret', 'wrong%2Fsecret']) expect(ended.stderr + ended.stdout).not.toContain(secret);
    expect(ended.stderr).not.toContain('    at ');
  });
});
