/** The program that switches hosts off: nothing but that it ends with 0, in time, says that one is off. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fence } from '../../adapters/libvirt/fence.js';
import { lives } from '../support/libvirt.js';

const directory = mkdtempSync(join(tmpdir(), 'leasehold-fence-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const NODE = { node: 3, name: 'host3' };
const script = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
};

test('one that ends with 0 has switched it off; it is told which, and no shell reads that', async () => {
  const said = join(directory, 'said');
  const program = script('off', `printf '%s|' "$@" > ${said}; env >> ${said}`);
  process.env.LEASEHOLD_TEST_SECRET = 'a secret';
  const words = [program, '{name}', 'node={node}', '$(id)', ';reboot'];
  expect(await fence(words, NODE)).toBeNull();
  delete process.env.LEASEHOLD_TEST_SECRET;
  expect(readFileSync(said, 'utf8')).toMatch(/^host3\|node=3\|\$\(id\)\|;reboot\|/);
  expect(readFileSync(said, 'utf8')).not.toContain('a secret');
});

test('one that fails, is killed, cannot be run or is not there has not', async () => {
  const fails = script('fails', 'echo done; echo no answer from its board >&2; echo and more >&2; exit 3');
  expect(await fence([fails], NODE)).toBe('it ended with 3: no answer from its board');
  expect(await fence([script('killed', 'kill -9 $$')], NODE)).toBe('it ended with SIGKILL');
  writeFileSync(join(directory, 'plain'), '');
  expect(await fence([join(directory, 'plain')], NODE)).toMatch('EACCES');
  expect(await fence([join(directory, 'nowhere')], NODE)).toMatch('ENOENT');
});

test('one that says a lot is heard as far as its first line', async () => {
  const talks = script('talks', 'head -c 3000000 /dev/zero | tr "\\0" x >&2; exit 1');
  const fault = await fence([talks], NODE);
  expect(fault).toMatch(/^it ended with 1: /);
  expect(fault!.length).toBeLessThan(300);
}, 60_000);

test('one that hangs is ended with all that it has begun', { timeout: 60_000 }, async () => {
  const pids = join(directory, 'pids');
  const hangs = script('hangs', `sleep 1000 & echo $! $$ > ${pids}; wait`);
  expect(await fence([hangs], NODE, 5_000)).toBe('it did not end within 5 s');
  expect(existsSync(pids)).toBe(true);
  for (const pid of readFileSync(pids, 'utf8').trim().split(' '))
    await expect.poll(() => lives(Number(pid))).toBe(false);
});

test('one that leaves something running has ended all the same', { timeout: 60_000 }, async () => {
  const pid = join(directory, 'left');
  expect(await fence([script('leaves', `sleep 1000 & echo $! > ${pid}`)], NODE, 50_000)).toBeNull();
  process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
});
