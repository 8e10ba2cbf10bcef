/** Real hosts whose cable is pulled, while VMs run on them and while they are about to do what was ordered. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { BLANK, RealSite } from '../support/machines/real-site.js';
import { Namespace } from '../support/namespaces.js';
import { needs } from '../support/needs.js';

const POLICY = 'suspend-time: 2s\nresume-time: 2s\norder-timeout: 2m\n';

describe('real hosts that are cut off', needs('build', 'machines', 'netns'), () => {
  let space: Namespace;
  let site: RealSite;
  beforeAll(async () => {
    space = new Namespace(1);
    const args = ['--accel', 'tcg', '--node-grace-seconds', '2'];
    site = await RealSite.start({ images: { blank: BLANK }, policy: POLICY, args, from: space });
  }, 300_000);
  afterAll(async () => {
    await site?.stop();
    space?.remove();
  }, 60_000);

  it('keep what runs there, which starts nowhere else, and do what was ordered when they are back', {
    timeout: 300_000,
  }, async () => {
    const small = { image: 'blank', resources: { cpu: 0.25, memoryMiB: 64 } };
    const here = { ...small, where: { nodes: [1] } };
    // 1. One runs and would be started elsewhere if its node were lost; one is about to be saved, and one to be started.
    const runs = await site.submit({ ...here, onNodeLost: 'restart' });
    const saved = await site.submit({ ...here, onNodeLost: 'restart' });
    for (const id of [runs, saved]) await site.becomes(id, 'active');
    await site.act(saved, 'suspend');
    const starts = await site.submit({ ...here, onNodeLost: 'restart' });
    await site.hosts.plug(site.host(1), false);
    await site.nodeIs(1, 'unreachable');
    // 2. Others go where there is somebody; nobody has said that the host is off.
    const next = await site.submit(small);
    await site.becomes(next, 'active');
    const [first, second] = await site.running();
    expect(first).toContain(domainName(runs, 1));
    expect(second).toEqual([domainName(next, 1)]);
    expect((await site.lease(runs)).state).toBe('active');
    // 3. What was ordered is brought about, once.
    await site.hosts.plug(site.host(1), true);
    // It is tried again after a while, which grows.
    await expect.poll(async () => (await site.get('/v1/nodes')).items[0].status, { timeout: 180_000 }).toBe('up');
    await site.becomes(saved, 'suspended');
    await site.becomes(starts, 'active');
    const there = [runs, starts].map((id) => domainName(id, 1)).sort();
    await eventually(() => site.running()).toEqual([there, [domainName(next, 1)]]);
    expect((await site.lease(runs)).state).toBe('active');
    for (const id of [runs, saved, starts, next]) await site.cancel(id);
    await site.isEmpty();
    await site.audit();
  });
});
