/** What clients change about their leases over HTTP: hold and release, dependencies, duration; and series of leases. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start();
});
afterEach(() => service.stop());

/** All the cpus of the site. */
const EVERYTHING = { vms: 4, resources: { cpu: 8 } };
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const reasons = async (id: string): Promise<string[]> => {
  const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
  return body.now.reasons.map(({ code }: { code: string }) => code);
};

describe('a lease on hold', () => {
  it('is asked for so, does not begin, says why, and begins when it is released', async () => {
    const lease = await service.lease({ held: true });
    expect(lease).toMatchObject({ state: 'waiting', held: true });
    expect(await reasons(lease.id)).toEqual(['on-hold']);
    const { status, body, headers } = await service.ask('POST', `/v1/leases/${lease.id}/release`);
    expect(status).toBe(200);
    expect(body.held).toBe(false);
    expect(headers.etag).toBe(`"${body.turn}"`);
    await service.until(lease.id, 'active');
  });

  it('waited before: it gives up its reservation', async () => {
    await service.lease({ ...EVERYTHING, preemptible: false });
    const { id } = await service.lease(EVERYTHING);
    const held = await service.ask('POST', `/v1/leases/${id}/hold`);
    expect(held.body).toMatchObject({ id, state: 'waiting', held: true });
    // Once more changes nothing.
    expect((await service.ask('POST', `/v1/leases/${id}/hold`)).status).toBe(200);
  });

  it('cannot run, nor begin at an instant', async () => {
    const running = await service.lease();
    await service.until(running.id, 'active');
    const { status, body } = await service.ask('POST', `/v1/leases/${running.id}/hold`);
    expect(status).toBe(409);
    expect(body).toMatchObject({
      code: 'lease-state',
      detail: `lease ${running.id} is active; only leases that wait can be held`,
    });
    const advance = await service.ask('POST', '/v1/leases', {
      ...SMALL,
      held: true,
      start: { kind: 'advance', at: inHours(2) },
    });
    expect(advance.status).toBe(422);
    expect(advance.body.errors).toEqual([{ pointer: '/held', detail: 'only best-effort leases can be held' }]);
  });

  it('is the one that the client knows, if it says so', async () => {
    const { id, turn } = await service.lease({ held: true });
    const stale = await service.ask('POST', `/v1/leases/${id}/release`, undefined, { 'if-match': `"${turn - 1}"` });
    expect(stale.status).toBe(412);
    const known = await service.ask('POST', `/v1/leases/${id}/release`, undefined, { 'if-match': `"${turn}"` });
    expect(known.status).toBe(200);
  });
});

describe('a lease that follows others', () => {
  it('begins when they have, or have ended', async () => {
    const first = await service.lease({ held: true });
    const second = await service.lease({ after: [{ lease: first.id, on: 'start' }] });
    const third = await service.lease({ after: [{ lease: first.id }] });
    expect(third).toMatchObject({ state: 'waiting', after: [{ lease: first.id, on: 'end' }] });
    expect(await reasons(second.id)).toEqual(['waits-for-lease']);
    await service.ask('POST', `/v1/leases/${first.id}/release`);
    await service.until(second.id, 'active');
    expect((await service.read(third.id)).state).toBe('waiting');
    // What it was to follow is cancelled.
    await service.ask('DELETE', `/v1/leases/${first.id}`);
    const refused = await service.until(third.id, 'rejected');
    expect(refused.reasons).toMatchObject([{ code: 'dependency-failed', blockers: [first.id] }]);
  });

  it('need not wait for what has happened', async () => {
    const first = await service.lease();
    await service.until(first.id, 'active');
    await service.ask('DELETE', `/v1/leases/${first.id}`);
    await service.until(first.id, 'cancelled');
    const second = await service.lease({ after: [{ lease: first.id, on: 'start' }] });
    expect((await service.until(second.id, 'active')).after).toEqual([]);
    const third = await service.ask('POST', '/v1/leases', { ...SMALL, after: [{ lease: first.id, on: 'end' }] });
    expect(third.body.errors).toEqual([
      { pointer: '/after/0/lease', detail: expect.stringContaining('or it is over') },
    ]);
  });

  it('names leases that it knows', async () => {
    const { status, body } = await service.ask('POST', '/v1/leases', { ...SMALL, after: [{ lease: 'L1' }] });
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      { pointer: '/after/0/lease', detail: 'there is no such lease, or it is over and did not end well' },
    ]);
  });
});

