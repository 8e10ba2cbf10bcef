/** Configurations of Haizea that are refused, with what is wrong, where, and what to do. */

import { describe, expect, test } from 'vitest';
import { readHaizeaConfig } from '../../../simulations/haizea/config.js';
import { OPTIONS } from '../../../simulations/haizea/options.js';
import { file, refusal } from '../files.js';
import { read, type Sections } from '../haizea-least.js';

describe('configurations of Haizea', () => {
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
    [scheduling({ 'suspend-rate': '-1' }), '[scheduling] suspend-rate: "-1" is not accepted', 'from 0.1 to'],
    [scheduling({ 'suspend-rate': '0' }), '"0" is not accepted', 'MB a second: a number from 0.1'],
    [scheduling({ 'resume-rate': '32,5' }), '"32,5" is not accepted', 'MB a second: a number from 0.1'],
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
      'Give resume-rate: MB a second',
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
