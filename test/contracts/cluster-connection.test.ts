/** Simulated machines in a process of their own: what the connection to them promises beside what every cluster does. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { wallClock } from '../../adapters/live/clock.js';
import { parseClusterAddress } from '../../adapters/simulated/address.js';
import { ClusterServer } from '../../adapters/simulated/cluster-server.js';
import { RemoteCluster } from '../../adapters/simulated/remote-cluster.js';
import type { Observation } from '../../engine/index.js';
import { sharedNodes } from '../adapters/simulated-orders.js';
import { eventually } from '../support/eventually.js';
import { NODE_MIB, startOrder, stopOrder, written } from './cluster/orders.js';

const root = mkdtempSync(join(tmpdir(), 'leasehold-machines-'));
afterAll(() => rmSync(root, { recursive: true }));
const directory = (): string => mkdtempSync(join(root, 'm-'));
const NODES = [sharedNodes(4, [NODE_MIB])];

interface Served {
  readonly server: ClusterServer;
  readonly orders: string[];
}

async function serve(place: string): Promise<Served> {
  const orders: string[] = [];
  const server = await ClusterServer.listen({
    address: parseClusterAddress(`unix:${join(place, 's')}`),
    journal: join(place, 'journal'),
    timeScale: 1,
    clockFrom: () => wallClock,
    onOrder: (order, epoch, heard) => orders.push(`${order} of ${epoch} ${heard}`),
    onFailure: (error) => {
      throw error;
    },
  });
  return { server, orders };
}

/** A service's end of the connection. */
async function joined(place: string, onRefused: (highest: number) => void = () => {}): Promise<RemoteCluster> {
  return RemoteCluster.connect({
    address: parseClusterAddress(`unix:${join(place, 's')}`),
    nodes: NODES,
    gone: [],
    sharedImages: false,
    now: 0,
    isNews: () => true,
    onRefused,
  });
}

async function site(): Promise<Served & { readonly place: string; join: typeof joined }> {
  const place = directory();
  const served = await serve(place);
  onTestFinished(() => served.server.close().catch(() => {}));
  const all: RemoteCluster[] = [];
  onTestFinished(() => Promise.all(all.map((cluster) => cluster.close())).then(() => {}));
  const joins: typeof joined = async (...args) => {
    const cluster = await joined(...args);
    all.push(cluster);
    return cluster;
  };
  return { ...served, place, join: joins };
}

function listening(cluster: RemoteCluster): string[] {
  const heard: string[] = [];
  cluster.listen({ next: (one: Observation) => heard.push(written(one)), error: () => heard.push('error') });
  return heard;
}

describe('a service that has been superseded', () => {
  test('is refused, and told by whom; its orders are not carried out', async () => {
    const { place, orders, join: joins } = await site();
    let highest = 0;
    const old = await joins(place, (epoch) => {
      highest = epoch;
    });
    await old.lead(3);
    const next = await joins(place);
    expect(next.welcome.epoch).toBe(3);
    const heard = listening(next);
    await next.lead(4);
    old.enact(startOrder('5.0', 'A', [1, 1], { epoch: 3 }));
    await eventually(() => highest).toBe(4);
    next.enact(startOrder('6.0', 'B', [1, 1], { epoch: 4 }));
    await eventually(() => heard).toEqual(['VmsStarted B 6.0']);
    expect(orders).toEqual(['5.0 of 3 stale', '6.0 of 4 new']);
  });

  test('is refused also after the machines were restarted', async () => {
    const { place, server, join: joins } = await site();
    await (await joins(place)).lead(7);
    await server.close();
    const again = await serve(place);
    onTestFinished(() => again.server.close());
    let highest = 0;
    const old = await joins(place, (epoch) => {
      highest = epoch;
    });
    expect(old.welcome.epoch).toBe(7);
    await old.lead(6);
    expect(highest).toBe(7);
  });

  test('hears no more of what happens', async () => {
    const { place, join: joins } = await site();
    const [old, next] = [await joins(place), await joins(place)];
    const [heardByOld, heard] = [listening(old), listening(next)];
    await old.lead(1);
    await next.lead(2);
    next.enact(startOrder('1.0', 'A', [1, 1], { epoch: 2 }));
    await eventually(() => heard).toEqual(['VmsStarted A 1.0']);
    expect(heardByOld).toEqual([]);
  });
});

