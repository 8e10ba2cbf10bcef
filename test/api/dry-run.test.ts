/** `dryRun=true`: what would follow from a request is said, nothing is done, and then it follows. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN } from '../../api/access/caller.js';
import { decodeTurn, type Turn } from '../../engine/index.js';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
let store: MemoryStore;
beforeEach(async () => {
  store = new MemoryStore(new MemoryLog());
  service = await Service.start({ store });
});
afterEach(() => service.stop());

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** The events of a turn, without what is chosen anew each time: the lease's id, and the present. */
function told({ inputs, decisions }: Pick<Turn, 'inputs' | 'decisions'>, id: string): string {
  const text = JSON.stringify({ inputs, decisions }).replaceAll(id, 'L');
  return text.replace(/"(from|until|deadline|at|earliestRelease)":\d+/g, '"$1":0');
}

async function turnNumbered(number: number): Promise<Turn> {
  for await (const turn of store.read(number - 1)) return decodeTurn(JSON.stringify(turn));
  throw new Error(`there is no turn ${number}`);
}

/** Asks twice, first dry: nothing happens; then the same does. */
async function dryThenReal(method: 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown) {
  await service.follower.later(service.follower.head, AbortSignal.timeout(300), 300); // VMs report that they run
  const before = service.follower.head;
  const dry = await service.ask(method, `${url}?dryRun=true`, body);
  expect(dry.status, dry.text).toBe(200);
  expect(dry.body).toMatchObject({ dryRun: true, basedOn: before });
  expect(dry.headers.receipt).toBeUndefined();
  expect(service.follower.head).toBe(before);
  const real = await service.ask(method, url, body);
  return { dry: dry.body, real, turn: await turnNumbered(before + 1) };
}

describe('a dry run', () => {
  it('of a new lease says what then happens', async () => {
    const { dry, real, turn } = await dryThenReal('POST', '/v1/leases', SMALL);
    expect(real.status).toBe(201);
    expect(dry.turn.number).toBe(turn.number);
    expect(told(dry.turn, dry.lease.id)).toBe(told(turn, real.body.id));
    expect(dry.lease).toMatchObject({ state: 'starting', nodes: real.body.nodes });
    expect((await service.ask('GET', `/v1/leases/${dry.lease.id}`)).status).toBe(404);
  });

  it('of a reservation that others make room for says who', async () => {
    const all = { ...SMALL, vms: 4, resources: { cpu: 8 }, duration: 'PT2H' };
    const victim = await service.lease(all);
    await service.until(victim.id, 'active');
    const { dry, turn, real } = await dryThenReal('POST', '/v1/leases', {
      ...all,
      start: { kind: 'advance', at: inHours(1) },
    });
    expect(told(dry.turn, dry.lease.id)).toBe(told(turn, real.body.id));
    expect(dry.turn.decisions.map(({ lease }: { lease: string }) => lease)).toContain(victim.id);
  });

  it('of what cannot be had is answered, too, and keeps nothing', async () => {
    const { dry, real } = await dryThenReal('POST', '/v1/leases', { ...SMALL, resources: { cpu: 100 } });
    expect(real.status).toBe(409);
    expect(dry.lease).toMatchObject({ state: 'rejected', reasons: [{ code: 'never-fits' }] });
  });

  it('of changes to leases and nodes', async () => {
    const { id } = await service.lease({ held: true });
    for (const [method, url, body] of [
      ['POST', `/v1/leases/${id}/release`, undefined],
      ['PATCH', `/v1/leases/${id}`, { duration: 'PT2H' }],
      ['DELETE', `/v1/leases/${id}`, undefined],
      ['POST', '/v1/nodes/3/drain', undefined],
    ] as const) {
      const { dry, turn } = await dryThenReal(method, url, body);
      expect(told(dry.turn, id), `${method} ${url}`).toBe(told(turn, id));
    }
  });

  it('of what would be refused is answered as the request would be', async () => {
    const late = { ...SMALL, start: { kind: 'advance', at: inHours(-1) } };
    for (const [method, url, body, code] of [
      ['POST', '/v1/leases', late, 'start-in-past'],
      ['DELETE', '/v1/leases/L0', undefined, 'lease-unknown'],
      ['POST', '/v1/nodes/3/restore', undefined, 'node-state'],
      ['POST', '/v1/leases', { ...SMALL, vms: 0 }, 'request-invalid'],
    ] as const)
      expect((await service.ask(method, `${url}?dryRun=true`, body)).body.code).toBe(code);
    expect((await service.ask('POST', '/v1/leases?dryRun=maybe', SMALL)).body.code).toBe('query-invalid');
  });

  it('shows who may not read the log only his own lease', async () => {
    const all = { ...SMALL, vms: 4, resources: { cpu: 8 }, duration: 'PT2H' };
    await service.until((await service.lease(all)).id, 'active');
    const request = { ...all, start: { kind: 'immediate' } };
    const admin = await service.ask('POST', '/v1/leases?dryRun=true', request);
    expect((await service.ask('POST', '/v1/projects', { name: 'film' })).status).toBe(201);
    const token = await service.token({ subject: 'ada', project: 'film', roles: ['user'], name: 'laptop' });
    const user = await service.ask('POST', '/v1/leases?dryRun=true', request, { authorization: `Bearer ${token}` });
    expect(ADMIN.can('log:read')).toBe(true);
    expect(admin.body.turn.others).toBe(0);
    expect(user.status, user.text).toBe(200);
    expect(user.body.turn.others).toBeGreaterThan(0);
    const seen = user.body.turn.decisions.map(({ lease }: { lease: string }) => lease);
    expect(new Set(seen)).toEqual(new Set([user.body.lease.id]));
  });
});
