/** Audits that people read, as they ask for them: explain, diff, and the log as sentences. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';

const { run, submitted, service, directory } = commandLine('1x cpu=2,memory=4GiB');
const LOG = join(process.cwd(), 'test/golden/logs/mixed.ndjson.gz');
const at = (name: string): string => join(directory(), name);

describe('leasehold audit explain', built, () => {
  it('tells the life of a lease, with times, rules and reasons', async () => {
    const { code, stdout, stderr } = await run('audit', 'explain', LOG, '1');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^TURN +TIME +STATE +WHAT +RULE$/m);
    expect(stdout).toMatch(
      /^2 +1970-01-01T00:00:00Z +waiting +asked for: 1 VM of cpu 1, memoryMiB 1024 for PT2H, when possible$/m,
    );
    expect(stdout).toMatch(
      /^4 .* suspension planned, done by 1970-01-01T01:00:00Z +victim-order least-cost@1, suspension all$/m,
    );
    expect(stdout).toMatch(/^ +because its capacity was taken by 3$/m);
    expect(stdout).toMatch(/^10 .* waits until 1970-01-01T01:30:00Z$/m);
    expect(stdout).toMatch(/^1 is done after turn 17\.$/m);
  });

  it('gives programs the same', async () => {
    const story = JSON.parse((await run('audit', 'explain', LOG, '1', '-o', 'json')).stdout);
    expect(story).toMatchObject({ lease: '1', state: 'done', turn: 17 });
    const lines = (await run('audit', 'explain', LOG, '1', '-o', 'ndjson')).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(story.lines);
    expect((await run('audit', 'explain', LOG, '1', '-o', 'yaml')).stdout).toContain('state: done');
  });

  it('reads stores and services, and says which ids are like one that is not there', async () => {
    const id = await submitted('--vms', '1');
    const token = at('token');
    writeFileSync(token, service().token);
    const sources = [[at('data/leasehold.db')], [service().url, '--token-file', token]];
    for (const [source, ...options] of sources) {
      const { code, stdout, stderr } = await run('audit', 'explain', source!, id, ...options);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/ordered to start on node 1/);
    }
    const unknown = await run('audit', 'explain', at('data/leasehold.db'), id.slice(0, -1));
    expect(unknown.code).toBe(3);
    expect(unknown.stderr).toContain(`There are ${id}.`);
    expect((await run('audit', 'explain', at('nowhere.ndjson'), '1')).code).toBe(3);
    expect((await run('audit', 'explain', LOG)).code).toBe(2);
  });
});

describe('leasehold audit diff', built, () => {
  it('says what another policy would have done', async () => {
    writeFileSync(at('policy.yaml'), 'suspension: none\n');
    const { code, stdout, stderr } = await run('audit', 'diff', LOG, '1', '--policy', at('policy.yaml'));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^From turn 1 \(1970-01-01T00:00:00Z\) until turn 17 /);
    expect(stdout).toMatch(/^not over +0 +2$/m);
    expect(stdout).toMatch(/^Decisions first differ at 1970-01-01T00:10:00Z \(turn 4\)\.$/m);
    expect(stdout).toMatch(/^ {2}1: stop planned at/m);
    expect(stdout).toMatch(/^1 +1970-.* done → active +same$/m);
    expect(stdout).toMatch(/^1 of the leases did not run to their end/m);
    const json = JSON.parse(
      (await run('audit', 'diff', LOG, '1', '9', '--policy', at('policy.yaml'), '-o', 'json')).stdout,
    );
    expect(json).toMatchObject({ first: { turn: 1 }, last: { turn: 9 }, firstDifference: { turn: 4 } });
  });

  it('finds nothing where nothing is changed, and says what is wrong with what is asked', async () => {
    writeFileSync(at('same.yaml'), '');
    const same = await run('audit', 'diff', LOG, '5', '12', '--policy', at('same.yaml'));
    expect(same.stdout).toContain('No decision differs.');
    writeFileSync(at('wrong.yaml'), 'backfilling: some\n');
    for (const [args, code] of [
      [['5', '12'], 2],
      [['5', '--policy', at('wrong.yaml')], 78],
      [['99', '--policy', at('same.yaml')], 3],
      [['12', '5', '--policy', at('same.yaml')], 2],
      [['0', '--policy', at('same.yaml')], 2],
    ] as const) {
      const ended = await run('audit', 'diff', LOG, ...args);
      expect(ended.code, ended.stderr).toBe(code);
    }
  });
});

describe('leasehold log', built, () => {
  it('becomes a store from an export, and an export from a store', async () => {
    const imported = await run('log', 'import', LOG, at('copy.db'));
    expect(imported, imported.stderr).toMatchObject({ code: 0, stdout: '17 turns\n' });
    expect((await run('audit', at('copy.db'))).code).toBe(0);
    const again = await run('log', 'import', LOG, at('copy.db'));
    expect(again).toMatchObject({ code: 78, stderr: expect.stringContaining('is there already') });
    expect((await run('log', 'stats', at('copy.db'), '-o', 'json')).stdout).toContain('"turns": 17');
    // An export keeps hashes: what was altered in it is not taken in.
    await run('log', 'export', at('copy.db'), at('copy.gz'));
    const text = gunzipSync(readFileSync(at('copy.gz'))).toString();
    writeFileSync(at('altered.ndjson'), text.replace('"duration":7200000', '"duration":7100000'));
    expect(await run('log', 'import', at('altered.ndjson'), at('altered.db'))).toMatchObject({ code: 65 });
    expect(await run('log', 'import', at('copy.gz'), at('again.db'))).toMatchObject({ code: 0, stdout: '17 turns\n' });
    await run('log', 'export', at('again.db'), at('again.gz'));
    expect(readFileSync(at('again.gz'))).toEqual(readFileSync(at('copy.gz')));
  });

  it('is told in sentences, all of it or what is about a lease', async () => {
    await run('log', 'import', LOG, at('told.db'));
    const tail = await run('log', 'tail', at('told.db'), '-n', '1', '-o', 'table');
    expect(tail.code, tail.stderr).toBe(0);
    expect(tail.stdout).toMatch(/^ +TURN {2}TIME +WHAT$/m);
    expect(tail.stdout).toMatch(/^ +17 {2}1970-\S+ +7: its VMs are off the nodes$/m);
    const of = (await run('log', 'tail', at('told.db'), '-n', '100', '-o', 'table', '--lease', '3')).stdout;
    expect(of).toMatch(/ 3: asked for/);
    expect(of).toMatch(/ 1: suspension planned/);
    expect(of).not.toMatch(/ 2: /);
    const turns = (await run('log', 'tail', at('told.db'), '-n', '2', '--lease', '3')).stdout.trim().split('\n');
    expect(turns).toHaveLength(2);
    for (const line of turns) expect(line).toContain('"lease":"3"');
  });
});
