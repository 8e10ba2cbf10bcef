/** What hosts and VMs use, on the command line: what nobody has measured is unknown, and why is said. */

import { describe, expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';

const { run, submitted } = commandLine('2x cpu=8,memory=32GiB');

describe('usage', built, () => {
  it('of nodes that are simulated is unknown, and not 0', async () => {
    const { stdout, code } = await run('node', 'usage');
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^NUMBER +LOAD +AT +CPU +MEMORY MIB +DISK MIB +GPUS +VMS +WHY$/);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatch(/(unknown +){5}nodes are simulated here/);
    const one = await run('node', 'usage', '2', '-o', 'json');
    expect(JSON.parse(one.stdout)).toMatchObject([{ number: 2, why: expect.stringContaining('simulated') }]);
    expect((await run('node', 'usage', '3')).code).toBe(3);
  });

  it('of the VMs of a lease is nothing where nothing is measured, and why is said beside it', async () => {
    const { stdout, stderr, code } = await run('lease', 'usage', await submitted());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VM +NODE/);
    expect(stderr).toContain('simulated');
  });

  it('is shown again and again as lines, not as one document', async () => {
    expect((await run('node', 'usage', '-w', '-o', 'json')).code).toBe(2);
  });
});
