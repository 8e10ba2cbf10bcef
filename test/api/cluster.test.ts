/** Nodes and the schedule over HTTP. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SEES_ALL } from '../../api/access/sight.js';
import { Follower } from '../../api/follower.js';
import { nodeViews } from '../../api/node-views.js';
import { encodeTurn } from '../../engine/index.js';
import { eventually } from '../support/eventually.js';
import { nodes } from '../support/play.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start({ nodes: '3x cpu=8,memory=32GiB' });
});
afterEach(() => service.stop());

interface Bar {
  readonly lease: string;
  readonly activity: string;
  readonly phase: string;
  readonly from: string;
  readonly until: string | null;
  readonly nodes: string | null;
}

const bars = async (query = ''): Promise<Bar[]> => (await service.ask('GET', `/v1/schedule${query}`)).body.items;
const later = (ms: number): string => new Date(Date.now() + ms).toISOString();
const HOUR = 3_600_000;

describe('nodes', () => {
  it('are listed with what is in use, and by whom', async () => {
    const { id } = await service.lease({ vms: 2, resources: { cpu: 3, memoryMiB: 2048 } });
    const { body } = await service.ask('GET', '/v1/nodes');
    expect(body.items).toHaveLength(3);
    expect(body.items[0]).toEqual({
      number: 1,
      name: 'n1',
      status: 'up',
      load: 'unknown',
      capacity: { cpu: 8, memoryMiB: 32768 },
      used: { cpu: 6, memoryMiB: 4096 },
      exclusive: false,
      labels: {},
      leases: [id],
      emptyBy: null,
      conditions: [],
    });
    expect(body.items[1].leases).toEqual([]);
  });

  it('show the load that was seen last', () => {
    const follower = new Follower(1);
    const inputs = [
      { type: 'NodesAdded', nodes: { first: 1, ...nodes(2) } },
      { type: 'NodeLoadObserved', at: 0, node: 2, load: 'high' },
    ] as const;
    follower.take(encodeTurn({ number: 1, now: 0, inputs, decisions: [] }));
    expect(nodeViews(follower, 1, 2, SEES_ALL).map(({ load }) => load)).toEqual(['unknown', 'high']);
  });

  it('are listed in pages', async () => {
    const first = await service.ask('GET', '/v1/nodes?page_size=2');
    expect(first.body.items.map(({ number }: { number: number }) => number)).toEqual([1, 2]);
    const second = await service.ask('GET', `/v1/nodes?page_size=2&page_token=${first.body.nextPageToken}`);
    expect(second.body).toMatchObject({ items: [{ number: 3 }], nextPageToken: null });
  });

  it('take nothing new while they drain, and take it again when restored', async () => {
    for (const number of [1, 2]) {
      const { status, body } = await service.ask('POST', `/v1/nodes/${number}/drain`);
      expect([status, body.status]).toEqual([200, 'draining']);
    }
    expect((await service.lease({ resources: { cpu: 8 } })).nodes).toBe('3');
    const waiting = await service.lease({ resources: { cpu: 8 } });
    expect(waiting.state).toBe('waiting');
    const { body } = await service.ask('POST', '/v1/nodes/1/restore');
    expect(body.status).toBe('up');
    expect((await service.until(waiting.id, 'active')).nodes).toBe('1');
  });

  it('may be removed: leases on them wait again', async () => {
    const lease = await service.lease({ resources: { cpu: 8 } });
    await service.until(lease.id, 'active');
    const { body } = await service.ask('DELETE', '/v1/nodes/1');
    expect(body.status).toBe('gone');
    await eventually(async () => (await service.read(lease.id)).nodes).toBe('2');
    expect((await service.ask('POST', '/v1/nodes/1/restore')).body.code).toBe('node-state');
  });
});

describe('the schedule', () => {
  it('shows what was, is and is planned', async () => {
    const past = await service.lease({ resources: { cpu: 8 } });
    await service.until(past.id, 'active');
    await service.ask('DELETE', `/v1/leases/${past.id}`);
    await service.until(past.id, 'cancelled');
    const now = await service.lease({ vms: 3, resources: { cpu: 8 }, duration: '1h' });
    const active = await service.until(now.id, 'active');
    const at = later(2 * HOUR);
    const planned = await service.lease({ start: { kind: 'advance', at } });

    const found = await bars();
    const shown = found.map(({ lease, phase, nodes }) => ({ lease, phase, nodes }));
    expect(shown).toEqual([
      { lease: past.id, phase: 'past', nodes: '1' },
      { lease: now.id, phase: 'now', nodes: '1-3' },
      { lease: planned.id, phase: 'planned', nodes: '1' },
    ]);
    expect(found[1]!.until).toBe(active.until);
    expect(Date.parse(found[2]!.from)).toBe(Date.parse(at));
  });

  it('keeps to the time and the node that are asked for', async () => {
    const now = await service.lease({ resources: { cpu: 8 } });
    await service.until(now.id, 'active');
    const tomorrow = await service.lease({ start: { kind: 'advance', at: later(30 * HOUR) } });
    expect((await bars()).map(({ lease }) => lease)).toEqual([now.id]);
    const window = `?from=${later(29 * HOUR)}&to=${later(40 * HOUR)}`;
    expect((await bars(window)).map(({ lease }) => lease)).toEqual([tomorrow.id]);
    expect((await bars('?node=1')).map(({ lease }) => lease)).toEqual([now.id]);
    expect(await bars('?node=2')).toEqual([]);
  });

  it('shows a suspension that is planned, and the run that ends with it', async () => {
    const victim = await service.lease({ vms: 3, resources: { cpu: 8, memoryMiB: 5000 }, duration: '3h' });
    await service.until(victim.id, 'active');
    const at = later(HOUR);
    await service.lease({ vms: 3, resources: { cpu: 8 }, start: { kind: 'advance', at } });
    const own = (await bars()).filter(({ lease }) => lease === victim.id);
    expect(own.map(({ activity, phase }) => `${activity} ${phase}`)).toContain('suspension planned');
    const run = own.find(({ activity }) => activity === 'run')!;
    const suspension = own.find(({ activity }) => activity === 'suspension')!;
    expect(run.until).toBe(suspension.from);
    expect(Date.parse(suspension.until!)).toBe(Date.parse(at));
  });

  it('comes in pages', async () => {
    for (let i = 1; i <= 5; i++) await service.lease({ start: { kind: 'advance', at: later(i * HOUR) } });
    const whole = await bars();
    expect(whole).toHaveLength(5);
    const pages: Bar[] = [];
    let token: string | null = '';
    while (token !== null) {
      const page: string = token === '' ? '' : `&page_token=${token}`;
      const { body } = await service.ask('GET', `/v1/schedule?page_size=2${page}`);
      pages.push(...body.items);
      token = body.nextPageToken;
    }
    expect(pages).toEqual(whole);
  });
});

describe('health', () => {
  it('tells the last turn that reads know of', async () => {
    await service.ask('POST', '/v1/leases', SMALL);
    expect((await service.ask('GET', '/livez')).body).toEqual({ status: 'ok' });
    const ready = { status: 'ok', turn: service.follower.head, role: 'leader' };
    expect((await service.ask('GET', '/readyz')).body).toEqual(ready);
  });
});
