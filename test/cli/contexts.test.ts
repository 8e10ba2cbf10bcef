/** Contexts: services with names, and whose token goes where. */

import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';
import { type Ended, leasehold } from '../support/process.js';
import { Terminal } from '../support/terminal.js';

const { service, directory } = commandLine('2x cpu=8,memory=32GiB');
const config = (): string => join(directory(), 'config');
const file = (): string => join(config(), 'leasehold/contexts.json');

/** In a directory where no service has left its token. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  leasehold(args, { cwd: '/', env: { XDG_CONFIG_HOME: config(), ...env } });

describe('a context', built, () => {
  it('names a service and where its token is, and is used from then on', async () => {
    expect((await run(['context', 'current'])).code).toBe(3);
    const token = join(directory(), 'data/admin.token');
    const set = await run(['context', 'set', 'lab', '--url', service().url, '--token-file', token, '--use']);
    expect(set).toMatchObject({ code: 0, stdout: '' });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(config(), 'leasehold')).mode & 0o777).toBe(0o700);
    expect((await run(['context', 'current'])).stdout).toBe('lab\n');
    expect((await run(['node', 'ls', '-o', 'name'])).stdout).toBe('1\n2\n');
    expect((await run(['context', 'set', 'other', '--url', 'http://127.0.0.1:1'])).code).toBe(0);
    const listed = await run(['context', 'list']);
    expect(listed.stdout).toMatch(/^lab +yes +http/m);
    expect(listed.stdout).toMatch(/^other +http/m);
    expect((await run(['ls', '--context', 'other'])).code).toBe(7);
    expect((await run(['ls'], { LEASEHOLD_CONTEXT: 'other' })).code).toBe(7);
    expect((await run(['ls', '--context', 'lab'], { LEASEHOLD_CONTEXT: 'other' })).code).toBe(0);
    expect((await run(['ls'], { LEASEHOLD_URL: 'http://127.0.0.1:1' })).code).toBe(7);
    expect((await run(['context', 'use', 'nobody'])).code).toBe(3);
    expect((await run(['context', 'use', '-'])).code).toBe(0);
    expect((await run(['context', 'current'])).code).toBe(3);
    expect((await run(['context', 'remove', 'other'])).code).toBe(0);
    expect((await run(['context', 'list', '-o', 'name'])).stdout).toBe('lab\n');
  });

  it('keeps a token that is read from stdin, and shows it to nobody', async () => {
    const cli = `'${process.execPath}' '${join(process.cwd(), 'dist/cli/main.js')}'`;
    const line = `printf '%s' "$TOKEN" | ${cli} context set kept --url ${service().url} --token-stdin`;
    const terminal = Terminal.run(line, { env: { TOKEN: service().token, XDG_CONFIG_HOME: config() } });
    expect(await terminal.ended).toBe(0);
    expect(JSON.parse(readFileSync(file(), 'utf8')).contexts.kept.token).toBe(service().token);
    for (const format of ['table', 'json', 'csv']) {
      const { stdout } = await run(['context', 'list', '-o', format]);
      expect(stdout).not.toContain(service().token);
    }
    expect((await run(['ls', '--context', 'kept'])).code).toBe(0);
    // Its token is for that service only.
    expect(
      (await run(['ls', '--context', 'kept', '--url', service().url.replace('127.0.0.1', 'localhost')])).code,
    ).toBe(6);
    expect((await run(['context', 'set', 'kept', '--url', 'http://127.0.0.1:1'])).code).toBe(0);
    expect(JSON.parse(readFileSync(file(), 'utf8')).contexts.kept).toEqual({ url: 'http://127.0.0.1:1' });
  });

  it('is not read from a file that others may read, or that is something else', async () => {
    const before = readFileSync(file());
    chmodSync(file(), 0o644);
    const open = await run(['ls', '--context', 'lab']);
    expect(open.code).toBe(78);
    expect(open.stderr).toContain(`chmod 600 ${file()}`);
    chmodSync(file(), 0o600);
    for (const text of [
      '',
      '{',
      '[]',
      '{"contexts":{"a":{"url":1}}}',
      '{"contexts":{"../a":{"url":"http://x"}}}',
      '{"current":7,"contexts":{}}',
    ]) {
      writeFileSync(file(), text);
      const { code, stderr } = await run(['ls', '--context', 'lab']);
      expect(code, text).toBe(78);
      expect(stderr).toContain('is not a list of contexts');
    }
    writeFileSync(file(), before);
    mkdirSync(join(directory(), 'broken/leasehold/contexts.json'), { recursive: true });
    expect((await run(['ls', '--context', 'x'], { XDG_CONFIG_HOME: join(directory(), 'broken') })).code).toBe(78);
  });

  it('has a name and a URL', async () => {
    for (const args of [
      ['set', '../x', '--url', 'http://x'],
      ['set', 'x'],
      ['set', 'x', '--url', 'x'],
      ['set', '__proto__', '--url', 'http://x'],
    ])
      expect((await run(['context', ...args])).code, args.join(' ')).toBe(2);
    expect((await run(['context', 'remove', 'constructor'])).code).toBe(3);
  });
});
