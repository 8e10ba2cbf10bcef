/** Haizea's configurations of many runs, taken apart. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHaizeaConfig } from '../../simulations/haizea/config.js';
import { expandHaizeaConfig, writeExpanded } from '../../simulations/haizea/expand.js';
import { policyOf } from '../../simulations/haizea/policy.js';
import { directory, file, refusal } from './files.js';

const COMMON = `
[common:general]
mode: simulated
[common:simulation]
clock: simulated
starttime: 2006-11-25 13:00:00
resources: file:site.xml
imagetransfer-bandwidth: 100
[common:scheduling]
backfilling: off
suspension: none
`;
const PROFILES = `
[none:accounting]
attributes: author=me
[easy+SR:scheduling]
backfilling: aggressive
suspension: all
suspend-rate: 32
resume-rate: 32
`;
const MULTI = `[multi]
tracedir: traces
tracefiles: a.lwf
  b.x.lwf
injectiondir: /injections
injectionfiles: inj1.xml inj2.xml
annotationfiles: ann.lwfa
datadir: results
`;

const expand = (text: string) => expandHaizeaConfig(file('multi.conf', text));
const names = async (text: string) => (await expand(text)).map(({ name }) => name);

describe('runs', () => {
  test('are every profile with every trace, annotation and injection, and without them', async () => {
    expect(await names(MULTI + COMMON + PROFILES)).toEqual(
      ['none', 'easy+SR'].flatMap((profile) =>
        ['a', 'b'].flatMap((trace) =>
          ['+inj1+ann', '+inj2+ann', '+ann', '+inj1', '+inj2', ''].map((with_) => `${profile}_${trace}${with_}`),
        ),
      ),
    );
  });

  test('those without can be skipped', async () => {
    const skipping = `${MULTI}skip-no-annotation: True\nskip-no-injection: yes\n`;
    expect(await names(skipping + COMMON + PROFILES)).toEqual(
      ['none_a', 'none_b', 'easy+SR_a', 'easy+SR_b'].flatMap((start) => [`${start}+inj1+ann`, `${start}+inj2+ann`]),
    );
  });

  test('are traces alone where nothing else is named', async () => {
    expect(await names(`[multi]\ntracefiles: a.lwf${COMMON}${PROFILES}`)).toEqual(['none_a', 'easy+SR_a']);
  });

  test('have the options of their profile over the common ones', async () => {
    const [none, easy] = (await expand(`[multi]\ntracefiles: a.lwf${COMMON}${PROFILES}`)).map(({ config }) => config);
    expect(none!.scheduling).toMatchObject({ backfilling: 'off', suspension: 'none' });
    expect(easy!.scheduling).toMatchObject({ backfilling: 'aggressive', suspension: 'all', 'suspend-rate': 32 });
    expect(none!.accounting.attributes).toEqual({ profile: 'none', tracefile: 'a', author: 'me' });
    expect(easy!.accounting.attributes).toEqual({ profile: 'easy+SR', tracefile: 'a' });
  });

  test('name their files by whole paths, from where the file is', async () => {
    const path = file('multi.conf', MULTI + COMMON + PROFILES);
    const { tracefile, simulation, accounting } = (await expandHaizeaConfig(path))[0]!.config;
    expect(tracefile).toMatchObject({
      tracefile: join(dirname(path), 'traces', 'a.lwf'),
      injectionfile: '/injections/inj1.xml',
      annotationfile: join(dirname(path), 'ann.lwfa'),
    });
    expect(simulation.resources).toEqual({ kind: 'file', path: join(dirname(path), 'site.xml') });
    expect(accounting.datafile).toBe(join(dirname(path), 'results', 'none_a+inj1+ann.dat'));
    expect(accounting.attributes).toMatchObject({ injectfile: 'inj1', annotationfile: 'ann' });
  });

  test('have the attributes of their files', async () => {
    const path = file('multi.conf', `[multi]\ntracefiles: a.lwf\nannotationfiles: ann.lwfa${COMMON}${PROFILES}`);
    const attr = (name: string, value: string) => `<attributes><attr name="${name}" value="${value}"/></attributes>`;
    const leases = '<lease-requests></lease-requests>';
    writeFileSync(join(dirname(path), 'a.lwf'), `<lease-workload>${attr('load', '0.8')}${leases}</lease-workload>`);
    writeFileSync(join(dirname(path), 'ann.lwfa'), `<lease-annotations>${attr('tau', '2')}</lease-annotations>`);
    const runs = await expandHaizeaConfig(path);
    expect(runs.map(({ config }) => config.accounting.attributes)).toEqual([
      { profile: 'none', tracefile: 'a', annotationfile: 'ann', load: '0.8', tau: '2', author: 'me' },
      { profile: 'none', tracefile: 'a', load: '0.8', author: 'me' },
      { profile: 'easy+SR', tracefile: 'a', annotationfile: 'ann', load: '0.8', tau: '2' },
      { profile: 'easy+SR', tracefile: 'a', load: '0.8' },
    ]);
    writeFileSync(join(dirname(path), 'a.lwf'), `<lease-workload>${attr('load', '0,8')}${leases}</lease-workload>`);
    expect((await refusal(() => expandHaizeaConfig(path))).problem).toContain('"load" cannot be carried over');
  });

  test('are written as configurations that say the same', async () => {
    const out = join(directory(), 'new', 'configs');
    const path = file('multi.conf', MULTI + COMMON + PROFILES);
    const written = await writeExpanded(path, out);
    const runs = await expandHaizeaConfig(path);
    expect(written).toEqual(runs.map(({ name }) => ({ name, file: join(out, `${name}.conf`) })));
    expect(readdirSync(out).sort()).toEqual(written.map((one) => basename(one.file)).sort());
    runs.forEach(({ config }, i) => {
      const { ini: _, notes, ...values } = readHaizeaConfig(written[i]!.file);
      const { ini, notes: before, ...expected } = config;
      expect(values).toEqual(expected);
      expect(notes).toEqual(before.map((note) => note.replace(ini.file, written[i]!.file)));
      expect(policyOf(config)).toEqual(policyOf(readHaizeaConfig(written[i]!.file)));
    });
  });

  test('other files in the directory stay', async () => {
    const out = directory();
    writeFileSync(join(out, 'mine.txt'), 'mine');
    await writeExpanded(file('multi.conf', `[multi]\ntracefiles: a.lwf${COMMON}${PROFILES}`), out);
    expect(readFileSync(join(out, 'mine.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(out)).toHaveLength(3);
  });
});

describe('what is refused', () => {
  const traces = '[multi]\ntracefiles: a.lwf\n';
  test.each([
    [COMMON, 'has no section [multi]', 'leasehold simulate --haizea-config'],
    [`[multi]\n${COMMON}${PROFILES}`, ':1: [multi]: tracefiles is missing', 'names of files between blanks'],
    [`${traces}tracedirs: x${COMMON}`, ':3: [multi] tracedirs: unknown option', 'Did you mean "tracedir"?'],
    [`${traces}${COMMON}`, '[multi]: there is no profile', 'such as [easy:scheduling]'],
    [`${traces}[general]\n`, ':3: [general]: belongs to no profile', '[common:general] or [PROFILE:general]'],
    [`${traces}[easy:schedule]\n`, ':3: [easy:schedule]: unknown section "schedule"', 'scheduling'],
    [`${traces}[../x:general]\n`, 'the profile "../x" is not accepted', 'names of files'],
    [`${traces}injectiondir: x${COMMON}${PROFILES}`, '[multi] injectiondir: there are no injectionfiles', 'Name them'],
    [`${traces}skip-no-annotation: True${COMMON}${PROFILES}`, 'there are no annotationfiles', 'or remove skip-no-'],
    [`[multi]\ntracefiles: ä.lwf${COMMON}${PROFILES}`, 'a run would be called "none_ä"', 'letters, digits'],
    [`[multi]\ntracefiles: a.1.lwf a.2.lwf${COMMON}${PROFILES}`, 'two runs are called "none_a"', 'rename one'],
    [
      `[multi]\ntracefiles: ${Array.from({ length: 1000 }, (_, i) => `t${i}`).join(' ')}\n` +
        `injectionfiles: 1 2 3 4 5${COMMON}${PROFILES}`,
      '[multi]: 12000 runs',
      'At most 10000',
    ],
    [`${traces}${COMMON}[x:scheduling]\nbackfilling: easy`, ':15: [scheduling] backfilling: "easy"', 'aggressive'],
    [`${traces}${COMMON}[x:scheduling]\nsuspension: all`, ':14: [scheduling]: suspend-rate is missing', 'MB a second'],
  ])('%#', async (text, message, hint) => {
    const error = await refusal(() => expand(text));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(error.exitCode).toBe(78);
  });

  test('then nothing is written', async () => {
    const out = join(directory(), 'configs');
    await refusal(() => writeExpanded(file('multi.conf', `${traces}${COMMON}[x:scheduling]\nsuspension: some`), out));
    expect(() => readdirSync(out)).toThrow();
  });

  test('nor where nothing can be written', async () => {
    const path = file('multi.conf', `${traces}${COMMON}${PROFILES}`);
    expect((await refusal(() => writeExpanded(path, path))).problem).toBe('is not a directory');
  });
});
