/** The event feed: the log as it is, in lines or as server-sent events that resume where a client stopped. */

import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { audit, decodeTurn, emptyState, type Turn } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { Service, type ServiceOptions, TOKEN } from '../support/service.js';

let service: Service | null = null;
afterEach(async () => {
  await service?.stop();
  service = null;
});

async function start(options: ServiceOptions = {}): Promise<Service> {
  service = await Service.start(options);
  return service;
}

const turnsIn = (text: string): Turn[] => text.split('\n').filter(Boolean).map(decodeTurn);

describe('NDJSON', () => {
  it('is the whole log, as the audit reads it', async () => {
    const service = await start({ timeScale: 100 });
    const { id } = await service.lease({ duration: '200s' });
    await service.until(id, 'done');
    const { headers, text } = await service.ask('GET', '/v1/events');
    expect(headers['content-type']).toBe('application/x-ndjson');
    const turns = turnsIn(text);
    expect(turns.map(({ number }) => number)).toEqual(Array.from({ length: service.follower.head }, (_, i) => i + 1));
    const log = (async function* () {
      yield* turns;
    })();
    expect(await audit(emptyState(), log)).toBeNull();
  });

  it('begins after a turn', async () => {
    const service = await start();
    for (let i = 0; i < 3; i++) await service.until((await service.lease()).id, 'active');
    const { text } = await service.ask('GET', '/v1/events?after=2');
    expect(turnsIn(text)[0]!.number).toBe(3);
    expect((await service.ask('GET', `/v1/events?after=${service.follower.head}`)).text).toBe('');
  });

  it('finds turns in the store that memory has forgotten', async () => {
    const service = await start({ limits: { recentTurns: 2 } });
    for (let i = 0; i < 10; i++) await service.until((await service.lease({ resources: { cpu: 0.1 } })).id, 'active');
    expect(service.follower.recent.first).toBeGreaterThan(5);
    const numbers = turnsIn((await service.ask('GET', '/v1/events')).text).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: service.follower.head }, (_, i) => i + 1));
  });
});

describe('a stream', () => {
  it('goes on with what happens', async () => {
    const service = await start();
    const stream = await open(service, '/v1/events?follow=true', 'application/x-ndjson');
    const { id } = await service.lease();
    await eventually(() => stream.text()).toContain(id);
    await stream.close();
  });

  it('resumes after the last event that a client has seen', async () => {
    const service = await start({ limits: { recentTurns: 3 } });
    const first = await open(service, '/v1/events?after=0', 'text/event-stream');
    await service.until((await service.lease()).id, 'active');
    await eventually(() => idsIn(first.text()).at(-1)).toBe(service.follower.head);
    await first.close();
    const seen = idsIn(first.text());
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => i + 1));

    // While it is away more happens than memory holds.
    for (let i = 0; i < 5; i++) await service.until((await service.lease({ resources: { cpu: 0.1 } })).id, 'active');
    const second = await open(service, '/v1/events', 'text/event-stream', { 'last-event-id': String(seen.at(-1)) });
    await eventually(() => idsIn(second.text()).at(-1)).toBe(service.follower.head);
    await second.close();
    const all = [...seen, ...idsIn(second.text())];
    expect(all).toEqual(Array.from({ length: service.follower.head }, (_, i) => i + 1));
  });

  it('starts with the present unless told otherwise', async () => {
    const service = await start();
    const { head } = service.follower;
    const stream = await open(service, '/v1/events', 'text/event-stream');
    await service.lease();
    await eventually(() => idsIn(stream.text())[0]).toBe(head + 1);
    await stream.close();
  });

  it('gives signs of life', async () => {
    const service = await start({ limits: { heartbeatMs: 20 } });
    const stream = await open(service, '/v1/events', 'text/event-stream');
    await eventually(() => stream.text().split(': alive\n\n').length).toBeGreaterThan(2);
    await stream.close();
  });

  it('is one of a limited number, and makes room when its client goes', async () => {
    const service = await start({ limits: { streamsMax: 1 } });
    const stream = await open(service, '/v1/events', 'text/event-stream');
    const refused = await service.ask('GET', '/v1/events?follow=true');
    expect(refused.body.code).toBe('busy');
    await stream.close();
    await eventually(async () => (await service.ask('GET', '/v1/events')).status).toBe(200);
  });

  it('ends when the service stops', async () => {
    const service = await start();
    const stream = await open(service, '/v1/events', 'text/event-stream');
    await service.app.close();
    await stream.ended;
  });
});

describe('a filter', () => {
  it('leaves what was asked for, of the turns that hold any of it', async () => {
    const service = await start();
    const one = await service.lease({ project: 'lab' });
    const other = await service.lease({ project: 'farm' });
    for (const { id } of [one, other]) await service.until(id, 'active');
    const found = async (query: string) => turnsIn((await service.ask('GET', `/v1/events?${query}`)).text);
    const typesIn = (turns: Turn[]) => turns.flatMap((turn) => [...turn.inputs, ...turn.decisions]);
    for (const turn of await found(`lease=${one.id}`)) expect(JSON.stringify(turn)).not.toContain(other.id);
    const started = typesIn(await found(`lease=${one.id}&type=StartOrdered,VmsStarted`));
    expect(started.map(({ type }) => type)).toEqual(['StartOrdered', 'VmsStarted']);
    const ofLab = typesIn(await found('project=lab')).map((event) => 'lease' in event && event.lease);
    expect(new Set(ofLab)).toEqual(new Set([one.id]));
    expect(await found('type=NodeLost')).toEqual([]);
    expect((await service.ask('GET', '/v1/events?type=lower')).body.errors[0].pointer).toBe('query/type');
  });

  it('is told where it is, so that a client that comes back does not begin again', async () => {
    const service = await start({ limits: { heartbeatMs: 20 } });
    const stream = await open(service, '/v1/events?type=NodeLost', 'text/event-stream');
    for (let i = 0; i < 3; i++) await service.until((await service.lease({ resources: { cpu: 0.1 } })).id, 'active');
    await eventually(() => idsIn(stream.text()).at(-1)).toBe(service.follower.head);
    expect(stream.text()).not.toContain('data:');
    await stream.close();
  });
});

