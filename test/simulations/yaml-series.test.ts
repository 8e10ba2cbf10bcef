import { describe, expect, test } from 'vitest';
import { readYamlWorkload } from '../../simulations/workloads/yaml-workload.js';
import { file } from './files.js';

const HOUR = 3_600_000;

async function read(...leases: string[]) {
  const text = `leases:\n${leases.map((lease) => `  - {submit: 0, vms: 1, resources: {cpu: 1}, duration: 1h, ${lease}}\n`).join('')}`;
  return (await readYamlWorkload(file('series.yaml', text), null)).entries;
}

describe('a series in a YAML workload', () => {
  test('is as many advance leases, each with its own id and start', async () => {
    const entries = await read('id: R, start: {kind: advance, at: 2h}, repeat: {every: 24h, times: 3}', 'id: B');
    expect(entries.map(({ id }) => id)).toEqual(['R-1', 'R-2', 'R-3', 'B']);
    expect(entries.slice(0, 3).map(({ terms }) => terms.start)).toEqual(
      [2, 26, 50].map((hours) => ({ kind: 'advance', at: hours * HOUR })),
    );
  });

  test('that cannot be is refused, with the line and what to do', async () => {
    const start = 'start: {kind: advance, at: 2h}';
    const faults: readonly (readonly [string, RegExp])[] = [
      ['repeat: {every: 1h, times: 2}', /only advance leases are repeated/],
      [`${start}, repeat: {every: often, times: 2}`, /"often" is no time/],
      [`${start}, repeat: {every: 1h, times: 367}`, /367 is not accepted/],
      [`${start}, repeat: {every: 1h, times: 0}`, /0 is not accepted/],
    ];
    for (const [lease, message] of faults) await expect(read(lease)).rejects.toThrow(message);
  });

  test('does not take the id of another lease', async () => {
    const series = 'id: R, start: {kind: advance, at: 2h}, repeat: {every: 24h, times: 2}';
    await expect(read('id: R-2', series)).rejects.toThrow(/"R-2" is used twice/);
  });
});
