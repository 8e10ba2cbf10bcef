/** Samples in memory: the last ones of each host, within limits, and what is answered of them. */

import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type { HostSample, VmSample } from '../../adapters/host-samples.js';
import { Hosts } from '../../api/hosts/hosts.js';
import { Samples } from '../../api/hosts/samples.js';
import { parseScrape, valuesOf } from '../support/scrape.js';
import { Service } from '../support/service.js';

let service: Service | null = null;
afterEach(async () => {
  await service?.stop();
  service = null;
});

const sample = (node: number, at: number, more: Partial<HostSample> = {}): HostSample => ({
  node,
  at,
  cpu: 0.5,
  memoryMiB: 4096,
  memoryAvailableMiB: 1024,
  diskMiB: null,
  diskAvailableMiB: null,
  gpus: null,
  vms: [],
  ...more,
});

const vm = (lease: string, number: number): VmSample => ({
  lease,
  vm: number,
  cpus: 1.5,
  cpuSeconds: 20,
  memoryMiB: 1024,
  memoryUsedMiB: null,
  diskAllocatedMiB: 3,
  diskRead: null,
  diskWritten: null,
  netReceived: 5,
  netSent: 7,
  addresses: [{ mac: '02:00:00:00:00:01', address: `10.0.0.${number}`, source: 'lease' }],
  moving: null,
});

it('are kept to the last of each host, and never more than there is room for', () => {
  const max = { ofHost: 5, all: 12 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 200 }), (nodes) => {
      const samples = new Samples(max);
      for (const [at, node] of nodes.entries()) samples.add(sample(node, at));
      const there = [...new Set(nodes)];
      let kept = 0;
      for (const node of there) {
        const all = nodes.flatMap((one, at) => (one === node ? [at] : [])).reverse();
        const found = samples.ofNode(node, 1000).map(({ at }) => at);
        // 1. The newest ones, newest first, without gaps.
        expect(found).toEqual(all.slice(0, found.length));
        // 2. Within the limit of each.
        expect(found.length).toBeLessThanOrEqual(max.ofHost);
        kept += found.length;
      }
      // 3. And of all.
      expect(kept).toBeLessThanOrEqual(max.all);
      expect(samples.ofNode(nodes.at(-1) ?? 1, 1)).toHaveLength(nodes.length === 0 ? 0 : 1);
    }),
  );
});

it('are answered for nodes and for VMs of leases that are one’s own', async () => {
  const NOW = Date.UTC(2030, 0, 1);
  const hosts = new Hosts({
    look: () => Promise.reject(new Error('nobody asks')),
    now: () => NOW,
    isGone: () => false,
    monitorMs: 10_000,
  });
  service = await Service.start({ nodes: '2x cpu=8,memory=32GiB', hosts });
  const { id } = await service.lease({ vms: 1, resources: { cpu: 1 } });
  const usage = async (path: string) => (await service!.ask('GET', `/v1/${path}/usage`)).body;
  expect(await usage('nodes/1')).toEqual({ number: 1, load: 'unknown', samples: [], why: expect.any(String) });
  expect(await usage(`leases/${id}`)).toEqual({ lease: id, vms: [], why: expect.any(String) });
  expect((await service.ask('GET', `/v1/leases/${id}`)).body).not.toHaveProperty('addresses');

  const gpus = [{ index: 0, share: null, memoryUsedMiB: 10, memoryMiB: 100 }];
  hosts.hear({ type: 'sample', sample: sample(1, NOW - 60_000, { cpu: null }) });
  hosts.hear({ type: 'sample', sample: sample(1, NOW - 5_000, { gpus, vms: [vm(id, 1), vm('Lother', 1)] }) });
  hosts.hear({ type: 'sample', sample: sample(2, NOW - 60_000) });
  hosts.hear({ type: 'host', health: { node: 1, unreachable: null, reality: null, noKvm: null } });
  expect((await usage('nodes/1')).samples).toHaveLength(1);
  const two = (await service.ask('GET', '/v1/nodes/1/usage?samples=2')).body;
  expect(two).toMatchObject({
    why: null,
    samples: [
      { at: '2029-12-31T23:59:55Z', cpuShare: 0.5, memoryAvailableMiB: 1024, vms: 2, gpus },
      { cpuShare: null, gpus: null },
    ],
  });
  expect(await usage(`leases/${id}`)).toEqual({
    lease: id,
    why: null,
    vms: [expect.objectContaining({ vm: 1, node: 1, cpus: 1.5, netSentPerSecond: 7, diskReadPerSecond: null })],
  });
  // How they are reached is said with the lease, to those who see it.
  const addresses = [{ vm: 1, node: 1, address: '10.0.0.1', mac: '02:00:00:00:00:01', source: 'lease' }];
  expect((await service.ask('GET', `/v1/leases/${id}`)).body).toMatchObject({ addresses });
  expect((await service.ask('GET', '/v1/leases')).body.items).toEqual([expect.objectContaining({ id, addresses })]);
  expect((await service.ask('GET', '/v1/nodes/9/usage')).status).toBe(404);
  expect((await service.ask('GET', '/v1/leases/Lnone/usage')).status).toBe(404);
  expect((await service.ask('GET', '/v1/nodes/1/usage?samples=1000')).status).toBe(400);

  // What is old is no metric, and what is unknown neither.
  const seen = parseScrape((await service.ask('GET', '/metrics')).text);
  expect(valuesOf(seen, 'leasehold_host_cpu_usage_ratio')).toEqual({ 'node=1': 0.5 });
  expect(valuesOf(seen, 'leasehold_host_up')).toEqual({ 'node=1': 1 });
  expect(valuesOf(seen, 'leasehold_host_gpu_usage_ratio')).toEqual({});
  expect(valuesOf(seen, 'leasehold_host_gpu_memory_used_bytes')).toEqual({ 'gpu=0,node=1': 10 * 1024 * 1024 });
});

it('are not there where nodes are simulated, and that is said', async () => {
  service = await Service.start({ nodes: '1x cpu=8,memory=32GiB' });
  const { status, body } = await service.ask('GET', '/v1/nodes/1/usage');
  expect([status, body.samples, body.why]).toEqual([200, [], expect.stringContaining('simulated')]);
});
