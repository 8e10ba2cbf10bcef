/** `leasehold workload …` as people and scripts call it. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.js';
import { leasehold, temporaryDirectory } from '../support/process.js';

const built = needs('build');
const MIXED = fileURLToPath(new URL('../../simulations/samples/mixed.xml', import.meta.url));

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const place = (name: string) => join(directory.path, name);

describe('leasehold workload', built, () => {
  it('converts, and the result is simulated like the original', async () => {
    const { code, stdout, stderr } = await leasehold(['workload', 'convert', MIXED, '--out', place('m.yaml')]);
    expect([code, stdout, stderr]).toEqual([0, '', `7 leases written to ${place('m.yaml')}; nothing lost\n`]);
    const [first, second] = await Promise.all(
      [MIXED, place('m.yaml')].map((trace) => leasehold(['simulate', trace, '-o', 'json'])),
    );
    expect(JSON.parse(second!.stdout).digest).toBe(JSON.parse(first!.stdout).digest);
  });

  it('tells losses on stderr for people, and as JSON on stdout for programs', async () => {
    const table = await leasehold(['workload', 'convert', MIXED, '--to', 'batsim']);
    expect(JSON.parse(table.stdout).jobs).toHaveLength(7);
    expect(table.stderr).toMatch(/^left out +7 +\d+ +memory of VMs$/m);
    const json = await leasehold(['workload', 'convert', MIXED, '--out', place('m.swf'), '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ from: 'lwf', to: 'swf', leases: 7, losses: expect.any(Array) });
    expect(readFileSync(place('m.swf'), 'utf8')).toContain('; MaxProcs: 4\n');
  });

  it('sorts a trace that is out of order, also while it is streamed', async () => {
    const row = (id: number, submit: number) => `${id} ${submit} -1 50 1 -1 -1 1 60 -1 1 1 1 1 1 1 -1 -1\n`;
    writeFileSync(place('t.swf'), `; MaxProcs: 4\n${row(1, 50)}${row(2, 10)}`);
    for (const out of ['-', place('t.csv')]) {
      const { code, stdout } = await leasehold(['workload', 'convert', place('t.swf'), '--to', 'csv', '--out', out]);
      const text = out === '-' ? stdout : readFileSync(out, 'utf8');
      expect([code, ...text.split('\n').map((line) => line.slice(0, 5))]).toEqual([0, 'id,su', '2,0,6', '1,40,', '']);
    }
  });

  it('draws the same workload for the same seed', async () => {
    const draw = (seed: string) =>
      leasehold(['workload', 'generate', 'lublin', '--jobs', '50', '--procs', '16', '--seed', seed]);
    const [first, again, other] = [await draw('1'), await draw('1'), await draw('2')];
    expect(first!.stdout).toContain('; MaxProcs: 16\n');
    expect(again!.stdout).toBe(first!.stdout);
    expect(other!.stdout).not.toBe(first!.stdout);
  });

  it('annotates and measures', async () => {
    writeFileSync(place('a.conf'), '[user-rate]\ndistribution: uniform\nmin: 1\nmax: 2\n');
    const args = ['workload', 'annotate', MIXED, '--config', place('a.conf'), '--out', place('a.lwfa')];
    expect((await leasehold(args)).stderr).toContain('7 annotations written');
    expect(readFileSync(place('a.lwfa'), 'utf8').match(/simul_userrate/g)).toHaveLength(7);
    const stats = await leasehold(['workload', 'stats', MIXED]);
    expect(stats.stdout).toMatch(/^leases +7: 4 best-effort, 2 immediate, 1 advance$/m);
    expect(stats.stdout).toMatch(/^utilisation, requested +151\.56 %$/m);
  });

  it('says what is wrong, and leaves no file behind', async () => {
    writeFileSync(place('bad.csv'), 'submit,duration,vms\n0,soon,1\n');
    for (const [args, code, message] of [
      [['convert', place('bad.csv'), '--out', place('x.xml')], 1, 'bad.csv:2: duration: "soon" is no time'],
      [['convert', MIXED], 2, '--to swf|lwf|yaml|csv|batsim'],
      [['convert', MIXED, '--out', place('x.xml'), '--from-time', 'noon'], 2, '--from-time noon is no time'],
      [['convert', MIXED, '--out', place('x.xml'), '--memory', 'lots'], 2, '--memory lots'],
      [['convert', place('none.swf'), '--out', place('x.xml')], 2, 'no such file'],
      [['convert', MIXED, '--out', place('x.xml'), '--from-time', '9d'], 1, 'no lease is left'],
      [['annotate', '--config', place('bad.csv')], 2, '--count N'],
      [['generate', 'downey', '--load', '0'], 2, 'above 0'],
    ] as const) {
      const ended = await leasehold(['workload', ...args]);
      expect([ended.code, ended.stderr], args.join(' ')).toEqual([code, expect.stringContaining(message)]);
      expect(existsSync(place('x.xml'))).toBe(false);
    }
  });
});
