/** The service's own log: a line a request and a decision, no secrets, and no line that breaks. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { cleaned } from '../../api/log.js';
import { eventually } from '../support/eventually.js';
import { Service, SMALL } from '../support/service.js';
import { heardStderr } from '../support/stderr.js';

let service: Service;
let written: string[] = [];
beforeEach(async () => {
  written = heardStderr();
  service = await Service.start({ logLevel: 'debug' });
});
afterEach(async () => {
  await service.stop();
  vi.restoreAllMocks();
});

const lines = (): Record<string, unknown>[] =>
  written.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
const CANARY = 'c4n4ry-0123456789abcdef';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

it('tells of a request who, what, how long, and what it has led to', async () => {
  const headers = { traceparent: `00-${TRACE}-${SPAN}-01` };
  const { body } = await service.ask('GET', '/v1/leases?nonsense=1');
  expect(body.code).toBe('query-invalid');
  const created = await service.ask('POST', '/v1/leases', SMALL, headers);
  const { id } = created.body;
  await service.ask('GET', `/v1/leases/${id}`);
  await eventually(() => lines().filter(({ msg }) => msg === 'request completed')).toHaveLength(3);
  const [refused, accepted, read] = lines().filter(({ msg }) => msg === 'request completed');
  expect(refused).toMatchObject({ level: 30, method: 'GET', path: '/v1/leases', status: 400, subject: 'admin' });
  expect(accepted).toMatchObject({
    status: 201,
    lease: id,
    trace_id: TRACE,
    span_id: SPAN,
    requestId: expect.any(String),
  });
  expect(`"${accepted!.turn}"`).toBe(created.headers.etag);
  expect(read).toMatchObject({ method: 'GET', status: 200, lease: id });
  expect(read).not.toHaveProperty('turn');
  expect(accepted!.ms).toBeGreaterThan(0);
});

it('tells of every decision its turn, its lease and what it is', async () => {
  const { id } = await service.lease();
  await service.until(id, 'active');
  const decisions = lines().filter(({ msg }) => msg === 'decision');
  expect(decisions).toContainEqual(
    expect.objectContaining({ level: 20, decision: 'StartOrdered', lease: id, turn: expect.any(Number) }),
  );
});

it('holds no secret, wherever one was put', async () => {
  const token = `lh_abcdefgh_${CANARY}${CANARY}_abc123`;
  const secrets = [token, `Bearer ${CANARY}`, `postgresql://user:${CANARY}@host/db`, `Basic ${CANARY}`];
  for (const secret of secrets) {
    const headers = { authorization: secret, cookie: `a=${secret}`, 'x-other': secret, 'idempotency-key': 'k' };
    await service.app.inject({ url: `/v1/leases?token=${encodeURIComponent(secret)}`, headers });
    await service.app.inject({ url: `/v1/leases/${token}`, headers });
    service.app.log.error({ headers, password: CANARY, err: new Error(`cannot: ${secret}`) }, secret);
  }
  await eventually(() => written.length).toBeGreaterThan(11);
  expect(written.join('')).not.toContain(CANARY);
});

it('is a line of JSON each, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = cleaned(JSON.stringify({ text, steering: `${text}\u009b31m\u2028\u202e\u007f` }));
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
      JSON.parse(line);
    }),
    { numRuns: 500 },
  );
});
