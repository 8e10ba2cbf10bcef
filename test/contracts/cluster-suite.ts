/**
 * What every cluster promises to whoever leads, as tests that run on simulated machines, on libvirt's test driver and on
 * real hosts: orders are carried out once, however often they come and whatever dies meanwhile.
 */

import { describe, expect, test } from 'vitest';
import type { Capability, ClusterKind } from './cluster/kind.js';
import { casesOfGangs } from './cluster/gangs.js';
import { casesOfHosts } from './cluster/hosts.js';
import { casesOfListening } from './cluster/listening.js';
import { casesOfMishaps } from './cluster/mishaps.js';
import { casesOfOrder } from './cluster/order.js';
import { casesOfVerbs } from './cluster/verbs.js';
import { type Case, Trial } from './cluster/trial.js';

/** `kind` is asked in each test. */
export function clusterContract({ name, lacks }: Pick<ClusterKind, 'name' | 'lacks'>, kind: () => ClusterKind): void {
  const leftOut = new Map<Capability, number>();
  const define: Case = (called, { needs = [], nodes = 2 }, body) => {
    const lacking = needs.filter((one) => lacks[one] !== undefined);
    for (const one of lacking) leftOut.set(one, (leftOut.get(one) ?? 0) + 1);
    if (lacking.length > 0) return;
    test(called, async () => {
      const trial = await Trial.begin(kind(), nodes);
      try {
        await body(trial);
      } finally {
        await trial.end();
      }
    });
  };

  describe(name, () => {
    casesOfVerbs(define);
    casesOfOrder(define);
    casesOfGangs(define);
    casesOfListening(define);
    casesOfMishaps(define);
    casesOfHosts(define);
    for (const [lacking, reason] of Object.entries(lacks))
      test(`cases that need ${lacking} are none here, for ${reason}`, () => {
        expect(leftOut.get(lacking as Capability)).toBeGreaterThan(0);
      });
  });
}
