/**
 * How long orders to VMs take over HTTP, on two real hosts: `npm run bench:machines` runs it, and tells what it has found.
 * Each time is from the request until what was asked for is there, as whoever asks sees it.
 */

import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LOCAL } from '../support/machines/host.js';
import type { Inside } from '../support/machines/inside.js';
import { RealSite } from '../support/machines/real-site.js';

const ROUNDS = Number(process.env.LEASEHOLD_TIMING_ROUNDS ?? '3');
/** Far more than anything takes. */
const LONGEST_MS = 300_000;
const RESULTS = process.env.LEASEHOLD_TIMING_RESULTS!;
const POLICY = 'migration: yes\nsuspend-time: 1s\nresume-time: 1s\norder-timeout: 2m\n';
const BOOTS = { image: 'tiny', resources: { cpu: 1, memoryMiB: 128 } };
const READY = { ready: { probe: 'agent', timeout: 'PT10M' } };

/** Milliseconds, by what was measured: a row of the table each, in this order. */
const times = new Map<string, number[]>();

it('orders take as long as they take', { timeout: 0 }, async () => {
  const site = await RealSite.start({
    images: { tiny: 'guest' },
    policy: POLICY,
    args: ['--accel', 'tcg'],
    labels: ({ uriAmongHosts }) => ({ 'migration-uri': uriAmongHosts, 'disks-fast': `${LOCAL}/fast` }),
  });
  try {
    // What is done once is not measured: hosts learn what their QEMU can do, and images get there.
    await round(site);
    times.clear();
    for (let count = 0; count < ROUNDS; count++) await round(site);
    await site.audit();
  } finally {
    await site.stop();
  }
  writeFileSync(RESULTS, JSON.stringify(Object.fromEntries(times)));
});

/** One VM through all that can become of it. */
async function round(site: RealSite): Promise<void> {
  // 1. To be there, and to be of use.
  let id = '';
  const submitted = async (more: object = {}) => {
    id = await site.submit({ ...BOOTS, ...more });
    await is('active');
  };
  const is = (state: string) => until(async () => (await site.lease(id)).state === state);
  await timed('request to running', () => submitted());
  await timed('request to stopped and removed', async () => {
    await site.cancel(id);
    await is('cancelled');
  });
  await timed('request to ready', () => submitted({ machine: READY }));
  let node = Number((await site.lease(id)).nodes);
  const guest = () => site.inside(id, 1, node);
  const boot = await guest().boot();
  // 2. Saved, and brought back.
  const suspend = async () => {
    await site.act(id, 'suspend');
    await is('suspended');
  };
  const release = async () => {
    await site.act(id, 'release');
    await is('active');
  };
  await timed('suspend', suspend);
  await timed('resume', release);
  // 3. To the other host: while it runs, and saved.
  await migrate(site, id, node);
  node = 3 - node;
  await timed('cold migration: saved, carried, resumed', async () => {
    await suspend();
    await site.do('POST', `/v1/nodes/${node}/drain`);
    await release();
  });
  await site.do('POST', `/v1/nodes/${node}/restore`);
  node = 3 - node;
  // 4. Its disk to another directory.
  await timed('storage migration', async () => {
    await site.do('POST', `/v1/leases/${id}/move-disks`, { to: 'fast' });
    await until(() => isLast(site, id, 'VmsActed'));
  });
  expect(await guest().boot()).toBe(boot);
  // 5. Booted again, as it is and from its image.
  await timed('reset to ready', async () => {
    await site.act(id, 'reset');
    const answers = () => guest().boot();
    await until(async () => (await answers().catch(() => boot)) !== boot);
  });
  await timed('recreated from its image to ready', async () => {
    await site.do('POST', `/v1/leases/${id}/recover`, { how: 'recreate' });
    await until(async () => (await site.lease(id)).state !== 'active');
    await is('active');
  });
  await site.cancel(id);
  await site.isEmpty();
}

/** How long the VM stood still is told by QEMU, by libvirt's two hosts, and by what the guest's own clock has missed. */
async function migrate(site: RealSite, id: string, from: number): Promise<void> {
  const at = new Map<string, number>();
  for (const [index, hypervisor] of site.hypervisors.entries())
    hypervisor.listen({
      lifecycle: (_uuid, event) => at.set(`${event} on ${index + 1}`, performance.now()),
      connected: () => {},
      disconnected: () => {},
    });
  const before = await missed(site.inside(id, 1, from));
  await timed('live migration', async () => {
    await site.do('POST', `/v1/leases/${id}/migrate`, { to: [3 - from] });
    await until(() => isLast(site, id, 'VmsLiveMigrated'));
  });
  const told = [...site.service.stderr().matchAll(/it stood still for (\d+) ms/g)];
  note('… stood still, as QEMU says', Number(told.at(-1)![1]));
  note('… stood still, between libvirt’s events', at.get(`resumed on ${3 - from}`)! - at.get(`suspended on ${from}`)!);
  note('… missed by the guest’s clock', (await missed(site.inside(id, 1, 3 - from))) - before);
}

/** How far the guest's clock is behind ours, but for a constant: the middle of a few, since answers take their time. */
async function missed(guest: Inside): Promise<number> {
  const all: number[] = [];
  for (let count = 0; count < 9; count++) {
    const began = performance.now();
    const uptime = Number((await guest.read('/proc/uptime')).split(' ')[0]);
    all.push((began + performance.now()) / 2 - uptime * 1_000);
  }
  return all.sort((a, b) => a - b)[4]!;
}

/** The log has it of the lease, and nothing after it. */
async function isLast(site: RealSite, id: string, type: string): Promise<boolean> {
  return (await site.get(`/v1/leases/${id}/decisions`)).items.at(-1).type === type;
}

async function timed(what: string, act: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await act();
  note(what, performance.now() - began);
}

function note(what: string, ms: number): void {
  times.set(what, [...(times.get(what) ?? []), ms]);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const latest = performance.now() + LONGEST_MS;
  while (!(await isSo())) {
    if (performance.now() > latest) throw new Error(`it does not come about: ${isSo}`);
    await sleep(20);
  }
}
