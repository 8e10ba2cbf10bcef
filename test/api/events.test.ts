/** The event feed: the log as it is, in lines or as server-sent events that resume where a client stopped. */

import type { AddressInfo } from 'node:net';
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
