/** Leases of a YAML workload that follow others. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../simulations/simulate.js';
import { readYamlWorkload } from '../../simulations/workloads/yaml-workload.js';
import { directory, file } from './files.js';

const SITE = 'site: {nodes: [{count: 2, capacity: {cpu: 1}}]}';

function workload(...leases: string[]): string {
  const lines = leases.map((lease) => `  - {vms: 1, resources: {cpu: 1}, duration: 60, ${lease}}\n`);
  return file('after.yaml', `${SITE}\nleases:\n${lines.join('')}`);
}

describe('leases that follow others', () => {
  test('begin as soon as these have begun or ended, even if that was before they were asked for', async () => {
    const out = join(directory(), 'out');
    const trace = workload(
      'id: a, submit: 0',
      'id: long, submit: 0, run: 59',
      'id: soon, submit: 10, after: [{lease: a, on: end}]',
      'id: late, submit: 100, after: [{lease: a, on: end}, {lease: long, on: start}]',
      'id: sharp, submit: 160, after: [{lease: late, on: end}]',
    );
    await simulate({ trace, out, log: false });
    const lines = readFileSync(join(out, 'leases.json'), 'utf8').trim().split('\n');
    const starts = lines.map((line) => JSON.parse(line) as { id: string; start: number });
    expect(Object.fromEntries(starts.map(({ id, start }) => [id, start]))).toEqual({
      a: 0,
      long: 0,
      soon: 60,
      late: 100,
      sharp: 160,
    });
  });

  test.each([
    [
      'in a circle',
      ['id: a, submit: 0, after: [{lease: b, on: end}]', 'id: b, submit: 1, after: [{lease: a, on: end}]'],
      /:3: leases\[0\]\.after\[0\]\.lease: "b" is not submitted before it/,
    ],
    ['themselves', ['id: a, submit: 0, after: [{lease: a, on: start}]'], /"a" is not submitted before it/],
    [
      'nobody',
      ['id: a, submit: 0', 'id: b, submit: 1, after: [{lease: c, on: end}]'],
      /:4: leases\[1\]\.after\[0\]\.lease: "c" is not in the workload/,
    ],
  ])('%s are refused', async (_, leases, message) => {
    const refused = readYamlWorkload(workload(...leases), null);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('none in a circle') });
  });
});
