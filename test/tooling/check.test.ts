/** `npm run check` finds what it is there to find: each rule against a planted violation. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { REPOSITORY, runScript, tree } from './fixture.js';

type Files = Readonly<Record<string, string>>;

/** A script of the repository as a module: it is plain JavaScript, so its types are given here. */
async function script<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(join(REPOSITORY, path)).href)) as T;
}

type Check = (root: string) => Promise<{ readonly problems: readonly string[]; readonly warnings?: readonly string[] }>;
const { CHECKS } = await script<{ CHECKS: ReadonlyMap<string, () => Promise<Check>> }>('scripts/checks/all.mjs');

/** What a check has to say about a tree of these files. */
async function check(
  name: string,
  files: Files,
): Promise<{ problems: readonly string[]; warnings: readonly string[] }> {
  const run = await CHECKS.get(name)!();
  const { problems, warnings = [] } = await run(tree(files));
  return { problems, warnings };
}

const NONE: readonly string[] = [];

describe('purity', () => {
  const purity = async (code: string, path = 'engine/state/planted.ts') =>
    (await check('purity', { [path]: `/** Planted. */\n${code}\n` })).problems;

  test.each([
    ['the clock', 'export const now = Date.now();', 'Date'],
    ['a date as a type', 'export let when: Date;', 'Date'],
    ['a timer', 'setTimeout(() => {}, 1);', 'setTimeout'],
    ['the locale', 'export const f = new Intl.NumberFormat();', 'Intl'],
    ['a comparison by locale', "export const c = 'a'.localeCompare('b');", 'localeCompare'],
    ['chance', 'export const r = Math.random();', 'Math.random'],
    ['a logarithm', 'export const l = Math.log2(3);', 'Math.log2'],
    ['a hidden logarithm', 'const { log } = Math;', 'Math'],
    ['a power', 'export const p = 2 ** 0.5;', '**'],
    ['a power in place', 'let x = 2;\nx **= 3;', '**'],
    ['a sort without an order', 'export const s = [3, 1].sort();', 'sort()'],
    ['a sorted copy without an order', 'export const s = [3, 1].toSorted();', 'toSorted()'],
    ['for…in', 'for (const key in {}) key;', 'for…in'],
    ['waiting', 'export async function wait() {}', 'async'],
    ['a promise', 'export const p = Promise.resolve();', 'Promise'],
    ['the process', 'export const e = process.env;', 'process'],
    ['every global', "export const d = globalThis['Date'];", 'globalThis'],
    ['the console', "console.log('x');", 'console'],
    ['the network', "fetch('http://127.0.0.1');", 'fetch'],
    ['hashes of the platform', 'export const u = crypto.randomUUID();', 'crypto'],
    ['bytes of Node', 'export const b = Buffer.alloc(1);', 'Buffer'],
    ['garbage collection', 'export const w = new WeakRef({});', 'WeakRef'],
    ['ambient types', '/// <reference types="node" />', 'reference to "node"'],
  ])('%s is found', async (_, code, what) => {
    expect(await purity(code)).toContainEqual(expect.stringMatching(/^engine\/state\/planted\.ts:\d+:\d+ /));
    expect(await purity(code)).toContainEqual(expect.stringContaining(` ${what}: `));
  });

  test('the place is given by line and column', async () => {
    const [problem] = await purity('const a = 1;\nexport const b = a + Date.now();');
    expect(problem).toBe('engine/state/planted.ts:3:22 Date: the time is an argument');
  });

  test('exact arithmetic, orders and members of those names are fine', async () => {
    const code = [
      'export const sorted = [3, 1].sort((a, b) => a - b);',
      'export const whole = Math.max(1, Math.floor(7 / 2)) + Number(2n ** 3n);',
      'export const lease = { process: 1, Date: 2 };',
      'export const sum = lease.process + lease.Date;',
    ];
    expect(await purity(code.join('\n'))).toEqual(NONE);
  });

  test('only the loop may wait', async () => {
    expect(await purity('export async function run() {}', 'engine/turn/run.ts')).toEqual(NONE);
    expect(await purity('export async function run() {}', 'engine/schedule/run.ts')).not.toEqual(NONE);
  });

  test('a tree without an engine does not pass', async () => {
    expect((await check('purity', { 'api/main.ts': '' })).problems).not.toEqual(NONE);
  });
});

