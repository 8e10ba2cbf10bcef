/** The service as a process of its own, over a real socket, with real kills and restarts. */

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold } from '../support/process.js';
import { services } from '../support/services.js';

const { directory, start } = services();

const SMALL = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };
const LARGE = { vms: 8, resources: { cpu: 8 }, duration: 'PT1H' };

describe('leasehold serve', needs('build'), () => {
  it('keeps everything that it has acknowledged through a kill -9, and runs what ran', async () => {
    const before = await start();
    const active = (await before.ask('POST', '/v1/leases', { ...LARGE, preemptible: false })).json();
    await eventually(async () => (await before.ask('GET', `/v1/leases/${active.id}`)).json().state).toBe('active');
    const waiting = (await before.ask('POST', '/v1/leases', LARGE, { 'idempotency-key': 'k' })).json();
    const list = (await before.ask('GET', '/v1/leases')).json();
    await before.signal('SIGKILL');

    const after = await start();
    expect((await after.ask('GET', '/v1/leases')).json()).toEqual(list);
    const again = await after.ask('POST', '/v1/leases', LARGE, { 'idempotency-key': 'k' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.json()).toEqual(waiting);
    // It still runs, and what happens to it is still seen.
    await after.ask('DELETE', `/v1/leases/${active.id}`);
    await eventually(async () => (await after.ask('GET', `/v1/leases/${active.id}`)).json().state).toBe('cancelled');
    await eventually(async () => (await after.ask('GET', `/v1/leases/${waiting.id}`)).json().state).toBe('active');
  });

  it('loses nothing when it is killed again and again under load', async () => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const service = await start();
      const writers = Array.from({ length: 8 }, async () => {
        for (;;) {
          const reply = await service.ask('POST', '/v1/leases', SMALL).catch(() => null);
          if (reply === null) return;
          expect(reply.status).toBe(201);
          acknowledged.add(reply.json().id);
        }
      });
      const enough = acknowledged.size + 50;
      await eventually(() => acknowledged.size).toBeGreaterThan(enough);
      await service.signal('SIGKILL');
      await Promise.all(writers);
    }
    const service = await start();
    const stored = new Set<string>();
    for (let path: string | null = '/v1/leases?page_size=1000'; path !== null; ) {
      const { items, nextPageToken } = (await service.ask('GET', path)).json();
      for (const { id } of items) stored.add(id);
      path = nextPageToken === null ? null : `/v1/leases?page_size=1000&page_token=${nextPageToken}`;
    }
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);

    // And the log of all that is one that today's scheduler would write again.
    const audit = await leasehold(['audit', join(directory(), 'data', 'leasehold.db')]);
    expect(audit.stderr).toBe('');
    expect(audit.code).toBe(0);
    expect(audit.stdout).toContain('every decision is as recorded');
  });

  it('writes many requests in few turns', async () => {
    const service = await start();
    const turn = async () => (await service.ask('GET', '/readyz')).json().turn as number;
    const before = await turn();
    const replies = await Promise.all(
      Array.from({ length: 400 }, () =>
        service.ask('POST', '/v1/leases', { ...LARGE, start: { kind: 'best-effort' } }),
      ),
    );
    expect(replies.every(({ status }) => status === 201)).toBe(true);
    expect((await turn()) - before).toBeLessThan(200);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order at %s, streams and all', async (signal) => {
    const service = await start();
    const { id } = (await service.ask('POST', '/v1/leases', SMALL)).json();
    const headers = { authorization: `Bearer ${service.token}`, accept: 'text/event-stream' };
    const stream = await fetch(`${service.url}/v1/events`, { headers });
    const { code, stderr } = await service.signal(signal);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(await stream.text()).toMatch(/^retry: 1000\n\n/);
    const next = await start();
    expect((await next.ask('GET', `/v1/leases/${id}`)).status).toBe(200);
  });

  it('ends leases on time, faster with --time-scale', async () => {
    const service = await start('--time-scale', '120');
    const { id } = (await service.ask('POST', '/v1/leases', { ...SMALL, duration: '10m' })).json();
    const lease = async () => (await service.ask('GET', `/v1/leases/${id}`)).json();
    await eventually(async () => (await lease()).state).toBe('done');
    const { firstStart, ended } = await lease();
    expect(Date.parse(ended) - Date.parse(firstStart)).toBeGreaterThanOrEqual(600_000);
  });
});

