/** Commands that change leases, and series of leases, against a real service: what they print, and how they end. */

import { describe, expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import type { Ended } from '../support/process.js';

const { run, submitted, service } = commandLine('4x cpu=8,memory=32GiB');

const stateOf = async (id: string): Promise<string> => (await service().ask('GET', `/v1/leases/${id}`)).json().state;

describe('a lease', built, () => {
  it('is held and released, and others follow it', async () => {
    const id = await submitted('--hold');
    const follower = await submitted('--after', `${id}:start`);
    const shown = await run('show', id);
    expect(shown.stdout).toMatch(/^state +waiting$/m);
    expect(shown.stdout).toMatch(/^on hold +yes$/m);
    expect((await run('show', follower)).stdout).toMatch(new RegExp(`^after +start of ${id}$`, 'm'));
    expect((await run('why', follower)).stdout).toContain(`Because it follows ${id}.`);
    expect((await run('why', id)).stdout).toContain('Because it is on hold until it is released.');
    expect((await run('release', id)).stdout).not.toMatch(/^on hold +yes$/m);
    await eventually(() => stateOf(follower)).toBe('active');
    const { code, stderr } = await run('lease', 'hold', id);
    expect(code).toBe(5);
    expect(stderr).toContain(`lease ${id} is active; only leases that wait can be held [lease-state]`);
  });

  it('lasts longer or shorter', async () => {
    const id = await submitted();
    await eventually(() => stateOf(id)).toBe('active');
    expect((await run('lease', 'extend', id, '3h')).stdout).toMatch(/^duration +3h$/m);
    expect((await run('extend', id, '90m')).stdout).toMatch(/^duration +1h30m$/m);
    const { code, stderr } = await run('extend', id, 'soon');
    expect(code).toBe(2);
    expect(stderr).toContain('<duration> "soon" must be a duration');
  });

  it('has larger or smaller VMs', async () => {
    const waiting = await submitted('--hold');
    expect((await run('resize', waiting, '--cpu', '3', '--memory', '2GiB')).stdout).toMatch(
      /^each +cpu=3 memoryMiB=2048$/m,
    );
    const id = await submitted('--max-cpu', '2');
    await eventually(() => stateOf(id)).toBe('active');
    expect((await run('lease', 'resize', id, '--cpu', '2')).code).toBe(0);
    const { code, stderr } = await run('resize', id, '--cpu', '4');
    expect(code).toBe(5);
    expect(stderr).toContain('at most 2 cpu each, and would have to be stopped for more');
    expect((await run('resize', id)).code).toBe(2);
    expect((await run('confirm', id)).code).toBe(5);
    expect((await run('resize', id, '--cpu', '1', '--revert-after', '1h')).code).toBe(0);
    await eventually(async () => (await run('show', id)).stdout).toMatch(/^goes back +\S/m);
    expect((await run('revert', id)).code).toBe(0);
    await eventually(async () => (await run('show', id)).stdout).toMatch(/^each +cpu=2$/m);
  });

  it('is paused, which it says as long as it is', async () => {
    const id = await submitted();
    await eventually(() => stateOf(id)).toBe('active');
    expect((await run('show', id)).stdout).not.toContain('conditions');
    expect((await run('pause', id)).code).toBe(0);
    await eventually(async () => (await run('show', id)).stdout).toMatch(/^conditions +paused$/m);
    expect((await run('unpause', id)).code).toBe(0);
    await eventually(async () => (await run('show', id)).stdout).not.toContain('conditions');
  });

  it('that nobody knows is not changed', async () => {
    for (const args of [
      ['hold', 'L1'],
      ['release', 'L1'],
      ['extend', 'L1', '3h'],
    ])
      expect((await run(...args)).code).toBe(3);
  });
});

describe('a series', built, () => {
  const series = (...args: string[]): Promise<Ended> =>
    run('submit', '--cpu', '1', '--duration', '1h', '--at', later(30), ...args);

  it('is listed when it is asked for', async () => {
    const { code, stdout } = await series('--every', '24h', '--times', '3', '-o', 'json');
    expect(code).toBe(0);
    const leases = JSON.parse(stdout) as { id: string; state: string }[];
    expect(leases.map(({ state }) => state)).toEqual(['reserved', 'reserved', 'reserved']);
    expect(leases[2]!.id).toMatch(/-3$/);
  });

  it('needs both how often and how many times', async () => {
    for (const args of [
      ['--every', '24h'],
      ['--times', '3'],
      ['--every', '1h', '--times', '3', '--wait'],
    ])
      expect((await series(...args)).code).toBe(2);
    const { code, stderr } = await run('submit', '--cpu', '1', '--duration', '1h', '--every', '1h', '--times', '3');
    expect(code).toBe(2);
    expect(stderr).toContain('only advance leases are repeated');
  });
});

function later(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}
