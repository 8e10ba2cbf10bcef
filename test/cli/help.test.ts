/** What the program says about itself: every example of --help works, and the manual is one that man can read. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { visible } from '../../cli/complete.js';
import { examplesOf } from '../../cli/examples.js';
import { EXIT_MEANINGS } from '../../cli/exit-meanings.js';
import { manualOf } from '../../cli/manual.js';
import { programme } from '../../cli/program.js';
import { built, commandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';

const { run, submitted, service, directory } = commandLine(
  ...['4x cpu=8,memory=32GiB', '--webhook-http', '--webhook-allow', '127.0.0.1'],
);

function* commandsBelow(command: Command): Generator<Command> {
  for (const one of visible(command)) {
    yield one;
    yield* commandsBelow(one);
  }
}

/** They run until they are stopped. */
const ENDLESS = ['serve', 'cluster'];

describe('examples', built, () => {
  let receiving: ChildProcess | null = null;
  let receiver: Promise<string>;
  afterAll(() => {
    receiving?.kill();
  });
  beforeAll(() => {
    if (built.skip) return;
    // A process of its own: this one waits for each example.
    const script = `const server = require('node:http').createServer((_, answer) => answer.writeHead(204).end());
      server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));`;
    receiving = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    receiver = new Promise((resolve) => receiving!.stdout!.once('data', (text) => resolve(String(text).trim())));
    mkdirSync(join(directory(), 'bin'));
    symlinkSync(join(process.cwd(), 'dist/cli/main.js'), join(directory(), 'bin/leasehold'));
    symlinkSync(join(process.cwd(), 'simulations'), join(directory(), 'simulations'));
  });

  it('of every command work as they are shown', { timeout: 600_000 }, async () => {
    const seen = new Set<string>();
    const failed: string[] = [];
    const token = JSON.parse((await run('token', 'create', '--name', 'example', '-o', 'json')).stdout).id as string;
    const hook = (await run('webhook', 'create', await receiver, '-o', 'json')).stdout;
    const webhook = JSON.parse(hook).id as string;
    let lease = '';
    for (const command of commandsBelow(programme())) {
      // Images come from elsewhere: docs/images.md shows these commands, and runs them.
      if (ENDLESS.includes(command.name()) || command.parent?.name() === 'image') continue;
      if (command.name() === 'lost') continue; // all nodes answer here; test/e2e/lost-hosts.test.ts has one that does not
      for (const { line } of examplesOf(command)) {
        if (seen.has(line)) continue;
        seen.add(line);
        // What ends a lease needs another one; what holds it back, one that waits; what rejects it, one to be approved.
        const isApproved = / reject /.test(line);
        if (isApproved) await run('policy', 'adopt', '--set', 'approval=[{}]');
        if (
          lease === '' ||
          / (cancel|hold|move-disks|resize|confirm|revert|suspend|reboot|reset|pause|unpause|recover|extend|reject) /.test(
            line,
          )
        )
          lease = await submitted(/ hold | resize (?!.*revert)/.test(line) || isApproved ? '--hold' : '--wait');
        if (/ (confirm|revert) /.test(line)) await resizedOnTrial(lease);
        if (/ move-disks /.test(line)) await labelled(lease, 'disks-ssd=/mnt/ssd');
        if (isApproved) await run('policy', 'adopt', '--set', 'approval=[]');
        const { status, stderr } = spawnSync(
          'sh',
          ['-c', line.replaceAll('LEASE', lease).replaceAll('TOKEN', token).replaceAll('WEBHOOK', webhook)],
          {
            encoding: 'utf8',
            timeout: 60_000,
            cwd: directory(),
            env: {
              ...process.env,
              PATH: `${join(directory(), 'bin')}:${process.env.PATH}`,
              XDG_CONFIG_HOME: join(directory(), 'config'),
              LEASEHOLD_URL: service().url,
              LEASEHOLD_TOKEN: service().token,
            },
          },
        );
        if (status !== 0) failed.push(`${line}\nended with ${status}: ${stderr}`);
        if (isApproved) lease = '';
      }
    }
    expect(failed).toEqual([]);
    expect(seen.size).toBeGreaterThan(20);
  });

  /** The node that its VM is on. */
  async function labelled(lease: string, label: string): Promise<void> {
    const { nodes } = JSON.parse((await run('show', lease, '-o', 'json')).stdout);
    for (const node of String(nodes).split(/[ ,-]/)) await run('node', 'label', node, label);
  }

  /** It can be confirmed, or reverted, then. */
  async function resizedOnTrial(lease: string): Promise<void> {
    await run('resize', lease, '--cpu', '0.5', '--revert-after', '1h');
    await eventually(async () => (await run('show', lease)).stdout).toContain('goes back');
  }

  it('are there for every command that talks to the service', () => {
    for (const command of commandsBelow(programme())) {
      const isRemote = command.options.some(({ long }) => long === '--url');
      if (isRemote) expect(examplesOf(command), command.name()).not.toEqual([]);
    }
  });
});

describe('the manual', built, () => {
  it('names every command, option and exit code', async () => {
    const { stdout } = await run('docs', 'man');
    expect(stdout).toBe(manualOf(programme()));
    const text = stdout.replaceAll('\\-', '-');
    for (const command of commandsBelow(programme())) {
      for (const { flags, hidden } of command.options) if (!hidden) expect(text, command.name()).toContain(flags);
    }
    for (const code of Object.keys(EXIT_MEANINGS)) expect(text).toContain(`.B ${code}\n`);
  });

  it('is one that man can read', needs('mandoc'), () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning'], {
      encoding: 'utf8',
      input: manualOf(programme()),
    });
    expect(stdout.split('\n').filter((line) => !line.includes('missing date'))).toEqual(['']);
  });
});

describe('what is mistyped', built, () => {
  it('is answered with what was meant', async () => {
    for (const [args, meant] of [
      [['shw', 'L1'], 'Did you mean show?'],
      [['node', 'drian', '1'], 'Did you mean drain?'],
      [['ls', '--stat', 'waiting'], 'Did you mean --state?'],
      [['ls', '-o', 'jsn'], 'Allowed choices are table, wide, json'],
    ] as const) {
      const { code, stderr, stdout } = await run(...args);
      expect(stderr).toMatch(/^leasehold: /);
      expect(stderr).toContain(meant);
      expect(stderr).toContain('--help');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
  });
});

describe('exit codes', () => {
  it('are those of the documentation', () => {
    const text = readFileSync('docs/command-line.md', 'utf8');
    const documented = [...text.matchAll(/^\| (\d+) \| (.+?) \|/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(documented).toEqual(Object.entries(EXIT_MEANINGS));
  });
});
