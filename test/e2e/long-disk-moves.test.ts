/** Copies of disks that take long: how far they have come is told; whatever comes meanwhile, the VM keeps the disk that it has. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { domainName } from '../../adapters/libvirt/names.js';
import { eventually } from '../support/eventually.js';
import { LOCAL } from '../support/machines/host.js';
import { BLANK, RealSite, VM_DIRECTORY } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';

const LONG = { timeout: 300_000 };
const FAST = `${LOCAL}/fast`;
/** At a MiB a second nobody sees its end here. */
const WRITTEN_MIB = 200;
const DISK = '/machine/peripheral/virtio-disk0/virtio-backend';

describe('disks of VMs that take long to move', needs('build', 'machines', 'qemu-img'), () => {
  let site: RealSite;
  beforeAll(async () => {
    site = await RealSite.start({
      ...{ hosts: 1, images: { blank: BLANK }, policy: 'suspend-time: 4s\nresume-time: 4s\norder-timeout: 2m\n' },
      args: ['--accel', 'tcg', '--vm-move-bandwidth', '1', '--monitor-interval', '1'],
      labels: () => ({ 'disks-fast': FAST }),
    });
  }, 300_000);
  afterAll(() => site?.stop(), 60_000);

  /** As its guest would. */
  const write = (id: string) => {
    const command = `qemu-io -d ${DISK} "write -P 7 0 ${WRITTEN_MIB}M"`;
    return site.host(1).virsh('qemu-monitor-command', domainName(id, 1), '--hmp', command);
  };
  const disk = (place: string, id: string) => `${place}/${domainName(id, 1)}-disk0.qcow2`;
  const sources = async (id: string) =>
    (await site.host(1).virsh('domblklist', domainName(id, 1))).match(/\/\S+disk0\S+/g);
  const isThere = async (path: string) =>
    (await site.host(1).run('sh', '-c', `[ -e ${path} ] && echo yes || echo no`)).trim();
  /** A VM whose disk is on its way. */
  const moving = async (id: string) => {
    await site.do('POST', `/v1/leases/${id}/move-disks`, { to: 'fast' });
    await eventually(async () => (await site.get(`/v1/leases/${id}/usage`)).vms[0]?.moving?.what).toBe('disk');
    const { doneMiB, totalMiB } = (await site.get(`/v1/leases/${id}/usage`)).vms[0].moving;
    expect([doneMiB < totalMiB, totalMiB]).toEqual([true, WRITTEN_MIB]);
  };
  /** What it has written is on the disk that it began with, and nowhere else. */
  const isWhole = async (id: string) => {
    await eventually(() => isThere(disk(FAST, id))).toBe('no');
    expect(await sources(id)).toEqual([disk(VM_DIRECTORY, id)]);
    const read = `read -P 7 0 ${WRITTEN_MIB}M`;
    const said = await site.host(1).run('qemu-io', '-r', '-U', '-f', 'qcow2', '-c', read, disk(VM_DIRECTORY, id));
    expect(said).not.toContain('Pattern verification failed');
    expect(said).toContain(`read ${WRITTEN_MIB * 1024 * 1024}/`);
  };

  it('stay where they are when something else is due, and leave nothing behind', LONG, async () => {
    const id = await site.submit({ image: 'blank', resources: { cpu: 1, memoryMiB: 64, diskMiB: 256 } });
    await site.becomes(id, 'active');
    await write(id);
    // 1. It is to be suspended.
    await moving(id);
    await site.act(id, 'suspend');
    await site.becomes(id, 'suspended');
    expect(await isThere(disk(FAST, id))).toBe('no');
    await site.act(id, 'release');
    await site.becomes(id, 'active');
    await isWhole(id);
    // 2. The service dies, and the next one is told to go on; then its VM is to be suspended again.
    await moving(id);
    await site.service.signal('SIGKILL');
    await site.serve();
    await eventually(async () => (await site.get(`/v1/leases/${id}/usage`)).vms[0]?.moving?.what).toBe('disk');
    await site.act(id, 'suspend');
    await site.becomes(id, 'suspended');
    await site.act(id, 'release');
    await site.becomes(id, 'active');
    await isWhole(id);
    // 3. Its lease is cancelled.
    await moving(id);
    await site.cancel(id);
    await site.becomes(id, 'cancelled');
    await site.isEmpty();
    expect(await isThere(disk(FAST, id))).toBe('no');
    await site.audit();
  });
});
