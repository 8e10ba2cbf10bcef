/** The policy that a configuration of Haizea stands for. */

import { describe, expect, test } from 'vitest';
import { POLICY_DEFAULT } from '../../engine/index.js';
import { policyOf } from '../../simulations/haizea/policy.js';
import { read } from './haizea-least.js';

const policy = (scheduling: Readonly<Record<string, string>>) => policyOf(read({ scheduling }));

describe('the policy', () => {
  test('is Haizea’s own', () => {
    expect(policy({})).toEqual({
      ...POLICY_DEFAULT,
      backfilling: { kind: 'sticky', depth: 0 },
      queueOrder: 'arrival',
      preemptors: [],
      victimOrder: 'oldest-first@1',
      victimChoice: 'in-order',
      victimAgeMax: 7 * 24 * 3_600_000,
      suspension: 'none',
      suspendExclusionAcross: false,
      estimates: 'haizea',
      wholeSeconds: true,
      migrationRate: 100,
      imageRate: 100,
      imageReuse: 'none',
      imageCacheMax: null,
      packing: 'next-fit',
    });
  });

  test('sends images as the configuration says', () => {
    const deploy = (given: Record<string, string>) =>
      policyOf(
        read({
          general: { 'lease-preparation': 'imagetransfer' },
          'deploy-imagetransfer': { 'transfer-mechanism': 'unicast', ...given },
        }),
      );
    expect(deploy({})).toMatchObject({
      preparation: 'transfer',
      imageTransfer: 'unicast',
      imagePiggyback: true,
      imageReuse: 'none',
      imageTransferTime: null,
    });
    expect(
      deploy({
        'transfer-mechanism': 'multicast',
        'avoid-redundant-transfers': 'False',
        'force-imagetransfer-time': '60',
        'diskimage-reuse': 'image-caches',
        'diskimage-cache-size': '20480',
      }),
    ).toMatchObject({
      imageTransfer: 'multicast',
      imagePiggyback: false,
      imageReuse: 'cache',
      imageTransferTime: 60_000,
      imageCacheMax: 20_480,
    });
    expect(deploy({ 'diskimage-reuse': 'image-caches', 'diskimage-cache-size': '-1' }).imageCacheMax).toBe(null);
  });

  test('has the values of the configuration', () => {
    const rates = { suspension: 'all', 'suspend-rate': '32', 'resume-rate': '64' };
    expect(policy(rates)).toMatchObject({ suspension: 'all', suspendRate: 32, resumeRate: 64, suspendThreshold: null });
    expect(policy({ ...rates, 'suspend-rate': '32.5', 'resume-rate': '0.250' })).toMatchObject({
      suspendRate: 32.5,
      resumeRate: 0.25,
    });
    expect(policy({ ...rates, 'override-suspend-time': '5', 'override-resume-time': '6' })).toMatchObject({
      suspendTime: 5000,
      resumeTime: 6000,
    });
    const scheduling = {
      'policy-preemption': 'ar-preempts-everything',
      'policy-host-selection': 'no-policy',
      'suspendresume-exclusion': 'global',
      'force-scheduling-threshold': '0',
      'scheduling-threshold-factor': '3',
      'shutdown-time': '10',
      'enactment-overhead': '2',
      migration: 'yes-notransfer',
    };
    expect(policy(scheduling)).toMatchObject({
      preemptors: ['advance'],
      nodeChoice: 'first@1',
      suspendExclusion: 'global',
      suspendThreshold: 0,
      suspendThresholdFactor: 3000,
      shutdownTime: 10_000,
      enactmentOverhead: 2000,
      migration: 'no-transfer',
    });
    expect(policy({ migration: 'yes' }).migration).toBe('yes');
  });

  test.each([
    ['no-preemption', { preemptors: [], victims: ['best-effort'] }],
    ['ar-preempts-be', { preemptors: ['advance'], victims: ['best-effort'], victimAgeMax: 7 * 24 * 3_600_000 }],
    ['deadline', { preemptors: ['deadline'], victims: ['deadline'], victimAgeMax: null }],
  ])('preemption %s', (preemption, knobs) => {
    expect(policy({ 'policy-preemption': preemption })).toMatchObject(knobs);
  });

  test.each([
    ['off', 0],
    ['aggressive', 1],
    ['conservative', null],
  ])('backfilling %s', (backfilling, depth) => {
    expect(policy({ backfilling }).backfilling).toEqual({ kind: 'sticky', depth });
  });

  test('admission', () => {
    expect(policy({ 'policy-admission': 'no-ARs' }).admission).toBe('no-advance@1');
  });

  test.each([
    ['free', {}, { kind: 'free' }],
    ['constant', { rate: '0.10' }, { kind: 'constant', rate: 100_000 }],
    [
      'random',
      { 'min-rate': '0.05', 'max-rate': '0.5', seed: '7' },
      { kind: 'random', min: 50_000, max: 500_000, seed: 7 },
    ],
    ['maximum', {}, { kind: 'maximum' }],
    ['adaptive', { rate: '0.25' }, { kind: 'adaptive', rate: 250_000 }],
    ['adaptive', {}, { kind: 'adaptive', rate: 1_000_000 }],
  ])('pricing %s with %j', (name, pricing, expected) => {
    const config = read({ scheduling: { 'policy-pricing': name }, pricing });
    expect(policyOf(config).pricing).toEqual(expected);
  });

  test('backfilling with N reservations', () => {
    const scheduling = { backfilling: 'intermediate', 'backfilling-reservations': '4' };
    expect(policy(scheduling).backfilling).toEqual({ kind: 'sticky', depth: 4 });
  });
});