describe('the duration of a lease', () => {
  it('grows and shrinks while it runs', async () => {
    const { id } = await service.lease({ duration: '1h' });
    const active = await service.until(id, 'active');
    for (const [duration, hours] of [
      ['3h', 3],
      ['PT90M', 1.5],
    ] as const) {
      const { status, body, headers } = await service.ask('PATCH', `/v1/leases/${id}`, { duration });
      expect(status, JSON.stringify(body)).toBe(200);
      expect(Date.parse(body.until) - Date.parse(active.runs[0]!.from)).toBe(hours * 3_600_000);
      expect(headers.etag).toBe(`"${body.turn}"`);
    }
    expect((await service.read(id)).duration).toBe('PT1H30M');
  });

  it('stays as it is where somebody else has the nodes afterwards: who, is said', async () => {
    const { id } = await service.lease({ ...EVERYTHING, duration: '1h', preemptible: false });
    await service.until(id, 'active');
    const next = await service.lease({ start: { kind: 'advance', at: inHours(2) } });
    const { status, body } = await service.ask('PATCH', `/v1/leases/${id}`, { duration: '3h' });
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'change-infeasible', reasons: [{ blockers: [next.id] }] });
    expect(await service.read(id)).toMatchObject({ state: 'active', duration: 'PT1H', reasons: [] });
  });

  it('is checked as that of a new lease, and is more than has run', async () => {
    const { id } = await service.lease();
    const faults = async (duration: unknown) =>
      (await service.ask('PATCH', `/v1/leases/${id}`, { duration })).body.errors;
    expect(await faults('soon')).toMatchObject([{ pointer: '/duration' }]);
    expect(await faults('9999999h')).toMatchObject([{ pointer: '/duration' }]);
    expect((await service.ask('PATCH', `/v1/leases/${id}`, { vms: 3 })).status).toBe(422);
    expect((await service.ask('PATCH', '/v1/leases/L1', { duration: '1h' })).status).toBe(404);
  });

  it('does not change what is answered to a client that asks again', async () => {
    const key = { 'idempotency-key': 'one' };
    const first = await service.ask('POST', '/v1/leases', { ...SMALL, held: true }, key);
    await service.ask('PATCH', `/v1/leases/${first.body.id}`, { duration: '7h' });
    await service.ask('POST', `/v1/leases/${first.body.id}/release`);
    const again = await service.ask('POST', '/v1/leases', { ...SMALL, held: true }, key);
    expect(again.text).toBe(first.text);
  });

  it('is that of a lease that is not over', async () => {
    const { id } = await service.lease({ held: true });
    await service.ask('DELETE', `/v1/leases/${id}`);
    for (const [method, path, body] of [
      ['PATCH', '', { duration: '1h' }],
      ['POST', '/hold', undefined],
      ['POST', '/release', undefined],
    ] as const) {
      const over = await service.ask(method, `/v1/leases/${id}${path}`, body);
      expect([over.status, over.body.code]).toEqual([409, 'lease-over']);
    }
  });
});

describe('a series of leases', () => {
  const series = { ...SMALL, repeat: { every: '24h', times: 3 } };

  it('is answered with each of them, and again with the same', async () => {
    const request = { ...series, start: { kind: 'advance', at: inHours(2) } };
    const key = { 'idempotency-key': 'series' };
    const { status, body, headers, text } = await service.ask('POST', '/v1/leases', request, key);
    expect(status).toBe(201);
    expect(body.items.map(({ state }: { state: string }) => state)).toEqual(['reserved', 'reserved', 'reserved']);
    const ids = body.items.map(({ id }: { id: string }) => id);
    const base = ids[0].replace(/-1$/, '');
    expect(ids).toEqual([`${base}-1`, `${base}-2`, `${base}-3`]);
    expect(headers.location).toBe(`/v1/leases/${base}-1`);
    expect(Date.parse(body.items[2].from) - Date.parse(body.items[0].from)).toBe(48 * 3_600_000);
    const again = await service.ask('POST', '/v1/leases', request, key);
    expect(again.text).toBe(text);
    expect((await service.ask('GET', '/v1/leases')).body.items).toHaveLength(3);
  });

  it('has those that can be had; if none can, that is a refusal', async () => {
    const at = inHours(26);
    await service.lease({ ...EVERYTHING, start: { kind: 'advance', at } });
    const start = { kind: 'advance', at: new Date(Date.parse(at) - 24 * 3_600_000).toISOString() };
    const { body } = await service.ask('POST', '/v1/leases', { ...series, start });
    expect(body.items.map(({ state }: { state: string }) => state)).toEqual(['reserved', 'rejected', 'reserved']);
    const none = await service.ask('POST', '/v1/leases', { ...series, start, resources: { cpu: 9 } });
    expect([none.status, none.body.code]).toEqual([409, 'lease-infeasible']);
  });

  it('is of advance leases', async () => {
    const { status, body } = await service.ask('POST', '/v1/leases', series);
    expect(status).toBe(422);
    expect(body.errors).toEqual([{ pointer: '/repeat', detail: 'only advance leases are repeated' }]);
    const start = { kind: 'advance', at: inHours(2) };
    const often = await service.ask('POST', '/v1/leases', { ...SMALL, start, repeat: { every: '1h', times: 367 } });
    expect(often.body.errors).toMatchObject([{ pointer: '/repeat/times' }]);
    const odd = await service.ask('POST', '/v1/leases', { ...SMALL, start, repeat: { every: 'often', times: 3 } });
    expect(odd.body.errors).toMatchObject([{ pointer: '/repeat/every' }]);
  });
});

