/** The service and real VMs: libvirt and QEMU on two hosts in namespaces of this machine, over HTTP from an empty log. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { BLANK, RealSite } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';
import { ON_MACHINES } from '../support/proof/deaths.js';

// What saving and bringing back take under emulation.
const POLICY = 'suspend-time: 8s\nresume-time: 8s\norder-timeout: 2m\n';
const ARGS = ['--accel', 'tcg', '--vm-grace-seconds', '20'];

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
  'vm-stopped': { from: 'active', act: 'cancel', to: 'cancelled' },
};
const LONG = { timeout: 180_000 };

describe('leases on real hosts', needs('build', 'machines'), () => {
  let site: RealSite;

  beforeAll(async () => {
    site = await RealSite.start({ images: { tiny: 'guest', blank: BLANK }, policy: POLICY, args: ARGS });
  }, 300_000);

  afterAll(() => site?.stop(), 60_000);

  const submit = (terms: object) =>
    site.submit({ vms: 2, resources: { cpu: 1, memoryMiB: 128 }, image: 'tiny', ...terms });
  /** VM n is on host n here: each takes a whole one. */
  const guestOf = (lease: string, vm: number) => site.inside(lease, vm, vm);
  const countOf = (lease: string, vm: number) =>
    guestOf(lease, vm)
      .counter()
      .then(({ count }) => count);

  it('boot, make room for a reservation, and go on counting where they were; then nothing is left', {
    timeout: 600_000,
  }, async () => {
    // 1. A lease of two VMs boots, and its guests answer.
    const waiting = await submit({});
    await site.becomes(waiting, 'active');
    for (const vm of [1, 2]) await guestOf(waiting, vm).ready();
    const before = await Promise.all([1, 2].map((vm) => countOf(waiting, vm)));
    const boots = await Promise.all([1, 2].map((vm) => guestOf(waiting, vm).boot()));

    // 2. A reservation takes both nodes: the lease is saved before, and brought back after.
    const at = new Date(Date.now() + 30_000);
    const reserved = await submit({ duration: 'PT20S', start: { kind: 'advance', at: at.toISOString() } });
    await site.becomes(waiting, 'suspended');
    await site.becomes(reserved, 'active');
    await site.becomes(reserved, 'done');
    await site.becomes(waiting, 'active');
    for (const vm of [1, 2]) {
      expect(await countOf(waiting, vm)).toBeGreaterThan(before[vm - 1]!);
      expect(await guestOf(waiting, vm).boot()).toBe(boots[vm - 1]);
    }

    // 3. The service dies, and finds its VMs again.
    await site.service.signal('SIGKILL');
    await site.serve();
    expect((await site.lease(waiting)).state).toBe('active');
    const counted = await countOf(waiting, 1);

    // 4. A VM that dies is started again; its lease goes on.
    await site.host(2).killQemu(domainName(waiting, 2));
    await eventually(() => site.host(2).qemus()).toEqual([domainName(waiting, 2)]);
    expect(await countOf(waiting, 1)).toBeGreaterThan(counted);

    // 5. It is cancelled: no domain and no file stays.
    await site.cancel(waiting);
    await site.isEmpty();
  });

  it('a disk of a lease that is suspended becomes an image, which others begin with', LONG, async () => {
    const id = await submit({ image: 'blank' });
    await site.becomes(id, 'active');
    const built = () => site.get('/v1/images/built');
    // 1. Not while it runs.
    await site.do('POST', '/v1/images', { name: 'built', source: `lease:${id}/2`, format: 'qcow2' });
    await eventually(async () => (await built()).state).toBe('failed');
    expect((await built()).failure.detail).toContain('suspend it');
    // 2. Of what is saved, all.
    await site.act(id, 'suspend');
    await site.becomes(id, 'suspended');
    await site.do('POST', '/v1/images/built/fetch');
    await eventually(async () => (await built()).state).toBe('ready');
    expect((await built()).virtualBytes).toBeGreaterThanOrEqual(1024 * 1024);
    await site.cancel(id);
    // 3. Whoever begins with it needs nothing of where it is from.
    const next = await submit({ image: 'built', vms: 1 });
    await site.becomes(next, 'active');
    await site.cancel(next);
    await site.isEmpty();
  });

  it.each(ON_MACHINES)('of a service that dies at %s are what the log says when it is back', LONG, async (point) => {
    const { from, act, to, terms = {} } = DEATHS[point]!;
    // 1. As far as the step before by a service that lives; the step itself by one that dies in it.
    if (from === null) await site.againDyingAt(point);
    const id = await submit({ image: 'blank', ...terms });
    if (from !== null) {
      await site.becomes(id, 'active');
      if (from === 'suspended') await site.act(id, 'suspend');
      await site.becomes(id, from);
      await site.againDyingAt(point);
      // Whether it is answered, nobody knows.
      await (act === 'cancel' ? site.cancel(id) : site.act(id, act)).catch(() => {});
    }
    expect((await site.service.ended).signal).toBe('SIGKILL');
    // 2. The next one brings it about: each VM once, where it belongs.
    await site.serve();
    await site.becomes(id, to);
    const expected = to === 'active' || to === 'starting' ? [[domainName(id, 1)], [domainName(id, 2)]] : [[], []];
    await eventually(() => site.running()).toEqual(expected);
    expect((await site.lease(id)).state).toBe(to);
    // 3. Afterwards there is nothing of it.
    if (to !== 'cancelled') await site.cancel(id);
    await site.isEmpty();
  });

  it('and the log of all that says the same when it is replayed', LONG, () => site.audit());
});
