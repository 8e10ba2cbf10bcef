/** API tokens: shown once, limited to what their maker has, gone when revoked, and useless to those who guess. */

import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Failures, FAILURES_MAX, networkOf } from '../../api/access/failures.js';
import { newToken, readToken } from '../../api/access/token-text.js';
import { Tokens } from '../../api/access/tokens.js';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { encodeTurn } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { type Reply, Service, SMALL, TOKEN } from '../support/service.js';

let service: Service;
const started: Service[] = [];
async function start(options: Parameters<typeof Service.start>[0] = {}): Promise<Service> {
  service = await Service.start(options);
  started.push(service);
  return service;
}
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

type Ask = (method: 'GET' | 'POST' | 'DELETE' | 'PATCH', url: string, body?: unknown) => Promise<Reply>;
const as =
  (token: string): Ask =>
  (method, url, body) =>
    service.ask(method, url, body, { authorization: `Bearer ${token}` });

async function tokenFor(request: Record<string, unknown>): Promise<{ id: string; token: string; ask: Ask }> {
  const { status, body } = await service.ask('POST', '/v1/tokens', request);
  expect(status, JSON.stringify(body)).toBe(201);
  return { id: body.id, token: body.token, ask: as(body.token) };
}
const project = (name: string) => service.ask('POST', '/v1/projects', { name });

