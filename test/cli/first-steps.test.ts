/** Mistakes of a first day: each is answered with what is wrong and with the next step, and nothing is done. */

import { expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';
import { leasehold, temporaryDirectory } from '../support/process.js';

const { run, service, directory } = commandLine('2x cpu=8,memory=32GiB');

const SIZE = ['--cpu', '1', '--duration', '1h'];

const MISTAKES: readonly (readonly [code: number, next: string, ...args: string[]])[] = [
  [2, 'Did you mean --cpu?', 'submit', '--cpus', '1', '--duration', '1h'],
  [2, 'Give --cpu, --memory or another resource of the site', 'submit', '--duration', '1h'],
  [2, 'Write 2h30m, 1d', 'submit', '--cpu', '1', '--duration', '1 month'],
  [2, '512MiB, 4GiB', 'submit', ...SIZE, '--memory', '8G'],
  [2, 'it has cpu, memoryMiB', 'submit', ...SIZE, '--resource', 'tape=1'],
  [2, '"tomorrow 9:00"', 'submit', ...SIZE, '--at', 'tomorow'],
  [2, 'Give a later time', 'submit', ...SIZE, '--at', 'yesterday'],
  [4, 'Ask for less', 'submit', '--cpu', '40', '--duration', '1h'],
  [3, '`leasehold ls --name NAME` finds one', 'why', 'batch'],
  [3, '`leasehold ls` lists them', 'cancel', 'batch', '--yes'],
  [3, '`leasehold node list`', 'node', 'drain', '99'],
  [2, 'States: waiting, reserved', 'ls', '--state', 'running'],
  [2, 'There are id, name, state', 'ls', '--columns', 'foo'],
  [2, '--help', 'ls', '--as-of', 'tomorrow'],
  [2, '`leasehold node list`', 'whatif', '--drain', 'n1'],
  [2, 'http://127.0.0.1:8080', 'ls', '--url', '127.0.0.1:8080'],
  [7, '`leasehold serve`', 'ls', '--url', 'http://127.0.0.1:1'],
  [7, '`leasehold serve`', 'ls', '--url', 'http://no-such-host.invalid'],
  [6, '--token-file', 'ls', '--token-file', 'nowhere'],
  [3, 'leasehold.db', 'audit', 'data'],
  [3, '`leasehold context set lab --url URL`', 'context', 'use', 'lab'],
];

it.each(MISTAKES.map(([code, next, ...args]) => ({ code, next, args })))(
  'exit $code, and $next',
  built,
  async ({ code, next, args }) => {
    const ended = await run(...args);
    expect(ended.stderr, args.join(' ')).toContain(next);
    expect(ended.stderr).not.toContain('    at ');
    expect(ended.code).toBe(code);
  },
);

it('a token that is of no use is said to be from where it came', built, async () => {
  const elsewhere = temporaryDirectory();
  const from = async (env: Readonly<Record<string, string>>) => {
    const { code, stderr } = await leasehold(['ls'], {
      cwd: elsewhere.path,
      env: { LEASEHOLD_URL: service().url, ...env },
    });
    expect(code).toBe(6);
    return stderr;
  };
  expect(await from({})).toContain('No token was sent: there is no .leasehold/admin.token in this directory.');
  expect(await from({ LEASEHOLD_TOKEN: 'nonsense' })).toContain('The token came from LEASEHOLD_TOKEN.');
  elsewhere.remove();
});

it('a service without TLS is not asked for it twice', built, async () => {
  const url = service().url.replace('http:', 'https:');
  const { code, stderr } = await leasehold(['ls', '--url', url], { cwd: directory() });
  expect([code, stderr]).toEqual([7, expect.stringContaining('Write http:// instead of https://')]);
});
