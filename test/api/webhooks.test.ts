/** Webhooks: signed, in order, at least once, for those alone who may hear of it. To a receiver on a real socket. */

import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { encodeTurn } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { type Received, Receiver } from '../support/receiver.js';
import { parseScrape, valuesOf } from '../support/scrape.js';
import { type Reply, Service, type ServiceOptions, SMALL } from '../support/service.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.stop();
});
async function begun<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  started.push(one);
  return one;
}
/** Pauses are short, and so is everything else that is waited for. */
const QUICK = { pauseMs: 10, pauseMsMax: 40, saveMs: 20 };
const start = (options: ServiceOptions = {}) =>
  begun(Service.start({ ...options, webhooks: { ...QUICK, ...options.webhooks } }));
const receiving = () => begun(Receiver.start());

type Ask = (method: 'GET' | 'POST' | 'DELETE' | 'PATCH', url: string, body?: unknown) => Promise<Reply>;
const as =
  (service: Service, token: string): Ask =>
  (method, url, body) =>
    service.ask(method, url, body, { authorization: `Bearer ${token}` });

async function hooked(service: Service, url: string, request: object = {}, ask: Ask = (...of) => service.ask(...of)) {
  const { status, body } = await ask('POST', '/v1/webhooks', { url, ...request });
  expect(status, JSON.stringify(body)).toBe(201);
  return body as { readonly id: string; readonly secret: string };
}

function isSigned({ headers, text }: Received, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = headers;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const digest = createHmac('sha256', key).update(`${id}.${seconds}.${text}`).digest('base64');
  return String(signature).split(' ').includes(`v1,${digest}`);
}

const ofLeases = { filter: { types: ['LeaseRequested', 'VmsStarted', 'LeaseCancelled'] } };

