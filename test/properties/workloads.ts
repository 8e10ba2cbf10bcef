/** Random workloads for properties: leases of a few VMs over a few minutes, many of which end early. */

import fc from 'fast-check';
import type { NodeClass } from '../../engine/index.js';
import { type Asked, nodes } from '../support/play.js';

/** Six nodes that differ in what they leave room for. */
export const SITES: Readonly<Record<string, readonly Omit<NodeClass, 'first'>[]>> = {
  'nodes counted': [nodes(6, 1, 1024, { exclusive: true })],
  'nodes shared, one cpu each': [nodes(6)],
  'nodes of several cpus': [nodes(2, 2, 4096), nodes(1, 4, 2048)],
};

export interface Mix {
  /** Of ten leases, how many are reservations, or want to begin at once. */
  readonly advance: number;
  readonly immediate?: number;
  readonly vmsMax?: number;
}

/** Leases in order of arrival, named `1`, `2`, …; times in minutes. */
export function workloads({ advance, immediate = 0, vmsMax = 6 }: Mix): fc.Arbitrary<readonly Asked[]> {
  const lease = fc.record({
    gap: fc.nat(6),
    vms: fc.integer({ min: 1, max: vmsMax }),
    memory: fc.constantFrom(256, 512, 1024),
    minutes: fc.integer({ min: 1, max: 30 }),
    part: fc.integer({ min: 1, max: 4 }),
    kind: fc.nat(9),
    ahead: fc.nat(30),
  });
  return fc.array(lease, { minLength: 1, maxLength: 20 }).map((leases) => {
    let at = 0;
    return leases.map(({ gap, vms, memory, minutes, part, kind, ahead }, i): Asked => {
      at += gap;
      return {
        id: `${i + 1}`,
        at,
        vms: [[vms, 1, memory]],
        minutes,
        runs: Math.max(1, Math.ceil((minutes * part) / 4)),
        start: kind < advance ? { at: at + ahead } : kind < advance + immediate ? 'immediate' : 'best-effort',
      };
    });
  });
}