describe('leasehold serve refuses', needs('build'), () => {
  const data = () => join(directory(), 'data');
  const serve = (...args: string[]) => leasehold(['serve', '--port', '0', '--data-dir', data(), ...args]);

  it('a data directory that another process holds, and names it', async () => {
    await start();
    expect(await serve()).toMatchObject({ code: 75, stderr: expect.stringMatching(/in use by process \d+/) });
  });

  it('a port that is taken, and has written nothing then', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await leasehold(['serve', '--port', String(port), '--data-dir', data()]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} on 127.0.0.1 is in use`);
    const service = await start();
    expect((await service.ask('GET', '/readyz')).json().turn).toBe(1);
  });

  it('another site or policy than the log began with', async () => {
    const first = await start('--nodes', '2x cpu=4,memory=8GiB');
    await first.signal('SIGTERM');
    const { code, stderr } = await serve('--nodes', '3x cpu=4,memory=8GiB');
    expect(code).toBe(78);
    expect(stderr).toContain('begun with another site');
    const policy = join(directory(), 'policy.yaml');
    writeFileSync(policy, 'backfilling: conservative\n');
    expect(await serve('--policy', policy)).toMatchObject({ code: 78, stderr: expect.stringContaining('policy') });
    const again = await start('--nodes', '2x cpu=4,memory=8GiB');
    expect((await again.ask('GET', '/v1/nodes')).json().items).toHaveLength(2);
  });

  it('a token that others can read', async () => {
    const service = await start();
    await service.signal('SIGTERM');
    const token = join(data(), 'admin.token');
    expect(statSync(token).mode & 0o777).toBe(0o600);
    chmodSync(token, 0o644);
    expect(await serve()).toMatchObject({ code: 78, stderr: expect.stringContaining('chmod 600') });
  });

  it('a store that is damaged', async () => {
    mkdirSync(data(), { recursive: true });
    writeFileSync(
      join(data(), 'leasehold.db'),
      'this is no store at all, but it is long enough to look at'.repeat(100),
    );
    const ended = await serve();
    expect(ended).toMatchObject({ code: 65, stderr: expect.stringContaining('leasehold.db') });
    expect(ended.stderr).not.toContain('    at ');
  });

  it('a log that has lost its end, or all of it', async () => {
    const first = await start();
    await first.ask('POST', '/v1/leases', SMALL);
    await first.signal('SIGKILL');
    const store = join(data(), 'leasehold.db');
    const db = new Database(store);
    db.exec('DELETE FROM turns WHERE number > 1'); // the lease was acknowledged in a later one
    db.close();
    const message = expect.stringContaining('was acknowledged');
    expect(await serve()).toMatchObject({ code: 66, stderr: message });
    const audited = await leasehold(['audit', store]);
    expect(audited).toMatchObject({ code: 66, stdout: expect.stringContaining('TRUNCATED') });
    rmSync(store);
    expect(await serve()).toMatchObject({ code: 66, stderr: expect.stringContaining('is missing; by its anchor') });
  });

  it('options that make no sense', async () => {
    expect(await serve('--time-scale', '0')).toMatchObject({ code: 2 });
    expect(await serve('--nodes', 'many')).toMatchObject({ code: 2 });
    expect(await serve('--nodes', 'cpu=1', '--site', 'x')).toMatchObject({ code: 2 });
    expect(existsSync(data())).toBe(false);
  });
});

describe('secrets', needs('build'), () => {
  it('stay out of the log of the process', async () => {
    const service = await start('--log-level', 'trace');
    await service.ask('POST', '/v1/leases', SMALL);
    await service.ask('GET', `/v1/leases?page_token=${service.token}`);
    await service.ask('GET', `/${service.token}`, undefined, { cookie: service.token, 'x-token': service.token });
    await service.signal('SIGTERM');
    expect(service.stderr()).toContain('request completed');
    const lines = service
      .stderr()
      .split('\n')
      .filter((line) => line.includes(service.token) && !line.includes(`"/${service.token}"`));
    expect(lines).toEqual([]);
    expect(readFileSync(join(directory(), 'data', 'leasehold.db')).includes(service.token)).toBe(false);
  });
});
