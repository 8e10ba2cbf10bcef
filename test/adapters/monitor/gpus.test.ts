/** GPUs by what nvidia-smi says: a program of the test in its place. What it does not say is unknown, never idle. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { gpusBy, localFigures } from '../../../adapters/monitor/local.js';

const directory = mkdtempSync(join(tmpdir(), 'leasehold-smi-'));
afterAll(() => rmSync(directory, { recursive: true }));

function program(script: string): string {
  const path = join(directory, `smi-${Math.random()}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const says = (text: string) => gpusBy(program(`cat <<'END'\n${text}\nEND`));

it('are told one by one, with their units', async () => {
  expect(await says('0, 45, 1234, 81559\n1, 0, 0, 81559')).toEqual([
    { index: 0, share: 0.45, memoryUsedMiB: 1234, memoryMiB: 81_559 },
    { index: 1, share: 0, memoryUsedMiB: 0, memoryMiB: 81_559 },
  ]);
});

it('that do not tell all of it are unknown in that', async () => {
  expect(await says('0, [N/A], 10, 100\n1, [Not Supported], [N/A], 100')).toEqual([
    { index: 0, share: null, memoryUsedMiB: 10, memoryMiB: 100 },
    { index: 1, share: null, memoryUsedMiB: null, memoryMiB: 100 },
  ]);
});

it('are unknown where what is said makes no sense, or nothing is', async () => {
  const nonsense = ['', 'No devices were found', '0, 45', '0, 101, 1, 2', '0, -1, 1, 2', 'a, 1, 2, 3', '0, 1e3, 1, 2'];
  for (const text of nonsense) expect([text, await says(text)]).toEqual([text, null]);
  expect(await gpusBy(program('echo "0, 0, 0, 1"; exit 9'))).toBeNull();
  expect(await gpusBy(program('yes "0, 0, 0, 1"'))).toBeNull();
  expect(await gpusBy(program('sleep 60'), 100)).toBeNull();
  expect(await gpusBy(join(directory, 'not-installed'))).toBeNull();
});

it('memory that could be had is told of this machine', async () => {
  expect((await localFigures()).memoryAvailableMiB).toBeGreaterThan(0);
});
