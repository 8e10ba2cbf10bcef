/** The settings of the service: from flags, variables and a file, with every mistake named by its place. */

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkSettings } from '../../api/settings/check.js';
import { effectiveSettings } from '../../api/settings/effective.js';
import { SettingsError } from '../../api/settings/mistakes.js';
import { settingsSchema } from '../../api/settings/schema.js';
import { collectSettings, type Flags, type Settings } from '../../api/settings/sources.js';
import { flagOf, keyOf, NAMES, settingOf, variableOf } from '../../api/settings/table.js';
import { temporaryDirectory } from '../support/process.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const here = (name: string) => join(directory.path, name);
function file(text: string, name = 'leasehold.yaml'): string {
  writeFileSync(here(name), text);
  return here(name);
}

function collect(flags: Flags, environment: Record<string, string> = {}, configFile?: string): Settings {
  return collectSettings(
    { dataDir: here('data'), ...flags },
    { environment, configFile, machineFile: here('etc/leasehold.yaml') },
  );
}

const mistakesOf = async (settings: Settings): Promise<string[]> => {
  const error = await checkSettings(settings).catch((thrown: unknown) => thrown);
  if (error instanceof SettingsError) return error.mistakes.map(({ place, problem }) => `${place}: ${problem}`);
  return [];
};

