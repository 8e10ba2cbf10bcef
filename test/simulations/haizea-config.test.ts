/** Haizea's configuration file: every option, the policy that it stands for, and what is refused. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { POLICY_DEFAULT } from '../../engine/index.js';
import { checkHaizeaConfig, readHaizeaConfig } from '../../simulations/haizea/config.js';
import { parseIni } from '../../simulations/haizea/ini.js';
import { MULTI_OPTIONS, OPTIONS } from '../../simulations/haizea/options.js';
import { policyOf } from '../../simulations/haizea/policy.js';
import { data, file, refusal } from './files.js';

const LEAST = {
  general: { mode: 'simulated' },
  simulation: {
    clock: 'simulated',
    starttime: '2006-11-25 13:00:00',
    resources: 'in-tracefile',
    'imagetransfer-bandwidth': '100',
  },
  scheduling: { backfilling: 'off', suspension: 'none' },
};

type Sections = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/** The least configuration there is, with what is given; null takes an option away. */
function written(changes: Sections): string {
  const names = [...new Set([...Object.keys(LEAST), ...Object.keys(changes)])];
  const lines = names.flatMap((name) => {
    const values = { ...(LEAST as Sections)[name], ...changes[name] };
    return [
      `[${name}]`,
      ...Object.entries(values).flatMap(([key, text]) => (text === null ? [] : [`${key}: ${text}`])),
    ];
  });
  return lines.join('\n');
}

const read = (changes: Sections) => checkHaizeaConfig(parseIni(written(changes), 'c'));
const policy = (scheduling: Readonly<Record<string, string>>) => policyOf(read({ scheduling }));

describe('values', () => {
  test('what is not given', () => {
    const { ini: _, notes, ...config } = read({});
    expect(notes).toEqual([]);
    expect(config).toMatchObject({
      general: { 'lease-preparation': 'unmanaged' },
      simulation: {
        starttime: Date.UTC(2006, 10, 25, 13),
        resources: { kind: 'in-tracefile' },
        'stop-when': 'all-leases-done',
      },
      scheduling: {
        mapper: 'greedy',
        'policy-admission': 'accept-all',
        'policy-preemption': 'no-preemption',
        'policy-host-selection': 'greedy',
        'policy-pricing': 'free',
        'suspendresume-exclusion': 'local',
        'scheduling-threshold-factor': 1,
        'force-scheduling-threshold': null,
        migration: 'no',
        'shutdown-time': 0,
        'enactment-overhead': 0,
      },
      'deploy-imagetransfer': { 'avoid-redundant-transfers': true, 'diskimage-reuse': 'none' },
      tracefile: { tracefile: null, 'runtime-slowdown-overhead': 0, 'add-overhead': 'none', 'override-memory': -1 },
      accounting: { probes: [], attributes: null },
      pricing: { rate: null },
    });
  });

  test('all that mean something', () => {
    const config = read({
      simulation: { 'stop-when': 'exact', 'stop-when-time': '01:02:03:04', starttime: '2007-01-02' },
      scheduling: {
        mapper: 'deadline',
        'policy-admission': 'no-ARs',
        'policy-preemption': 'deadline',
        'policy-pricing': 'random',
        'policy-host-selection': 'no-policy',
        backfilling: 'intermediate',
        'backfilling-reservations': '3',
        suspension: 'serial-only',
        'suspend-rate': '32.0',
        'resume-rate': '64',
        'scheduling-threshold-factor': '1.5',
        'force-scheduling-threshold': '30',
      },
      'deploy-imagetransfer': {
        'transfer-mechanism': 'unicast',
        'avoid-redundant-transfers': 'no',
        'force-imagetransfer-time': '5',
        'diskimage-reuse': 'image-caches',
        'diskimage-cache-size': '-1',
      },
      tracefile: {
        tracefile: 'a b.xml',
        annotationfile: 'a.lwfa',
        injectionfile: 'i.xml',
        'runtime-slowdown-overhead': '2.5',
        'add-overhead': 'besteffort',
        'bootshutdown-overhead': '20',
        'override-memory': '512',
      },
      accounting: { probes: 'lease  ar', attributes: 'profile=easy,run=1' },
      pricing: { 'min-rate': '0.05', 'max-rate': '0.5', seed: '7' },
    });
    expect(config).toMatchObject({
      simulation: { 'stop-when-time': 93_784_000, starttime: Date.UTC(2007, 0, 2) },
      scheduling: { 'suspend-rate': 32, 'scheduling-threshold-factor': 1.5, 'force-scheduling-threshold': 30_000 },
      'deploy-imagetransfer': {
        'transfer-mechanism': 'unicast',
        'avoid-redundant-transfers': false,
        'force-imagetransfer-time': 5000,
        'diskimage-cache-size': -1,
      },
      tracefile: { tracefile: 'a b.xml', 'runtime-slowdown-overhead': 2.5, 'bootshutdown-overhead': 20_000 },
      accounting: { probes: ['lease', 'ar'], attributes: { profile: 'easy', run: '1' } },
      pricing: { 'min-rate': 0.05, 'max-rate': 0.5, seed: 7 },
    });
  });

  test.each(['4 CPU:100,Memory:1024', '4  CPU:100 Memory:1024', '4 Memory:1024, CPU:100'])('nodes: %s', (text) => {
    const { resources } = read({ simulation: { resources: text } }).simulation;
    expect(resources).toMatchObject({
      kind: 'nodes',
      site: {
        resources: ['cpu', 'memory', 'disk', 'net-in', 'net-out'].map((name) => ({ name, kind: 'amount' })),
        classes: [{ first: 1, count: 4, capacity: [1000, 1024, 1e6, 1e6, 1e6], exclusive: false }],
      },
    });
  });

  test('other resources, and files', () => {
    expect(read({ simulation: { resources: '2 CPU:200,Memory:8,Disk:5,GPU:3' } }).simulation.resources).toMatchObject({
      site: { classes: [{ count: 2, capacity: [2000, 8, 5, 1e6, 1e6, 3] }] },
    });
    expect(read({ simulation: { resources: 'file: a/site.xml' } }).simulation.resources).toEqual({
      kind: 'file',
      path: 'a/site.xml',
    });
  });
});

