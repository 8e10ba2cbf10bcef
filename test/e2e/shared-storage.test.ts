/** Real hosts that share the directory of their VMs: nothing is carried, and QEMU's locks keep a disk from being used twice. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { guestDomain } from '../support/machines/domain.js';
import { SHARED } from '../support/machines/host.js';
import { BLANK, RealSite } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';

const DIRECTORY = `${SHARED}/leasehold`;
const POLICY = 'migration: yes\nsuspend-time: 2s\nresume-time: 2s\norder-timeout: 2m\n';
const LONG = { timeout: 300_000 };

describe('real hosts that share their storage', needs('build', 'machines', 'qemu-img'), () => {
  let site: RealSite;
  beforeAll(async () => {
    site = await RealSite.start({
      images: { tiny: 'guest', blank: BLANK },
      policy: POLICY,
      vmDirectory: DIRECTORY,
      // It says so, and does nothing.
      args: ['--accel', 'tcg', '--node-grace-seconds', '2', '--fence-command', '/usr/bin/true'],
      labels: ({ uriAmongHosts }) => ({ 'migration-uri': uriAmongHosts, storage: 'cupboard' }),
    });
  }, 300_000);
  afterAll(() => site?.stop(), 60_000);

  const diskOf = (id: string) => `${DIRECTORY}/${domainName(id, 1)}-disk0.qcow2`;
  /** Another one where it is another file. */
  const fileOf = (path: string) => site.host(1).run('stat', '--format', '%i', path);

  it(
    'move VMs, running and saved, that stay on the disk that they have; it cannot be started a second time',
    LONG,
    async () => {
      const id = await site.submit({ image: 'tiny', resources: { cpu: 1, memoryMiB: 128 } });
      await site.becomes(id, 'active');
      const from = Number((await site.lease(id)).nodes);
      const to = 3 - from;
      const before = site.inside(id, 1, from);
      await before.ready();
      await before.write('/etc/written', 'at home');
      const [boot, file] = [await before.boot(), await fileOf(diskOf(id))];
      const isWhole = async (node: number) => {
        await site.runsOn(id, node);
        const guest = site.inside(id, 1, node);
        await guest.ready();
        expect([await guest.boot(), await guest.read('/etc/written')]).toEqual([boot, 'at home']);
        expect(await fileOf(diskOf(id))).toBe(file);
      };
      // 1. Somebody starts another VM with the disk of one that runs.
      const uuid = randomUUID();
      const other = site.hypervisors[to - 1]!;
      await other.define(guestDomain({ uuid, name: 'twin', guest: null, disk: diskOf(id) }));
      await expect(other.start(uuid)).rejects.toMatchObject({ kind: 'failed', message: expect.stringMatching(/lock/) });
      await other.undefine(uuid);
      await isWhole(from);
      // 2. It goes, and its disk stays what it is.
      await site.do('POST', `/v1/leases/${id}/migrate`, { to: [to] });
      await isWhole(to);
      await eventually(() => site.told(id)).toContain('"VmsLiveMigrated"');
      await site.act(id, 'suspend');
      await site.becomes(id, 'suspended');
      await site.do('POST', `/v1/nodes/${to}/drain`);
      await site.act(id, 'release');
      await isWhole(from);
      await site.do('POST', `/v1/nodes/${to}/restore`);
      // 3. Nothing of it was damaged.
      await site.becomes(id, 'active');
      await site.act(id, 'suspend');
      await site.becomes(id, 'suspended');
      await site.host(from).run('qemu-img', 'check', '-f', 'qcow2', diskOf(id));
      await site.cancel(id);
      await site.isEmpty();
    },
  );

  it(
    'and one of which is said to be off and is not: what goes there when it is back leaves the disk of what runs elsewhere',
    LONG,
    async () => {
      await site.again('--fence-command', '/usr/bin/true');
      for (const node of [1, 2]) await site.nodeIs(node, 'up');
      const id = await site.submit({ image: 'blank', onNodeLost: 'restart' });
      await site.becomes(id, 'active');
      const node = Number((await site.lease(id)).nodes);
      const first = await fileOf(diskOf(id));
      await site.host(node).freeze('STOP');
      await site.nodeIs(node, 'lost');
      // 1. It begins anew, on a disk of its own: nobody writes on the other's.
      await eventually(() => site.running()).toEqual([[domainName(id, 1)], [domainName(id, 1)]]);
      await site.becomes(id, 'active');
      const second = await fileOf(diskOf(id));
      expect(second).not.toBe(first);
      // 2. The earlier one goes.
      await site.host(node).freeze('CONT');
      await site.nodeIs(node, 'up');
      await site.runsOn(id, 3 - node);
      expect(await fileOf(diskOf(id))).toBe(second);
      expect(site.service.stderr()).toContain(`VM 1 of lease ${id} on node ${node} has run on though it was given up`);
      await site.cancel(id);
      await site.isEmpty();
    },
  );

  it('and one of which has lost its power: its VM begins on the other, with the disk that it had', LONG, async () => {
    await site.again('--fence-command', '/usr/bin/true');
    for (const node of [1, 2]) await site.nodeIs(node, 'up');
    const wishes = { image: 'tiny', resources: { cpu: 1, memoryMiB: 128 }, where: { labels: { storage: 'cupboard' } } };
    const id = await site.submit({ ...wishes, onNodeLost: 'migrate' });
    await site.becomes(id, 'active');
    const from = Number((await site.lease(id)).nodes);
    const before = site.inside(id, 1, from);
    await before.ready();
    await before.write('/etc/written', 'at home');
    const file = await fileOf(diskOf(id));
    // 1. There is no other for it: it waits, and begins where it was when that is back.
    await site.do('POST', `/v1/nodes/${3 - from}/drain`);
    await site.host(from).stop();
    await site.becomes(id, 'waiting');
    await site.host(from).start();
    await site.nodeIs(from, 'up');
    await site.runsOn(id, from);
    await before.ready();
    expect([await before.read('/etc/written'), await fileOf(diskOf(id))]).toEqual(['at home', file]);
    await site.becomes(id, 'active');
    await site.do('POST', `/v1/nodes/${3 - from}/restore`);
    // 2. There is: it begins on that.
    await site.host(from).stop();
    await eventually(async () => (await site.lease(id)).nodes).toBe(String(3 - from));
    await site.becomes(id, 'active');
    const after = site.inside(id, 1, 3 - from);
    await after.ready();
    expect(await after.read('/etc/written')).toBe('at home');
    expect(await site.host(3 - from).run('stat', '--format', '%i', diskOf(id))).toBe(file);
    // 3. What the other has of it when it is back goes, and the disk stays.
    await site.host(from).start();
    await site.nodeIs(from, 'up');
    await site.runsOn(id, 3 - from);
    expect(await fileOf(diskOf(id))).toBe(file);
    await site.cancel(id);
    await site.isEmpty();
    await site.audit();
  });
});
