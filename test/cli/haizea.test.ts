/** The command line for Haizea's files, in this process. */

import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../cli/program.js';
import { temporaryDirectory } from '../support/process.js';

const CASE = 'test/data/haizea/02_ar_preempts_be_suspend_resume';
const MULTI = `[multi]
tracefiles: workload.xml
[common:general]
mode: simulated
[common:simulation]
clock: simulated
starttime: 2006-11-25 13:00:00
resources: in-tracefile
imagetransfer-bandwidth: 100
[common:scheduling]
suspension: none
[off:scheduling]
backfilling: off
[easy:scheduling]
backfilling: aggressive
`;

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
  copyFileSync(join(CASE, 'workload.xml'), join(directory.path, 'workload.xml'));
});
afterEach(() => {
  vi.restoreAllMocks();
  directory.remove();
});

/** Runs a command here, with what it prints. */
async function leasehold(...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text, encodingOrDone?: unknown, done?: unknown) => {
      printed[stream] += text;
      const then = typeof encodingOrDone === 'function' ? encodingOrDone : done;
      if (typeof then === 'function') then();
      return true;
    });
  }
  const code = await main(args);
  vi.restoreAllMocks();
  return { code, ...printed };
}

describe('leasehold haizea expand', () => {
  test('writes configurations, which can be simulated as they are', async () => {
    const multi = join(directory.path, 'multi.conf');
    const out = join(directory.path, 'configs');
    writeFileSync(multi, MULTI);
    const expanded = await leasehold('haizea', 'expand', multi, '--out', out, '-o', 'json');
    expect(expanded.code, expanded.stderr).toBe(0);
    expect(JSON.parse(expanded.stdout).map(({ name }: { name: string }) => name)).toEqual([
      'off_workload',
      'easy_workload',
    ]);
    for (const name of readdirSync(out)) {
      const simulated = await leasehold('simulate', '--haizea-config', join(out, name), '-o', 'json');
      expect(simulated.code, simulated.stderr).toBe(0);
      expect(JSON.parse(simulated.stdout)).toMatchObject({ leases: 2 });
      expect(simulated.stderr).toBe('');
    }
  });

  test('says what is wrong', async () => {
    const one = await leasehold('haizea', 'expand', join(CASE, 'config'), '--out', directory.path);
    expect(one).toMatchObject({ code: 78, stdout: '' });
    expect(one.stderr).toBe(
      `leasehold: ${join(CASE, 'config')}: has no section [multi]\n` +
        '  A configuration of one run is run as it is: leasehold simulate --haizea-config FILE.\n',
    );
    expect((await leasehold('haizea', 'expand', 'multi.conf')).code).toBe(2);
  });
});

describe('leasehold simulate --haizea-config', () => {
  test('excludes other policies, and needs a trace or a configuration', async () => {
    const config = join(CASE, 'config');
    for (const args of [
      ['simulate'],
      ['simulate', '--haizea-config', config, '--policy', 'p.yaml'],
      ['simulate', '--haizea-config', config, '--backfilling', 'easy'],
      ['simulate', '--haizea-config', 'missing'],
    ]) {
      const { code, stdout, stderr } = await leasehold(...args);
      expect(code, stderr).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^leasehold: .+\n {2}.+\n$/);
    }
  });
});
