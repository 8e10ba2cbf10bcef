/** The policy from a file: every knob, its default, and the published schema. */

import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { POLICY_DEFAULT, type ResourceType } from '../../engine/index.js';
import { durationOf } from '../../simulations/amounts.js';
import { parseBackfilling } from '../../simulations/backfilling.js';
import { parsePolicy, policySchema, readPolicyFile } from '../../simulations/policy-file.js';
import { file } from './files.js';

const ALL = `
rules: ${POLICY_DEFAULT.rules}
backfilling: intermediate:3
candidates-max: 500
queue-order: priority
priority-weight: 100
age-weight: 10
age-max: 14d
fair-share: { by: project, half-life: 7d, weight: 50, shares: { physics: 2, biology: 1 } }
admission: accept-all@1
minimum-notice: 1h
quotas: { user: { leases: 10, vms: null, cpu: 7.5, advance: 2 }, project: null }
pricing: { kind: constant, rate: 0.25 }
preemptors: [immediate]
victims: [immediate, best-effort]
victim-order: oldest-first@1
victim-choice: in-order
victim-age-max: 7d
deadline-exact-slack: 2.5
suspension: serial-only
suspend-rate: 32
resume-rate: 64
suspend-time: 20
resume-time: null
suspend-exclusion: global
suspend-exclusion-across: false
estimates: haizea
suspend-ahead: false
suspend-threshold: 5m
suspend-threshold-factor: 1.5
enactment-overhead: 2
shutdown-time: PT10S
whole-seconds: true
migration: no-transfer
migration-rate: 100
live-migration: maintenance
preparation: transfer
image-rate: 100
image-transfer-time: 90
image-transfer: unicast
image-piggyback: false
image-reuse: cache
image-cache-max: 4096
image-prefetch: true
node-choice: n-by-hosts@1
node-choice-options: { n: 2 }
packing: next-fit
overcommit: { cpu: 3, memory: 1.25 }
starts-max: 4
attempts-max: 0
order-timeout: 1h30m
`;

