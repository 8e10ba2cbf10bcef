/** How the service does, its health from the first moment on, and its limits: each is published, and holds. */

import { connect, type AddressInfo } from 'node:net';
import { Compile } from 'typebox/compile';
import { afterEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../api/config.js';
import { Diagnostics } from '../../api/schemas/operation.js';
import { SECURITY_HEADERS } from '../../api/security-headers.js';
import { WEBHOOK_LIMITS } from '../../api/webhooks/limits.js';
import { eventually } from '../support/eventually.js';
import { type Reply, Service, type ServiceOptions, SMALL, TOKEN } from '../support/service.js';

let service: Service;
afterEach(() => service.stop());

async function start(options: ServiceOptions = {}): Promise<Service> {
  service = await Service.start(options);
  return service;
}

describe('health', () => {
  it('tells how far the history has been read, and when it has', async () => {
    service = await Service.prepare();
    const early = await service.ask('GET', '/startupz');
    expect(early.status).toBe(503);
    expect(early.body).toMatchObject({ code: 'not-ready', turn: 0 });
    expect((await service.ask('GET', '/readyz')).status).toBe(503);
    expect((await service.ask('GET', '/livez')).status).toBe(200);
    expect((await service.ask('GET', '/v1/diagnostics')).body.service.ready).toBe(false);
    await service.ready;
    await eventually(async () => (await service.ask('GET', '/startupz')).body).toEqual({ status: 'ok', turn: 1 });
  });

  it('is answered also when there is too much to do', async () => {
    await start({
      limits: { requestsMax: 2, answerMs: 4_000 },
      toLoop: (message) => (message.type === 'command' ? null : message),
    });
    // It is turned away before anything is made of it: only who comes over a socket.
    const site = await service.app.listen({ port: 0 });
    const stuck = [1, 2].map(() => service.ask('POST', '/v1/leases', SMALL));
    const read = () => fetch(`${site}/v1/nodes?x=/livez`);
    await eventually(async () => (await read()).status).toBe(503);
    const reply = await read();
    expect(await reply.json()).toMatchObject({ code: 'busy', retryable: true, requestId: '' });
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      ...SECURITY_HEADERS,
      'retry-after': '1',
      'content-type': 'application/problem+json',
    });
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics', '/livez?x=1'])
      expect((await fetch(`${site}${path}`)).status, path).toBe(200);
    for (const { body } of await Promise.all(stuck)) expect(body.code).toBe('outcome-unknown');
    expect((await service.ask('GET', '/v1/nodes')).status).toBe(200);
  });
});

describe('diagnostics', () => {
  it('tell of turns, leases, the log and memory', async () => {
    await start();
    const first = await service.lease({ vms: 4, resources: { cpu: 8 } });
    await service.until(first.id, 'active');
    await service.lease({ vms: 4, resources: { cpu: 8 } });
    const { body, status } = await service.ask('GET', '/v1/diagnostics');
    expect(status).toBe(200);
    expect([...Compile(Diagnostics).Errors(body)]).toEqual([]);
    expect(body.schedule).toMatchObject({
      queueDepth: 1,
      leases: expect.arrayContaining([
        { kind: 'best-effort', state: 'active', count: 1 },
        { kind: 'best-effort', state: 'waiting', count: 1 },
      ]),
      unplaced: [{ reason: 'in-queue', count: 1 }],
    });
    expect(body.schedule.turns.count).toBe(body.store.turn);
    expect(body.store.appends.count).toBe(body.store.turn);
    expect(body.memory.residentBytes).toBeGreaterThan(1_000_000);
  });
});

