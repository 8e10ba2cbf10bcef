/** Haizea's configuration file: every option, what it is where it is not given, and what is without effect. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readHaizeaConfig } from '../../simulations/haizea/config.js';
import { MULTI_OPTIONS, OPTIONS } from '../../simulations/haizea/options.js';
import { data } from './files.js';
import { read } from './haizea-least.js';

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

  test('overheads that are not added', () => {
    expect(read({ tracefile: { 'runtime-slowdown-overhead': '5' } }).notes).toEqual([
      'c: runtime-slowdown-overhead not added: add-overhead is none',
    ]);
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
