/** The service and real VMs: libvirt and QEMU on two hosts in namespaces of this machine, over HTTP from an empty log. */

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Failpoint } from '../../adapters/failpoint.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { domainName, domainUuid } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { buildGuest } from '../support/machines/guest.js';
import { Hosts } from '../support/machines/hosts.js';
import { reached } from '../support/libvirt.js';
import { Inside } from '../support/machines/inside.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';
import { ON_MACHINES } from '../support/proof/deaths.js';

const DIRECTORY = '/srv/local/leasehold';
const directory = temporaryDirectory();
const ARGS = [
  '--image-root',
  directory.path,
  '--cluster',
  'libvirt',
  '--accel',
  'tcg',
  '--vm-dir',
  DIRECTORY,
  '--vm-grace-seconds',
  '20',
];

/** Where a service dies: in which state its lease is before, what is asked for then, and what comes of it. */
interface Death {
  readonly from: 'active' | 'suspended' | null;
  readonly act: string;
  readonly to: string;
  readonly terms?: object;
}
/** Nobody answers in a VM that has nothing on its disk. */
const NEVER_READY = { machine: { ready: { probe: 'agent', timeout: 'PT1H' } } };
const DEATHS: Readonly<Record<string, Death>> = {
  'vm-prepared': { from: null, act: '', to: 'active' },
  'vm-defined': { from: null, act: '', to: 'active' },
  'vm-started': { from: null, act: '', to: 'active' },
  'vm-booting': { from: null, act: '', to: 'starting', terms: NEVER_READY },
  'vm-saved': { from: 'active', act: 'suspend', to: 'suspended' },
  'vm-suspended': { from: 'active', act: 'suspend', to: 'suspended' },
  'vm-restored': { from: 'suspended', act: 'release', to: 'active' },
  'vm-resumed': { from: 'suspended', act: 'release', to: 'active' },
  'vm-acting': { from: 'active', act: 'reset', to: 'active' },
  'vm-acted': { from: 'active', act: 'reset', to: 'active' },
  'vm-stopped': { from: 'active', act: 'DELETE', to: 'cancelled' },
};
const LONG = { timeout: 180_000 };

