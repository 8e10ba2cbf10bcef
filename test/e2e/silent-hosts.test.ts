/** Real hosts whose libvirt stands still while their VMs run on, and a fence command that says what is not so. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { BLANK, RealSite } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';

const LONG = { timeout: 300_000 };

describe('real hosts that stand still', needs('build', 'machines'), () => {
  let site: RealSite;
  beforeAll(async () => {
    const args = ['--accel', 'tcg', '--node-grace-seconds', '2'];
    site = await RealSite.start({ images: { blank: BLANK }, policy: 'order-timeout: 2m\n', args });
  }, 300_000);
  afterAll(() => site?.stop(), 60_000);

  /** Which of these leases have a VM that runs, by host. */
  const running = async (...ids: string[]) =>
    (await site.running()).map((all) => ids.filter((id) => all.includes(domainName(id, 1))));

  it('are silent, get nothing, and have all that they had when they go on', LONG, async () => {
    const first = await site.submit({ image: 'blank' });
    await site.becomes(first, 'active');
    const node = Number((await site.lease(first)).nodes);
    await site.host(node).freeze('STOP');
    await site.nodeIs(node, 'unreachable');
    const second = await site.submit({ image: 'blank' });
    await site.becomes(second, 'active');
    const third = await site.submit({ image: 'blank' });
    await site.becomes(third, 'waiting');
    const expected = node === 1 ? [[first], [second]] : [[second], [first]];
    expect(await running(first, second, third)).toEqual(expected);
    await site.host(node).freeze('CONT');
    await site.nodeIs(node, 'up');
    expect(await running(first, second, third)).toEqual(expected);
    expect((await site.lease(first)).state).toBe('active');
    for (const id of [third, second, first]) await site.cancel(id);
    await site.isEmpty();
  });

  it('are said to be off and are not: what runs twice is told of, and the earlier one goes', LONG, async () => {
    await site.again('--fence-command', '/usr/bin/true');
    for (const node of [1, 2]) await site.nodeIs(node, 'up');
    // 1. All on one node, each with its own wish.
    const small = { image: 'blank', resources: { cpu: 0.25, memoryMiB: 64 } };
    const moved = await site.submit({ ...small, onNodeLost: 'restart' });
    await site.becomes(moved, 'active');
    const node = Number((await site.lease(moved)).nodes);
    const there = { ...small, where: { nodes: [node] } };
    const kept = await site.submit({ ...there, onNodeLost: 'wait' });
    const ended = await site.submit({ ...there, onNodeLost: 'delete' });
    for (const id of [kept, ended]) await site.becomes(id, 'active');
    const on = (here: string[], other: string[]) => (node === 1 ? [here, other] : [other, here]);
    // 2. Nobody can know better: what is to begin anew does, and runs twice.
    await site.host(node).freeze('STOP');
    await site.nodeIs(node, 'lost');
    await site.becomes(ended, 'failed');
    await eventually(() => running(moved, kept, ended)).toEqual(on([moved, kept, ended], [moved]));
    await site.becomes(moved, 'active');
    expect((await site.lease(kept)).state).toBe('active');
    // 3. It is back: each runs once where the log has it, or not at all.
    await site.host(node).freeze('CONT');
    await site.nodeIs(node, 'up');
    await eventually(() => running(moved, kept, ended)).toEqual(on([kept], [moved]));
    for (const id of [moved, ended])
      expect(site.service.stderr()).toContain(`VM 1 of lease ${id} on node ${node} has run on though it was given up`);
    for (const id of [moved, kept]) await site.cancel(id);
    await site.isEmpty();
    await site.audit();
  });
});