describe('a connection that breaks', () => {
  test('is made again: what was missed is found, and orders without an answer are sent again', async () => {
    const { place, server, join: joins } = await site();
    const cluster = await joins(place);
    const heard = listening(cluster);
    await cluster.lead(1);
    cluster.enact(startOrder('1.0', 'A', [1, 1]));
    await eventually(() => heard).toEqual(['VmsStarted A 1.0']);
    await server.close();
    cluster.enact(startOrder('2.0', 'B', [2, 2]));
    const again = await serve(place);
    onTestFinished(() => again.server.close());
    await eventually(() => heard.slice(1)).toEqual(['VmsStarted A 1.0', 'VmsStarted B 2.0']);
    expect(again.orders).toEqual(['2.0 of 1 new']);
  });

  test('loses nothing that happens while nobody leads', async () => {
    const { place, join: joins } = await site();
    const first = await joins(place);
    await first.lead(1);
    first.enact(startOrder('1.0', 'A', [1, 1]));
    await first.close();
    const next = await joins(place);
    const heard = listening(next);
    await eventually(async () => (await next.survey()).map(written)).toEqual(['VmsStarted A 1.0']);
    const found = (await next.lead(2)).map(written);
    next.enact(stopOrder('2.0', 'A', { epoch: 2 }));
    await eventually(() => heard.at(-1)).toBe('VmsStopped A 2.0');
    expect([...found, ...heard]).toContain('VmsStarted A 1.0');
  });
});

describe('what comes in over the socket', () => {
  test.each([
    ['no JSON', 'x'],
    ['no message', '{"type":"invented"}'],
    ['another version', '{"type":"hello","version":2,"nodes":[],"gone":[],"sharedImages":false,"now":0}'],
    ['something before hello', '{"type":"survey","ticket":1}'],
    [
      'nodes of no shape',
      '{"type":"hello","version":1,"nodes":[{"first":"1"}],"gone":[],"sharedImages":false,"now":0}',
    ],
    ['an observation as an order', '{"type":"enact","order":{"id":"1.0","decision":{"type":"VmsStarted"}}}'],
    ['a line without an end', 'x'.repeat(17 * 1024 * 1024)],
  ])('%s ends its connection, and no other', async (_name, line) => {
    const { place, join: joins } = await site();
    const cluster = await joins(place);
    const answer = await say(place, line.length > 1_000 ? line : `${line}\n`);
    expect(JSON.parse(answer)).toMatchObject({ type: 'invalid', detail: expect.any(String) });
    expect(answer).not.toContain('    at ');
    await cluster.lead(1);
    expect(await cluster.survey()).toEqual([]);
  });

  test('an order for a node that is not there', async () => {
    const { place, orders, join: joins } = await site();
    const cluster = await joins(place);
    await cluster.lead(1);
    cluster.enact(startOrder('1.0', 'A', [99, 99]));
    const other = await joins(place);
    expect(await other.survey()).toEqual([]);
    expect(orders).toEqual([]);
  });
});

describe('the socket', () => {
  test('is for its owner alone, replaces one that nobody listens on, and no other', async () => {
    const place = directory();
    const path = join(place, 's');
    // What a process leaves behind that was killed.
    const dead = createServer().listen(path);
    await new Promise((resolve) => dead.once('listening', resolve));
    const kept = join(place, 'kept');
    const { linkSync, renameSync } = await import('node:fs');
    linkSync(path, kept);
    await new Promise((resolve) => dead.close(resolve));
    renameSync(kept, path);

    const { server } = await serve(place);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(serve(place)).rejects.toThrow('another process listens there');
    await server.close();
  });

  test.each([
    'tcp://10.0.0.1:7070',
    'tcp://example.org:1',
    'unix:relative',
    `unix:/${'x'.repeat(200)}`,
    'http://127.0.0.1:1',
  ])('is not at %s', (address) => {
    expect(() => parseClusterAddress(address)).toThrow(/on this machine only|at most 107 bytes/);
  });

  test('that is not there is an error that names it', async () => {
    const place = directory();
    writeFileSync(join(place, 's'), '');
    await expect(joined(place)).rejects.toThrow(`unix:${join(place, 's')}: the cluster cannot be used`);
  }, 30_000);
});

/** Sends `text` on a connection of its own, and resolves with what came back when it has ended. */
function say(place: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(join(place, 's'));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(answer));
    socket.write(text);
  });
}
