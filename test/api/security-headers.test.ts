/** Headers that keep browsers from doing anything with the answers: on every route, whatever it answers. */

import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Service, TOKEN } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.stop());

const API = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};
/** What only TLS, careless servers or other origins would bring. */
const ABSENT = ['strict-transport-security', 'x-powered-by', 'server', 'access-control-allow-origin', 'set-cookie'];

function check(
  what: string,
  headers: Readonly<Record<string, unknown>>,
  golden: Readonly<Record<string, string>>,
): void {
  const shown = Object.fromEntries(Object.keys(golden).map((name) => [name, headers[name]]));
  expect(shown, what).toEqual(golden);
  for (const name of ABSENT) expect(headers[name], `${what} ${name}`).toBeUndefined();
}

it('are on the answers of all operations, with a token and without', async () => {
  const document = service.app.swagger() as { paths: Record<string, Record<string, unknown>> };
  let count = 0;
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of Object.keys(methods)) {
      const url = path.replace(/\{[^}]+\}/g, '1');
      for (const authorization of [undefined, `Bearer ${TOKEN}`]) {
        const headers = authorization === undefined ? {} : { authorization };
        const reply = await service.app.inject({ method: method.toUpperCase() as 'GET', url, headers });
        check(`${method} ${url} ${reply.statusCode}`, reply.headers, API);
        const type = String(reply.headers['content-type']);
        if (type.startsWith('application/json')) expect(type).toBe('application/json; charset=utf-8');
        count++;
      }
    }
  }
  expect(count).toBeGreaterThan(30);
});

it('are on what is not there, not taken, not readable, or a mistake of ours', async () => {
  for (const [method, url] of [
    ['GET', '/nowhere'],
    ['GET', '/v1/nowhere'],
    ['PUT', '/v1/leases'],
    ['OPTIONS', '/v1/leases'],
    ['GET', '/v1/leases/%zz'],
    ['GET', '/v1/openapi.json'],
    ['POST', '/v1/leases'],
  ] as const) {
    const { status, headers } = await service.ask(method as 'GET', url, method === 'POST' ? '{' : undefined);
    check(`${method} ${url} ${status}`, headers, API);
  }
  const broken = await Service.start();
  broken.follower.records.get = () => {
    throw new Error('on purpose');
  };
  const { status, headers, text } = await broken.ask('GET', '/v1/leases/L1');
  expect(status).toBe(500);
  expect(text).not.toContain('on purpose');
  check('500', headers, API);
  await broken.stop();
});

it('are on streams', async () => {
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = service.app.server.address() as AddressInfo;
  for (const accept of ['text/event-stream', 'application/x-ndjson']) {
    const ended = new AbortController();
    const headers = { authorization: `Bearer ${TOKEN}`, accept };
    const reply = await fetch(`http://127.0.0.1:${port}/v1/events?follow=true`, { headers, signal: ended.signal });
    check(accept, Object.fromEntries(reply.headers), API);
    ended.abort();
  }
});

it('let the page at /docs load what is its own, and nothing else', async () => {
  const { headers, statusCode } = await service.app.inject({ url: '/docs/' });
  expect(statusCode).toBe(200);
  const policy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'";
  check('/docs/', headers, { ...API, 'content-security-policy': policy });
});
