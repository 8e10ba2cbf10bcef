/** Every error code: reached by a request that deserves it, in the form of RFC 9457, and explained in docs/errors.md. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../adapters/event-store/errors.js';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { type Hypervisor, HypervisorError } from '../../adapters/libvirt/hypervisor.js';
import { lookAtHost } from '../../adapters/libvirt/look.js';
import { Oidc } from '../../api/access/oidc.js';
import { Hosts } from '../../api/hosts/hosts.js';
import { PROBLEMS, type ProblemCode } from '../../api/problems.js';
import type { Appended, Turn } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { type Reply, Service, type ServiceOptions, SMALL, TOKEN } from '../support/service.js';

const seen = new Set<string>();
let service: Service | null = null;

async function start(options: ServiceOptions = {}): Promise<Service> {
  service = await Service.start(options);
  return service;
}

afterEach(async () => {
  await service?.stop();
  service = null;
});

function expectProblem(reply: Reply, code: ProblemCode): void {
  expect(reply.body, reply.text).toMatchObject({ code });
  seen.add(code);
  expect(reply.status).toBe(PROBLEMS[code].status);
  expect(reply.headers['content-type']).toContain('application/problem+json');
  expect(reply.body).toMatchObject({
    type: `urn:leasehold:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    retryable: reply.headers['retry-after'] !== undefined,
    errors: expect.any(Array),
  });
  expect(typeof reply.body.detail).toBe('string');
}

describe('a request that is not acceptable', () => {
  it.each([
    ['json-invalid', ''],
    ['json-invalid', '{'],
    ['json-invalid', '{"vms":1,"vms":2}'],
    ['json-invalid', '{"vms":1,"\\u0076ms":2}'],
    ['json-invalid', '{"__proto__":{}}'],
    ['json-invalid', '{"labels":{"constructor":"x"}}'],
    ['json-invalid', '\ufeff{}'],
    ['json-invalid', '{"name":"\\ud800"}'],
    ['json-invalid', `${'['.repeat(17)}${']'.repeat(17)}`],
    ['json-invalid', `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    ['request-invalid', 'null'],
    ['request-invalid', '[]'],
    ['request-invalid', '{}'],
    ['body-too-large', `"${'x'.repeat(70_000)}"`],
  ] as const)('is %s (%#)', async (code, body) => {
    const { ask } = await bound();
    expectProblem(await ask('POST', '/v1/leases', body), code);
  });

  it('names every member at fault by its pointer', async () => {
    const { ask } = await bound();
    const faults = async (change: Record<string, unknown>): Promise<string[]> => {
      const reply = await ask('POST', '/v1/leases', { ...SMALL, ...change });
      expectProblem(reply, 'request-invalid');
      return reply.body.errors.map(({ pointer }: { pointer: string }) => pointer);
    };
    expect(await faults({ vms: 0 })).toEqual(['/vms']);
    expect(await faults({ vms: '2' })).toEqual(['/vms']);
    expect(await faults({ vms: 1.5, nonsense: 1 })).toEqual(['/nonsense', '/vms']);
    expect(await faults({ vms: undefined })).toEqual(['/vms']);
    expect(await faults({ duration: undefined })).toEqual(['/duration']);
    expect(await faults({ duration: true })).toEqual(['/duration']);
    expect(await faults({ duration: 'P1M' })).toEqual(['/duration']);
    expect(await faults({ duration: 0 })).toEqual(['/duration']);
    expect(await faults({ duration: '9999999h' })).toEqual(['/duration']);
    expect(await faults({ resources: { cpu: 1.0001 } })).toEqual(['/resources/cpu']);
    expect(await faults({ resources: { cpu: 1, memory: 5, fpga: 1 } })).toEqual([
      '/resources/memory',
      '/resources/fpga',
    ]);
    expect(await faults({ resources: { cpu: -1 } })).toEqual(['/resources/cpu']);
    expect(await faults({ resources: { cpu: 0 } })).toEqual(['/resources']);
    expect(await faults({ resources: {} })).toEqual(['/resources']);
    expect(await faults({ start: { kind: 'advance' } })).toEqual(['/start/at']);
    expect(await faults({ start: { kind: 'advance', at: 5 } })).toEqual(['/start/at']);
    expect(await faults({ start: { kind: 'advance', at: '2099-01-01 10:00' } })).toEqual(['/start/at']);
    expect(await faults({ start: { kind: 'advance', at: '2027-02-30T00:00:00Z' } })).toEqual(['/start/at']);
    expect(await faults({ start: { kind: 'advance', at: '2999-01-01T00:00:00Z' } })).toEqual(['/start/at']);
    expect(await faults({ start: { kind: 'sometime' } })).toEqual(['/start/kind']);
    expect(await faults({ start: { kind: 'immediate', at: 'x' } })).toEqual(['/start/at']);
    expect(await faults({ start: 'now' })).toEqual(['/start']);
    expect(await faults({ name: 'Not A Name' })).toEqual(['/name']);
    expect(await faults({ labels: { 'a b': 'x' } })).toEqual(['/labels/a b']);
    expect(await faults({ groups: [{ vms: 1, resources: { cpu: 1 } }] })).toEqual(['/vms', '/resources']);
    expect(await faults({ vms: undefined, resources: undefined, groups: [{ vms: 1 }] })).toEqual([
      '/groups/0/resources',
    ]);
    const zero = { vms: undefined, resources: undefined, groups: [{ vms: 1, resources: { cpu: 0 } }] };
    expect(await faults(zero)).toEqual(['/groups/0/resources']);
  });

  it('begins in the past', async () => {
    const { ask } = await bound();
    for (const begin of [
      { kind: 'advance', at: '2020-01-01T00:00:00Z' },
      { kind: 'best-effort', before: '2020-01-01T00:00:00+02:00' },
      { kind: 'deadline', by: new Date(Date.now() + 60_000).toISOString() },
    ]) {
      const reply = await ask('POST', '/v1/leases', { ...SMALL, start: begin });
      expectProblem(reply, 'start-in-past');
      expect(reply.body.errors[0].pointer).toMatch(/^\/start\/(at|before|by)$/);
    }
  });

  it('has parameters or headers that are not valid', async () => {
    const { ask } = await bound();
    for (const url of [
      '/v1/leases?page_size=0',
      '/v1/leases?page_size=1e2',
      '/v1/leases?page_size=1001',
      '/v1/leases?page_token=zz',
      '/v1/leases?state=asleep',
      '/v1/leases?state=waiting&state=active',
      '/v1/leases?nonsense=1',
      '/v1/schedule?from=yesterday',
      '/v1/schedule?from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z',
      '/v1/events?after=-1',
      '/v1/events?after=99999',
      '/v1/nodes/0/drain',
    ]) {
      expectProblem(await ask(url.endsWith('drain') ? 'POST' : 'GET', url), 'query-invalid');
    }
    expectProblem(await ask('POST', '/v1/leases', SMALL, { 'idempotency-key': 'x'.repeat(129) }), 'query-invalid');
    expectProblem(await ask('GET', '/v1/events', undefined, { 'last-event-id': 'x' }), 'query-invalid');
  });

  it('goes nowhere, or with a method that is not taken there', async () => {
    const { ask } = await bound();
    expectProblem(await ask('GET', '/v2/leases'), 'route-unknown');
    expectProblem(await ask('GET', `/v1/leases/${'x'.repeat(200)}`), 'route-unknown');
    expectProblem(await ask('GET', `/v1/leases?page_token=${'x'.repeat(2048)}`), 'url-too-long');
    const reply = await ask('PUT', '/v1/leases/L1');
    expectProblem(reply, 'method-not-allowed');
    expect(reply.headers.allow).toContain('DELETE');
    expectProblem(await ask('GET', '/v1/leases', undefined, { accept: 'image/png' }), 'not-acceptable');
    expectProblem(await ask('GET', '/v1/leases/%zz'), 'http-invalid');
  });

  it('is not JSON by its own word', async () => {
    const { ask } = await bound();
    const reply = await ask('POST', '/v1/leases', '<lease/>', { 'content-type': 'application/xml' });
    expectProblem(reply, 'media-type-unsupported');
    const gzip = await ask('POST', '/v1/leases', '{}', { 'content-encoding': 'gzip' });
    expectProblem(gzip, 'media-type-unsupported');
  });

  it('has no token, or another one', async () => {
    const { ask, app } = await bound();
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
      const reply = await ask('GET', '/v1/leases', undefined, { authorization });
      expectProblem(reply, 'token-required');
      expect(reply.headers['www-authenticate']).toBe('Bearer');
    }
    for (const open of ['/v1/openapi.json', '/livez', '/readyz', '/docs/']) {
      expect((await app.inject({ url: open })).statusCode, open).toBe(200);
    }
  });

  it('holds a token where others would read it', async () => {
    const { ask, service } = await bound();
    const token = await service.token({ subject: 'ann', roles: ['user'] });
    const authorization = `Bearer ${token}`;
    const misplaced = [
      await ask('GET', `/v1/leases?access_token=${token}`),
      await ask('GET', `/v1/leases/${token}`, undefined, { authorization }),
      await ask('GET', `/${token.replace('lh_', '%6ch_')}`, undefined, { authorization: '' }),
      await ask('POST', '/v1/leases', { ...SMALL, labels: { note: token } }, { authorization }),
      await ask('POST', '/v1/leases', { ...SMALL, labels: { note: TOKEN } }),
      await ask('POST', '/v1/leases', SMALL, { 'idempotency-key': TOKEN }),
      await ask('GET', '/v1/leases', undefined, { 'x-api-key': token }),
    ];
    for (const reply of misplaced) {
      expectProblem(reply, 'token-misplaced');
      expect(reply.text).not.toContain(token.slice(12, 55));
    }
  });

  it('cannot be checked, since the issuer does not answer; API tokens still work', async () => {
    const gone = { issuer: 'http://127.0.0.1:1', audience: 'leasehold', claims: {}, roles: {} };
    const { ask, service } = await bound({ issuer: () => new Oidc(gone, () => true) });
    const token = await service.token({ subject: 'ann', roles: ['user'] });
    const signed = [{ alg: 'RS256' }, { sub: 'ann' }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const reply = await ask('GET', '/v1/leases', undefined, {
      authorization: `Bearer ${signed.join('.')}.c2lnbmF0dXJl`,
    });
    expectProblem(reply, 'issuer-unavailable');
    expect((await ask('GET', '/v1/leases', undefined, { authorization: `Bearer ${token}` })).status).toBe(200);
  });

  it('is more than the caller may', async () => {
    const { ask, service } = await bound();
    const authorization = `Bearer ${await service.token({ subject: 'ann', roles: ['viewer'] })}`;
    expect((await ask('GET', '/v1/leases', undefined, { authorization })).status).toBe(200);
    expectProblem(await ask('POST', '/v1/leases', SMALL, { authorization }), 'forbidden');
    expectProblem(await ask('DELETE', '/v1/nodes/1', undefined, { authorization }), 'forbidden');
    expectProblem(await ask('GET', '/v1/audit/head', undefined, { authorization }), 'forbidden');
  });

  it('comes too often', async () => {
    const { ask } = await bound({ limits: { rateMax: 3 } });
    for (let i = 0; i < 3; i++) expect((await ask('GET', '/v1/leases')).status).toBe(200);
    expectProblem(await ask('GET', '/v1/leases'), 'rate-limited');
    expect((await ask('GET', '/livez')).status).toBe(200);
  });
});

describe('a request about something that is not there or not so', () => {
  it('is answered by code: access', async () => {
    const { ask } = await bound();
    expectProblem(await ask('GET', '/v1/tokens/abcdefgh'), 'token-unknown');
    expectProblem(await ask('DELETE', '/v1/tokens/abcdefgh'), 'token-unknown');
    expectProblem(await ask('GET', '/v1/projects/red'), 'project-unknown');
    expectProblem(
      await ask('POST', '/v1/tokens', { subject: 'ann', project: 'red', roles: ['user'] }),
      'project-unknown',
    );
    expect((await ask('POST', '/v1/projects', { name: 'red' })).status).toBe(201);
    expectProblem(await ask('POST', '/v1/projects', { name: 'red' }), 'project-exists');
    await ask('POST', '/v1/tokens', { subject: 'ann', project: 'red', roles: ['user'] });
    expectProblem(await ask('DELETE', '/v1/projects/red'), 'project-in-use');
  });

  it('is about a webhook', async () => {
    const log = new MemoryLog();
    const first = await Service.start({ store: new MemoryStore(log) });
    const { body } = await first.ask('POST', '/v1/webhooks', { url: 'http://127.0.0.1:9999/' });
    await first.stop();
    const webhooks = { key: Buffer.alloc(32, 8), perOwner: 1 };
    const { ask } = await bound({ store: new MemoryStore(log), webhooks });
    expectProblem(await ask('POST', `/v1/webhooks/${body.id}/test`), 'webhook-state');
    expectProblem(await ask('POST', '/v1/webhooks', { url: 'http://127.0.0.1:9999/' }), 'webhook-limit');
    expectProblem(await ask('GET', '/v1/webhooks/abcdefghijkl'), 'webhook-unknown');
  });

  it('tells what an image is not, and what a network is not', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'leasehold-images-'));
    writeFileSync(join(directory, 'disk'), Buffer.alloc(512));
    const { ask, service } = await bound({ images: { roots: [directory], countMax: 2 } });
    const there = { name: 'a', source: join(directory, 'disk'), format: 'raw' };
    const not = { ...there, name: 'b', source: 'http://127.0.0.1:9999/' };
    await ask('POST', '/v1/images', there);
    expectProblem(await ask('POST', '/v1/images', there), 'image-exists');
    await ask('POST', '/v1/images', not);
    expectProblem(await ask('POST', '/v1/images', { ...not, name: 'c' }), 'image-limit');
    expectProblem(await ask('GET', '/v1/images/c'), 'image-unknown');
    expectProblem(await ask('POST', '/v1/leases', { ...SMALL, image: 'b' }), 'image-not-ready');
    await eventually(async () => (await ask('GET', '/v1/images/a')).body.state).toBe('ready');
    expectProblem(await ask('POST', '/v1/images/a/fetch'), 'image-state');
    await service.lease({ image: 'a' });
    expectProblem(await ask('DELETE', '/v1/images/a'), 'image-in-use');
    const add = (i: number) => ask('POST', '/v1/networks', { name: `n${i}`, kind: 'nat', range: `10.0.${i}.0/24` });
    for (let i = 0; i < 64; i++) await add(i);
    expectProblem(await add(64), 'network-limit');
    await service.lease({ image: 'a', machine: { network: 'n1' } });
    expectProblem(await ask('DELETE', '/v1/networks/n1'), 'network-in-use');
    expectProblem(await ask('DELETE', '/v1/networks/none'), 'network-unknown');
    await ask('DELETE', '/v1/networks/n2');
    expectProblem(await ask('POST', '/v1/networks', { name: 'n3', kind: 'bridge', bridge: 'b' }), 'network-exists');
    rmSync(directory, { recursive: true });
  });

  it('is answered by code', async () => {
    const { ask, service } = await bound();
    expectProblem(await ask('GET', '/v1/leases/L1'), 'lease-unknown');
    expectProblem(await ask('POST', '/v1/nodes/99/drain'), 'node-unknown');
    expectProblem(await ask('POST', '/v1/nodes/1/restore'), 'node-state');
    const { id, nodes } = await service.lease();
    expectProblem(await ask('DELETE', `/v1/leases/${id}`, undefined, { 'if-match': '"0"' }), 'stale');
    expectProblem(await ask('POST', `/v1/leases/${id}/hold`), 'lease-state');
    await ask('POST', `/v1/nodes/${nodes}/drain`);
    expectProblem(await ask('PATCH', `/v1/leases/${id}`, { duration: '9h' }), 'change-infeasible');
    await ask('POST', `/v1/nodes/${nodes}/restore`);
    await ask('DELETE', `/v1/leases/${id}`);
    await service.until(id, 'cancelled');
    expectProblem(await ask('DELETE', `/v1/leases/${id}`), 'lease-over');
    expectProblem(await ask('POST', '/v1/leases', { ...SMALL, resources: { cpu: 100 } }), 'lease-infeasible');
    expectProblem(await ask('POST', '/v1/leases', { ...SMALL, commit: 'Q0' }), 'quote-stale');
    expectProblem(await ask('GET', '/v1/whatifs/W0'), 'what-if-unknown');
    const key = { 'idempotency-key': 'k' };
    await ask('POST', '/v1/leases', SMALL, key);
    expectProblem(await ask('POST', '/v1/leases', { ...SMALL, vms: 3 }, key), 'key-reused');
  });
});

describe('a service that cannot answer', () => {
  it('says that the outcome is unknown when the loop does not answer in time', async () => {
    const { ask, health } = await bound({
      limits: { answerMs: 20 },
      toLoop: (message) => (message.type === 'command' || message.type === 'ping' ? null : message),
    });
    expectProblem(await ask('POST', '/v1/leases', SMALL), 'outcome-unknown');
    expect((await health()).answering).toBe(false);
    expectProblem(await ask('GET', '/readyz'), 'not-ready');
  });

  it('sheds what exceeds its waiting room', async () => {
    const { ask } = await bound({
      limits: { waitingMax: 1, answerMs: 200 },
      toLoop: (message) => (message.type === 'command' ? null : message),
    });
    const [first, second] = await Promise.all([ask('POST', '/v1/leases', SMALL), ask('POST', '/v1/leases', SMALL)]);
    expectProblem(first, 'outcome-unknown');
    expectProblem(second, 'busy');
  });

  it('refuses writes while the disk is full, goes on reading, and recovers by itself', async () => {
    const store = new FullStore(new MemoryLog());
    const { ask, service } = await bound({ store, limits: { answerMs: 1_000 } });
    const { id } = await service.lease();
    store.full = true;
    expectProblem(await ask('POST', '/v1/leases', SMALL), 'outcome-unknown');
    expectProblem(await ask('POST', '/v1/leases', SMALL), 'store-unavailable');
    expectProblem(await ask('GET', '/readyz'), 'not-ready');
    expect((await ask('GET', `/v1/leases/${id}`)).status).toBe(200);
    store.full = false;
    await eventually(async () => (await ask('GET', '/readyz')).status).toBe(200);
    await service.lease();
  });

  it('follows another, and says where that one is, if there is one', async () => {
    const { ask, service } = await bound();
    const { id } = await service.lease();
    const role = { type: 'role', role: 'follower', epoch: 2 } as const;
    service.client.receive({ ...role, leader: 'http://b.example:8080' });
    expectProblem(await ask('DELETE', `/v1/leases/${id}`), 'not-leader');
    expectProblem(await ask('POST', '/v1/nodes/1/drain'), 'not-leader');
    expectProblem(await ask('POST', '/v1/leases', SMALL), 'not-leader');
    const { headers, body } = await ask('DELETE', `/v1/leases/${id}`);
    expect(headers.location).toBe(`http://b.example:8080/v1/leases/${id}`);
    expect(body.leader).toBe('http://b.example:8080');

    service.client.receive({ ...role, leader: null });
    service.client.receive({ type: 'fresh' });
    const alone = await ask('POST', '/v1/leases', SMALL);
    expect(alone.headers.location).toBeUndefined();
    expect(alone.body.leader).toBe(null);
    const read = await ask('GET', `/v1/leases/${id}`);
    expect(read.status).toBe(200);
    expect(Number(read.headers['x-state-age'])).toBeGreaterThanOrEqual(0);
    expect(Number(read.headers['x-state-turn'])).toBe(service.follower.head);
    expect((await ask('GET', '/readyz')).body.role).toBe('follower');
  });

  it('is superseded while requests wait: their outcome is unknown', async () => {
    const role = { type: 'role', leader: null } as const;
    const { ask, client } = await bound({
      toLoop: (message) => {
        if (message.type !== 'command') return message;
        setImmediate(() => client.receive({ ...role, role: 'follower', epoch: 2 }));
        return null;
      },
    });
    client.receive({ ...role, role: 'leader', epoch: 1 });
    expectProblem(await ask('POST', '/v1/leases', SMALL), 'outcome-unknown');
    expectProblem(await ask('POST', '/v1/leases', SMALL), 'not-leader');
  });

  it('is stopping', async () => {
    const { ask, client } = await bound();
    client.close();
    expectProblem(await ask('POST', '/v1/leases', SMALL), 'not-ready');
    expectProblem(await ask('GET', '/v1/leases'), 'not-ready');
  });

  it('tells nothing of what went wrong inside', async () => {
    const { ask, service } = await bound();
    service.follower.record = () => {
      throw new Error('secret detail');
    };
    const reply = await ask('GET', '/v1/leases/L1');
    expectProblem(reply, 'internal');
    expect(reply.text).not.toContain('secret');
  });
});

describe('a policy', () => {
  it('that is not valid, or cannot be adopted any more', async () => {
    const { ask } = await bound();
    expectProblem(await ask('POST', '/v1/policies', { suspension: 'maybe' }), 'policy-invalid');
    expectProblem(await ask('POST', '/v1/policies', { migration: 'no-transfer' }), 'policy-refused');
  });
});

describe('a node', () => {
  it('that there is already, or that leases count on as it is', async () => {
    const { ask, service: of } = await bound();
    const node = { names: ['x1'], capacity: { cpu: 1 }, labels: { rack: 'a' } };
    const { body } = await ask('POST', '/v1/nodes', node);
    expectProblem(await ask('POST', '/v1/nodes', node), 'node-exists');
    const { id } = await of.lease({ resources: { cpu: 1 }, where: { labels: { rack: 'a' } } });
    await of.until(id, 'active');
    const labels = { rack: 'b' };
    expectProblem(await ask('PATCH', `/v1/nodes/${body.items[0].number}`, { labels }), 'node-in-use');
    expectProblem(await ask('DELETE', '/v1/maintenance/M1'), 'window-unknown');
  });

  it('whose host cannot be had', async () => {
    const refuse = () => Promise.reject(new HypervisorError('failed', 'nobody is at home'));
    const nobody = new Proxy({} as Hypervisor, { get: (_, call) => (call === 'close' ? async () => {} : refuse) });
    const look = (...args: [string, boolean]) => lookAtHost({ connect: () => nobody, directory: '/srv' }, ...args);
    const { ask } = await bound({ hosts: new Hosts({ look, now: () => 0, isGone: () => false, monitorMs: 1_000 }) });
    expectProblem(await ask('POST', '/v1/nodes', { uri: 'qemu:///system' }), 'host-unreachable');
  });
});

describe('what is no HTTP request', () => {
  it('is answered on the socket', async () => {
    const { app } = await bound({ limits: { requestMs: 300, headersMs: 200 } });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    expectProblem(await raw(port, 'no such thing\r\n\r\n'), 'http-invalid');
    expectProblem(
      await raw(port, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`),
      'headers-too-large',
    );
    expectProblem(await raw(port, 'GET / HTTP/1.1\r\n'), 'request-timeout');
  });
});

describe('docs/errors.md', () => {
  const documented = new Map(
    [...readFileSync('docs/errors.md', 'utf8').matchAll(/^## (\S+)\n\n(\d{3})\. /gm)].map(([, code, status]) => [
      code!,
      Number(status),
    ]),
  );

  it('explains every code with its status, and no other', () => {
    const known = new Map(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status as number]));
    expect(documented).toEqual(known);
  });

  afterAll(() => {
    const missed = Object.keys(PROBLEMS).filter((code) => !seen.has(code));
    if (missed.length > 0) throw new Error(`no test reaches ${missed.join(', ')}`);
  });
});

/** A store that has no room while `full`. */
class FullStore extends MemoryStore {
  full = false;

  override append(turn: Turn, expected: number, epoch: number): Promise<Appended> {
    if (this.full) return Promise.reject(new StoreError('full', 'no space left'));
    return super.append(turn, expected, epoch);
  }
}

/** A new service, and its methods to be called without it. */
async function bound(options: ServiceOptions = {}) {
  const service = await start(options);
  return {
    service,
    app: service.app,
    client: service.client,
    ask: service.ask.bind(service),
    health: () => service.client.health(),
  };
}

/** Sends bytes and reads until the other side closes. */
function raw(port: number, text: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      answer += data;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
      resolve({ status: Number(first.split(' ')[1]), headers, text: body, body: JSON.parse(body) });
    });
  });
}