describe('the events of a lease', () => {
  it('are those that the log holds of it, in its order', async () => {
    const service = await start({ timeScale: 100 });
    const [one, other] = [await service.lease({ duration: '200s' }), await service.lease({ duration: '100s' })];
    for (const { id } of [one, other]) await service.until(id, 'done');
    const logged = turnsIn((await service.ask('GET', `/v1/events?lease=${one.id}`)).text);
    const expected = logged.flatMap(({ number, inputs, decisions }) =>
      [...inputs, ...decisions].map((event) => [number, event]),
    );
    const { body } = await service.ask('GET', `/v1/leases/${one.id}/events`);
    const found = body.items.map(({ turn, event }: { turn: number; event: unknown }) => [turn, event]);
    expect(found).toEqual(JSON.parse(JSON.stringify(expected)));
    expect((await service.ask('GET', '/v1/leases/none/events')).body.code).toBe('lease-unknown');
  });
});

describe('many streams', () => {
  it('are limited for each caller', async () => {
    const service = await start({ limits: { streamsOfCallerMax: 2 } });
    const streams = [await open(service, '/v1/events', 'text/event-stream')];
    streams.push(await open(service, '/v1/events', 'text/event-stream'));
    const { status, body } = await service.ask('GET', '/v1/events?follow=true');
    expect([status, body.code]).toEqual([429, 'rate-limited']);
    for (const stream of streams) await stream.close();
  });

  it('end after a while: their clients come back', async () => {
    const service = await start({ limits: { streamLifeMs: 50 } });
    const stream = await open(service, '/v1/events', 'text/event-stream');
    await stream.ended;
  });

  it('are each the log, in order and without gaps, and those that are not read hold nothing up', async () => {
    const count = 100;
    const service = await start({ limits: { streamsOfCallerMax: count, recentTurns: 64 }, timeScale: 50 });
    const sockets = new Set<Socket>();
    service.app.server.on('connection', (socket: Socket) => sockets.add(socket));
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.app.server.address() as AddressInfo;
    const clients = Array.from({ length: count }, (_, i) => new RawClient(port, i % 10 === 0));
    await eventually(() => clients.every((client) => client.began)).toBe(true);
    const terms = { resources: { cpu: 0.01 }, duration: '60s', labels: { filler: 'x'.repeat(120) } };
    for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 8 }, () => service.lease(terms)));
    const { head } = service.follower;
    const reading = clients.filter(({ stalled }) => !stalled);
    await eventually(() => reading.every(({ last }) => last >= head)).toBe(true);
    for (const { gaps } of reading) expect(gaps).toBe(0);
    // What waits for those that do not read is bounded, whatever they miss.
    expect(Math.max(...[...sockets].map(({ writableLength }) => writableLength))).toBeLessThan(128 * 1024);
    // They find all of it when they do.
    for (const client of clients) client.go();
    await eventually(() => clients.every(({ last }) => last >= head)).toBe(true);
    for (const client of clients) {
      expect(client.gaps).toBe(0);
      client.leave();
    }
  });
});

/** A client that sees ids and nothing else, and may not read at all for a while. */
class RawClient {
  began = false;
  last = 0;
  gaps = 0;
  private rest = '';
  private readonly socket: Socket;

  constructor(
    port: number,
    readonly stalled: boolean,
  ) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1');
    this.socket.write(
      `GET /v1/events?after=0 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
    );
    this.socket.on('data', (text: string) => this.read(text));
    this.socket.on('error', () => {});
  }

  go(): void {
    this.socket.resume();
  }

  leave(): void {
    this.socket.destroy();
  }

  private read(text: string): void {
    if (!this.began && this.stalled) this.socket.pause();
    this.began = true;
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) {
      const id = /^id: (\d+)\r?$/.exec(line)?.[1];
      if (id === undefined) continue;
      if (Number(id) !== this.last + 1) this.gaps++;
      this.last = Number(id);
    }
  }
}

function idsIn(text: string): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

/** Opens a stream over a real socket and collects what comes. */
async function open(service: Service, path: string, accept: string, more: Record<string, string> = {}) {
  if (service.app.server.address() === null) await service.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = service.app.server.address() as AddressInfo;
  const leave = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${TOKEN}`, accept, ...more },
    signal: leave.signal,
  });
  expect(response.status).toBe(200);
  let text = '';
  const ended = (async () => {
    try {
      const decoder = new TextDecoder();
      for await (const chunk of response.body!) text += decoder.decode(chunk as Uint8Array, { stream: true });
    } catch (error) {
      if (!leave.signal.aborted) throw error;
    }
  })();
  return {
    text: () => text,
    ended,
    close: async () => {
      leave.abort();
      await ended;
    },
  };
}
