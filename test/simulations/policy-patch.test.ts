/** Policies as they are written over HTTP, and patched knob by knob. */

import { describe, expect, it } from 'vitest';
import { type Policy, POLICY_DEFAULT } from '../../engine/index.js';
import { parsePolicy } from '../../simulations/policy-file.js';
import { patchedPolicy, writtenPolicy } from '../../simulations/policy-patch.js';
import { adoptionScenario } from '../swarm/adoptions.js';
import { scenario } from '../swarm/workload.js';

const patched = (base: Policy, patch: Record<string, unknown>): Policy => {
  const made = patchedPolicy(base, patch, []);
  if ('faults' in made) throw new Error(JSON.stringify(made.faults));
  return made.policy;
};

describe('a policy, written', () => {
  it('is read as the same again, as a patch and as a file', () => {
    for (let seed = 1; seed <= 200; seed++)
      for (const policy of [scenario(seed).policy, adoptionScenario(seed).policy]) {
        const whole = { ...POLICY_DEFAULT, ...policy };
        const written = writtenPolicy(whole);
        expect(patched(POLICY_DEFAULT, written)).toEqual({ ...whole, startsMax: whole.startsMax ?? null });
        expect(parsePolicy(JSON.stringify(written), 'p.json')).toEqual(patched(POLICY_DEFAULT, written));
      }
  });

  it('says durations and fractions as people do', () => {
    const policy: Policy = {
      ...POLICY_DEFAULT,
      backfilling: { kind: 'sticky', depth: null },
      orderTimeout: 600_000,
      suspendThresholdFactor: 1500,
      pricing: { kind: 'random', min: 0, max: 250_000, seed: 7 },
      quotas: { user: { leases: 3, vms: null, cpu: 7_500, advance: null }, project: null },
      overcommit: { cpu: 1500 },
    };
    expect(writtenPolicy(policy)).toMatchObject({
      backfilling: 'sticky:all',
      'order-timeout': 'PT10M',
      'suspend-threshold-factor': 1.5,
      pricing: { kind: 'random', min: 0, max: 0.25, seed: 7 },
      quotas: { user: { leases: 3, vms: null, cpu: 7.5, advance: null }, project: null },
      overcommit: { cpu: 1.5 },
    });
  });
});

describe('a patch', () => {
  it('changes the knobs that it names, and no others', () => {
    const base = patched(POLICY_DEFAULT, { 'shutdown-time': '10s', backfilling: 'conservative' });
    expect(patched(base, { backfilling: 'easy' })).toEqual({ ...base, backfilling: { kind: 'easy' } });
  });

  it('takes null for no value where the knob has that, and for its default where it has not', () => {
    const base = patched(POLICY_DEFAULT, { 'order-timeout': '5m', 'image-cache-max': 7, suspension: 'none' });
    expect(patched(base, { 'order-timeout': null, 'image-cache-max': null, suspension: null })).toEqual({
      ...POLICY_DEFAULT,
      orderTimeout: null,
      imageCacheMax: null,
    });
  });

  it('tells all its faults at once, and what each knob takes', () => {
    const made = patchedPolicy(POLICY_DEFAULT, { nonsense: 1, suspension: 'maybe', 'suspend-rate': 0 }, []);
    expect(made).toEqual({
      faults: [
        { pointer: '/nonsense', detail: 'is no knob of a policy' },
        { pointer: '/suspension', detail: 'must be none or serial-only or all' },
        { pointer: '/suspend-rate', detail: 'must be a number from 0.1 to 1000000000' },
      ],
    });
  });

  it('tells of knobs that contradict each other', () => {
    const contradicting = (patch: Record<string, unknown>) => patchedPolicy(POLICY_DEFAULT, patch, []);
    expect(contradicting({ victims: ['deadline'] })).toMatchObject({ faults: [{ pointer: '/victims' }] });
    expect(contradicting({ 'image-prefetch': true })).toMatchObject({ faults: [{ pointer: '/image-prefetch' }] });
    expect(contradicting({ 'order-timeout': '5m', 'queue-order': 'arrival', 'age-weight': 1 })).toMatchObject({
      faults: [{ pointer: '/age-weight' }],
    });
  });
});