describe('a lease that runs', () => {
  const post = (id: string, action: string, body?: object, headers = {}) =>
    service.ask('POST', `/v1/leases/${id}/${action}`, body, headers);

  it('is suspended, stays so, and comes back when it is resumed', async () => {
    const { id } = await service.lease({ resources: { cpu: 1, memoryMiB: 1 } });
    await service.until(id, 'active');
    const suspended = await post(id, 'suspend');
    expect(suspended.status, suspended.text).toBe(200);
    expect(suspended.body.held).toBe(true);
    await service.until(id, 'suspended');
    expect(await reasons(id)).toEqual(['on-hold']);
    expect((await post(id, 'suspend')).status).toBe(200); // once more changes nothing
    expect((await post(id, 'resume')).body.held).toBe(false);
    const lease = await service.until(id, 'active');
    expect(lease.suspensions).toHaveLength(1);
    const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
    expect(body.items.map(({ message }: { message: string }) => message)).toContain('suspension asked for');
  });

  it('is not suspended where it waits, or was promised its time', async () => {
    const waiting = await service.lease({ held: true });
    expect((await post(waiting.id, 'suspend')).body).toMatchObject({ status: 409, code: 'lease-state' });
    expect((await post(waiting.id, 'resume')).body.code).toBe('lease-state');
    const advance = await service.lease({ start: { kind: 'advance', at: inHours(1) } });
    const { body } = await post(advance.id, 'suspend');
    expect(body.detail).toContain('was promised its time (advance)');
    expect((await post('Lnone', 'suspend')).status).toBe(404);
  });

  it('is told where it ends before it could be saved', async () => {
    const { id } = await service.lease({ resources: { cpu: 1, memoryMiB: 32_768 }, duration: 'PT1M' });
    await service.until(id, 'active');
    const { body, status } = await post(id, 'suspend');
    expect([status, body.code, body.reasons[0].code]).toEqual([409, 'change-infeasible', 'ends-too-soon']);
    expect((await service.read(id)).held).toBe(false);
  });

  it('lasts longer and shorter by so much, until then, or so long in all', async () => {
    const { id } = await service.lease();
    const { from } = await service.until(id, 'active');
    expect((await post(id, 'extend', { by: '30m' })).body.duration).toBe('PT1H30M');
    expect((await post(id, 'shrink', { by: 'PT15M' })).body.duration).toBe('PT1H15M');
    const until = new Date(Date.parse(from!) + 7_200_000).toISOString();
    expect((await post(id, 'extend', { until })).body.duration).toMatch(/^PT(2H|1H59M59)/);
    expect((await post(id, 'extend', { duration: '3h' })).body.duration).toBe('PT3H');
    const { headers } = await service.ask('GET', `/v1/leases/${id}`);
    expect((await post(id, 'extend', { by: '1h' }, { 'if-match': headers.etag })).status).toBe(200);
    expect((await post(id, 'extend', { by: '1h' }, { 'if-match': headers.etag })).body.code).toBe('stale');
  });

  it('by two at once lasts as much longer as both have asked for', async () => {
    const { id } = await service.lease();
    await service.until(id, 'active');
    await Promise.all([post(id, 'extend', { by: '1h' }), post(id, 'extend', { by: '1h' })]);
    expect((await service.read(id)).duration).toBe('PT3H');
  });

  it('in one direction only, and said once', async () => {
    const { id } = await service.lease();
    await service.until(id, 'active');
    expect((await post(id, 'extend', { duration: '30m' })).body.errors).toEqual([
      { pointer: '/duration', detail: 'it would be shorter then: shrink it' },
    ]);
    expect((await post(id, 'shrink', { by: '2h' })).body.errors[0].pointer).toBe('/by');
    expect((await post(id, 'shrink', { until: inHours(2) })).body.errors[0].pointer).toBe('/until');
    for (const body of [{}, { by: '1h', duration: '3h' }, { until: 'soon' }, { by: 0 }, { more: 1 }])
      expect((await post(id, 'extend', body)).status).toBe(422);
  });

  it('is told the longest that fits', async () => {
    const { id } = await service.lease({ vms: 4, resources: { cpu: 8 } });
    const { from } = await service.until(id, 'active');
    const at = new Date(Date.parse(from!) + 7_200_000).toISOString();
    await service.lease({ vms: 4, resources: { cpu: 8 }, start: { kind: 'advance', at } });
    const { status, body } = await post(id, 'extend', { by: '3h' });
    expect([status, body.code]).toEqual([409, 'change-infeasible']);
    expect(body.longest).toMatch(/^PT(2H|1H59M59)/);
    expect((await post(id, 'extend', { duration: body.longest })).status).toBe(200);
  });
});