describe('knobs', () => {
  test('all of them', () => {
    expect(parsePolicy(ALL, 'p.yaml')).toEqual({
      rules: POLICY_DEFAULT.rules,
      backfilling: { kind: 'intermediate', depth: 3 },
      candidatesMax: 500,
      queueOrder: 'priority',
      priorityWeight: 100,
      ageWeight: 10,
      ageMax: 14 * 86_400_000,
      fairShare: { by: 'project', halfLife: 7 * 86_400_000, weight: 50, shares: { physics: 2, biology: 1 } },
      admission: 'accept-all@1',
      minimumNotice: 3_600_000,
      quotas: { user: { leases: 10, vms: null, cpu: 7500, advance: 2 }, project: null },
      pricing: { kind: 'constant', rate: 250_000 },
      preemptors: ['immediate'],
      victims: ['best-effort', 'immediate'],
      victimOrder: 'oldest-first@1',
      victimChoice: 'in-order',
      victimAgeMax: 7 * 86_400_000,
      deadlineExactSlack: 2500,
      suspension: 'serial-only',
      suspendRate: 32,
      resumeRate: 64,
      suspendTime: 20_000,
      resumeTime: null,
      suspendExclusion: 'global',
      suspendExclusionAcross: false,
      estimates: 'haizea',
      suspendAhead: false,
      suspendThreshold: 300_000,
      suspendThresholdFactor: 1500,
      enactmentOverhead: 2000,
      shutdownTime: 10_000,
      wholeSeconds: true,
      migration: 'no-transfer',
      migrationRate: 100,
      liveMigration: 'maintenance',
      preparation: 'transfer',
      imageRate: 100,
      imageTransferTime: 90_000,
      imageTransfer: 'unicast',
      imagePiggyback: false,
      imageReuse: 'cache',
      imageCacheMax: 4096,
      imagePrefetch: true,
      nodeChoice: 'n-by-hosts@1',
      nodeChoiceOptions: { n: 2 },
      packing: 'next-fit',
      overcommit: { cpu: 3000, memory: 1250 },
      startsMax: 4,
      attemptsMax: 0,
      orderTimeout: 5_400_000,
    });
    expect(Object.keys(parse(ALL)).length).toBe(Object.keys(POLICY_DEFAULT).length);
  });

  test('what is not mentioned keeps its default, or what it was', () => {
    expect(parsePolicy('', 'p')).toEqual(POLICY_DEFAULT);
    expect(parsePolicy('# nothing\n', 'p')).toEqual(POLICY_DEFAULT);
    expect(parsePolicy('migration: no', 'p')).toEqual({ ...POLICY_DEFAULT, migration: 'no' });
    const base = { ...POLICY_DEFAULT, suspendRate: 7 };
    expect(parsePolicy('backfilling: none', 'p', base)).toEqual({ ...base, backfilling: { kind: 'none' } });
    expect(readPolicyFile(file('p.yaml', 'suspend-rate: 7'), POLICY_DEFAULT, [])).toEqual(base);
  });

  test('null takes a limit away', () => {
    const limited = { ...POLICY_DEFAULT, orderTimeout: 1, candidatesMax: 1 };
    expect(parsePolicy('order-timeout: null\ncandidates-max: ~', 'p', limited)).toEqual(POLICY_DEFAULT);
  });

  test('knobs that contradict each other are refused, at the line of one of them', () => {
    const fault = (text: string, resources: readonly ResourceType[] = []) => {
      try {
        parsePolicy(text, 'p.yaml', POLICY_DEFAULT, resources);
        return null;
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(fault('queue-order: arrival\nage-weight: 5')).toContain('p.yaml:2: age-weight: age has no weight');
    const fairShare = 'fair-share: { by: user, half-life: 7d, weight: 1, shares: {} }';
    expect(fault(fairShare)).toBeNull();
    expect(fault(`${fairShare}\nqueue-order: arrival`)).toContain('p.yaml:1: fair-share: there is no fair share');
    expect(fault('fair-share: { by: user, half-life: 1s, weight: 1, shares: {} }')).toContain('60 seconds or more');
    expect(fault('admission: no-advance@1\nminimum-notice: 1h')).toContain('minimum-notice: there is no notice');
    expect(fault('pricing: { kind: random, min: 2, max: 1, seed: 1 }')).toContain('more than the highest');
    expect(fault('age-max: 0')).toContain('more than 0');
    expect(fault('image-prefetch: true')).toContain('p.yaml:1: image-prefetch: there are no images');
    expect(fault('starts-max: 2\nbackfilling: conservative')).toContain(
      'p.yaml:1: starts-max: conservative backfilling',
    );
    expect(fault('overcommit: { gpu: 2 }', [{ name: 'cpu', kind: 'amount' }])).toContain('the site counts no gpu');
  });

  test('kinds of backfilling', () => {
    expect(
      ['none', 'easy', 'conservative', 'intermediate:12', 'sticky:0', 'sticky:3', 'sticky:all'].map(parseBackfilling),
    ).toEqual([
      { kind: 'none' },
      { kind: 'easy' },
      { kind: 'conservative' },
      { kind: 'intermediate', depth: 12 },
      { kind: 'sticky', depth: 0 },
      { kind: 'sticky', depth: 3 },
      { kind: 'sticky', depth: null },
    ]);
    expect(
      ['', 'EASY', 'intermediate', 'intermediate:0', 'intermediate:-1', 'intermediate:1.5'].map(parseBackfilling),
    ).toEqual(Array(6).fill(null));
  });
});

test.each([
  [90, 90_000],
  [0.25, 250],
  ['90', 90_000],
  ['1.5', 1500],
  ['10m', 600_000],
  ['1d12h', 129_600_000],
  ['1h0m0.5s', 3_600_500],
  ['PT10M', 600_000],
  ['P1DT2H', 93_600_000],
  ['P2D', 172_800_000],
  ['PT0.25S', 250],
])('the duration %j is %i ms', (given, expected) => {
  expect(durationOf(given)).toBe(expected);
});

test.each([
  '',
  'm',
  '10',
  'P',
  'PT',
  'P1DT',
  '1m1h',
  '1.5h',
  '-1m',
  '1 m',
  '1y',
  '999999999d',
  '1e3',
  'ten',
  Number.NaN,
  -1,
  Infinity,
])('%j is no duration, or 10 s', (given) => {
  expect(durationOf(given)).toBe(given === '10' ? 10_000 : null);
});

describe('docs/policy.schema.json', () => {
  const published = JSON.parse(readFileSync(new URL('../../docs/policy.schema.json', import.meta.url), 'utf8'));
  const schema = Compile(published);

  test('is the schema of the knobs as they are', async () => {
    await expect(`${JSON.stringify(policySchema(), null, 2)}\n`).toMatchFileSnapshot('../../docs/policy.schema.json');
  });

  test('accepts its own defaults', () => {
    const defaults = Object.entries(published.properties).map(([key, knob]) => [
      key,
      (knob as { default: unknown }).default,
    ]);
    expect(schema.Check(Object.fromEntries(defaults))).toBe(true);
    expect(parsePolicy(JSON.stringify(Object.fromEntries(defaults)), 'p')).toEqual(POLICY_DEFAULT);
  });

  test.each([
    ...['none', 'intermediate:1', 'intermediate:0', 'sticky:0', 'sticky:all', 'sticky:-1', 'EASY', 1].map(
      (value) => ['backfilling', value] as const,
    ),
    ...[[], ['advance'], ['advance', 'advance'], ['deadline'], ['best-effort'], 'advance'].map(
      (value) => ['preemptors', value] as const,
    ),
    ...['greedy@1', 'greedy', 'greedy@0', 'Greedy@1', ''].map((value) => ['node-choice', value] as const),
    ...[1, 0, -1, 1.5, 0.1, 0.09, 1e9, 1e10, '1', null].map((value) => ['suspend-rate', value] as const),
    ...[0, null, -1].map((value) => ['attempts-max', value] as const),
    ...[null, 0, 60, -1, 1e12, '10m', 'PT10M', 'PT', '', '1y', true].map((value) => ['order-timeout', value] as const),
    ...[null, 1, 0, '1'].map((value) => ['candidates-max', value] as const),
    ...['no', 'no-transfer', false, 'yes', 'maybe'].map((value) => ['migration', value] as const),
    ...[0, 1.5, 1000, 1001, -1, '1'].map((value) => ['suspend-threshold-factor', value] as const),
    ...[true, false, 'true', null].map((value) => ['whole-seconds', value] as const),
    ...[POLICY_DEFAULT.rules, POLICY_DEFAULT.rules + 1, '1'].map((value) => ['rules', value] as const),
    ...[
      { kind: 'free' },
      { kind: 'constant', rate: 0.000001 },
      { kind: 'constant', rate: -1 },
      { kind: 'constant', rate: 1001 },
      { kind: 'constant' },
      { kind: 'random', min: 0, max: 1, seed: 4_294_967_295 },
      { kind: 'random', min: 0, max: 1, seed: 4_294_967_296 },
      { kind: 'maximum', rate: 1 },
      { kind: 'adaptive', rate: 1000 },
      { kind: 'dear' },
      'free',
      null,
    ].map((value) => ['pricing', value] as const),
    ...[
      null,
      { by: 'user', 'half-life': '7d', weight: 1, shares: {} },
      { by: 'user', 'half-life': '7d', weight: 1, shares: { a: 0 } },
      { by: 'user', 'half-life': '7d', weight: 1, shares: { a: 1.5 } },
      { by: 'group', 'half-life': '7d', weight: 1, shares: {} },
      { by: 'user', 'half-life': '7d', weight: 1 },
      { by: 'user', 'half-life': '7d', weight: 1, shares: {}, more: 1 },
    ].map((value) => ['fair-share', value] as const),
    ...[
      { user: null, project: null },
      { user: null },
      {},
      { user: { cpu: 0.5 } },
      { user: { cpus: 1 } },
      { user: { leases: 1, vms: 1, cpu: 0.5, advance: 0 }, project: null },
      { user: { leases: 0.5, vms: 1, cpu: 0.5, advance: 0 }, project: null },
      { user: { leases: -1, vms: 1, cpu: 0.5, advance: 0 }, project: null },
      null,
    ].map((value) => ['quotas', value] as const),
    ...['accept-all@1', 'no-advance@1', 'accept-all', ''].map((value) => ['admission', value] as const),
    ...['arrival', 'priority', 'fifo', null].map((value) => ['queue-order', value] as const),
    ...[0, 1e9, 1e10, -1, 0.5].map((value) => ['age-weight', value] as const),
    ['unknown', 1] as const,
  ])('says of %s: %j what the reader says', (key, value) => {
    let isRead = true;
    try {
      parsePolicy(JSON.stringify({ [key]: value }), 'p');
    } catch {
      isRead = false;
    }
    expect(schema.Check({ [key]: value })).toBe(isRead);
  });
});
