/** Completion in the shells themselves: of commands, options and choices, and of names that only the service knows. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../support/command-line.js';
import { needs } from '../support/needs.js';
import { leasehold } from '../support/process.js';
import { Terminal } from '../support/terminal.js';

const { run, submitted, service, directory } = commandLine('4x cpu=8,memory=32GiB');

/** As users have it: on their PATH, and speaking to the service. */
const environment = () => ({
  ...process.env,
  PATH: `${join(directory(), 'bin')}:${process.env.PATH}`,
  XDG_CONFIG_HOME: join(directory(), 'config'),
  LEASEHOLD_URL: service().url,
  LEASEHOLD_TOKEN: service().token,
});

const built = needs('build');

beforeAll(async () => {
  if (built.skip) return;
  mkdirSync(join(directory(), 'bin'));
  symlinkSync(join(process.cwd(), 'dist/cli/main.js'), join(directory(), 'bin/leasehold'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(directory(), `completion.${shell}`), (await run('completion', shell)).stdout);
  }
});

/** What bash offers when the tabulator is pressed at the end of `line`. */
function inBash(line: string, env: Readonly<Record<string, string | undefined>> = environment()): string[] {
  const script = `source completion.bash
    COMP_LINE=${JSON.stringify(line)}
    COMP_POINT=\${#COMP_LINE}
    read -ra COMP_WORDS <<<"\${COMP_LINE//=/ = }"
    [[ "$COMP_LINE" == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _leasehold
    (( \${#COMPREPLY[@]} )) && printf "%s\\n" "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: directory(), env });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((text) => text !== '');
}

describe('in bash', built, () => {
  it('every command, its options and their choices are known', () => {
    expect(inBash('leasehold sub')).toEqual(['submit']);
    expect(inBash('leasehold lease ')).toEqual(expect.arrayContaining(['submit', 'list', 'why', 'wait']));
    expect(inBash('leasehold lease submit --dur')).toEqual(['--duration']);
    expect(inBash('leasehold ls -o ')).toEqual(['table', 'wide', 'json', 'ndjson', 'yaml', 'csv', 'name']);
    expect(inBash('leasehold ls --kind=im')).toEqual(['immediate']);
    expect(inBash('leasehold completion z')).toEqual(['zsh']);
    expect(inBash('leasehold haizea ')).toEqual(['expand']);
    expect(inBash('leasehold audit ')).toEqual(expect.arrayContaining(['verify', 'explain', 'diff']));
    expect(inBash('leasehold audit diff --pol')).toEqual(['--policy']);
    expect(inBash('leasehold ls --color ')).toEqual(['auto', 'always', 'never']);
    expect(inBash('leasehold __')).toEqual([]);
  });

  it('leases, nodes, networks and contexts are those that there are', async () => {
    const id = await submitted('--name', 'film');
    expect(inBash('leasehold show ')).toContain(id);
    expect(inBash(`leasehold why ${id.slice(0, 9)}`)).toEqual([id]);
    expect(inBash('leasehold submit --after ')).toContain(id);
    expect(inBash('leasehold node drain ')).toEqual(['1', '2', '3', '4']);
    expect((await run('network', 'add', 'lab', '--range', '10.77.0.0/24')).code).toBe(0);
    expect(inBash('leasehold network remove ')).toEqual(['lab']);
    expect(inBash('leasehold submit --network ')).toEqual(['lab']);
    const env = environment();
    const set = ['context', 'set', 'lab', '--url', service().url];
    expect((await leasehold(set, { env: { XDG_CONFIG_HOME: env.XDG_CONFIG_HOME } })).code).toBe(0);
    expect(inBash('leasehold ls --context l')).toEqual(['lab']);
    expect(inBash('leasehold context use ')).toEqual(['lab']);
  });

  it('a service that is not there completes nothing, and says nothing', () => {
    expect(inBash('leasehold show ', { ...environment(), LEASEHOLD_URL: 'http://127.0.0.1:1' })).toEqual([]);
    expect(inBash('leasehold show ', { ...environment(), LEASEHOLD_TOKEN: 'wrong' })).toEqual([]);
  });
});

describe('in fish', needs('build', 'fish'), () => {
  const inFish = (line: string): string[] => {
    const script = `source completion.fish; complete -C ${JSON.stringify(line)}`;
    const env = { ...environment(), HOME: directory() };
    const { stdout } = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8', cwd: directory(), env });
    return stdout.split('\n').filter((text) => text !== '');
  };

  it('commands come with what they do, leases with their state', async () => {
    const id = await submitted();
    expect(inFish('leasehold sub')).toEqual(['submit\task for a lease']);
    expect(inFish('leasehold ls -o ')).toEqual(expect.arrayContaining(['table', 'name']));
    expect(inFish(`leasehold show ${id.slice(0, 9)}`)[0]).toMatch(new RegExp(`^${id}\t`));
  });
});

describe('in zsh', needs('build', 'zsh'), () => {
  it('a line is completed as it is typed', async () => {
    const id = await submitted();
    const env = { ...environment(), PS1: '> ', HOME: directory(), TERM: 'dumb' };
    const terminal = Terminal.run('zsh -f -i', { cwd: directory(), env, columns: 160 });
    try {
      terminal.type('autoload -Uz compinit && compinit -u -D && source completion.zsh && echo rea""dy\n');
      await terminal.shows('ready');
      terminal.type('echo +$(( 1 + 1 )); leasehold sub\t');
      await terminal.shows('leasehold submit ');
      terminal.type(`\u0015leasehold why ${id.slice(0, 9)}\t`);
      await terminal.shows(`leasehold why ${id}`);
    } finally {
      terminal.type('\u0015exit\n');
      terminal.end();
    }
  });
});

it('of a shell that nobody has heard of is refused', built, async () => {
  const { code, stderr } = await run('completion', 'tcsh');
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
