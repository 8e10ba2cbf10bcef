/** Any record that a domain may have of itself. */

import fc from 'fast-check';
import type { VmRecord } from '../../adapters/libvirt/metadata.js';

const lease = fc.stringMatching(/^[A-Za-z0-9]{1,40}(-[1-9]\d{0,2})?$/);
const vm = fc.integer({ min: 1, max: 1_000_000 });
const order = fc.stringMatching(/^\d{1,16}\.\d{1,9}$/);

export const anyRecord: fc.Arbitrary<VmRecord> = fc.record(
  {
    site: fc.stringMatching(/^[0-9a-f]{16}$/),
    lease,
    vm,
    vms: vm,
    run: order,
    order,
    epoch: fc.integer({ min: 0, max: 1e14 }),
    saved: fc.option(
      fc.record({
        order,
        at: fc.integer({ min: 0, max: 1e14 }),
        bytes: fc.integer({ min: 0, max: 1e14 }),
        sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
      }),
    ),
    ...{ reboot: fc.record({ order, isDone: fc.boolean() }), booting: fc.integer({ min: 0, max: 1e14 }) },
    callback: fc.stringMatching(/^[0-9a-f]{64}$/),
    ...{ disks: fc.constantFrom('vm-dir', '/mnt/ssd'), copying: fc.constantFrom('vm-dir', '/srv/a/b.c') },
    ...{ resized: order, moved: order, kept: order },
    ...{ moving: fc.record({ order, to: fc.integer({ min: 1, max: 100_000 }) }) },
  },
  { requiredKeys: ['site', 'lease', 'vm', 'vms', 'run', 'order', 'epoch', 'saved'] },
);