describe('notes', () => {
  test('what is given and without effect, in one line', () => {
    const { notes } = read({
      general: { loglevel: 'DEBUG', 'persistence-file': 'none' },
      scheduling: { 'wakeup-interval': '60' },
      accounting: { datafile: '/var/tmp/x' },
      opennebula: { host: 'localhost' },
    });
    expect(notes).toEqual([
      'c: without effect here: [general] loglevel, persistence-file; [scheduling] wakeup-interval; ' +
        '[accounting] datafile; [opennebula] host',
    ]);
  });

  test('overheads that are not added, and an end that is not followed', () => {
    expect(read({ tracefile: { 'runtime-slowdown-overhead': '5' } }).notes).toEqual([
      'c: runtime-slowdown-overhead not added: add-overhead is none',
    ]);
    expect(read({ simulation: { 'stop-when': 'besteffort-done' } }).notes).toEqual([
      'c: stop-when: besteffort-done is not followed: all leases run to their end',
    ]);
  });
});

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

test.each(readdirSync(data('haizea')))('the configuration of %s is read', (name) => {
  const config = readHaizeaConfig(data(`haizea/${name}/config`));
  expect(config.simulation).toMatchObject({ clock: 'simulated', 'imagetransfer-bandwidth': 100 });
  expect(config.notes).toHaveLength(1);
});

test('docs/coming-from-haizea.md lists every option, and no other', () => {
  const page = readFileSync(new URL('../../docs/coming-from-haizea.md', import.meta.url), 'utf8');
  for (const [section, options] of Object.entries({ ...OPTIONS, multi: MULTI_OPTIONS })) {
    const part = page.split(`### \`[${section}]\``)[1]!.split('\n#')[0]!;
    const rows = part.split('\n').filter((line) => line.startsWith('| `'));
    const listed = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, key]) => key));
    expect(listed.sort()).toEqual(Object.keys(options).sort());
    for (const [key, option] of Object.entries(options)) {
      const row = rows.find((line) => line.split('|')[1]!.includes(`\`${key}\``))!;
      if (section !== 'multi') expect(/\| none\b[^|]*\|$/.test(row), row).toBe(option.idle);
    }
  }
});