describe('a token', () => {
  it('is 256 random bits with an id and a check, of which the log holds the hash alone', async () => {
    const log = new MemoryLog();
    await start({ store: new MemoryStore(log) });
    const { id, token } = await tokenFor({ subject: 'ann', roles: ['user'], name: 'laptop' });
    expect(token).toMatch(/^lh_[a-z0-9]{8}_[A-Za-z0-9_-]{43}_[A-Za-z0-9_-]{6}$/);
    const secret = token.slice(12, 55);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    let text = '';
    for await (const turn of new MemoryStore(log).read(0)) text += encodeTurn(turn);
    expect(text).toContain(`token/${id}`);
    expect(text).not.toContain(secret);
    const { text: shown } = await service.ask('GET', `/v1/tokens/${id}`);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('hash');
  });

  it('is refused when a letter of it is another', async () => {
    await start();
    const { token, ask } = await tokenFor({ subject: 'ann', roles: ['user'] });
    expect((await ask('GET', '/v1/leases')).status).toBe(200);
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === 'a' ? 'b' : 'a';
      expect(readToken(token.slice(0, at) + other + token.slice(at + 1)), String(at)).toBeNull();
    }
    // The check of another secret fits; the secret does not.
    const forged = newToken();
    expect((await as(forged.text.replace(forged.id, token.slice(3, 11)))('GET', '/v1/leases')).status).toBe(401);
    expect((await as(forged.text)('GET', '/v1/leases')).status).toBe(401);
  });

  it('says who he is, and what he may', async () => {
    await start();
    await project('red');
    const { id, ask } = await tokenFor({ subject: 'ann', project: 'red', roles: ['user'], scopes: ['leases:read'] });
    expect((await ask('GET', '/v1/me')).body).toMatchObject({
      subject: 'ann',
      roles: ['user'],
      projects: ['red'],
      scopes: ['leases:read'],
      authenticated: 'token',
      token: id,
    });
    expect((await ask('POST', '/v1/leases', SMALL)).body).toMatchObject({ code: 'forbidden' });
    expect((await service.ask('GET', '/v1/me')).body).toMatchObject({ subject: 'admin', token: null, expires: null });
  });

  it('lasts 90 days, or as asked for, at most 366', async () => {
    await start();
    const days = async (request: object): Promise<number> => {
      const { body } = await service.ask('POST', '/v1/tokens', { subject: 'ann', roles: ['user'], ...request });
      return (Date.parse(body.expires) - Date.parse(body.created)) / 86_400_000;
    };
    expect(await days({})).toBe(90);
    expect(await days({ expiresIn: '366d' })).toBe(366);
    const tooLong = await service.ask('POST', '/v1/tokens', { expiresIn: 367 * 86_400 });
    expect(tooLong.body).toMatchObject({ code: 'request-invalid', errors: [{ pointer: '/expiresIn' }] });
  });

  it('is over when its time is over', () => {
    const { id, text, hash } = newToken();
    let now = 1_000;
    const kept = {
      hash,
      name: '',
      subject: 'ann',
      project: null,
      roles: ['user'],
      scopes: null,
      created: 0,
      expires: 2_000,
    };
    const notes = new Map([[`token/${id}`, JSON.stringify({ ...kept, by: 'admin', revoked: null })]]);
    const tokens = new Tokens(
      () => notes,
      () => now,
    );
    expect(tokens.authenticate(text)?.subject).toBe('ann');
    now = 2_000;
    expect(tokens.authenticate(text)).toBeNull();
    now = 1_000;
    notes.delete(`token/${id}`);
    expect(tokens.authenticate(text)).toBeNull();
  });

  it('works after a restart, on every service of the log, and nowhere once it is revoked', async () => {
    const log = new MemoryLog();
    await start({ store: new MemoryStore(log) });
    const { id, token } = await tokenFor({ subject: 'ann', roles: ['user'] });
    await started.pop()!.stop();
    await start({ store: new MemoryStore(log) });
    expect((await as(token)('GET', '/v1/leases')).status).toBe(200);
    expect((await service.ask('DELETE', `/v1/tokens/${id}`)).body).toMatchObject({ state: 'revoked' });
    expect((await as(token)('GET', '/v1/leases')).status).toBe(401);
    const { revoked } = (await service.ask('GET', `/v1/tokens/${id}`)).body;
    expect((await service.ask('DELETE', `/v1/tokens/${id}`)).body.revoked).toEqual(revoked);
    await started.pop()!.stop();
    await start({ store: new MemoryStore(log) });
    expect((await as(token)('GET', '/v1/leases')).status).toBe(401);
  });

  it('that is revoked ends the streams that were opened with it, and no others', async () => {
    await start();
    const auditor = await tokenFor({ subject: 'eve', roles: ['auditor'] });
    const other = await tokenFor({ subject: 'eve', roles: ['auditor'] });
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.app.server.address() as { port: number };
    const follow = async (token: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/v1/events?follow=true`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(200);
      const reader = response.body!.getReader();
      await reader.read();
      const stream = { ended: false, stop: () => reader.cancel() };
      (async () => {
        while (!(await reader.read()).done);
      })()
        .catch(() => {})
        .finally(() => {
          stream.ended = true;
        });
      return stream;
    };
    const [first, second] = [await follow(auditor.token), await follow(other.token)];
    const revokedAt = performance.now();
    await service.ask('DELETE', `/v1/tokens/${auditor.id}`);
    await eventually(() => first.ended).toBe(true);
    expect(performance.now() - revokedAt).toBeLessThan(25_000);
    expect(second.ended).toBe(false);
    await second.stop();
  }, 70_000);
});

describe('whoever makes a token', () => {
  it('gives no more than he has', async () => {
    await start();
    await project('red');
    await project('blue');
    const ann = await tokenFor({ subject: 'ann', project: 'red', roles: ['user'] });
    const boss = await tokenFor({ subject: 'bob', project: 'red', roles: ['project-admin'] });
    const narrow = await tokenFor({
      subject: 'ann',
      project: 'red',
      roles: ['user'],
      scopes: ['tokens:write', 'leases:read'],
    });
    const auditor = await tokenFor({ subject: 'eve', roles: ['auditor'] });
    const make = async ({ ask }: { ask: Ask }, request: object) => (await ask('POST', '/v1/tokens', request)).status;
    expect(await make(ann, {})).toBe(201);
    expect(await make(ann, { roles: ['viewer'] })).toBe(201);
    expect(await make(ann, { roles: ['project-admin'] })).toBe(403);
    expect(await make(ann, { roles: ['operator'] })).toBe(403);
    expect(await make(ann, { subject: 'carl' })).toBe(403);
    expect(await make(ann, { project: 'blue' })).toBe(403);
    expect(await make(ann, { project: 'green' })).toBe(403);
    expect(await make(ann, { scopes: ['cluster:write'] })).toBe(403);
    expect(await make(boss, { subject: 'carl', roles: ['user'] })).toBe(201);
    expect(await make(boss, { subject: 'carl', roles: ['operator'] })).toBe(403);
    expect(await make(boss, { subject: 'carl', project: 'blue', roles: ['user'] })).toBe(403);
    expect(await make(narrow, { scopes: ['leases:write'] })).toBe(403);
    expect(await make(auditor, {})).toBe(403);
    const { body } = await narrow.ask('POST', '/v1/tokens', {});
    expect(body.scopes.sort()).toEqual(['leases:read', 'tokens:write']);
  });

  it('with a token makes none that outlives it', async () => {
    await start();
    const ann = await tokenFor({ subject: 'ann', roles: ['user'], expiresIn: '1h' });
    const { body: first } = await ann.ask('GET', `/v1/tokens/${ann.id}`);
    expect((await ann.ask('POST', '/v1/tokens', { expiresIn: '30d' })).body.expires).toBe(first.expires);
  });

  it('sees his own, project admins those of their projects, operators all; nobody else knows of them', async () => {
    await start();
    await project('red');
    await project('blue');
    const ann = await tokenFor({ subject: 'ann', project: 'red', roles: ['user'] });
    const carl = await tokenFor({ subject: 'carl', project: 'red', roles: ['user'] });
    const boss = await tokenFor({ subject: 'bob', project: 'red', roles: ['project-admin'] });
    const blue = await tokenFor({ subject: 'ann', project: 'blue', roles: ['user'] });
    const seen = async ({ ask }: { ask: Ask }) =>
      (await ask('GET', '/v1/tokens')).body.items.map(({ id }: { id: string }) => id);
    expect(await seen(ann)).toEqual([ann.id]);
    expect(await seen(boss)).toEqual([ann.id, carl.id, boss.id]);
    expect(await seen({ ask: as(TOKEN) })).toEqual([ann.id, carl.id, boss.id, blue.id]);
    const foreign = await ann.ask('DELETE', `/v1/tokens/${carl.id}`);
    const unknown = await ann.ask('DELETE', '/v1/tokens/aaaaaaaa');
    expect(foreign.status).toBe(404);
    expect({ ...foreign.body, requestId: '', instance: '' }).toEqual({ ...unknown.body, requestId: '', instance: '' });
    expect((await boss.ask('DELETE', `/v1/tokens/${carl.id}`)).status).toBe(200);
    expect((await carl.ask('GET', '/v1/me')).status).toBe(401);
    expect((await ann.ask('DELETE', `/v1/tokens/${ann.id}`)).status).toBe(200);
  });

  it('finds them page by page', async () => {
    await start();
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push((await tokenFor({ subject: 'ann', roles: ['user'] })).id);
    const found: string[] = [];
    for (let url: string | null = '/v1/tokens?page_size=3'; url !== null; ) {
      const { body }: Reply = await service.ask('GET', url);
      found.push(...body.items.map(({ id }: { id: string }) => id));
      url = body.nextPageToken === null ? null : `/v1/tokens?page_size=3&page_token=${body.nextPageToken}`;
    }
    expect(found.sort()).toEqual(ids.sort());
  });
});

describe('guessing', () => {
  it('is answered 429 from the eleventh failure on, and keeps nobody out who has a token', async () => {
    await start();
    const { token, ask } = await tokenFor({ subject: 'ann', roles: ['user'] });
    for (let i = 0; i < FAILURES_MAX; i++) expect((await as(newToken().text)('GET', '/v1/leases')).status).toBe(401);
    for (let i = 0; i < 5; i++) {
      const reply = await as(newToken().text)('GET', '/v1/leases');
      expect(reply.status).toBe(429);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await ask('GET', '/v1/leases')).status).toBe(200);
    expect((await as(TOKEN)('GET', '/v1/leases')).status).toBe(200);
    const elsewhere = await service.app.inject({
      url: '/v1/leases',
      remoteAddress: '10.1.2.3',
      headers: { authorization: `Bearer ${token.slice(0, -1)}` },
    });
    expect(elsewhere.statusCode).toBe(401);
  });

  it('of one token counts wherever it is done', async () => {
    await start();
    const { id, ask } = await tokenFor({ subject: 'ann', roles: ['user'] });
    const guess = async (from: number) => {
      const { body, statusCode } = await service.app.inject({
        url: '/v1/leases',
        remoteAddress: `10.0.0.${from}`,
        headers: { authorization: `Bearer ${forgedFor(id)}` },
      });
      return { statusCode, body };
    };
    for (let i = 0; i < FAILURES_MAX; i++) expect((await guess(i)).statusCode).toBe(401);
    expect((await guess(99)).statusCode).toBe(429);
    expect((await ask('GET', '/v1/leases')).status).toBe(200);
  });

  it('waits longer each time, up to five minutes, and begins anew after a rest', () => {
    let now = 0;
    const failures = new Failures(() => now);
    const untilRefused = () => {
      for (let i = 0; i < 100; i++) {
        const wait = failures.count('x');
        if (wait > 0) return wait;
      }
      return 0;
    };
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      waits.push(untilRefused() / 1000);
      now += waits.at(-1)! * 1000;
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
    now += 600_000;
    expect(untilRefused()).toBe(10_000);
  });

  it('from many addresses takes no more memory than from some', () => {
    const failures = new Failures(() => 0);
    for (let i = 0; i < 50_000; i++) failures.count(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    expect((failures as unknown as { counts: Map<string, unknown> }).counts.size).toBe(10_000);
  });

  it('from one network of IPv6 is from one place', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:db8:1:2::6')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:db8::6')).toBe('2001:db8:0:0::/64');
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
    expect(networkOf('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(networkOf('10.0.0.1')).toBe('10.0.0.1');
  });

  it('with one token is limited like that from one address', async () => {
    await start({ limits: { rateMax: 5 } });
    const { token } = await tokenFor({ subject: 'ann', roles: ['user'] });
    const from = async (i: number) =>
      (
        await service.app.inject({
          url: '/v1/me',
          remoteAddress: `10.0.0.${i}`,
          headers: { authorization: `Bearer ${token}` },
        })
      ).statusCode;
    for (let i = 0; i < 5; i++) expect(await from(i)).toBe(200);
    expect(await from(99)).toBe(429);
  });
});

/** A token that is well written, has this id, and a secret of its own. */
function forgedFor(id: string): string {
  const body = `lh_${id}_${newToken().text.slice(12, 55)}`;
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return `${body}_${check.toString('base64url')}`;
}