describe('a setting', () => {
  it('comes from a flag, else a variable, else the file, else it is the default', () => {
    const path = file('port: 1\nrate-limit: 1\ntime-scale: 1.5\n');
    const { options, origins, mistakes } = collect(
      { port: '3' },
      { LEASEHOLD_PORT: '2', LEASEHOLD_RATE_LIMIT: '2' },
      path,
    );
    expect(mistakes).toEqual([]);
    expect(options).toMatchObject({ port: 3, rateLimit: 2, timeScale: 1.5, host: '127.0.0.1' });
    expect(origins).toMatchObject({
      port: { source: 'flag', place: '--port' },
      rateLimit: { source: 'environment', place: 'LEASEHOLD_RATE_LIMIT' },
      timeScale: { source: 'file', place: `${path}:3: time-scale` },
      host: { source: 'default', place: '' },
    });
  });

  it('that other programs have, too, comes from the variable that they know, unless ours says otherwise', async () => {
    const known = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318', OTEL_TRACES_SAMPLER_ARG: '0.25' };
    const { options, origins } = collect({}, known, file('trace-sample: 1\n'));
    expect(options).toMatchObject({ otlpEndpoint: 'http://a:4318', traceSample: 0.25 });
    expect(origins.otlpEndpoint).toEqual({ source: 'environment', place: 'OTEL_EXPORTER_OTLP_ENDPOINT' });
    const ours = { ...known, LEASEHOLD_OTLP_ENDPOINT: 'http://b:4318' };
    expect(collect({}, ours).options.otlpEndpoint).toBe('http://b:4318');
    const ofTraces = { ...known, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' };
    expect(collect({}, ofTraces).options.otlpEndpoint).toBe('http://c:4318/v1/traces');
    expect(collect({ otlpEndpoint: 'http://d:4318' }, ours).options.otlpEndpoint).toBe('http://d:4318');
    expect(collect({}, { ...known, OTEL_SDK_DISABLED: 'true' }).options.otlpEndpoint).toBe(null);
    expect(await mistakesOf(collect({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://a' }))).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT: give an http or https URL without user, query or fragment',
    ]);
  });

  it('is looked for in the data directory, and then in the file of the machine', () => {
    mkdirSync(here('etc'));
    file('port: 2\n', 'etc/leasehold.yaml');
    expect(collect({}).options.port).toBe(2);
    mkdirSync(here('data'));
    file('port: 1\n', 'data/leasehold.yaml');
    expect(collect({}).options.port).toBe(1);
    expect(collect({}, { LEASEHOLD_CONFIG: here('etc/leasehold.yaml') }).options.port).toBe(2);
    expect(
      collect({}, { LEASEHOLD_CONFIG: here('etc/leasehold.yaml') }, here('data/leasehold.yaml')).options.port,
    ).toBe(1);
  });

  it('that is a path in a file is meant from there', () => {
    mkdirSync(here('etc'));
    const { options } = collect({}, {}, file('site: site.yaml\n', 'etc/leasehold.yaml'));
    expect(options.site).toBe(here('etc/site.yaml'));
    expect(collect({ site: 'site.yaml' }).options.site).toBe('site.yaml');
  });

  it('displaces one that it excludes, where that comes from a weaker source', () => {
    const path = file('site: site.yaml\n');
    expect(collect({ nodes: ['2x cpu=1', 'cpu=2'] }, {}, path).options).toMatchObject({
      nodes: ['2x cpu=1', 'cpu=2'],
      site: null,
    });
    expect(collect({}, { LEASEHOLD_NODES: '2x cpu=1; cpu=2' }, path).options.nodes).toEqual(['2x cpu=1', 'cpu=2']);
  });

  it('reads the same from a flag, a variable and a file', () => {
    for (const name of NAMES) {
      const { schema, values, many, default: value } = settingOf(name);
      const sample = SAMPLES[keyOf(name)] ?? values?.[0] ?? value ?? here('x');
      expect(sample, name).not.toBeNull();
      const text = many === true ? (sample as string[]) : typeof sample === 'boolean' ? sample : String(sample);
      const others = name === 'dataDir' ? {} : { dataDir: here('data') };
      const around = { environment: {}, configFile: undefined, machineFile: here('none') };
      const flag = collectSettings({ ...others, [name]: text }, around);
      const variable = collectSettings(others, {
        ...around,
        environment: { [variableOf(name)]: [text].flat().join(SEPARATORS[name] ?? '') },
      });
      const configured = collectSettings(others, { ...around, configFile: file(stringify({ [keyOf(name)]: sample })) });
      for (const one of [flag, variable, configured]) {
        expect(one.mistakes, name).toEqual([]);
        expect(one.options[name], name).toEqual(sample);
      }
      expect(schema).not.toEqual({});
    }
  });
});

const SAMPLES: Record<string, unknown> = {
  port: 99,
  'behind-proxy': ['10.0.0.0/8', '::1'],
  nodes: ['2x cpu=1', 'cpu=2,memory=4GiB'],
  store: 'postgresql://h/db',
  cluster: 'tcp://127.0.0.1:7070',
  advertise: 'https://a.example',
  'vm-network': 'default',
  'vm-callback-url': 'http://10.0.0.1:8080',
  'fence-command': '/usr/sbin/fence --node {name}',
  'vm-move-bandwidth': 50,
  'vm-dir': '/srv/leasehold',
  'data-dir': '/srv/leasehold',
  'time-scale': 1.5,
  'metrics-listen': '[::1]:9464',
  'metrics-per-node': true,
};
const SEPARATORS: Record<string, string> = { nodes: ';', behindProxy: ',' };

describe('mistakes', () => {
  it('are all told, each with its place', async () => {
    const path = file('hots: 1.2.3.4\nport: 70000\n\nlog-level: loud\nhost: 0.0.0.0\nsite: no-site.yaml\n');
    const settings = collect(
      { timeScale: '0', advertise: 'ftp://x', behindProxy: ['0.0.0.0/0'] },
      { LEASEHOLD_RATE_LIMIT: 'many', LEASEHOLD_HOTS: 'x', LEASEHOLD_ELSE: 'not ours' },
      path,
    );
    expect((await mistakesOf(settings)).sort()).toEqual(
      [
        '--advertise: give an http or https URL without user, query or fragment',
        '--behind-proxy: 0.0.0.0/0 is no range of addresses',
        '--time-scale: "0" is not accepted',
        'LEASEHOLD_HOTS: no setting',
        'LEASEHOLD_RATE_LIMIT: "many" is not accepted',
        `${path}:1: unknown setting "hots"`,
        `${path}:2: port: "70000" is not accepted`,
        `${path}:4: log-level: "loud" is not accepted`,
        `${path}:6: site: ${here('no-site.yaml')}: no such file`,
      ].sort(),
    );
  });

  it('in flags alone are mistakes in usage, all others in the configuration', () => {
    expect(new SettingsError(collect({ port: 'x' }).mistakes).exitCode).toBe(2);
    expect(new SettingsError(collect({ port: 'x' }, { LEASEHOLD_PORT: 'x' }).mistakes).exitCode).toBe(78);
  });

  it.each([
    ['port: 1\nport: 2\n', /unique/],
    ['port: !!js/function x\n', /tag/i],
    ['- port\n', /not a list of settings/],
    ['a: &a [*a]\n', /./],
    [`a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]\nport: 1\n`, /alias|unknown/i],
    [`${'['.repeat(100)}\n`, /deep/],
    ['port:\n', /"null" is not accepted/],
    ['data-dir: /elsewhere\n', /was found in the data directory/],
  ])('of a file are named, whatever it holds (%#)', (text, message) => {
    mkdirSync(here('data'));
    file(text, 'data/leasehold.yaml');
    const { mistakes } = collect({});
    expect(mistakes.map(({ problem }) => problem).join('\n')).toMatch(message);
    expect(mistakes[0]!.place).toContain('leasehold.yaml');
  });

  it('of a file that is missing, or that everybody may write', () => {
    expect(collect({}, {}, here('none.yaml')).mistakes).toMatchObject([{ problem: 'no such file', exitCode: 78 }]);
    const path = file('port: 1\n');
    chmodSync(path, 0o666);
    expect(collect({}, {}, path).mistakes).toMatchObject([{ problem: 'can be written by everybody' }]);
  });

  it('never throw, whatever is given', () => {
    const anything = fc.oneof(fc.string(), fc.constantFrom('1', 'true', '127.0.0.1', 'easy', '-1', '1e9', '\u0000'));
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), anything, fc.jsonValue(), (name, text, value) => {
        collect({ [name]: text }, { [variableOf(name)]: text });
        collect({}, {}, file(stringify({ [keyOf(name)]: value })));
      }),
      { numRuns: 100 },
    );
  });
});