describe('VMs of a lease that runs', () => {
  const settled = (id: string) =>
    eventually(async () => {
      const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
      const types = body.items.map(({ type }: { type: string }) => type);
      return (
        types.filter((type: string) => type === 'ActOrdered').length -
        types.filter((type: string) => type === 'VmsActed').length
      );
    }).toBe(0);
  const paused = async (id: string) => {
    const { body } = await service.ask('GET', `/v1/leases/${id}`);
    return body.conditions.find(({ type }: { type: string }) => type === 'paused')?.status;
  };

  it('are paused, some or all, and go on; its time runs on', async () => {
    const { id } = await service.lease({ vms: 2 });
    await service.until(id, 'active');
    expect(await paused(id)).toBeUndefined();
    const { status, body } = await service.ask('POST', `/v1/leases/${id}/pause?vms=2`);
    expect(status).toBe(200);
    expect(body.state).toBe('active');
    await settled(id);
    expect(await paused(id)).toBe(true);
    expect((await service.ask('POST', `/v1/leases/${id}/pause?vms=2`)).status).toBe(200);
    expect((await service.ask('POST', `/v1/leases/${id}/reboot`)).body).toMatchObject({
      status: 409,
      code: 'lease-state',
      detail: `lease ${id} has paused VMs among these: unpause them first`,
    });
    await service.ask('POST', `/v1/leases/${id}/unpause`);
    await settled(id);
    expect(await paused(id)).toBe(false);
    expect((await service.ask('POST', `/v1/leases/${id}/reset`)).status).toBe(200);
  });

  it('are those that it has, and run', async () => {
    const { id } = await service.lease({ held: true });
    const waiting = await service.ask('POST', `/v1/leases/${id}/reset`);
    expect(waiting.body).toMatchObject({ status: 409, code: 'lease-state' });
    for (const vms of ['2', '2-1']) {
      const { body } = await service.ask('POST', `/v1/leases/${id}/pause?vms=${vms}`);
      expect(body).toMatchObject({ status: 422, errors: [{ pointer: '/vms' }] });
    }
    expect((await service.ask('POST', `/v1/leases/${id}/pause?vms=all`)).status).toBe(400);
  });

  it('are left as they are by a dry run', async () => {
    const { id } = await service.lease();
    await service.until(id, 'active');
    const { body } = await service.ask('POST', `/v1/leases/${id}/pause?dryRun=true`);
    expect(body.turn.decisions).toMatchObject([{ type: 'ActOrdered', act: 'pause', vms: null }]);
    expect(await paused(id)).toBeUndefined();
  });
});

describe('a lease that is stuck', () => {
  it('begins anew where that is asked for, and is cancelled where that is', async () => {
    const { id } = await service.lease();
    await service.until(id, 'active');
    const recover = (how: string) => service.ask('POST', `/v1/leases/${id}/recover`, { how });
    expect((await recover('retry')).body).toMatchObject({ status: 409, detail: `lease ${id} waits for no order` });
    expect((await recover('recreate')).status).toBe(200);
    await eventually(async () => {
      const { body } = await service.ask('GET', `/v1/leases/${id}/decisions`);
      return body.items.filter(({ type }: { type: string }) => type === 'VmsStarted').length;
    }).toBe(2);
    expect((await recover('delete')).status).toBe(200);
    await service.until(id, 'cancelled');
  });

  it('is forced by those only who command the nodes', async () => {
    const { body: token } = await service.ask('POST', '/v1/tokens', { subject: 'ada', roles: ['user'] });
    const authorization = `Bearer ${token.token}`;
    const { body: own } = await service.ask('POST', '/v1/leases', SMALL, { authorization });
    const force = (headers?: Record<string, string>) =>
      service.ask('POST', `/v1/leases/${own.id}/recover`, { how: 'force' }, headers);
    expect((await force({ authorization })).body).toMatchObject({
      code: 'forbidden',
      detail: 'only who commands the nodes can say that an order was carried out there',
    });
    await service.until(own.id, 'active');
    expect((await force()).body).toMatchObject({ code: 'lease-state' });
  });
});
