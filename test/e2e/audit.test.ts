import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.js';

const CLI = 'dist/cli/main.js';
const SAMPLE = 'simulations/samples/kth-1996-first-weeks.swf.gz';

function leasehold(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const done = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  return { exit: done.status, out: done.stdout, err: done.stderr };
}

/** The lines, with one of them replaced. */
function replaced(lines: readonly string[], index: number, line: string): string[] {
  return lines.map((old, i) => (i === index ? line : old));
}

describe('simulate and audit, as a user runs them', needs('build'), () => {
  let directory = '';
  let lines: string[] = [];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'leasehold-audit-'));
    const done = leasehold([
      'simulate',
      SAMPLE,
      '--backfilling',
      'conservative',
      '--out',
      join(directory, 'out'),
      '--log',
    ]);
    expect(done).toMatchObject({ exit: 0 });
    lines = gunzipSync(readFileSync(join(directory, 'out/turns.ndjson.gz')))
      .toString()
      .trim()
      .split('\n');
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  const altered = (name: string, text: readonly string[]): string => {
    const file = join(directory, name);
    writeFileSync(file, `${text.join('\n')}\n`);
    return file;
  };

  test('the log replays: every decision is as recorded, and the digest is the simulation’s', () => {
    const summary = JSON.parse(readFileSync(join(directory, 'out/summary.json'), 'utf8'));
    const audit = leasehold(['audit', join(directory, 'out/turns.ndjson.gz'), '-o', 'json']);
    expect(audit.exit).toBe(0);
    const found = JSON.parse(audit.out);
    expect(found).toMatchObject({ divergence: null, checkpoint: null, digest: summary.digest, turns: summary.turns });
  });

  test('the same input gives the same digest in another process, time zone and locale, with and without a log', () => {
    const summary = JSON.parse(readFileSync(join(directory, 'out/summary.json'), 'utf8'));
    for (const env of [
      { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
      { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' },
    ]) {
      const again = leasehold(['simulate', SAMPLE, '--backfilling', 'conservative', '-o', 'json'], env);
      expect(JSON.parse(again.out).digest).toBe(summary.digest);
    }
  });

  test('an altered decision is found by its turn, and both lists are shown', () => {
    const index = lines.findIndex((line, i) => i > 500 && line.includes('"StartOrdered"'));
    const turn = JSON.parse(lines[index]!);
    const start = turn.decisions.find((decision: { type: string }) => decision.type === 'StartOrdered');
    start.until += 1000;
    const file = altered('decision.ndjson', replaced(lines, index, JSON.stringify(turn)));
    const audit = leasehold(['audit', file]);
    expect(audit.exit).toBe(67);
    expect(audit.out).toContain(`DIFFERS at turn ${turn.number}`);
    expect(audit.out).toContain('recorded:');
    expect(audit.out).toContain(`"until":${start.until}`);
    expect(audit.out).toContain('replayed:');
    expect(audit.out).toContain(`"until":${start.until - 1000}`);
  });

  test('an altered input that changes no decision is found at the next checkpoint', () => {
    const policy = lines.findIndex((line) => line.includes('"PolicyAdopted"'));
    // How often a failed order is tried again: nothing fails here, so no decision depends on it.
    const changed = lines[policy]!.replace('"attemptsMax":3', '"attemptsMax":4');
    const found = leasehold(['audit', altered('policy.ndjson', replaced(lines, policy, changed))]);
    expect(found.exit).toBe(67);
    expect(found.out).toContain('ALTERED');
  });

  test('a missing turn, a cut file and a line that is no turn are told from each other', () => {
    const gap = leasehold([
      'audit',
      altered(
        'gap.ndjson',
        lines.filter((_, i) => i !== 10),
      ),
    ]);
    expect(gap.exit).not.toBe(0);
    expect(gap.err).toMatch(/gap\.ndjson:11: /);
    const gz = readFileSync(join(directory, 'out/turns.ndjson.gz'));
    const cut = join(directory, 'cut.ndjson.gz');
    writeFileSync(cut, gz.subarray(0, gz.length / 2));
    expect(leasehold(['audit', cut]).exit).toBe(66);
    const broken = leasehold(['audit', altered('broken.ndjson', replaced(lines, 20, '{"number":21,"now":"soon"}'))]);
    expect(broken.exit).toBe(65);
    expect(broken.err).toMatch(/broken\.ndjson:21: .*now/);
  });

  test('a log of rules that this version does not have is refused', () => {
    const first = lines.findIndex((line) => line.includes('"PolicyAdopted"'));
    const file = altered('rules.ndjson', replaced(lines, first, lines[first]!.replace('"rules":1', '"rules":99')));
    const audit = leasehold(['audit', file]);
    expect(audit.exit).toBe(78);
    expect(audit.err).toContain('rules 99');
  });

  test('a log that does not exist', () => {
    const audit = leasehold(['audit', join(directory, 'nowhere.ndjson')]);
    expect(audit.exit).toBe(3);
    expect(audit.err).toContain('nowhere.ndjson');
  });
});