describe('import rules', () => {
  /** A small house that keeps the rules. */
  const house = {
    'engine/kit/time.ts': '/** Time. */\nexport const ZERO = 0;\n',
    'engine/state/state.ts': "/** State. */\nimport { ZERO } from '../kit/time.js';\nexport const state = ZERO;\n",
    'engine/state/evolve.ts': "/** Evolve. */\nimport { state } from './state.js';\nexport const evolve = state;\n",
    'engine/schedule/schedule.ts':
      "/** Plan. */\nimport { state } from '../state/state.js';\nexport const schedule = state;\n",
    'engine/index.ts':
      "/** Door. */\nexport * from './schedule/schedule.js';\nexport * from './state/evolve.js';\n" +
      "export * from './state/state.js';\nexport * from './kit/time.js';\n",
    'adapters/live/world.ts':
      "/** World. */\nimport { ZERO } from '../../engine/index.js';\nexport const world = ZERO;\n",
    'adapters/simulated/world.ts':
      "/** World. */\nimport { ZERO } from '../../engine/index.js';\nexport const world = ZERO;\n",
    'simulations/simulate.ts':
      "/** Run. */\nimport { world } from '../adapters/simulated/world.js';\nexport const simulate = world;\n",
    'api/main.ts': "/** Service. */\nimport { world } from '../adapters/live/world.js';\nexport const serve = world;\n",
    'cli/main.ts':
      "/** Command. */\nimport { serve } from '../api/main.js';\nimport { simulate } from '../simulations/simulate.js';\nserve + simulate;\n",
    'test/house.test.ts': "import { simulate } from '../simulations/simulate.js';\nsimulate;\n",
  };
  const imports = async (changes: Files) => (await check('imports', { ...house, ...changes })).problems;
  /** The file of the house as it is, with one more import. */
  const plus = (path: keyof typeof house, specifier: string): Files => ({
    [path]: house[path].replace('\n', `\nimport '${specifier}';\n`),
  });

  test('a house that keeps them passes', async () => {
    expect(await imports({})).toEqual(NONE);
  });

  test.each([
    ['no-cycles', plus('engine/kit/time.ts', '../state/state.js')],
    ['engine-is-pure', plus('engine/kit/time.ts', 'node:fs')],
    ['engine-is-pure', plus('engine/kit/time.ts', '../../adapters/live/world.js')],
    ['engine-leftward-kit', plus('engine/kit/time.ts', '../state/state.js')],
    ['engine-leftward-state', plus('engine/state/state.ts', '../schedule/schedule.js')],
    ['schedule-only-plans', plus('engine/schedule/schedule.ts', '../state/evolve.js')],
    ['engine-has-one-door', plus('api/main.ts', '../engine/state/state.js')],
    ['adapters-are-strangers', plus('adapters/live/world.ts', '../simulated/world.js')],
    ['adapters-know-the-engine-only', plus('adapters/live/world.ts', '../../simulations/simulate.js')],
    ['few-choose-adapters', plus('cli/main.ts', '../adapters/live/world.js')],
    ['simulations-stay-simulated', plus('simulations/simulate.ts', '../adapters/live/world.js')],
    ['simulations-stay-simulated', plus('simulations/simulate.ts', '../api/main.js')],
    ['nothing-needs-the-command-line', plus('api/main.ts', '../cli/main.js')],
    ['home-of-fastify', plus('cli/main.ts', 'fastify')],
    ['home-of-better-sqlite3', plus('api/main.ts', 'better-sqlite3')],
    ['home-of-rxjs', plus('adapters/simulated/world.ts', 'rxjs')],
    ['declared-libraries-only', plus('api/main.ts', 'left-pad')],
    ['nothing-unresolved', plus('api/main.ts', './not-there.js')],
    ['nothing-needs-the-tests', plus('api/main.ts', '../test/house.test.js')],
    ['no-orphans', { 'engine/kit/alone.ts': '/** Alone. */\nexport const x = 1;\n' }],
    ['no-unused-modules', { 'engine/kit/unused.ts': "/** Unused. */\nimport './time.js';\n" }],
  ])('%s', async (rule, change) => {
    expect(await imports(change)).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: `)));
  });

  test('importing a type is importing', async () => {
    const time = "/** Time. */\nimport type { state } from '../state/state.js';\nexport type T = typeof state;\n";
    const problems = await imports({ 'engine/kit/time.ts': time });
    expect(problems).toContainEqual(expect.stringMatching(/^engine-leftward-kit: /));
  });

  test('a cruiser that sees fewer modules than there are, or no imports, does not pass', async () => {
    type Seen = ReadonlyMap<string, { readonly dependencies: readonly unknown[] }>;
    const { overlooked } = await script<{ overlooked(root: string, seen: Seen): string[] }>(
      'scripts/checks/imports.mjs',
    );
    const root = tree(house);
    const product = Object.keys(house).filter((path) => !path.startsWith('test/'));
    const blind = new Map(product.map((path) => [path, { dependencies: [] }]));
    expect(overlooked(root, new Map())).toEqual([expect.stringContaining('only 0 of 10 modules were seen')]);
    expect(overlooked(root, blind)).toEqual([expect.stringContaining('imports were overlooked')]);
    expect(overlooked(tree({ 'README.md': '' }), new Map())).toEqual(['no module found: nothing was checked']);
  });
});

describe('types', () => {
  const engine = (settings: string, code: string): Files => ({
    'tsconfig.json': JSON.stringify({ compilerOptions: { lib: ['ES2022'], types: [] }, include: ['engine'] }),
    'engine/tsconfig.json': `{ "extends": "../tsconfig.json", "compilerOptions": ${settings}, "include": ["."] }`,
    'engine/index.ts': code,
  });

  test('ambient types let into the engine are found', async () => {
    const { problems } = await check('types', engine('{ "lib": ["ES2022", "DOM"] }', 'export {};'));
    expect(problems).toEqual([
      'engine/tsconfig.json: "lib" must be ["ES2022"]',
      'engine/tsconfig.json: "types" must be []',
    ]);
  });

  test('a type error is found with its place', async () => {
    const code = "export const door: number = '1';\n";
    const { problems } = await check('types', engine('{ "lib": ["ES2022"], "types": [] }', code));
    expect(problems).toEqual([expect.stringContaining('engine/index.ts(1,14): error TS2322')]);
  });
});

describe('files', () => {
  const files = (path: string, text: string) => check('files', { [path]: text });
  const long = (lines: number) => `/** Long. */\n${'export {};\n'.repeat(lines - 1)}`;

  test('a file without a caption is found', async () => {
    expect((await files('api/main.ts', 'export {};\n')).problems).toHaveLength(1);
    expect((await files('api/main.ts', '/** */\nexport {};\n')).problems).toHaveLength(1);
    expect((await files('api/main.ts', '#!/usr/bin/env node\n/** Starts. */\n')).problems).toEqual(NONE);
  });

  test('over 400 lines a file is named, over 500 it is refused', async () => {
    expect(await files('api/main.ts', long(400))).toEqual({ problems: [], warnings: [] });
    expect(await files('api/main.ts', long(401))).toEqual({ problems: [], warnings: [expect.any(String)] });
    expect(await files('api/main.ts', long(501))).toEqual({ problems: [expect.any(String)], warnings: [] });
    expect(await files('test/cases.test.ts', long(501))).toEqual({ problems: [], warnings: [expect.any(String)] });
  });
});

describe('lock file', () => {
  const lock = async (packages: object) =>
    (await check('lockfile', { 'package-lock.json': JSON.stringify({ packages }) })).problems;

  test('registry addresses are found', async () => {
    expect(await lock({ '': {}, 'node_modules/a': { version: '1.0.0' } })).toEqual(NONE);
    expect(await lock({ 'node_modules/a': { resolved: 'https://registry.example/a.tgz' } })).not.toEqual(NONE);
  });

  test('an optional package that was left out is found', async () => {
    const wanting = { 'node_modules/a': { optionalDependencies: { '@a/other-machine': '1.0.0' } } };
    expect(await lock(wanting)).not.toEqual(NONE);
    expect(await lock({ ...wanting, 'node_modules/@a/other-machine': {} })).toEqual(NONE);
  });
});

test('all checks run even if the first fails: one line each, and a last one that counts', () => {
  const root = tree({ 'api/main.ts': '/** The service. */\n' });
  const { code, lines } = runScript('scripts/check.mjs', ['purity', 'files', '--root', root]);
  const headlines = lines.filter((line) => /^(ok {2}|FAIL) {2}/.test(line));
  expect(headlines.map((line) => line.split(/ +/).slice(0, 2))).toEqual([
    ['FAIL', 'purity'],
    ['ok', 'files'],
  ]);
  expect(lines.at(-1)).toBe('2 checks: 1 ok, 1 failed');
  expect(code).toBe(1);
});

test('an unknown check is a mistake in the call', () => {
  expect(runScript('scripts/check.mjs', ['nonsense'])).toMatchObject({ code: 2 });
});