describe('secrets', () => {
  const URL = 'postgresql://someone:s3cret@h/db';

  it('are not shown', async () => {
    const shown = await effectiveSettings(collect({}, { LEASEHOLD_STORE: URL }));
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    expect(shown.find(({ name }) => name === 'store')).toMatchObject({
      source: 'environment',
      place: 'LEASEHOLD_STORE',
    });
    const wrong = collect({ store: `${URL}\n` }, {}, file(`store: {a: "${URL}"}\n`));
    expect(JSON.stringify(wrong.mistakes)).not.toContain('s3cret');
    expect(await mistakesOf(collect({ store: `${URL}?nonsense=s3cret` }))).toHaveLength(1);
    expect((await mistakesOf(collect({ store: `${URL}?nonsense=s3cret` }))).join()).not.toContain('s3cret');
  });

  it('may be in a file of their own, which others cannot read, but not among the other settings', async () => {
    const path = file(`${URL}\n`, 'store.url');
    chmodSync(path, 0o600);
    expect((await checkSettings(collect({ storeFile: path }))).options.store).toBe(URL);
    chmodSync(path, 0o640);
    expect((await mistakesOf(collect({ storeFile: path }))).join()).toContain('read by others');
    expect((await mistakesOf(collect({}, {}, file(`store: ${URL}\n`)))).join()).toContain('holds a password');
  });
});

describe('docs/config.schema.json', () => {
  it('is what the table says (`npx vitest run test/api/settings.test.ts -u` writes it anew)', async () => {
    await expect(`${JSON.stringify(settingsSchema(), null, 2)}\n`).toMatchFileSnapshot('../../docs/config.schema.json');
  });

  it('accepts what is accepted, and refuses the rest', () => {
    const validator = Compile(settingsSchema() as TSchema);
    const valid = (value: unknown) => validator.Check(value);
    for (const name of NAMES) {
      const sample = SAMPLES[keyOf(name)] ?? settingOf(name).default ?? 'x';
      expect(valid({ [keyOf(name)]: sample }), name).toBe(true);
      for (const value of [{}, -1, 'x\ny', 1e12, ['x\ny']]) {
        const accepted = settingOf(name).read(value) !== undefined;
        expect(valid({ [keyOf(name)]: value }), `${name} ${JSON.stringify(value)}`).toBe(accepted);
      }
    }
    expect(valid(parse(''))).toBe(true);
    expect(valid({ nonsense: 1 })).toBe(false);
  });
});

it('no two settings have the same flag or variable', () => {
  expect(new Set(NAMES.map(flagOf)).size).toBe(NAMES.length);
  expect(new Set(NAMES.map(variableOf)).size).toBe(NAMES.length);
});