describe('what is refused', () => {
  const scheduling = (values: Readonly<Record<string, string | null>>) => ({ scheduling: values });
  const simulation = (values: Readonly<Record<string, string | null>>) => ({ simulation: values });
  test.each<[Sections, string, string]>([
    // Names.
    [{ schedulling: {} }, 'c:11: [schedulling]: unknown section "schedulling"', 'Did you mean "scheduling"?'],
    [{ easy: {} }, 'c:11: [easy]: unknown section "easy"', 'Known: general, simulation, scheduling,'],
    [scheduling({ backfiling: 'off' }), '[scheduling] backfiling: unknown option', 'Did you mean "backfilling"?'],
    [simulation({ __proto__x: '1' }), '[simulation] __proto__x: unknown option "__proto__x"', 'Known: clock,'],
    [{ multi: { tracefiles: 'a' } }, 'c:11: [multi]: a configuration of many runs', 'leasehold haizea expand'],
    // Values.
    [scheduling({ backfilling: 'easy' }), 'c:9: [scheduling] backfilling: "easy" is not accepted', 'off, aggressive,'],
    [scheduling({ 'policy-preemption': 'my.Policy' }), '"my.Policy" is not accepted', 'no-preemption, ar-preempts'],
    [scheduling({ 'suspend-rate': '-1' }), '[scheduling] suspend-rate: "-1" is not accepted', 'from 1 to'],
    [scheduling({ 'suspend-rate': '0' }), '"0" is not accepted', 'a whole number of MB a second'],
    [scheduling({ 'resume-rate': '32.5' }), '"32.5" is not accepted', 'a whole number of MB a second'],
    [scheduling({ 'shutdown-time': '1m' }), '"1m" is not accepted', 'Write a whole number of seconds.'],
    [scheduling({ 'shutdown-time': '99999999999' }), '"99999999999" is not accepted', 'seconds'],
    [scheduling({ 'scheduling-threshold-factor': '-1' }), '"-1" is not accepted', 'a number from 0 to 1000'],
    [scheduling({ migration: 'True' }), '"True" is not accepted', 'Write no, yes or yes-notransfer.'],
    [simulation({ 'imagetransfer-bandwidth': '0' }), '"0" is not accepted', 'from 1 to 1000000000 (Mbit a second)'],
    [simulation({ starttime: '2006-02-31 13:00:00' }), '"2006-02-31 13:00:00" is not accepted', 'YYYY-MM-DD'],
    [simulation({ starttime: 'yesterday' }), '"yesterday" is not accepted', 'YYYY-MM-DD HH:MM:SS'],
    [simulation({ resources: '4 CPU:100' }), '"4 CPU:100" is not accepted', 'such as 4 CPU:100,Memory:1024'],
    [simulation({ resources: '0 CPU:100,Memory:1' }), 'is not accepted', 'in-tracefile, file:PATH'],
    [simulation({ resources: '4 CPU:100,Memory:1,CPU:2' }), 'is not accepted', 'CPU and Memory'],
    [simulation({ resources: '4 CPU:1e9,Memory:1' }), 'is not accepted', ''],
    [simulation({ resources: '4 CPU:1000000000,Memory:1' }), 'is not accepted', ''],
    [simulation({ resources: '' }), '"" is not accepted', ''],
    [simulation({ 'sanity-check': 'perhaps' }), '"perhaps" is not accepted', 'True or False'],
    [{ accounting: { probes: 'lease leases' } }, '[accounting] probes: "lease leases" is not accepted', 'words among'],
    [{ accounting: { attributes: 'a' } }, '"a" is not accepted', 'name=value pairs'],
    [{ tracefile: { 'runtime-slowdown-overhead': '-5' } }, '"-5" is not accepted', 'from 0 to 10000 (percent)'],
    [{ pricing: { rate: '-0.1' } }, '[pricing] rate: "-0.1" is not accepted', 'a number from 0'],
    [{ general: { loglevel: 'LOUD' } }, '"LOUD" is not accepted', 'STATUS, INFO, DEBUG or VDEBUG'],
    // What is missing.
    [{ general: { mode: null } }, 'c:1: [general]: mode is missing', 'Give mode: simulated or opennebula.'],
    [scheduling({ backfilling: null }), '[scheduling]: backfilling is missing', 'Give backfilling: off,'],
    [simulation({ starttime: null }), 'starttime is missing, which clock: simulated demands', 'YYYY-MM-DD'],
    [scheduling({ suspension: 'all' }), 'suspend-rate is missing, which suspension: all demands', 'MB a second'],
    [
      scheduling({ suspension: 'serial-only', 'suspend-rate': '1' }),
      'resume-rate is missing, which suspension: serial-only demands',
      'Give resume-rate: a whole number',
    ],
    [
      scheduling({ backfilling: 'intermediate' }),
      'c:8: [scheduling]: backfilling-reservations is missing, which backfilling: intermediate demands',
      'Give backfilling-reservations: a whole number from 0',
    ],
    [simulation({ 'stop-when': 'exact' }), 'stop-when-time is missing, which stop-when: exact demands', 'DD:HH:MM:SS'],
    [
      { general: { 'lease-preparation': 'imagetransfer' } },
      'c: [deploy-imagetransfer] transfer-mechanism is missing, which lease-preparation: imagetransfer demands',
      'Add [deploy-imagetransfer] with transfer-mechanism: unicast or multicast.',
    ],
    [{ 'deploy-imagetransfer': {} }, '[deploy-imagetransfer]: transfer-mechanism is missing', 'unicast or multicast'],
    [
      { 'deploy-imagetransfer': { 'transfer-mechanism': 'unicast', 'diskimage-reuse': 'image-caches' } },
      'diskimage-cache-size is missing, which diskimage-reuse: image-caches demands',
      'Give diskimage-cache-size: a whole number from -1',
    ],
    [
      scheduling({ 'policy-pricing': 'constant' }),
      'c: [pricing] rate is missing, which policy-pricing: constant demands',
      'Add [pricing] with rate: a number from 0',
    ],
    [
      { scheduling: { 'policy-pricing': 'random' }, pricing: { 'min-rate': '1', 'max-rate': '2' } },
      '[pricing]: seed is missing, which policy-pricing: random demands',
      'Give seed:',
    ],
    // What contradicts.
    [{ general: { mode: 'opennebula' } }, 'c:2: [general] mode: opennebula is no simulation', 'leasehold serve'],
    [simulation({ clock: 'real' }), 'c:4: [simulation] clock: the clock is real', 'Write clock: simulated.'],
    [simulation({ clock: null }), 'c:3: [simulation] clock: the clock is real', 'Write clock: simulated.'],
    [
      scheduling({ 'backfilling-reservations': '2' }),
      '[scheduling] backfilling-reservations: is only for backfilling: intermediate',
      'Write backfilling: intermediate, or remove backfilling-reservations.',
    ],
    [simulation({ 'stop-when-time': '00:01:00:00' }), 'is only for stop-when: exact', 'or remove stop-when-time'],
    [{ pricing: { 'min-rate': '3', 'max-rate': '2' } }, '[pricing] min-rate: 3 is more than max-rate: 2', 'Exchange'],
  ])('%j', async (changes, message, hint) => {
    const error = await refusal(() => read(changes));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(error.exitCode).toBe(78);
  });

  test('a file without anything', async () => {
    const error = await refusal(() => readHaizeaConfig(file('empty', '')));
    expect(error.message).toMatch(/empty: \[general\] mode is missing$/);
    expect(error.hint).toBe('Add [general] with mode: simulated or opennebula.');
  });

  test('any value of any option that cannot be one', async () => {
    const free = ['logfile', 'persistence-file', 'datafile', 'tracefile', 'annotationfile', 'injectionfile', 'host'];
    for (const [section, options] of Object.entries(OPTIONS)) {
      for (const [key, { accepts }] of Object.entries(options)) {
        if (free.includes(key)) continue;
        const error = await refusal(() => read({ [section]: { [key]: '?!' } }));
        expect(error.message).toContain(`[${section}] ${key}: "?!" is not accepted`);
        expect(error.hint).toBe(`Write ${accepts}.`);
      }
    }
  });
});
