/** Real hosts that fall silent while their VMs run on: what becomes of their leases, and of those who wait. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { BLANK, RealSite } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';

const POLICY = 'suspend-time: 2s\nresume-time: 2s\norder-timeout: 2m\n';

describe('real hosts that fall silent', needs('build', 'machines'), () => {
  let site: RealSite;

  beforeAll(async () => {
    site = await RealSite.start({ images: { blank: BLANK }, policy: POLICY, args: ['--node-grace-seconds', '2'] });
  }, 300_000);

  afterAll(() => site?.stop(), 60_000);

  const submit = () => site.submit({ image: 'blank' });
  const end = async (...ids: string[]): Promise<void> => {
    for (const id of ids) await site.cancel(id);
    for (const host of site.hosts.all)
      await eventually(async () => (await host.virsh('list', '--all', '--name')).trim()).toBe('');
  };
  /** How often the log has it of this node, which is what those who plan go by. */
  const timesIn = async (type: string, node: number): Promise<number> => {
    const { text } = await site.service.ask('GET', `/v1/events?type=${type}`);
    return text.match(new RegExp(`"${type}","at":\\d+,"node":${node}\\b`, 'g'))?.length ?? 0;
  };

  it('are found to have no KVM: VMs are emulated there, or not started where only KVM will do', {
    timeout: 240_000,
  }, async () => {
    const node = async () => (await site.get('/v1/nodes')).items[0];
    const conditions = async () => (await node()).conditions.map(({ type }: { type: string }) => type);
    await eventually(conditions).toEqual(['no-kvm']);
    const emulated = await submit();
    await site.becomes(emulated, 'active');
    expect(await site.host(1).virsh('dumpxml', domainName(emulated, 1))).toContain("<domain type='qemu'");
    await end(emulated);
    await site.again('--accel', 'kvm');
    await site.nodeIs(1, 'up');
    const refused = await submit();
    await site.becomes(refused, 'failed');
    expect(await site.told(refused)).toMatch(/they are to run under KVM: there is no KVM/);
    await site.again();
  });

  it('get no VMs and keep those that they have; a service that is started anew knows that', {
    timeout: 240_000,
  }, async () => {
    // 1. One runs; then its host does not answer.
    const first = await submit();
    await site.becomes(first, 'active');
    const silent = Number((await site.lease(first)).nodes);
    const host = site.host(silent);
    const before = await timesIn('NodeUnreachable', silent);
    await host.killLibvirt();
    await site.nodeIs(silent, 'unreachable');
    await eventually(() => timesIn('NodeUnreachable', silent)).toBe(before + 1);
    // 2. The other one takes the next; there is no room for a third.
    const second = await submit();
    await site.becomes(second, 'active');
    expect((await site.lease(second)).nodes).toBe(String(3 - silent));
    const third = await submit();
    await site.becomes(third, 'waiting');
    // 3. Whoever comes next knows.
    await site.service.signal('SIGKILL');
    await site.serve();
    expect((await site.lease(first)).state).toBe('active');
    const found = await timesIn('NodeFound', silent);
    expect(await host.qemus()).toEqual([domainName(first, 1)]);
    await site.cancel(second);
    await site.becomes(third, 'active');
    expect((await site.lease(third)).nodes).toBe(String(3 - silent));
    // 4. It answers: its VM ran on all the time, and it takes others.
    await host.startLibvirt();
    await site.nodeIs(silent, 'up');
    await eventually(() => timesIn('NodeFound', silent)).toBe(found + 1);
    expect(await timesIn('NodeUnreachable', silent)).toBe(before + 1);
    expect(await host.qemus()).toEqual([domainName(first, 1)]);
    await end(first, third);
    await site.audit();
    await site.serve();
  });

  it('are lost once somebody says that they are off, or has switched them off: their leases start elsewhere', {
    timeout: 300_000,
  }, async () => {
    const isOn = (id: string, node: number) =>
      eventually(async () => (await site.running())[node - 1]).toEqual([domainName(id, 1)]);
    for (const how of ['said', 'fenced'] as const) {
      const marker = join(site.path, 'fenced');
      const fence = how === 'said' ? [] : ['--fence-command', `/usr/bin/touch ${marker}`];
      await site.again(...fence);
      for (const node of [1, 2]) await site.nodeIs(node, 'up');
      const id = await submit();
      await site.becomes(id, 'active');
      const node = Number((await site.lease(id)).nodes);
      const host = site.host(node);
      // Who is there is not lost.
      expect((await site.service.ask('POST', `/v1/nodes/${node}/lost`)).status).toBe(409);
      await host.stop();
      if (how === 'said') {
        await eventually(async () => (await site.service.ask('POST', `/v1/nodes/${node}/lost`)).status).toBe(200);
      } else await eventually(() => existsSync(marker)).toBe(true);
      await site.nodeIs(node, 'lost');
      await isOn(id, 3 - node);
      await site.becomes(id, 'active');
      // It comes back with what it had on its disks: that goes, and what runs elsewhere is left alone.
      await host.start();
      await site.nodeIs(node, 'up');
      await eventually(async () => (await host.virsh('list', '--all', '--name')).trim()).toBe('');
      await isOn(id, 3 - node);
      await end(id);
    }
  });
});
