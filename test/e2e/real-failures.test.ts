/**
 * Real hosts that fail in the middle of what was asked over HTTP: nothing of a lease that is over is left, neither domain
 * nor file, and what goes on goes on. Nothing is booted in the VMs, which are there at once.
 */

import { randomFillSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { LOCAL } from '../support/machines/host.js';
import { Hosts } from '../support/machines/hosts.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';

const DIRECTORY = `${LOCAL}/leasehold`;
const GRACE_S = 3;
const MIB = 1024 * 1024;

describe('leases on hosts that fail', needs('build', 'machines'), () => {
  const directory = temporaryDirectory();
  let hosts: Hosts;
  let service: ServedProcess;

  beforeAll(async () => {
    hosts = await Hosts.start(2);
    // The second has little room.
    await hosts.all[1]!.run('mkdir', '-p', DIRECTORY);
    await hosts.all[1]!.run('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', DIRECTORY);
    const nodes = hosts.all.map(({ name, uri }) => {
      return { capacity: { cpu: 1, memory: '512MiB', disk: '1GiB' }, names: [name], labels: { uri } };
    });
    writeFileSync(join(directory.path, 'site.yaml'), JSON.stringify({ nodes }));
    writeFileSync(join(directory.path, 'policy.yaml'), 'suspend-time: 2s\nresume-time: 2s\norder-timeout: 2m\n');
    const site = ['--site', 'site.yaml', '--policy', 'policy.yaml', '--image-root', directory.path];
    const machines = ['--cluster', 'libvirt', '--accel', 'tcg', '--vm-dir', DIRECTORY];
    service = await ServedProcess.start(directory.path, [...site, ...machines, '--vm-grace-seconds', String(GRACE_S)]);
    for (const [name, mib] of [
      ['blank', 1],
      ['new', 12],
      ['large', 24],
    ] as const) {
      const source = join(directory.path, `${name}.raw`);
      writeFileSync(source, name === 'blank' ? Buffer.alloc(mib * MIB) : randomFillSync(Buffer.alloc(mib * MIB)));
      await service.ask('POST', '/v1/images', { name, source, format: 'raw' });
      const state = async () => (await service.ask('GET', `/v1/images/${name}`)).json().state;
      await vi.waitFor(async () => expect(await state()).toBe('ready'), { timeout: 60_000 });
    }
  }, 300_000);

  afterAll(async () => {
    await service?.signal('SIGKILL');
    await hosts?.stop();
    directory.remove();
  }, 60_000);

  afterEach(findsNothing);

  const leaseOf = async (id: string) => (await service.ask('GET', `/v1/leases/${id}`)).json();
  const becomes = (id: string, state: string) => eventually(async () => (await leaseOf(id)).state).toBe(state);
  const act = (id: string, what: string) => service.ask('POST', `/v1/leases/${id}/${what}`);
  const cancel = async (id: string): Promise<void> => {
    expect((await service.ask('DELETE', `/v1/leases/${id}`)).status).toBeLessThan(300);
  };
  const submit = async (more: object = {}): Promise<string> => {
    const base = { vms: 1, resources: { cpu: 1, memoryMiB: 64 }, image: 'blank', duration: 'PT2H' };
    const { status, json } = await service.ask('POST', '/v1/leases', { ...base, ...more });
    expect(status, JSON.stringify(json())).toBe(201);
    return json().id as string;
  };
  /** Why its orders failed, as its log has it. */
  const told = async (id: string): Promise<string> => {
    const { text } = await service.ask('GET', `/v1/leases/${id}/events`);
    return text;
  };
  /** Images stay for the next one. */
  async function findsNothing(): Promise<void> {
    for (const host of hosts.all) {
      await eventually(async () => (await host.virsh('list', '--all', '--name')).trim()).toBe('');
      const files = async () => (await host.run('ls', DIRECTORY)).split('\n').filter(Boolean);
      await eventually(async () => (await files()).filter((name) => !name.startsWith('leasehold-image-'))).toEqual([]);
      expect(await host.qemus()).toEqual([]);
    }
  }

  const HOW: Readonly<Record<string, () => Promise<string>>> = {
    starting: async () => {
      await stand('STOP');
      return submit();
    },
    'starting, from an image that was never there': async () => {
      const id = await submit({ image: 'new' });
      await becomes(id, 'starting');
      await stand('STOP');
      return id;
    },
    active: () => active(),
    suspending: async () => {
      const id = await active();
      await stand('STOP');
      await act(id, 'suspend');
      return id;
    },
    suspended: () => suspended(),
    resuming: async () => {
      const id = await suspended();
      await stand('STOP');
      await act(id, 'release');
      return id;
    },
  };
  it.each(Object.keys(HOW))('a lease that is cancelled while it is %s leaves nothing', async (state) => {
    const id = await HOW[state]!();
    await becomes(id, state.split(',')[0]!);
    await cancel(id);
    await stand('CONT');
    await becomes(id, 'cancelled');
  });

  it.each([
    ['start', 'starting', 'active', () => submit()],
    ['suspend', 'suspending', 'suspended', () => doing(active, 'suspend')],
    ['resume', 'resuming', 'active', () => doing(suspended, 'release')],
  ] as const)('kill -9 of libvirt in a %s, which is brought about all the same', async (_name, doing, done, begin) => {
    const id = await begin();
    await vi.waitFor(async () => expect([doing, done]).toContain((await leaseOf(id)).state), { timeout: 60_000 });
    await hosts.all[0]!.killLibvirt();
    await hosts.all[0]!.startLibvirt();
    await becomes(id, done);
    const vms = done === 'active' ? [domainName(id, 1)] : [];
    await eventually(() => hosts.all[0]!.qemus()).toEqual(vms);
    await cancel(id);
    await becomes(id, 'cancelled');
  });

  it('a host without room for an image fails its lease, which says why, and takes the next one', async () => {
    const id = await submit({ vms: 2, image: 'large' });
    await becomes(id, 'failed');
    expect(await told(id)).toMatch(/VM 2 on node 2: .*No space left on device/);
    await findsNothing();
    const next = await submit({ vms: 2 });
    await becomes(next, 'active');
    await cancel(next);
    await becomes(next, 'cancelled');
  });

  it('a host without room for the memory of a VM: its lease is not half suspended, and says why', async () => {
    const id = await submit({ vms: 2 });
    await becomes(id, 'active');
    const full = `${DIRECTORY}/leasehold-image-full`;
    await hosts.all[1]!.run('dd', 'if=/dev/zero', `of=${full}`, 'bs=4k').catch(() => {});
    await act(id, 'suspend');
    await eventually(() => told(id)).toMatch(/"OrderFailed".*VM 2 on node 2: /);
    await hosts.all[1]!.run('rm', full);
    // It has begun anew meanwhile, or not.
    await cancel(id);
    await becomes(id, 'cancelled');
  });

  it('a guest that does not heed its power button is ended after the grace', async () => {
    const id = await submit({ duration: 'PT2S' });
    await becomes(id, 'stopping');
    const asked = performance.now();
    expect(await hosts.all[0]!.qemus()).toEqual([domainName(id, 1)]);
    await becomes(id, 'done');
    // As it was told; a little of it was over before it was seen.
    expect(performance.now() - asked).toBeGreaterThan((GRACE_S * 1_000) / 2);
  });

  // ---- as far as that -----------------------------------------------------------------------------------------------

  async function active(): Promise<string> {
    const id = await submit();
    await becomes(id, 'active');
    return id;
  }
  async function suspended(): Promise<string> {
    const id = await active();
    await act(id, 'suspend');
    await becomes(id, 'suspended');
    return id;
  }
  async function doing(before: () => Promise<string>, what: string): Promise<string> {
    const id = await before();
    await act(id, what);
    return id;
  }
  /** All hosts stand still, or go on: what was begun stays begun. */
  async function stand(signal: 'STOP' | 'CONT'): Promise<void> {
    for (const host of hosts.all) await host.freeze(signal);
  }
});
