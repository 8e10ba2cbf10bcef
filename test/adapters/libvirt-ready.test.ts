/** VMs that count as started when they are of use, on libvirt's own test driver. Its guests answer as these tests say. */

import { createServer } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectLibvirt } from '../../adapters/libvirt/binding/libvirt.js';
import { newSecret, type Secret } from '../../adapters/callback.js';
import { LibvirtCluster } from '../../adapters/libvirt/cluster.js';
import { type Hypervisor, HypervisorError } from '../../adapters/libvirt/hypervisor.js';
import { Maker } from '../../adapters/libvirt/machine.js';
import { recordOf } from '../../adapters/libvirt/metadata.js';
import { domainName, domainUuid } from '../../adapters/libvirt/names.js';
import { isReachable } from '../../adapters/libvirt/addresses.js';
import { listens } from '../../adapters/libvirt/ready.js';
import type { Readiness } from '../../adapters/machine-wishes.js';
import type { Observation } from '../../engine/index.js';
import { startOrder, stopOrder, written } from '../contracts/cluster/orders.js';
import { eventually } from '../support/eventually.js';
import { LIBVIRT_WORKER } from '../support/libvirt.js';
import { needs } from '../support/needs.js';

describe('a lease whose VMs must be ready', needs('build', 'libvirt'), () => {
  let hypervisor: Hypervisor;
  const clusters: LibvirtCluster[] = [];
  /** Of VMs that call, as they were told. */
  const secrets: Secret[] = [];
  afterEach(async () => {
    for (const cluster of clusters.splice(0)) await cluster.close();
  });

  /** What the service says of them. */
  const warnings: string[] = [];

  /** One node. `answers`: whether the guest with this UUID does. */
  async function site(ready: Readiness, answers: (uuid: string) => boolean, begins = true, now = () => Date.now()) {
    if (begins) hypervisor = connectLibvirt('test:///default', LIBVIRT_WORKER);
    const agent = async (uuid: string) => {
      if (!answers(uuid)) throw new HypervisorError('unknown', 'the guest agent does not answer');
      return {};
    };
    const maker = new Maker({
      ...{ resources: [], network: null, callbackUrl: 'http://10.0.0.1:8080' },
      wishesOf: () => ({ network: null, sshKeys: [], userData: null, template: null }),
      place: () => Promise.reject(new Error('no VM has an image here')),
    });
    const cluster = await LibvirtCluster.open({
      site: '0123456789abcdef',
      nodes: [
        {
          first: 1,
          count: 1,
          capacity: [],
          exclusive: true,
          names: null,
          units: {},
          labels: { uri: 'test:///default' },
        },
      ],
      gone: new Set(),
      runs: begins ? new Map() : new Map([['A', { run: '1.0', nodes: [1, 1] }]]),
      now,
      connect: () => ({ ...hypervisor, agent }),
      maker: {
        prepare: (order, record, host, on, cut, secret) => {
          if (secret !== null && secret !== undefined) secrets.push(secret);
          return maker.prepare(order, record, host, on, cut, secret);
        },
        place: () => Promise.reject(new Error('no VM has an image here')),
        sizeOf: (demand) => maker.sizeOf(demand),
      },
      readyOf: () => ready,
      directory: '/srv/leasehold',
      graceMs: 0,
      accel: 'auto',
      nodeGraceMs: 3_600_000,
      away: new Map(),
      fenceCommand: null,
      warn: (text) => warnings.push(text),
    });
    clusters.push(cluster);
    const heard: Observation[] = [];
    cluster.listen({
      next: (observation) => heard.push(observation),
      error: (error) => {
        throw error;
      },
    });
    return { cluster, heard, hears: (expected: string[]) => eventually(() => heard.map(written)).toEqual(expected) };
  }

  const found = (vm = 1) => hypervisor.domain(domainUuid('A', vm));
  const bootsUntil = async (vm = 1) => {
    const facts = await found(vm);
    return facts === null ? null : recordOf(facts.metadata, facts.uuid)?.booting;
  };

  test('is not started before its guest answers, nor for whoever looks meanwhile, in this life or the next', async () => {
    let answers = false;
    const ready: Readiness = { probe: 'agent', timeoutMs: 3_600_000 };
    const { cluster, heard } = await site(ready, () => answers);
    cluster.enact(startOrder('1.0', 'A', [1, 1]));
    await eventually(async () => ((await bootsUntil()) ?? 0) > Date.now()).toBe(true);
    const until = await bootsUntil();
    expect(heard).toEqual([]);
    expect(await cluster.survey()).toEqual([]);

    const next = await site(ready, () => answers, false);
    expect(await next.cluster.survey()).toEqual([]);
    next.cluster.enact(startOrder('1.0', 'A', [1, 1]));
    answers = true;
    await next.hears(['VmsStarted A 1.0']);
    expect(until).toBeGreaterThan(0); // and it was not given more time
    expect((await next.cluster.survey()).map(written)).toEqual(['VmsStarted A 1.0']);
    expect(await bootsUntil()).toBeUndefined();
  });

  test('has failed to start where it is not ready in time, and nothing is left of it', async () => {
    const { cluster, hears, heard } = await site({ probe: 'agent', timeoutMs: 1_000 }, () => false);
    cluster.enact(startOrder('1.0', 'A', [1, 1]));
    await hears(['OrderFailed A 1.0']);
    expect(heard[0]).toMatchObject({
      detail: 'VM 1 on node 1: VM 1 was not ready in 1 s: its agent does not answer (the guest agent does not answer)',
    });
    expect(await found()).toBeNull();
  });

  test('begins without those that are not ready in time where so many are enough, and says so', async () => {
    const ready: Readiness = { probe: 'agent', timeoutMs: 1_000, atLeast: 2 };
    const { cluster, hears } = await site(ready, (uuid) => uuid !== domainUuid('A', 2));
    cluster.enact(startOrder('1.0', 'A', [1, 1, 1, 1, 1, 1]));
    await hears(['VmsStarted A 1.0']);
    expect(warnings.at(-1)).toMatch(
      /^lease A begins with 2 of its 3 VMs ready: VM 2 on node 1: VM 2 was not ready in 1 s/,
    );
    expect((await cluster.survey()).map(written)).toEqual(['VmsStarted A 1.0']);
    expect(await found(2)).toMatchObject({ state: 'running' });
  });

  test('has failed to start where too few are ready in time', async () => {
    const ready: Readiness = { probe: 'agent', timeoutMs: 1_000, atLeast: 2 };
    const { cluster, hears } = await site(ready, (uuid) => uuid === domainUuid('A', 2));
    cluster.enact(startOrder('1.0', 'A', [1, 1, 1, 1, 1, 1]));
    await hears(['OrderFailed A 1.0']);
    for (const vm of [1, 2, 3]) expect(await found(vm)).toBeNull();
  });

  test('has time again whenever one more of its VMs is ready', async () => {
    let now = 1_000_000;
    const answering = new Set<string>();
    const ready: Readiness = { probe: 'agent', timeoutMs: 10_000 };
    const { cluster, hears, heard } = await site(
      ready,
      (uuid) => answering.has(uuid),
      true,
      () => now,
    );
    cluster.enact(startOrder('1.0', 'A', [1, 1, 1, 1]));
    for (const vm of [1, 2]) await eventually(() => bootsUntil(vm)).toBe(1_010_000);
    now = 1_009_000;
    answering.add(domainUuid('A', 1));
    await eventually(() => bootsUntil(2)).toBe(1_019_000);
    now = 1_018_000;
    answering.add(domainUuid('A', 2));
    await hears(['VmsStarted A 1.0']);
    expect(heard).toHaveLength(1);
  });

  test('has failed at once where a VM ends before it is ready', async () => {
    const { cluster, hears, heard } = await site({ probe: 'agent', timeoutMs: 3_600_000 }, () => false);
    cluster.enact(startOrder('1.0', 'A', [1, 1]));
    await eventually(() => bootsUntil()).toBeGreaterThan(0);
    await hypervisor.destroy(domainUuid('A', 1));
    await hears(['OrderFailed A 1.0']);
    expect(heard[0]).toMatchObject({ detail: expect.stringContaining('has ended before it was ready') });
  });

  test('is ready when it calls, by the secret that it was given and no other, in this life or the next', async () => {
    const ready: Readiness = { probe: 'callback', timeoutMs: 3_600_000 };
    const { cluster, heard } = await site(ready, () => false);
    cluster.enact(startOrder('1.0', 'A', [1, 1]));
    await eventually(() => bootsUntil()).toBeGreaterThan(0);
    const secret = secrets.at(-1)!;
    const calls = (of: LibvirtCluster, { lease = 'A', vm = 1, digest = secret.digest } = {}) =>
      of.called({ lease, vm, digest });
    expect(await calls(cluster, { digest: newSecret().digest })).toBe(false);
    expect(await calls(cluster, { lease: 'B' })).toBe(false);
    expect(await calls(cluster, { vm: 2 })).toBe(false);
    expect(heard).toEqual([]);
    // On the host is nothing that it could be called with.
    const { metadata } = (await found())!;
    expect(metadata).toContain(secret.digest);
    expect(metadata).not.toContain(secret.text);

    const next = await site(ready, () => false, false);
    expect(await calls(next.cluster)).toBe(false); // it is not waited for yet
    next.cluster.enact(startOrder('1.0', 'A', [1, 1]));
    await eventually(() => calls(next.cluster)).toBe(true);
    await next.hears(['VmsStarted A 1.0']);
    expect(await calls(next.cluster)).toBe(false);
    expect((await found())!.metadata).not.toContain(secret.digest);
  });

  test('is stopped at any time', async () => {
    const { cluster, hears } = await site({ probe: { tcp: 22 }, timeoutMs: 3_600_000 }, () => false);
    cluster.enact(startOrder('1.0', 'A', [1, 1]));
    await eventually(() => bootsUntil()).toBeGreaterThan(0);
    cluster.enact(stopOrder('2.0', 'A'));
    await hears(['VmsStopped A 2.0']);
    expect((await hypervisor.domains()).map(({ name }) => name)).not.toContain(domainName('A', 1));
  });
});

test('a port at which somebody listens is told from one where nobody does', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end('x'.repeat(1_000_000)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  onTestFinished(() => void server.close());
  expect(await listens('127.0.0.1', port)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(await listens('127.0.0.1', port)).toBe(false);
});

test.each([
  ['10.77.3.7', true],
  ['192.168.122.5', true],
  ['2001:db8::1', true],
  ['fd00::1', true],
  ['127.0.0.1', false],
  ['0.0.0.0', false],
  ['169.254.169.254', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['fe80::1', false],
  ['localhost', false],
  ['', false],
])('an address as %j is asked: %s', (address, may) => {
  expect(isReachable(address)).toBe(may);
});