describe('leases on real hosts', needs('build', 'machines'), () => {
  let hosts: Hosts;
  /** Beside the service's own. */
  let hypervisors: Hypervisor[];
  let service: ServedProcess;

  beforeAll(async () => {
    const guest = await buildGuest();
    hosts = await Hosts.start(2);
    hypervisors = await Promise.all(hosts.all.map(({ uri }) => reached(uri)));
    const nodes = hosts.all.map((host) => {
      return { capacity: { cpu: 1, memory: '512MiB', disk: '1GiB' }, names: [host.name], labels: { uri: host.uri } };
    });
    writeFileSync(join(directory.path, 'site.yaml'), JSON.stringify({ nodes }));
    // What saving and bringing back take under emulation.
    writeFileSync(join(directory.path, 'policy.yaml'), 'suspend-time: 8s\nresume-time: 8s\norder-timeout: 2m\n');
    service = await start('--site', 'site.yaml', '--policy', 'policy.yaml');
    cpSync(guest.disk, join(directory.path, 'tiny.qcow2'));
    // Nothing runs in it: a VM of it is there at once.
    writeFileSync(join(directory.path, 'blank.raw'), Buffer.alloc(1024 * 1024));
    for (const [name, format] of [
      ['tiny', 'qcow2'],
      ['blank', 'raw'],
    ]) {
      const source = join(directory.path, `${name}.${format}`);
      await service.ask('POST', '/v1/images', { name, source, format });
      await vi.waitFor(
        async () => expect((await service.ask('GET', `/v1/images/${name}`)).json().state).toBe('ready'),
        { timeout: 60_000 },
      );
    }
  }, 300_000);

  afterAll(async () => {
    await service?.signal('SIGKILL');
    for (const hypervisor of hypervisors ?? []) await hypervisor.close();
    await hosts?.stop();
    directory.remove();
  }, 60_000);

  const start = (...more: string[]) => ServedProcess.start(directory.path, [...ARGS, ...more]);
  const startDying = (point: Failpoint) =>
    ServedProcess.start(directory.path, ARGS, { env: { LEASEHOLD_FAILPOINT: `${point}=kill` } });
  const stateOf = async (id: string) => (await service.ask('GET', `/v1/leases/${id}`)).json().state;
  const submit = async (terms: object) => {
    const base = { vms: 2, resources: { cpu: 1, memoryMiB: 128 }, image: 'tiny', duration: 'PT2H' };
    const { status, json } = await service.ask('POST', '/v1/leases', { ...base, ...terms });
    expect(status, JSON.stringify(json())).toBe(201);
    return json().id as string;
  };
  /** VM n is on host n here: each takes a whole one. */
  const guestOf = (lease: string, vm: number) => new Inside(hypervisors[vm - 1]!, domainUuid(lease, vm));
  const countOf = (lease: string, vm: number) =>
    guestOf(lease, vm)
      .counter()
      .then(({ count }) => count);
  const domains = () => Promise.all(hosts.all.map((host) => host.virsh('list', '--all', '--name')));
  const files = () =>
    Promise.all(
      hosts.all.map(async (host) =>
        (await host.run('ls', DIRECTORY)).split('\n').filter((name) => !/^(leasehold-image-.*)?$/.test(name)),
      ),
    );

  it('boot, make room for a reservation, and go on counting where they were; then nothing is left', {
    timeout: 600_000,
  }, async () => {
    // 1. A lease of two VMs boots, and its guests answer.
    const waiting = await submit({});
    await eventually(() => stateOf(waiting)).toBe('active');
    for (const vm of [1, 2]) await guestOf(waiting, vm).ready();
    const before = await Promise.all([1, 2].map((vm) => countOf(waiting, vm)));
    const boots = await Promise.all([1, 2].map((vm) => guestOf(waiting, vm).boot()));

    // 2. A reservation takes both nodes: the lease is saved before, and brought back after.
    const at = new Date(Date.now() + 30_000);
    const reserved = await submit({ duration: 'PT20S', start: { kind: 'advance', at: at.toISOString() } });
    await eventually(() => stateOf(waiting)).toBe('suspended');
    await eventually(() => stateOf(reserved)).toBe('active');
    await eventually(() => stateOf(reserved)).toBe('done');
    await eventually(() => stateOf(waiting)).toBe('active');
    for (const vm of [1, 2]) {
      expect(await countOf(waiting, vm)).toBeGreaterThan(before[vm - 1]!);
      expect(await guestOf(waiting, vm).boot()).toBe(boots[vm - 1]);
    }

    // 3. The service dies, and finds its VMs again.
    await service.signal('SIGKILL');
    service = await start();
    expect(await stateOf(waiting)).toBe('active');
    const counted = await countOf(waiting, 1);

    // 4. A VM that dies is started again; its lease goes on.
    await hosts.all[1]!.killQemu(domainName(waiting, 2));
    await eventually(() => hosts.all[1]!.qemus()).toEqual([domainName(waiting, 2)]);
    expect(await countOf(waiting, 1)).toBeGreaterThan(counted);

    // 5. It is cancelled: no domain and no file stays.
    expect((await service.ask('DELETE', `/v1/leases/${waiting}`)).status).toBeLessThan(300);
    await eventually(() => domains().then((all) => all.join('').trim())).toBe('');
    await eventually(files).toEqual([[], []]);

    // 6. The log of all that says the same when it is replayed.
    await service.signal('SIGTERM');
    const audit = await leasehold(['audit', join(directory.path, 'data', 'leasehold.db')]);
    expect(audit.code, audit.stderr).toBe(0);
  });

  const imageOf = async (name: string) => (await service.ask('GET', `/v1/images/${name}`)).json();

  it('a disk of a lease that is suspended becomes an image, which others begin with', LONG, async () => {
    await service.signal('SIGTERM');
    service = await start();
    const id = await submit({ image: 'blank' });
    await eventually(() => stateOf(id)).toBe('active');
    // 1. Not while it runs.
    const request = { name: 'built', source: `lease:${id}/2`, format: 'qcow2' };
    expect((await service.ask('POST', '/v1/images', request)).status).toBe(201);
    await eventually(async () => (await imageOf('built')).state).toBe('failed');
    expect((await imageOf('built')).failure.detail).toContain('suspend it');
    // 2. Of what is saved, all.
    await service.ask('POST', `/v1/leases/${id}/suspend`);
    await eventually(() => stateOf(id)).toBe('suspended');
    expect((await service.ask('POST', '/v1/images/built/fetch')).status).toBe(200);
    await eventually(async () => (await imageOf('built')).state).toBe('ready');
    expect((await imageOf('built')).virtualBytes).toBeGreaterThanOrEqual(1024 * 1024);
    await service.ask('DELETE', `/v1/leases/${id}`);
    // 3. Whoever begins with it needs nothing of where it is from.
    const next = await submit({ image: 'built', vms: 1 });
    await eventually(() => stateOf(next)).toBe('active');
    await service.ask('DELETE', `/v1/leases/${next}`);
    await eventually(files).toEqual([[], []]);
  });

  const ask = (method: string, path: string) => service.ask(method, path).catch(() => null);
  it.each(ON_MACHINES)('of a service that dies at %s are what the log says when it is back', LONG, async (point) => {
    const { from, act, to, terms = {} } = DEATHS[point]!;
    const path = (id: string) => `/v1/leases/${id}${act === 'DELETE' ? '' : `/${act}`}`;
    // 1. As far as the step before by a service that lives; the step itself by one that dies in it.
    await service.signal('SIGTERM');
    service = from === null ? await startDying(point) : await start();
    const id = await submit({ image: 'blank', ...terms });
    if (from !== null) {
      await eventually(() => stateOf(id)).toBe('active');
      if (from === 'suspended') await ask('POST', `/v1/leases/${id}/suspend`);
      await eventually(() => stateOf(id)).toBe(from);
      await service.signal('SIGTERM');
      service = await startDying(point);
      await ask(act === 'DELETE' ? act : 'POST', path(id));
    }
    expect((await service.ended).signal).toBe('SIGKILL');
    // 2. The next one brings it about: each VM once, where it belongs.
    service = await start();
    await eventually(() => stateOf(id)).toBe(to);
    const expected = to === 'active' || to === 'starting' ? [[domainName(id, 1)], [domainName(id, 2)]] : [[], []];
    await eventually(() => Promise.all(hosts.all.map((host) => host.qemus()))).toEqual(expected);
    expect(await stateOf(id)).toBe(to);
    // 3. Afterwards there is nothing of it.
    if (to !== 'cancelled') await ask('DELETE', `/v1/leases/${id}`);
    await eventually(() => domains().then((all) => all.join('').trim())).toBe('');
    await eventually(files).toEqual([[], []]);
  });
});
