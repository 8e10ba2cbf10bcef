/** The commands that need no service, and what the command line loads. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.js';
import { leasehold, temporaryDirectory } from '../support/process.js';

const built = needs('build');
let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Two jobs on one processor: the second waits for the first. Columns of SWF. */
const TRACE = `; MaxProcs: 1
1 0 -1 100 1 -1 -1 1 100 -1 1 1 1 1 1 -1 -1 -1
2 10 -1 50 1 -1 -1 1 60 -1 1 1 1 1 1 -1 -1 -1
3 20 -1 50 9 -1 -1 9 60 -1 1 1 1 1 1 -1 -1 -1
`;

const trace = (): string => {
  const path = join(directory.path, 'small.swf');
  writeFileSync(path, TRACE);
  return path;
};

describe('leasehold simulate', built, () => {
  it('prints figures for people, or for programs', async () => {
    const table = await leasehold(['simulate', trace()]);
    expect(table.code, table.stderr).toBe(0);
    expect(table.stdout).toMatch(/^leases +2: 2 completed$/m);
    expect(table.stdout).toMatch(/^rows left out +1: 1 .*line 4/m);
    expect(table.stdout).toMatch(/^wait, mean +45 s$/m);
    const json = await leasehold(['simulate', trace(), '--procs', '1', '--backfilling', 'conservative', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ leases: 2, completed: 2, makespan: 150, dropped: { count: 1 } });
  });

  it('writes its files, which the audit takes', async () => {
    const out = join(directory.path, 'out');
    const { code, stderr } = await leasehold(['simulate', trace(), '--out', out, '--log', '-o', 'json']);
    expect(code, stderr).toBe(0);
    for (const name of ['summary.json', 'jobs.csv', 'leases.json', 'turns.ndjson.gz']) {
      expect(existsSync(join(out, name)), name).toBe(true);
    }
    const audit = await leasehold(['audit', join(out, 'turns.ndjson.gz'), '-o', 'json']);
    expect(audit.code, audit.stderr).toBe(0);
    const { digest } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    expect(JSON.parse(audit.stdout)).toMatchObject({ divergence: null, digest });
  });

  it('says what is wrong with its options', async () => {
    for (const [args, code] of [
      [['simulate'], 2],
      [['simulate', trace(), '--procs', '0'], 2],
      [['simulate', trace(), '--procs', '1', '--nodes', 'cpu=1'], 2],
      [['simulate', trace(), '--backfilling', 'some'], 2],
      [['simulate', trace(), '--log'], 2],
      [['simulate', trace(), '-o', 'xml'], 2],
    ] as const) {
      const ended = await leasehold(args);
      expect(ended.code, ended.stderr).toBe(code);
      expect(ended.stderr).not.toBe('');
      expect(ended.stdout).toBe('');
    }
  });
});

describe('help and version', built, () => {
  it('go to stdout and are no failure', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await leasehold(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await leasehold(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['serve', 'simulate', 'audit', 'submit', 'why', 'completion']) {
      expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
    expect((await leasehold([])).code).toBe(2);
  });
});

describe('what is loaded before a command runs', () => {
  it('is commander and nothing else from elsewhere', () => {
    const seen = new Set<string>();
    const libraries = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, 'utf8');
      for (const [, from] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gms)) {
        if (from!.startsWith('.')) visit(normalize(join(dirname(file), from!.replace(/\.js$/, '.ts'))));
        else if (!from!.startsWith('node:')) libraries.add(from!);
      }
    };
    visit('cli/main.ts');
    expect([...libraries]).toEqual(['commander']);
    expect(
      [...seen].filter(
        (file) =>
          !/^(cli|api\/(exit-codes|version|access\/caller|settings\/(table|kinds))|simulations\/(kebab|workload-tools\/format-names))/.test(
            file,
          ),
      ),
    ).toEqual([]);
  });
});
