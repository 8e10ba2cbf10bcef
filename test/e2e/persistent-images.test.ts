/** Images that keep what is written: the disk of a VM becomes the image, wherever the VM went and wherever the service dies. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { domainUuid } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { RealSite } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';
import { IN_KEEPING } from '../support/proof/deaths.js';

const LONG = { timeout: 300_000 };
const POLICY = 'migration: yes\nsuspend-time: 4s\nresume-time: 4s\norder-timeout: 2m\n';
const TEXT = '/kept';

describe('what a VM writes into its image', needs('build', 'machines', 'qemu-img'), () => {
  let site: RealSite;
  beforeAll(async () => {
    const args = ['--accel', 'tcg', '--vm-grace-seconds', '20'];
    site = await RealSite.start({
      ...{ images: { tiny: 'guest' }, policy: POLICY, args },
      labels: ({ uriAmongHosts }) => ({ 'migration-uri': uriAmongHosts }),
    });
    const source = join(site.path, 'tiny.qcow2');
    await site.do('POST', '/v1/images', { name: 'home', source, format: 'qcow2', persistent: true });
    await vi.waitFor(async () => expect((await home()).state).toBe('ready'), { timeout: 60_000 }); // this is before a test
  }, 300_000);
  afterAll(() => site?.stop(), 60_000);

  const home = () => site.get('/v1/images/home');
  const TERMS = { resources: { cpu: 1, memoryMiB: 128 }, image: 'home', machine: { ready: { probe: 'agent' } } };
  /** A lease whose VM boots from it. */
  const booted = async () => {
    const id = await site.submit(TERMS);
    await site.becomes(id, 'active');
    return id;
  };
  const insideOf = async (id: string) => site.inside(id, 1, Number((await site.lease(id)).nodes));
  const write = async (id: string, text: string) => (await insideOf(id)).write(TEXT, text);
  const read = async (id: string) => (await insideOf(id)).read(TEXT);

  it('is there the next time, wherever that is; meanwhile nobody else has it', LONG, async () => {
    const before = await home();
    expect(before).toMatchObject({ persistent: true, leases: 0 });
    const first = await booted();
    expect((await home()).leases).toBe(1);
    // 1. Whoever wants it, too, is told who has it; whoever follows waits.
    const terms = { vms: 1, duration: 'PT2H', ...TERMS };
    const refused = await site.service.ask('POST', '/v1/leases', terms);
    expect(refused.json()).toMatchObject({ reasons: [{ code: 'image-in-use', blockers: [first] }] });
    expect((await site.service.ask('DELETE', '/v1/images/home')).json().code).toBe('image-in-use');
    const next = await site.submit({ ...TERMS, after: [{ lease: first, on: 'end' }] });
    // 2. It is written, carried to another host while it runs, and written there.
    await write(first, 'on the first host');
    const from = Number((await site.lease(first)).nodes);
    await site.do('POST', `/v1/leases/${first}/migrate`, { to: [3 - from] });
    await site.runsOn(first, 3 - from);
    await eventually(async () => Number((await site.lease(first)).nodes)).toBe(3 - from);
    expect(await read(first)).toBe('on the first host');
    await write(first, 'on the other host');
    // 3. Its guest ends by itself: that is a good end, and whoever follows finds what it wrote.
    await site.hypervisors[2 - from]!.shutdown(domainUuid(first, 1), 'acpi');
    await site.becomes(first, 'done');
    await site.becomes(next, 'active');
    expect(await read(next)).toBe('on the other host');
    expect((await home()).sha256).not.toBe(before.sha256);
    await site.cancel(next);
    await site.becomes(next, 'cancelled');
    await site.isEmpty();
  });

  it('is lost nowhere, and twice nowhere, where the service dies while it is kept', LONG, async () => {
    let id = await booted();
    for (const point of IN_KEEPING) {
      await write(id, `before ${point}`);
      await site.againDyingAt(point);
      await site.service.ask('DELETE', `/v1/leases/${id}`).catch(() => null);
      expect((await site.service.ended).signal).toBe('SIGKILL');
      await site.serve();
      await site.becomes(id, 'cancelled');
      expect(await home()).toMatchObject({ state: 'ready', leases: 0, failure: null });
      id = await booted();
      expect(await read(id)).toBe(`before ${point}`);
    }
    await site.cancel(id);
    await site.becomes(id, 'cancelled');
    await site.isEmpty();
    await site.audit();
  });
});
