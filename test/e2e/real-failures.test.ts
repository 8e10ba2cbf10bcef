/**
 * Real hosts that fail in the middle of what was asked over HTTP: nothing of a lease that is over is left, neither domain
 * nor file, and what goes on goes on. Nothing is booted in the VMs, which are there at once.
 */

import { randomFillSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { domainName, domainUuid } from '../../adapters/libvirt/names.js';
import { sizeIn } from '../../adapters/libvirt/resize.js';
import { readXml } from '../../adapters/libvirt/xml.js';
import { eventually } from '../support/eventually.js';
import type { Host } from '../support/machines/host.js';
import { BLANK, RealSite, VM_DIRECTORY } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';

const GRACE_S = 3;
const POLICY = 'migration: yes\nsuspend-time: 2s\nresume-time: 2s\norder-timeout: 2m\n';
const noise = (mib: number) => randomFillSync(Buffer.alloc(mib * 1024 * 1024));

describe('leases on hosts that fail', needs('build', 'machines'), () => {
  let site: RealSite;

  beforeAll(async () => {
    site = await RealSite.start({
      images: { blank: BLANK, new: noise(12), large: noise(24) },
      policy: POLICY,
      args: ['--accel', 'tcg', '--vm-grace-seconds', String(GRACE_S), '--vm-deaf', 'keep'],
      labels: ({ uriAmongHosts }) => ({ 'migration-uri': uriAmongHosts }),
      // The second has little room.
      prepare: async ({ all }) => {
        await all[1]!.run('mkdir', '-p', VM_DIRECTORY);
        await all[1]!.run('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', VM_DIRECTORY);
      },
    });
  }, 300_000);

  afterAll(() => site?.stop(), 60_000);

  afterEach(() => site.isEmpty());

  const submit = (more: object = {}) => site.submit({ image: 'blank', ...more });

  const HOW: Readonly<Record<string, () => Promise<string>>> = {
    starting: async () => {
      await stand('STOP');
      return submit();
    },
    'starting, from an image that was never there': async () => {
      const id = await submit({ image: 'new' });
      await site.becomes(id, 'starting');
      await stand('STOP');
      return id;
    },
    active: () => active(),
    suspending: async () => {
      const id = await active();
      await stand('STOP');
      await site.act(id, 'suspend');
      return id;
    },
    suspended: () => suspended(),
    resuming: async () => {
      const id = await suspended();
      await stand('STOP');
      await site.act(id, 'release');
      return id;
    },
    'active, and is to go to another host': async () => {
      const id = await active();
      await stand('STOP');
      await site.do('POST', `/v1/leases/${id}/migrate`, { to: [2] });
      return id;
    },
  };
  it.each(Object.keys(HOW))('a lease that is cancelled while it is %s leaves nothing', async (state) => {
    const id = await HOW[state]!();
    await site.becomes(id, state.split(',')[0]!);
    await site.cancel(id);
    await stand('CONT');
    await site.becomes(id, 'cancelled');
  });

  it.each([
    ['start', 'starting', 'active', () => submit()],
    ['suspend', 'suspending', 'suspended', () => doing(active, 'suspend')],
    ['resume', 'resuming', 'active', () => doing(suspended, 'release')],
  ] as const)('kill -9 of libvirt in a %s, which is brought about all the same', async (_name, doing, done, begin) => {
    const id = await begin();
    await vi.waitFor(async () => expect([doing, done]).toContain((await site.lease(id)).state), { timeout: 60_000 });
    await site.host(1).killLibvirt();
    await site.host(1).startLibvirt();
    await mended(site.host(1), domainName(id, 1));
    await site.becomes(id, done);
    const vms = done === 'active' ? [domainName(id, 1)] : [];
    await eventually(() => site.host(1).qemus()).toEqual(vms);
    await site.cancel(id);
    await site.becomes(id, 'cancelled');
  });

  it.each(['goes on', 'is cancelled'])(
    'a VM that libvirt is starting for ever %s once that is mended',
    async (what) => {
      const id = await active();
      const name = domainName(id, 1);
      const start = site.host(1).startOf(name);
      await site.act(id, 'suspend');
      await site.becomes(id, 'suspended');
      await site.host(1).killLibvirt();
      site.host(1).interruptStart(name, start);
      await site.act(id, 'release');
      await site.host(1).startLibvirt();
      if (what === 'is cancelled') await site.cancel(id);
      else {
        const told = new RegExp(`node 1: libvirt is starting ${name}.* docs/hosts\\.md`);
        await eventually(() => site.service.stderr().split('\n')).toContainEqual(expect.stringMatching(told));
      }
      expect(await site.host(1).isStarting(name)).toBe(true);
      expect((await site.lease(id)).state).toBe(what === 'is cancelled' ? 'stopping' : 'resuming');
      await site.host(1).endStarting(name);
      if (what === 'goes on') {
        await site.becomes(id, 'active');
        expect(await site.host(1).qemus()).toEqual([name]);
        await site.cancel(id);
      }
      await site.becomes(id, 'cancelled');
    },
  );

  it('a host without room for an image fails its lease, which says why, and takes the next one', async () => {
    const id = await submit({ vms: 2, image: 'large' });
    await site.becomes(id, 'failed');
    expect(await site.told(id)).toMatch(/VM 2 on node 2: .*No space left on device/);
    await site.isEmpty();
    const next = await submit({ vms: 2 });
    await site.becomes(next, 'active');
    await site.cancel(next);
    await site.becomes(next, 'cancelled');
  });

  it('a host without room for the memory of a VM: its lease is not half suspended, and says why', async () => {
    const id = await submit({ vms: 2 });
    await site.becomes(id, 'active');
    const full = `${VM_DIRECTORY}/leasehold-image-full`;
    await site
      .host(2)
      .run('dd', 'if=/dev/zero', `of=${full}`, 'bs=4k')
      .catch(() => {});
    await site.act(id, 'suspend');
    await eventually(() => site.told(id)).toMatch(/"OrderFailed".*VM 2 on node 2: /);
    await site.host(2).run('rm', full);
    // It has begun anew meanwhile, or not.
    await site.cancel(id);
    await site.becomes(id, 'cancelled');
  });

  it('a guest that does not heed its power button is ended after the grace', async () => {
    const id = await active();
    const { from } = (await site.lease(id)).runs[0];
    const seconds = Math.ceil((Date.now() - Date.parse(from)) / 1_000) + 2;
    await site.do('PATCH', `/v1/leases/${id}`, { duration: `PT${seconds}S` });
    await site.becomes(id, 'stopping');
    const asked = performance.now();
    expect(await site.host(1).qemus()).toEqual([domainName(id, 1)]);
    await site.becomes(id, 'done');
    // As it was told; a little of it was over before it was seen.
    expect(performance.now() - asked).toBeGreaterThan((GRACE_S * 1_000) / 2);
  });

  it('a guest that does not heed its power button runs on as it was, where only its size was to change', async () => {
    const id = await active();
    const domain = async () => (await site.hypervisors[0]!.domain(domainUuid(id, 1)))!;
    const before = await site.hypervisors[0]!.xml(domainUuid(id, 1), 'live');
    const larger = { resources: { memoryMiB: 96 }, cold: true };
    await site.do('POST', `/v1/leases/${id}/resize`, larger);
    await eventually(() => site.told(id)).toMatch(/"OrderFailed".*the guest of VM 1 does not shut down/);
    expect(await domain()).toMatchObject({ state: 'running' });
    const after = await site.hypervisors[0]!.xml(domainUuid(id, 1), 'live');
    expect(sizeIn(after)).toEqual(sizeIn(before));
    // libvirt numbers domains as they are started.
    expect(readXml(after).attributes.id).toBe(readXml(before).attributes.id);
    expect((await site.lease(id)).state).toBe('active');
    await site.cancel(id);
    await site.becomes(id, 'cancelled');
  });

  it('and the log of all that says the same when it is replayed', async () => {
    await site.audit();
    await site.serve();
  });

  // ---- as far as that -----------------------------------------------------------------------------------------------

  async function active(): Promise<string> {
    const id = await submit();
    await site.becomes(id, 'active');
    return id;
  }
  async function suspended(): Promise<string> {
    const id = await active();
    await site.act(id, 'suspend');
    await site.becomes(id, 'suspended');
    return id;
  }
  async function doing(before: () => Promise<string>, what: string): Promise<string> {
    const id = await before();
    await site.act(id, what);
    return id;
  }
  /** libvirt may have been killed at the moment at which it cannot help itself. Others pass in a second. */
  async function mended(host: Host, domain: string): Promise<void> {
    for (let seconds = 0; await host.isStarting(domain).catch(() => false); seconds++) {
      if (seconds === 10) return host.endStarting(domain);
      await sleep(1_000);
    }
  }
  /** All hosts stand still, or go on: what was begun stays begun. */
  async function stand(signal: 'STOP' | 'CONT'): Promise<void> {
    for (const host of site.hosts.all) await host.freeze(signal);
  }
});
