/** Asking before doing, and looking at what was done: slots, dry runs, lists by name, and what has changed. */

import { describe, expect, it } from 'vitest';
import { built, commandLine } from '../support/command-line.js';

const { run, submitted } = commandLine('4x cpu=8,memory=32GiB');

/** Everything on the site, for an hour from then on. */
const ALL = ['--vms', '4', '--cpu', '8'];

describe('slots', built, () => {
  it('are the times at which there is room, as a table and as the API has them', async () => {
    await submitted(...ALL, '--at', '2030-01-01T09:00Z');
    const asked = ['slots', '--vms', '3', '--cpu', '8', '--duration', '30m', '--from', '2030-01-01T09:15Z'];
    const { stdout, stderr, code } = await run(...asked, '--utc');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^FROM +LATEST START +TO +VMS +LONGEST\n2030-01-01 10:00:00Z +any time +open +4 +any\n$/);
    const before = ['--from', '2030-01-01T08:00Z', '--to', '2030-01-01T09:00Z'];
    const [slot] = JSON.parse((await run(...asked, ...before, '-o', 'json')).stdout).items;
    expect(slot).toEqual({
      from: '2030-01-01T08:00:00Z',
      to: '2030-01-01T09:00:00Z',
      latestStart: '2030-01-01T08:30:00Z',
      vms: 4,
      longest: 'PT1H',
    });
    const one = await run(...asked, '--from', '2030-01-01T08:00Z', '--limit', '1', '-o', 'name');
    expect(one.stdout).toBe('2030-01-01T08:00:00Z\n');
    expect(one.stderr).toContain('--from 2030-01-01T08:30:00.001Z');
  });

  it('that are not there are no success', async () => {
    const { code, stderr, stdout } = await run('slots', '--vms', '5', '--cpu', '8', '--duration', '1h', '-o', 'json');
    expect(code).toBe(4);
    expect(JSON.parse(stdout).items).toEqual([]);
    expect(stderr).toContain('leasehold quote');
    expect((await run('slots', '--duration', '1h')).stderr).toContain('--cpu');
    const where = await run('slots', '--cpu', '1', '--duration', '1h', '--where', 'memory >');
    expect([where.code, where.stderr]).toEqual([2, expect.stringContaining('where')]);
  });
});

describe('a dry run', built, () => {
  it('says what would follow, and does nothing', async () => {
    const id = await submitted('--at', '+5h', '--name', 'keep');
    const head = (await run('diff', '1', '-o', 'json')).stdout;
    const submit = await run('submit', '--cpu', '1', '--duration', '1h', '--at', '+6h', '--dry-run', '--wait');
    expect(submit.code).toBe(0);
    expect(submit.stdout).toMatch(/^What would follow in turn \d+:\n {2}LeaseRequested {2}L\w+\n {2}Reserved/);
    expect(submit.stdout).toMatch(/^state +reserved$/m);
    expect(submit.stderr).toContain('nothing was done');
    const cancel = await run('cancel', id, '--dry-run', '-o', 'json');
    expect(JSON.parse(cancel.stdout)).toMatchObject({ dryRun: true, lease: { id, state: 'cancelled' } });
    expect((await run('extend', id, '--by', '1h', '--dry-run')).stdout).toMatch(/^duration +2h$/m);
    expect((await run('node', 'drain', '4', '--dry-run')).stdout).toMatch(/NodeDrained +4/);
    expect((await run('policy', 'adopt', '--set', 'backfilling=none', '--dry-run')).stdout).toContain('PolicyAdopted');
    expect((await run('project', 'create', 'render', '--dry-run')).code).toBe(0);
    expect((await run('diff', '1', '-o', 'json')).stdout).toBe(head);
  });

  it('of what would be refused is no success', async () => {
    await submitted(...ALL, '--at', '2031-01-01T09:00Z');
    const refused = await run('submit', ...ALL, '--duration', '1h', '--at', '2031-01-01T09:30Z', '--dry-run');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('it would be refused: not enough cpu');
    expect((await run('cancel', 'L1', '--dry-run')).code).toBe(3);
  });
});

describe('leases', built, () => {
  it('are found by their name', async () => {
    const id = await submitted('--name', 'needle', '--at', '+3h');
    await submitted('--name', 'hay', '--at', '+3h');
    expect((await run('ls', '--name', 'needle', '-o', 'name')).stdout).toBe(`${id}\n`);
    expect((await run('ls', '--name', 'Not a name')).code).toBe(2);
  });
});

describe('what has changed', built, () => {
  it('is told between two turns or times, a member a line', async () => {
    const id = await submitted('--name', 'film', '--at', '+3h');
    const { turn } = JSON.parse((await run('show', id, '-o', 'json')).stdout);
    await run('extend', id, '--by', '30m');
    const { stdout, code } = await run('diff', String(turn));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ID +WHAT +CHANGE +MEMBER +BEFORE +AFTER$/m);
    expect(stdout).toMatch(new RegExp(`^${id} +lease +changed +duration +PT1H +PT1H30M$`, 'm'));
    expect((await run('diff', String(turn - 1))).stdout).toMatch(new RegExp(`^${id} +lease +appeared .*film$`, 'm'));
    expect((await run('diff', String(turn), String(turn))).stdout).toBe('ID  WHAT  CHANGE  MEMBER  BEFORE  AFTER\n');
    const [change] = JSON.parse((await run('diff', String(turn), 'now', '-o', 'json')).stdout);
    expect(change).toMatchObject({ id, change: 'changed', before: { duration: 'PT1H' } });
    const wrong = await run('diff', 'yesteryear');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('<from> "yesteryear"')]);
    expect((await run('diff', '3', '2')).code).toBe(2);
  });
});