describe('every limit that is published', () => {
  const numbers = (count: number, item = '1') => `[${Array.from({ length: count }, () => item).join()}]`;
  const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"m${i}":1`).join()}}`;
  const post = (body: string) => service.ask('POST', '/v1/leases', body);
  const lease = (change: object) => service.ask('POST', '/v1/leases', { ...SMALL, ...change });
  const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();
  const headers = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-header-${i}`, 'x']));

  /** By name: a request just beyond the limit. */
  const BEYOND: Record<string, () => Promise<Reply>> = {
    body: () => post(`"${'x'.repeat(LIMITS.bodyBytes)}"`),
    'json-depth': () => post(`${'['.repeat(17)}${']'.repeat(17)}`),
    'json-members': () => post(`{"labels":${members(257)}}`),
    'json-items': () => post(`{"groups":${numbers(1025)}}`),
    'json-string': () => post(`{"name":"${'x'.repeat(32_769)}"}`),
    url: () => service.ask('GET', `/v1/leases?page_token=${'x'.repeat(2048)}`),
    'path-part': () => service.ask('GET', `/v1/leases/${'x'.repeat(129)}`),
    headers: () => service.ask('GET', '/v1/leases', undefined, headers(65)),
    'page-size': () => service.ask('GET', '/v1/leases?page_size=1001'),
    labels: () => lease({ labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, 'x'])) }),
    'lease-duration-least': () => lease({ duration: 'PT0.999S' }),
    'lease-duration': () => lease({ duration: 367 * 24 * 3600 }),
    'start-ahead': () => lease({ start: { kind: 'advance', at: hours(24 * 366 * 6) } }),
    webhooks: async () => {
      const one = () => service.ask('POST', '/v1/webhooks', { url: 'http://127.0.0.1:9999/' });
      for (let i = 0; i < WEBHOOK_LIMITS.perOwner; i++) expect((await one()).status).toBe(201);
      return one();
    },
  };
  /** Shown elsewhere: above, in problems.test.ts, and in the tests of streams and of the real process. */
  const ELSEWHERE = [
    ...['header', 'rate', 'requests', 'commands-waiting', 'connections', 'streams', 'answer-time', 'request-time'],
    ...['header-time', 'keep-alive', 'idle', 'webhooks-all', 'images'],
  ];

  it('is answered with the problem that it names, and not a step before', async () => {
    await start();
    const { body } = await service.ask('GET', '/v1/limits');
    const published = body.items as { name: string; problem: string }[];
    expect(published.map(({ name }) => name).sort()).toEqual([...Object.keys(BEYOND), ...ELSEWHERE].sort());
    for (const { name, problem } of published) {
      const beyond = BEYOND[name];
      if (beyond !== undefined) expect((await beyond()).body.code, name).toBe(problem);
    }
    for (const near of [
      `{"labels":${members(256)}}`,
      `{"groups":${numbers(1024)}}`,
      `{"name":"${'x'.repeat(32_768)}"}`,
      `${'['.repeat(16)}${']'.repeat(16)}`,
    ])
      expect((await post(near)).body.code).toBe('request-invalid');
    expect((await service.ask('GET', '/v1/leases', undefined, headers(50))).status).toBe(200);
    expect((await lease({ duration: 'PT1S' })).status).toBe(201);
  });

  it('holds for headers as they come over a socket', async () => {
    await start();
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.app.server.address() as AddressInfo;
    const answerTo = (lines: readonly string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1').setEncoding('utf8').once('error', reject);
        const fixed = ['GET /v1/limits HTTP/1.1', 'Host: x', 'Connection: close', `Authorization: Bearer ${TOKEN}`];
        socket.end([...fixed, ...lines, '', ''].join('\r\n'));
        let text = '';
        socket.on('data', (some) => {
          text += String(some);
        });
        socket.once('close', () => resolve(text.split('\r\n', 1)[0]!));
      });
    const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: x`);
    expect(await answerTo(many(61))).toBe('HTTP/1.1 200 OK');
    expect(await answerTo(many(62))).toContain('431');
    expect(await answerTo(many(500))).toContain('431');
    expect(await answerTo([`X: ${'x'.repeat(17_000)}`])).toContain('431');
  });
});
