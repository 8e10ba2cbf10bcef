/** VMs that fail: how often they are started again. */

import { expect, test } from 'vitest';
import { Restarts } from '../../adapters/libvirt/restarts.js';

test('a VM that fails all the time is given up, and one that fails now and then is not', () => {
  const restarts = new Restarts();
  expect([0, 1_000, 5_000, 20_000].map((at) => restarts.pauseAfter('a', at))).toEqual([1_000, 2_000, 4_000, null]);
  expect([0, 700_000, 1_400_000].map((at) => restarts.pauseAfter('b', at))).toEqual([1_000, 1_000, 1_000]);
});
