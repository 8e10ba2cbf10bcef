/** Accountings side by side, and the command that prints them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { main } from '../../cli/program.js';
import { readTable } from '../../simulations/accounting/tables.js';
import { simulate } from '../../simulations/simulate.js';
import { account, type Asked } from './accounting-run.js';
import { directory, file, refusal } from './files.js';

const ALONE: readonly Asked[] = [{ id: '007', at: 0, vms: 1, duration: 100, extras: { rate: '=1+1', team: 'a, "b"' } }];
const BEHIND: readonly Asked[] = [...ALONE, { id: '008', at: 50, vms: 2, duration: 100, extras: { size: '2' } }];

/** The report of a simulation without accounting. */
async function plain(): Promise<string> {
  const out = join(directory(), 'plain');
  const trace = file('small.swf', '1 0 -1 100 1 -1 -1 1 100 -1 1 1 1 1 1 -1 -1 -1\n');
  await simulate({ trace, procs: 1, out, log: false });
  return out;
}

describe('a table', () => {
  test('of runs has a row a directory, with what it has', async () => {
    const { out } = await account(2, BEHIND);
    const { attributes, columns, rows } = await readTable([out, await plain()], 'per-run', null);
    expect(attributes).toEqual(['case']);
    expect(columns).toEqual(expect.arrayContaining(['completed', 'Total completed leases', 'Queue length, average']));
    expect(rows.map(({ cells }) => cells.get('completed'))).toEqual([2, 1]);
    expect(rows.map(({ cells }) => cells.get('Total completed leases'))).toEqual([2, undefined]);
    expect(rows[0]!.cells.get('Queue length, average')).toBe(0.25);
  });

  test('of leases has the columns of all runs, and texts as they are', async () => {
    const runs = [await account(2, BEHIND), await account(2, ALONE)];
    const { columns, rows } = await readTable(
      runs.map(({ out }) => out),
      'per-lease',
      null,
    );
    expect(columns.filter((name) => name.startsWith('extra_'))).toEqual(['extra_rate', 'extra_team', 'extra_size']);
    expect(rows.map(({ cells }) => cells.get('lease'))).toEqual(['007', '008', '007']);
    expect(rows.map(({ cells }) => cells.get('wait'))).toEqual([0, 50, 0]);
    expect(rows[0]!.cells.get('extra_team')).toBe('a, "b"');
    expect(rows[1]!.cells.get('extra_team')).toBeNull();
  });

  test('of a counter has its rows', async () => {
    const { out } = await account(2, BEHIND);
    const { rows } = await readTable([out], 'counter', 'cpu UTILIZATION');
    expect(rows.map(({ cells }) => [...cells.values()])).toEqual([
      [0, 0.5, 0.5],
      [100, 1, 0.5],
      [200, 0, 0.75],
    ]);
  });
});

describe('a directory that cannot be used', () => {
  test('is named, with what to do', async () => {
    const nothing = directory();
    const { out } = await account(2, ALONE);
    expect(await refusal(() => readTable([nothing], 'per-run', null))).toMatchObject({
      problem: 'has no counters.json',
    });
    expect(await refusal(async () => readTable([await plain()], 'per-lease', null))).toMatchObject({ exitCode: 2 });
    expect(await refusal(() => readTable([out], 'counter', null))).toMatchObject({ problem: 'a counter is needed' });
    const unknown = await refusal(() => readTable([out], 'counter', 'Queue sizes'));
    expect(unknown.hint).toBe('Did you mean "Queue size"?');
  });

  test('damaged files are named with the line', async () => {
    const { out } = await account(2, ALONE);
    writeFileSync(join(out, 'leases.csv'), 'lease,kind\n1,advance\n2\n');
    const short = await refusal(() => readTable([out], 'per-lease', null));
    expect(short.message).toBe(`${join(out, 'leases.csv')}:3: 1 cells under 2 names`);
    writeFileSync(join(out, 'counters.json'), '{"counters": 7}');
    expect(await refusal(() => readTable([out], 'per-run', null))).toMatchObject({ problem: 'is no accounting' });
    const other = join(directory(), 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'counters.json'), '{');
    expect((await refusal(() => readTable([other], 'per-run', null))).message).toMatch(/counters\.json: not JSON/);
  });
});

describe('leasehold accounting', () => {
  /** What the command prints. */
  async function printed(...args: string[]): Promise<string> {
    let output = '';
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text: unknown, ...more: unknown[]) => {
      output += String(text);
      const written = more.at(-1);
      if (typeof written === 'function') written();
      return true;
    });
    vi.stubEnv('NO_COLOR', '1');
    try {
      expect(await main(['accounting', ...args])).toBe(0);
    } finally {
      vi.unstubAllEnvs();
      stdout.mockRestore();
    }
    return output;
  }

  test('prints runs beside each other for people, and below each other for programs', async () => {
    const { out } = await account(2, BEHIND);
    const table = await printed(out, out);
    expect(table).toMatch(/^FIGURE +RUN 1 +RUN 2$/m);
    expect(table).toMatch(/^Total completed leases +2 +2$/m);
    expect(table).toMatch(/^case +small +small$/m);
    const csv = (await printed(out, out, '-o', 'csv')).trimEnd().split('\r\n');
    expect(csv).toHaveLength(3);
    expect(csv[0]).toMatch(/^run,case,leases,completed,/);
    const [run] = JSON.parse(await printed(out, '-o', 'json'));
    expect(run).toMatchObject({ run: out, attributes: { case: 'small' }, 'Total completed leases': 2 });
  });

  test('no cell is a formula', async () => {
    const { out } = await account(2, ALONE);
    const csv = await printed(out, '--table', 'per-lease', '-o', 'csv');
    expect(csv).toContain(`,'=1+1,"a, ""b"""`);
  });
});
