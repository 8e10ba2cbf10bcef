/** Nodes that are hosts: what joins is what is there, once; and what speaks against a host is said at its node. */

import { afterEach, expect, it } from 'vitest';
import { connectLibvirt } from '../../adapters/libvirt/binding/libvirt.js';
import { checkedUri } from '../../adapters/libvirt/binding/uri.js';
import { type Hypervisor, HypervisorError } from '../../adapters/libvirt/hypervisor.js';
import { type LookOptions, lookAtHost } from '../../adapters/libvirt/look.js';
import { POOL } from '../../adapters/libvirt/vm.js';
import { Hosts } from '../../api/hosts/hosts.js';
import { LIBVIRT_WORKER } from '../support/libvirt.js';
import { needs } from '../support/needs.js';
import { Service } from '../support/service.js';

const ONE = '11111111-2222-4333-8444-555555555555';
const OTHER = '66666666-7777-4888-8999-aaaaaaaaaaaa';
const GIB = 2 ** 30;
const NOW = Date.UTC(2030, 0, 1);

let service: Service | null = null;
let hosts: Hosts;
afterEach(async () => {
  await service?.stop();
  service = null;
});

/** Hosts are libvirt's driver for tests, which has no id: here it gets one, and a disk as large as one has. */
function withId(hypervisor: Hypervisor, uuid: string): Hypervisor {
  return {
    ...hypervisor,
    host: async () => ({ ...(await hypervisor.host()), uuid, hostname: `host-${uuid.slice(0, 1)}` }),
    poolSpace: async (pool) =>
      (await hypervisor.poolSpace(pool)) && { capacity: 100 * GIB, allocation: 60 * GIB, available: 40 * GIB },
  };
}

/** By the last part of their sockets' names. */
const UUIDS: Readonly<Record<string, string>> = { one: ONE, again: ONE, other: OTHER };
const uriOf = (socket: string) => `qemu:///system?socket=/run/${socket}`;

function connect(uri: string): Hypervisor {
  const verdict = checkedUri(uri);
  if (!verdict.ok) throw new HypervisorError('failed', verdict.detail);
  const uuid = UUIDS[uri.split('/').at(-1)!];
  return uuid === undefined
    ? connectLibvirt(uri, LIBVIRT_WORKER)
    : withId(connectLibvirt('test:///default', LIBVIRT_WORKER), uuid);
}

async function begin(more: Partial<LookOptions> = {}): Promise<Service> {
  const options = { connect, directory: '/srv/leasehold', ...more };
  const look = (...args: [string, boolean]) => lookAtHost(options, ...args);
  hosts = new Hosts({ look, now: () => NOW, isGone: () => false, monitorMs: 10_000 });
  service = await Service.start({ nodes: '1x cpu=8,memory=32GiB,disk=50GiB', hosts });
  return service;
}

const register = (body: object) => service!.ask('POST', '/v1/nodes', body);
const numbers = async () =>
  (await service!.ask('GET', '/v1/nodes')).body.items.map(({ number }: { number: number }) => number);

it('joins with what is there, but for what the host keeps', needs('build', 'libvirt'), async () => {
  await begin();
  const { status, body } = await register({ uri: uriOf('one') });
  expect([status, body.items]).toMatchObject([
    201,
    [
      {
        number: 2,
        name: 'host-1',
        // libvirt's driver for tests has 16 processors and 3 GiB; 40 of 100 GiB of the disk are free.
        capacity: { cpu: 16, memoryMiB: 2048, diskMiB: 40 * 1024 },
        labels: { uri: uriOf('one'), 'host-uuid': ONE },
      },
    ],
  ]);
  const more = { names: ['b'], labels: { zone: 'b' }, reserve: { memoryMiB: 512, cpu: 2 } };
  expect((await register({ uri: uriOf('other'), ...more, capacity: { diskMiB: 10 } })).body.items).toMatchObject([
    { number: 3, name: 'b', capacity: { cpu: 14, memoryMiB: 2560, diskMiB: 10 }, labels: { zone: 'b' } },
  ]);
});

