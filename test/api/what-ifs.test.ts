/** What-ifs over HTTP: asked for, followed, read in pages, and without any trace in the log. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WhatIfs } from '../../api/what-ifs/what-ifs.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';
import { Service, SMALL } from '../support/service.js';

const ALL = { ...SMALL, vms: 4, resources: { cpu: 8 } };

describe('a what-if', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start();
  });
  afterEach(() => service.stop());

  async function asked(request: Record<string, unknown>) {
    const { status, body, headers } = await service.ask('POST', '/v1/whatifs', request);
    expect(status, JSON.stringify(body)).toBe(202);
    expect(headers.location).toBe(`/v1/whatifs/${body.id}`);
    const read = async () => (await service.ask('GET', headers.location!)).body;
    await eventually(async () => (await read()).state).toBe('done');
    return { body: await read(), url: headers.location! };
  }

  it('without changes makes no difference', async () => {
    await service.lease(ALL);
    await service.lease(ALL);
    const { body } = await asked({});
    expect(body).toMatchObject({ progress: 1, differences: 0, notAccepted: [], detail: null });
    expect(body.variant).toEqual(body.baseline);
    expect(body.baseline).toMatchObject({ leases: 2, completed: 2, unfinished: 0 });
  });

  it('says which leases go otherwise, shows both schedules, and leaves the log alone', async () => {
    const running = await service.lease(ALL);
    const waiting = await service.lease(ALL);
    await service.until(running.id, 'active');
    const { head } = service.follower;
    const { body, url } = await asked({
      nodes: { add: ['4x cpu=8,memory=32GiB'], drain: [99] },
      leases: { add: [SMALL] },
      policy: { backfilling: 'none' },
    });
    expect(service.follower.head).toBe(head);
    expect(body.basedOn).toBe(head);
    expect(body.notAccepted).toEqual([{ command: 'DrainNode', detail: 'there is no node 99' }]);
    const { items } = (await service.ask('GET', `${url}/leases`)).body;
    expect(items.map(({ lease }: { lease: string }) => lease)).toEqual([waiting.id, 'what-if-1']);
    expect(items[0].startsLater).toBeLessThan(-3000);
    expect(items[1]).toMatchObject({ baseline: null, variant: { state: 'done' } });
    const first = await service.ask('GET', `${url}/schedule?of=variant&page_size=1`);
    expect(first.body.items).toHaveLength(1);
    const rest = await service.ask('GET', `${url}/schedule?of=variant&page_token=${first.body.nextPageToken}`);
    expect(rest.body.items.map(({ lease }: { lease: string }) => lease)).toEqual([waiting.id, 'what-if-1']);
    expect((await service.ask('DELETE', url)).status).toBe(200);
    expect((await service.ask('GET', url)).body.code).toBe('what-if-unknown');
  });

  it('goes on from an earlier turn, or time, as it was then', async () => {
    const first = await service.lease(ALL);
    const { turn } = await service.until(first.id, 'active');
    const then = new Date().toISOString();
    await eventually(() => new Date().toISOString() > then).toBe(true);
    const second = await service.lease(ALL);
    await service.ask('DELETE', `/v1/leases/${first.id}`);
    await service.until(second.id, 'active');
    for (const asOf of [String(turn), then]) {
      const { body, url } = await asked({ asOf, leases: { add: [ALL] } });
      expect([body.basedOn, body.baseline.leases]).toEqual([turn, 1]);
      const { items } = (await service.ask('GET', `${url}/leases`)).body;
      expect(items.map(({ lease }: { lease: string }) => lease)).toEqual(['what-if-1']);
      const { items: bars } = (await service.ask('GET', `${url}/schedule?of=baseline`)).body;
      expect(bars.map(({ lease }: { lease: string }) => lease)).toEqual([first.id]);
    }
    for (const asOf of ['0', '99999', 'yesterday', '2099-01-01T00:00:00Z', '1999-01-01T00:00:00Z']) {
      const { status, body } = await service.ask('POST', '/v1/whatifs', { asOf });
      expect([status, body.errors?.[0]?.pointer], JSON.stringify(body)).toEqual([422, '/asOf']);
    }
  });

  it('is followed until it is over', async () => {
    await service.lease({});
    const { url } = await asked({ horizon: 'PT1H' });
    const { text, headers } = await service.ask('GET', `${url}/events`);
    expect(headers['content-type']).toBe('text/event-stream');
    const [, last] = /event: progress\ndata: (.*)\n\n$/.exec(text) ?? [];
    expect(JSON.parse(last!)).toMatchObject({ state: 'done', progress: 1 });
  });

  it('is refused where what is to be otherwise is at fault', async () => {
    for (const [wrong, pointer] of [
      [{ policy: { backfiling: 'easy' } }, '/policy/backfiling'],
      [{ nodes: { add: ['many'] } }, '/nodes/add/0'],
      [{ nodes: { add: ['1x tpu=1'] } }, '/nodes/add/0'],
      [{ horizon: 'soon' }, '/horizon'],
      [{ leases: { add: [{ ...SMALL, commit: 'Q1' }] } }, '/leases/add/0'],
    ] as const) {
      const { status, body } = await service.ask('POST', '/v1/whatifs', wrong);
      expect([status, body.errors?.[0]?.pointer], JSON.stringify(body)).toEqual([422, pointer]);
    }
  });
});

describe('the queue of what-ifs', () => {
  const never = () => new Promise<never>(() => {});

  it('runs one at a time, lets eight wait, and goes on when one is cancelled', () => {
    const queue = new WhatIfs(() => () => {});
    const all = Array.from({ length: 9 }, () => queue.add('ada', 0, never));
    expect(all.map(({ state }) => state)).toEqual(['running', ...Array.from({ length: 8 }, () => 'queued')]);
    expect(() => queue.add('ada', 0, never)).toThrow(/waiting/);
    queue.cancel(all[0]!);
    expect(all.map(({ state }) => state).slice(0, 3)).toEqual(['cancelled', 'running', 'queued']);
    expect(queue.find(all[0]!.id)).toBeNull();
    queue.close();
    expect(all.every(({ state }) => state === 'cancelled')).toBe(true);
  });

  it('says why one failed', async () => {
    const queue = new WhatIfs(() => () => {});
    const one = queue.add('ada', 0, () => Promise.reject(new Error('no state')));
    await eventually(() => [one.state, one.detail]).toEqual(['failed', 'no state']);
  });
});

describe('what is worked out beside the service', () => {
  it('answer quotes and run what-ifs in the service', needs('build'), async () => {
    const directory = temporaryDirectory();
    const service = await ServedProcess.start(directory.path, []);
    const ask = async (method: string, path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' };
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      return (await (await fetch(new URL(path, service.url), init)).json()) as Record<string, never>;
    };
    try {
      expect(await ask('POST', '/v1/quotes', SMALL)).toMatchObject({ feasible: true });
      const { id } = await ask('POST', '/v1/whatifs', { nodes: { drain: [1] }, leases: { add: [SMALL] } });
      await eventually(async () => (await ask('GET', `/v1/whatifs/${id}`)).state).toBe('done');
      expect(await ask('GET', `/v1/whatifs/${id}`)).toMatchObject({ differences: 1, variant: { completed: 1 } });
    } finally {
      await service.signal('SIGTERM');
      directory.remove();
    }
  });
});