describe('a webhook', () => {
  it('is sent what the log has for it, turn by turn, signed and in order', async () => {
    const [service, receiver] = [await start(), await receiving()];
    const { id, secret } = await hooked(service, receiver.url, ofLeases);
    const leases = [];
    for (let i = 0; i < 3; i++) leases.push(await service.until((await service.lease()).id, 'active'));
    const { text } = await service.ask('GET', '/v1/events?type=LeaseRequested,VmsStarted,LeaseCancelled');
    const logged = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    await eventually(() => receiver.turns).toEqual(logged.map(({ number }) => number));
    for (const [i, received] of receiver.received.entries()) {
      expect(received.body).toEqual({
        type: 'turn',
        timestamp: new Date(logged[i].now).toISOString().replace('.000Z', 'Z'),
        webhook: id,
        data: logged[i],
      });
      expect(received.id).toBe(`${id}-${logged[i].number}`);
      expect(isSigned(received, secret)).toBe(true);
      expect(isSigned(received, `whsec_${Buffer.alloc(32).toString('base64')}`)).toBe(false);
      expect(Math.abs(Number(received.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
    }
    const { body } = await service.ask('GET', `/v1/webhooks/${id}/deliveries`);
    expect(body.items[0]).toMatchObject({ turn: logged.at(-1).number, attempt: 1, result: 'delivered', status: 204 });
    const view = (await service.ask('GET', `/v1/webhooks/${id}`)).body;
    expect(view).toMatchObject({
      ...ofLeases,
      user: 'admin',
      hears: 'all',
      state: 'active',
      reason: null,
      until: null,
    });
    expect((await service.ask('GET', '/v1/webhooks')).body.items).toEqual([view]);
    const figures = parseScrape((await service.ask('GET', '/metrics')).text);
    expect(valuesOf(figures, 'leasehold_webhook_deliveries_total')).toEqual({ 'result=delivered': logged.length });
    expect(valuesOf(figures, 'leasehold_webhooks')).toMatchObject({ 'state=active': 1 });
  });

  it('shows its secret once: it is in no answer, and not in the log', async () => {
    const log = new MemoryLog();
    const [service, receiver] = [await start({ store: new MemoryStore(log) }), await receiving()];
    const { id, secret } = await hooked(service, receiver.url);
    const next = (await service.ask('POST', `/v1/webhooks/${id}/secret`)).body.secret as string;
    expect(next).not.toBe(secret);
    let text = '';
    for await (const turn of new MemoryStore(log).read(0)) text += encodeTurn(turn);
    for (const url of ['/v1/webhooks', `/v1/webhooks/${id}`, '/v1/events', `/v1/webhooks/${id}/deliveries`])
      text += (await service.ask('GET', url)).text;
    text += (await service.ask('PATCH', `/v1/webhooks/${id}`, { name: 'other' })).text;
    text += (await service.ask('DELETE', `/v1/webhooks/${id}`)).text;
    expect(text).toContain(id);
    for (const one of [secret, next]) expect(text).not.toContain(one.slice(6, 30));
  });

  it('has both secrets sign for a while when it is given another', async () => {
    const [service, receiver] = [await start({ webhooks: { overlapMs: 60_000 } }), await receiving()];
    const { id, secret } = await hooked(service, receiver.url, ofLeases);
    const { body } = await service.ask('POST', `/v1/webhooks/${id}/secret`);
    await service.lease();
    await eventually(() => receiver.received.length).toBeGreaterThan(0);
    expect(isSigned(receiver.received[0]!, secret)).toBe(true);
    expect(isSigned(receiver.received[0]!, body.secret)).toBe(true);

    const hasty = await start({ webhooks: { overlapMs: 0 } });
    const other = await hooked(hasty, receiver.url, ofLeases);
    const second = (await hasty.ask('POST', `/v1/webhooks/${other.id}/secret`)).body.secret;
    receiver.received.length = 0;
    await hasty.lease();
    await eventually(() => receiver.received.length).toBeGreaterThan(0);
    expect(isSigned(receiver.received[0]!, other.secret)).toBe(false);
    expect(isSigned(receiver.received[0]!, second)).toBe(true);
  });

  it('is sent a test, which says what became of it', async () => {
    const [service, receiver] = [await start(), await receiving()];
    const { id, secret } = await hooked(service, receiver.url);
    const sent = await service.ask('POST', `/v1/webhooks/${id}/test`);
    expect(sent.body).toMatchObject({ turn: null, result: 'delivered', status: 204, detail: null });
    expect(receiver.received[0]).toMatchObject({
      id: sent.body.message,
      body: { type: 'ping', webhook: id, data: {} },
    });
    expect(isSigned(receiver.received[0]!, secret)).toBe(true);
    receiver.answering = (_, response) => {
      response.writeHead(302, { location: receiver.url }).end();
      return undefined;
    };
    const turned = await service.ask('POST', `/v1/webhooks/${id}/test`);
    expect(turned.body).toMatchObject({
      result: 'failed',
      status: 302,
      detail: expect.stringContaining('not followed'),
    });
    expect(receiver.received).toHaveLength(2);
  });

  it('leads to no deliveries by being delivered', async () => {
    const [service, receiver] = [await start({ webhooks: { saveDeliveries: 1 } }), await receiving()];
    // Two that hear of everything, also of notes.
    for (let i = 0; i < 2; i++) await hooked(service, receiver.url);
    await service.until((await service.lease()).id, 'active');
    const cursors = async () =>
      (await service.ask('GET', '/v1/webhooks')).body.items.map(({ cursor }: { cursor: number }) => cursor);
    await eventually(async () => (await cursors()).every((one: number) => one === service.follower.head)).toBe(true);
    await eventually(async () => {
      const { head } = service.follower;
      await new Promise((resolve) => setTimeout(resolve, 10 * QUICK.saveMs));
      return service.follower.head === head;
    }).toBe(true);
    expect(receiver.received.map(({ text }) => text).join('')).not.toContain('webhook-cursor');
    expect([...service.follower.state.notes.keys()].filter((key) => key.startsWith('webhook-cursor/'))).toHaveLength(2);
  });
});

describe('a receiver that fails', () => {
  it('is sent the same again, with the same id, before anything else', async () => {
    const [service, receiver] = [await start(), await receiving()];
    let failures = 3;
    receiver.answering = () => (failures-- > 0 ? 500 : 200);
    const { id } = await hooked(service, receiver.url, ofLeases);
    for (let i = 0; i < 3; i++) await service.until((await service.lease()).id, 'active');
    const count = await numberOf(service);
    await eventually(() => receiver.received.length).toBe(count + 3);
    const ids = receiver.received.map((one) => one.id);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(new Set(receiver.received.slice(0, 4).map(({ text }) => text)).size).toBe(1);
    expect(new Set(ids.slice(3)).size).toBe(count);
    const { items } = (await service.ask('GET', `/v1/webhooks/${id}/deliveries`)).body;
    const first = items.filter(({ message }: { message: string }) => message === ids[0]);
    expect(first.map(({ attempt, result }: { attempt: number; result: string }) => [attempt, result])).toEqual([
      [4, 'delivered'],
      ...[3, 2, 1].map((attempt) => [attempt, 'failed']),
    ]);
  });

  it('is told of, and is switched off when it has failed for too long; switched on it goes on where it stopped', async () => {
    const [service, receiver] = [await start({ webhooks: { failingMsMax: 300 } }), await receiving()];
    receiver.answering = () => 503;
    const { id } = await hooked(service, receiver.url, ofLeases);
    await service.until((await service.lease()).id, 'active');
    const view = async () => (await service.ask('GET', `/v1/webhooks/${id}`)).body;
    await eventually(async () => (await view()).state).toBe('failing');
    await eventually(async () => (await view()).reason.code).toBe('failing');
    await eventually(async () => (await view()).state).toBe('disabled');
    expect((await view()).reason).toMatchObject({ code: 'failing', detail: expect.stringContaining('503') });
    receiver.answering = () => 200;
    const tries = receiver.received.length;
    await service.lease();
    expect(receiver.received).toHaveLength(tries);
    const changed = await service.ask('PATCH', `/v1/webhooks/${id}`, { enabled: true });
    expect(changed.body).toMatchObject({ state: 'active', reason: null });
    await eventually(async () => receiver.received.length - tries - (await numberOf(service))).toBe(0);
    expect(receiver.received[tries]!.id).toBe(receiver.received[0]!.id);
  });

  it('is sent nothing more once it has said 410', async () => {
    const [service, receiver] = [await start(), await receiving()];
    receiver.answering = () => 410;
    const { id } = await hooked(service, receiver.url, ofLeases);
    await service.until((await service.lease()).id, 'active');
    const view = async () => (await service.ask('GET', `/v1/webhooks/${id}`)).body;
    await eventually(async () => (await view()).reason?.code).toBe('gone');
    expect(receiver.received).toHaveLength(1);
    expect((await view()).state).toBe('disabled');
  });

  it('that does not answer, or without end, is given up in time, and holds nobody else up', async () => {
    const service = await start({ webhooks: { attemptMs: 300, answerBytes: 1024 } });
    const [slow, endless, quick] = [await receiving(), await receiving(), await receiving()];
    slow.answering = () => undefined;
    endless.answering = (_, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (response.destroyed) return;
        response.write('x'.repeat(4096));
        setImmediate(more);
      };
      more();
      return undefined;
    };
    const hooks: { readonly id: string }[] = [];
    for (const { url } of [slow, endless, quick]) hooks.push(await hooked(service, url, ofLeases));
    for (let i = 0; i < 3; i++) await service.until((await service.lease()).id, 'active');
    // An answer that is too long is one all the same.
    for (const each of [quick, endless])
      await eventually(async () => each.received.length - (await numberOf(service))).toBe(0);
    const last = async () => (await service.ask('GET', `/v1/webhooks/${hooks[0]!.id}/deliveries`)).body.items[0];
    await eventually(async () => (await last())?.detail).toBe('no answer within 0.3 s');
    expect(new Set(slow.turns).size).toBe(1);
  });
});

describe('what was sent', () => {
  it('is sent again from a turn on, with the ids that it had', async () => {
    const [service, receiver] = [await start(), await receiving()];
    const { id } = await hooked(service, receiver.url, ofLeases);
    for (let i = 0; i < 3; i++) await service.until((await service.lease()).id, 'active');
    const count = await numberOf(service);
    await eventually(() => receiver.received.length).toBe(count);
    const ids = receiver.received.map((one) => one.id);
    const from = receiver.turns[1]!;
    const { status } = await service.ask('POST', `/v1/webhooks/${id}/replay`, { after: from });
    expect(status).toBe(200);
    await eventually(() => receiver.received.length).toBe(count + count - 2);
    expect(receiver.received.slice(count).map((one) => one.id)).toEqual(ids.slice(2));
    const late = await service.ask('POST', `/v1/webhooks/${id}/replay`, { after: service.follower.head + 10 });
    expect(late.body).toMatchObject({ code: 'request-invalid', errors: [{ pointer: '/after' }] });
  });

  it('is not sent again by a service that is started anew: it goes on where the other one stopped', async () => {
    const log = new MemoryLog();
    const receiver = await receiving();
    const first = await Service.start({ store: new MemoryStore(log), webhooks: { ...QUICK, saveMs: 60_000 } });
    const { id, secret } = await hooked(first, receiver.url, ofLeases);
    await first.until((await first.lease()).id, 'active');
    const seen = await numberOf(first);
    await eventually(() => receiver.received.length).toBe(seen);
    // The next is failing when the service stops.
    receiver.answering = () => 500;
    await first.lease();
    await eventually(() => receiver.received.length).toBeGreaterThan(seen);
    await first.stop();
    receiver.answering = () => 200;
    const before = receiver.received.length;
    const second = await start({ store: new MemoryStore(log) });
    await second.lease();
    await eventually(async () => seen + receiver.received.length - before - (await numberOf(second))).toBe(0);
    expect(receiver.received[before]!.id).toBe(receiver.received[before - 1]!.id);
    expect(isSigned(receiver.received.at(-1)!, secret)).toBe(true);
    expect((await second.ask('GET', `/v1/webhooks/${id}`)).body.state).toBe('active');
  });
});

describe('a webhook of somebody', () => {
  async function people(options: ServiceOptions = {}) {
    const service = await start(options);
    for (const name of ['red', 'blue']) await service.ask('POST', '/v1/projects', { name });
    const ids: Record<string, string> = {};
    const ask: Record<string, Ask> = {};
    for (const [who, request] of Object.entries({
      ann: { project: 'red', roles: ['user'] },
      ada: { project: 'red', roles: ['project-admin'] },
      bob: { project: 'blue', roles: ['user'] },
      eve: { roles: ['auditor'] },
      oz: { project: 'red', roles: ['operator'] },
    })) {
      const { body } = await service.ask('POST', '/v1/tokens', { subject: who, ...request });
      ids[who] = body.id;
      ask[who] = as(service, body.token);
    }
    return { service, ask, ids };
  }

  it('hears of leases that they see, and of nothing else', async () => {
    const { service, ask } = await people();
    const receiver = await receiving();
    const { id } = await hooked(service, receiver.url, {}, ask.ann);
    const lease = async (who: string) => (await ask[who]!('POST', '/v1/leases', SMALL)).body.id as string;
    const foreign = await lease('bob');
    const own = await lease('ann');
    await service.until(own, 'active');
    await service.until(foreign, 'active');
    const { text } = await ask.ann!('GET', '/v1/events');
    const logged = text.split('\n').filter(Boolean);
    await eventually(() => receiver.received.length).toBe(logged.length);
    expect(receiver.received.map(({ body }) => body.data)).toEqual(logged.map((line) => JSON.parse(line)));
    expect(receiver.received.map((one) => one.text).join('')).not.toContain(foreign);
    expect((await ask.ann!('GET', `/v1/webhooks/${id}`)).body).toMatchObject({
      user: 'ann',
      project: 'red',
      hears: 'own',
    });
  });

  it('is unknown to those whom it does not concern, and changed by those alone who may', async () => {
    const { service, ask } = await people();
    const { id } = await hooked(service, 'http://127.0.0.1:9999/', {}, ask.ann);
    const changes = async (who: string, of: string) =>
      (await ask[who]!('PATCH', `/v1/webhooks/${of}`, { name: who })).status;
    const reads = async (who: string, of: string) => (await ask[who]!('GET', `/v1/webhooks/${of}`)).status;
    for (const [who, read, change] of [
      ['ann', 200, 200],
      ['ada', 200, 200],
      ['bob', 404, 404],
      ['eve', 200, 403],
      ['oz', 200, 200],
    ] as const) {
      expect([who, await reads(who, id), await changes(who, id)]).toEqual([who, read, change]);
      const { items } = (await ask[who]!('GET', '/v1/webhooks')).body;
      expect(items.map((one: { id: string }) => one.id)).toEqual(read === 200 ? [id] : []);
    }
    // It still hears for its owner, whoever has changed it.
    expect((await ask.ann!('GET', `/v1/webhooks/${id}`)).body).toMatchObject({ name: 'oz', user: 'ann', hears: 'own' });
    // What hears of everything is no matter of the admin of a project, although it is of somebody of the project.
    const all = await hooked(service, 'http://127.0.0.1:9999/', {}, ask.oz);
    for (const who of ['ada', 'ann']) {
      expect([await reads(who, all.id), await changes(who, all.id)]).toEqual([404, 404]);
      for (const action of ['test', 'secret', 'replay'])
        expect(
          (await ask[who]!('POST', `/v1/webhooks/${all.id}/${action}`, action === 'replay' ? { after: 0 } : undefined))
            .status,
        ).toBe(404);
      expect((await ask[who]!('DELETE', `/v1/webhooks/${all.id}`)).status).toBe(404);
    }
  });

  it('hears nothing more when their token is revoked, until they take it over with another', async () => {
    const { service, ask, ids } = await people();
    const receiver = await receiving();
    const { id } = await hooked(service, receiver.url, ofLeases, ask.ann);
    await ask.ann!('POST', '/v1/leases', SMALL);
    await eventually(() => receiver.received.length).toBeGreaterThan(1);
    const next = await service.token({ subject: 'ann', project: 'red', roles: ['user'] });
    await service.ask('DELETE', `/v1/tokens/${ids.ann}`);
    const seen = receiver.received.length;
    const view = (await service.ask('GET', `/v1/webhooks/${id}`)).body;
    expect(view).toMatchObject({ state: 'disabled', reason: { code: 'owner-gone' } });
    const { body: lease } = await as(service, next)('POST', '/v1/leases', SMALL);
    await service.until(lease.id, 'active');
    expect(receiver.received).toHaveLength(seen);
    // An operator who changes it does not make it hear again.
    await service.ask('PATCH', `/v1/webhooks/${id}`, { enabled: true });
    expect((await service.ask('GET', `/v1/webhooks/${id}`)).body.state).toBe('disabled');
    await as(service, next)('PATCH', `/v1/webhooks/${id}`, {});
    expect((await service.ask('GET', `/v1/webhooks/${id}`)).body.state).toBe('active');
    await eventually(() => receiver.received.some(({ text }) => text.includes(lease.id))).toBe(true);
  });

  it('is one of so many, and needs what it hears of', async () => {
    const { service, ask } = await people({ webhooks: { perOwner: 2, all: 3 } });
    for (let i = 0; i < 2; i++) await hooked(service, 'http://127.0.0.1:9999/', {}, ask.ann);
    const url = 'http://127.0.0.1:9999/';
    expect((await ask.ada!('POST', '/v1/webhooks', { url })).body).toMatchObject({
      code: 'webhook-limit',
      status: 409,
    });
    await hooked(service, url, {}, ask.bob);
    expect((await ask.bob!('POST', '/v1/webhooks', { url })).body.detail).toContain('3 in all');
    const { body } = await ask.ann!('POST', '/v1/tokens', { scopes: ['webhooks:write'] });
    expect((await as(service, body.token)('POST', '/v1/webhooks', { url })).body.code).toBe('forbidden');
    const asked = await ask.bob!('POST', '/v1/webhooks', { url: 'http://10.0.0.1/' });
    expect(asked.body).toMatchObject({ code: 'request-invalid', errors: [{ pointer: '/url' }] });
  });

  it('is made by nobody who only asks what would be', async () => {
    const { service, ask } = await people();
    const { status, body } = await ask.ann!('POST', '/v1/webhooks?dryRun=true', { url: 'http://127.0.0.1:9999/' });
    expect([status, body.dryRun]).toEqual([200, true]);
    expect(JSON.stringify(body)).not.toContain('whsec_');
    expect((await service.ask('GET', '/v1/webhooks')).body.items).toEqual([]);
  });
});

it('a name that leads inside is not connected to, and what was found is not told', async () => {
  const receiver = await receiving();
  const port = new URL(receiver.url).port;
  const found: Record<string, string[]> = { 'out.example': ['127.0.0.1'], 'in.example': ['127.0.0.1', '127.0.0.2'] };
  const service = await start({ webhooks: { resolve: async (name) => found[name] ?? [] } });
  const tested = async (name: string) => {
    const { id } = await hooked(service, `http://${name}:${port}/hook`);
    return (await service.ask('POST', `/v1/webhooks/${id}/test`)).body;
  };
  expect(await tested('out.example')).toMatchObject({ result: 'delivered' });
  expect(receiver.received[0]!.headers.host).toBe(`out.example:${port}`);
  const refused = await tested('in.example');
  expect(refused).toMatchObject({ result: 'refused', status: null });
  expect(refused.detail).not.toContain('127');
  expect(receiver.received).toHaveLength(1);
});

it('a service with another key does not sign, and says so; a new secret helps', async () => {
  const log = new MemoryLog();
  const receiver = await receiving();
  const first = await Service.start({ store: new MemoryStore(log) });
  const { id } = await hooked(first, receiver.url, ofLeases);
  await first.stop();
  const second = await start({ store: new MemoryStore(log), webhooks: { key: Buffer.alloc(32, 8) } });
  expect((await second.ask('GET', `/v1/webhooks/${id}`)).body).toMatchObject({
    state: 'disabled',
    reason: { code: 'key-missing' },
  });
  expect((await second.ask('POST', `/v1/webhooks/${id}/test`)).body.code).toBe('webhook-state');
  await second.lease();
  const { secret } = (await second.ask('POST', `/v1/webhooks/${id}/secret`)).body;
  await eventually(() => receiver.received.length).toBeGreaterThan(0);
  expect(isSigned(receiver.received[0]!, secret)).toBe(true);
});

/** How many turns hold what `ofLeases` lets through. */
async function numberOf(service: Service): Promise<number> {
  const { text } = await service.ask('GET', `/v1/events?type=${ofLeases.filter.types.join(',')}`);
  return text.split('\n').filter(Boolean).length;
}