it('is one node, by whatever URI and however many ask at once', needs('build', 'libvirt'), async () => {
  await begin();
  const asked = await Promise.all(['one', 'again', 'one'].map((socket) => register({ uri: uriOf(socket) })));
  expect(asked.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
  expect(asked.map(({ body }) => body.items[0].number)).toEqual([2, 2, 2]);
  // Also where the node does not say which host it is, but the host has.
  const reality = { uuid: OTHER, hostname: 'c', cpus: 8, memoryMiB: 65_536, diskMiB: null };
  hosts.hear({ type: 'host', health: { node: 1, unreachable: null, reality, noKvm: null } });
  expect(await register({ uri: uriOf('other') })).toMatchObject({ status: 200, body: { items: [{ number: 1 }] } });
  // A node that has left the site is no hindrance.
  await service!.ask('DELETE', '/v1/nodes/2');
  expect(await register({ uri: uriOf('one') })).toMatchObject({ status: 201, body: { items: [{ number: 3 }] } });
  expect(await numbers()).toEqual([1, 2, 3]);
});

it('is looked at in a dry run, and nothing is made there', needs('build', 'libvirt'), async () => {
  const pools: (object | null)[] = [];
  await begin({
    connect: (uri) => {
      const hypervisor = connect(uri);
      return {
        ...hypervisor,
        close: async () => {
          pools.push(await hypervisor.poolSpace(POOL));
          await hypervisor.close();
        },
      };
    },
  });
  const { status, body } = await service!.ask('POST', '/v1/nodes?dryRun=true', { uri: uriOf('one') });
  expect([status, body.dryRun, body.turn.inputs[0].type]).toEqual([200, true, 'NodesAdded']);
  expect(await numbers()).toEqual([1]);
  await expect.poll(() => pools).toEqual([null]);
});

it('is refused with what is at fault', needs('build', 'libvirt'), async () => {
  await begin();
  const faults = async (body: object): Promise<string[]> => {
    const { status, body: problem } = await register(body);
    expect([status, problem.code]).toEqual([422, 'request-invalid']);
    return problem.errors.map(({ pointer }: { pointer: string }) => pointer);
  };
  const uri = uriOf('one');
  expect(await faults({})).toEqual(['/capacity']);
  expect(await faults({ capacity: { cpu: 1 }, reserve: { cpu: 1 } })).toEqual(['/reserve']);
  expect(await faults({ uri, count: 2, names: ['a', 'b'] })).toEqual(['/count', '/names']);
  expect(await faults({ uri, labels: { uri: 'x', 'host-uuid': 'y' } })).toEqual(['/labels/uri', '/labels/host-uuid']);
  expect(await faults({ uri, capacity: { cpu: 17, memoryMiB: 3073 } })).toEqual(['/capacity', '/capacity']);
  expect(await faults({ uri, reserve: { memoryMiB: 4096 } })).toEqual(['/reserve/memoryMiB']);
  expect(await faults({ uri, reserve: { gpu: 1 } })).toEqual(['/reserve/gpu']);
  for (const wrong of ['qemu+ext:///system?command=/bin/sh', 'qemu+ssh://h/system?netcat=/x', 'http://h/', 'n1'])
    expect(await faults({ uri: wrong })).toEqual(['/uri']);
  expect(await faults({ uri: `${uri}${'x'.repeat(128)}` })).toEqual(['/uri']);
  expect(await numbers()).toEqual([1]);
});

it('that does not answer is told, and nothing is registered', needs('build', 'libvirt'), async () => {
  await begin();
  const nobody = await register({ uri: uriOf('nobody') });
  expect([nobody.status, nobody.body.code]).toEqual([502, 'host-unreachable']);
  expect(nobody.body.detail).toContain('/run/nobody');
  await service!.stop();
  await begin({ ms: 100, connect: silent });
  const late = await register({ uri: uriOf('one') });
  expect([late.status, late.body.code, late.body.detail]).toEqual([
    502,
    'host-unreachable',
    expect.stringContaining('no answer within 0.1 s'),
  ]);
  expect(await numbers()).toEqual([1]);
});

/** Takes every question, and answers none. */
function silent(uri: string): Hypervisor {
  const never = () => new Promise<never>(() => {});
  return { ...connect(uri), ensurePool: never, host: never, poolSpace: never };
}

it('has no place where nodes are simulated', async () => {
  service = await Service.start({ nodes: '1x cpu=8,memory=32GiB' });
  const { status, body } = await register({ uri: 'test:///default' });
  expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'request-invalid', '/uri']);
});

it('says at its node what is wrong with it, and since when', async () => {
  await begin();
  const node = async () => (await service!.ask('GET', '/v1/nodes')).body.items[0];
  const reality = { uuid: ONE, hostname: 'a', cpus: 8, memoryMiB: 32_768, diskMiB: 51_200 };
  hosts.hear({ type: 'host', health: { node: 1, unreachable: 'nobody is at home', reality: null, noKvm: null } });
  const since = '2030-01-01T00:00:00Z';
  expect(await node()).toMatchObject({
    status: 'unreachable',
    conditions: [{ type: 'unreachable', detail: 'nobody is at home', since }],
  });
  await service!.ask('POST', '/v1/nodes/1/drain');
  expect(await node()).toMatchObject({ status: 'draining', conditions: [{ type: 'unreachable' }] });
  await service!.ask('POST', '/v1/nodes/1/restore');
  hosts.hear({ type: 'host', health: { node: 1, unreachable: null, reality, noKvm: null } });
  expect(await node()).toMatchObject({ status: 'up', conditions: [] });
  hosts.hear({
    type: 'host',
    health: { node: 1, unreachable: null, reality: { ...reality, memoryMiB: 16_384 }, noKvm: null },
  });
  expect(await node()).toMatchObject({
    status: 'up',
    conditions: [{ type: 'capacity-beyond-host', detail: 'memoryMiB is 32768, and the host has 16384' }],
  });
  hosts.hear({ type: 'host', health: { node: 1, unreachable: null, reality, noKvm: 'a guest does not boot' } });
  expect(await node()).toMatchObject({
    status: 'up',
    conditions: [{ type: 'no-kvm', detail: 'a guest does not boot' }],
  });
  // The past knows of no hosts.
  expect((await service!.ask('GET', '/v1/nodes?asOf=1')).body.items[0].conditions).toEqual([]);
  // Another service leads, and hears of them.
  hosts.hear({ type: 'role', role: 'follower', epoch: 2, leader: null });
  expect(await node()).toMatchObject({ status: 'up', conditions: [] });
});
