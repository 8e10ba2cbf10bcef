/** The commands that talk to the service, against a real one: what they print, and how they end. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { built, commandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { type Ended, leasehold } from '../support/process.js';

const { run, submitted, service, directory } = commandLine('4x cpu=8,memory=32GiB');

async function cancelAll(): Promise<void> {
  const { stdout } = await run('ls', '--state', 'waiting,reserved,starting,active', '-o', 'json');
  for (const { id } of JSON.parse(stdout)) await service().ask('DELETE', `/v1/leases/${id}`);
  await eventually(
    async () => (await service().ask('GET', '/v1/leases?state=active,stopping')).json().items.length,
  ).toBe(0);
}

describe('a lease', built, () => {
  it('is asked for, listed, shown and cancelled', async () => {
    const at = new Date(Date.now() + 7_200_000).toISOString();
    const { stdout, code } = await run(
      ...['submit', '--vms', '2', '--cpu', '1.5', '--memory', '4GiB', '--duration', '1h30m', '--at', at],
      ...['--name', 'film', '--user', 'ada', '--label', 'team=x', '--not-preemptible', '-o', 'json'],
      ...['--where', 'cpu >= 1.5', '--rank', '-vms', '--on', 'n2,1', '--priority', '5', '--max-rate', '0.25'],
    );
    expect(code).toBe(0);
    const lease = JSON.parse(stdout);
    expect(lease).toMatchObject({
      name: 'film',
      user: 'ada',
      state: 'reserved',
      kind: 'advance',
      duration: 'PT1H30M',
      preemptible: false,
      priority: 5,
      maxRate: 0.25,
      labels: { team: 'x' },
      where: { labels: {}, requirements: 'cpu >= 1.5', rank: '-vms', nodes: [2, 1] },
      groups: [{ vms: 2, resources: { cpu: 1.5, memoryMiB: 4096 } }],
    });
    const listed = await run('ls', '--user', 'ada');
    expect(listed.stdout).toMatch(/^ID +NAME +STATE +KIND +VMS/);
    expect(listed.stdout).toContain(lease.id);
    expect((await run('show', lease.id)).stdout).toMatch(/^state +reserved$/m);
    const cancelled = await run('lease', 'cancel', lease.id);
    expect(cancelled.stdout).toMatch(/^state +cancelled$/m);
    expect((await run('cancel', lease.id)).code).toBe(5);
  });

  it('is printed in every format, with whole ids', async () => {
    const id = await submitted('--name', 'formats');
    const json = JSON.parse((await run('ls', '-o', 'json')).stdout);
    expect(json.map((lease: { id: string }) => lease.id)).toContain(id);
    const lines = (await run('ls', '-o', 'ndjson')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
    expect(parse((await run('ls', '-o', 'yaml')).stdout)).toEqual(json);
    const [head, ...rows] = (await run('ls', '-o', 'csv')).stdout.trimEnd().split('\r\n');
    expect(head).toBe('id,name,state,kind,vms,submitted,start,until,nodes');
    expect(rows).toHaveLength(json.length);
    expect(rows.find((row) => row.startsWith(`${id},formats,`))).toBeDefined();
    expect((await run('ls', '--limit', '1', '-o', 'json')).stdout).toContain(id);
  });

  it('is explained in sentences that name who is in the way', async () => {
    await cancelAll();
    const running = await submitted('--vms', '4', '--cpu', '8', '--not-preemptible', '--wait');
    const waiting = await submitted('--vms', '4', '--cpu', '8');
    const { stdout, code } = await run('why', waiting);
    expect(code).toBe(0);
    expect(stdout).toContain(`${waiting} is waiting.`);
    expect(stdout).toMatch(
      new RegExp(`Because not enough cpu is free \\(32 needed, 0 there\\); held by ${running}, until 20`),
    );
    const json = JSON.parse((await run('why', waiting, '-o', 'json')).stdout);
    expect(json.now.reasons[0].blockers).toEqual([running]);
    expect((await run('why', running)).stdout).toMatch(/turn \d+: ordered to start/);
    await cancelAll();
  });

  it('is listed by what is known of it, and as it was before', async () => {
    const id = await submitted('--label', 'team=past', '--at', '+9h');
    const { turn } = JSON.parse((await run('show', id, '-o', 'json')).stdout);
    await run('cancel', id);
    expect((await run('ls', '--label', 'team=past', '-o', 'name')).stdout).toBe(`${id}\n`);
    expect((await run('ls', '--label', 'team=future', '-o', 'name')).stdout).toBe('');
    expect((await run('show', id)).stdout).toMatch(/^state +cancelled$/m);
    const then = String(turn);
    expect((await run('show', id, '--as-of', then)).stdout).toMatch(/^state +reserved$/m);
    expect((await run('why', id, '--as-of', then)).stdout).toContain(`${id} is reserved.`);
    expect((await run('ls', '--state', 'reserved', '--as-of', then, '-o', 'name')).stdout).toContain(id);
    expect((await run('node', 'list', '--as-of', '1', '-o', 'name')).stdout).toBe('1\n2\n3\n4\n');
    expect((await run('show', id, '--as-of', '99999999')).code).toBe(2);
    expect((await run('ls', '-w', '--as-of', then)).code).toBe(2);
  });

  it('is waited for', async () => {
    const { code, stdout } = await run('submit', '--cpu', '1', '--duration', '1h', '--wait');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^state +active$/m);
    await cancelAll();
    await submitted('--vms', '4', '--cpu', '8', '--not-preemptible', '--wait');
    const late = await run('submit', '--cpu', '8', '--duration', '1h', '--wait', '--timeout', '1s');
    expect(late.code).toBe(124);
    expect(late.stderr).toContain('is still waiting');
    await cancelAll();
  });
});

describe('nodes and events', built, () => {
  it('are listed, drained and restored', async () => {
    expect((await run('node', 'drain', '4')).stdout).toMatch(/^status +draining$/m);
    const nodes = JSON.parse((await run('node', 'list', '-o', 'json')).stdout);
    expect(nodes.map(({ status }: { status: string }) => status)).toEqual(['up', 'up', 'up', 'draining']);
    expect((await run('node', 'restore', '4')).code).toBe(0);
    expect((await run('node', 'restore', '4')).code).toBe(5);
    expect((await run('node', 'drain', '5')).code).toBe(3);
  });

  it('are printed as the log is, and can be audited', async () => {
    const { stdout, code } = await run('events');
    expect(code).toBe(0);
    const turns = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(turns.map(({ number }) => number)).toEqual(turns.map((_, i) => i + 1));
    const file = join(directory(), 'turns.ndjson');
    writeFileSync(file, stdout);
    for (const log of [file, service().url]) {
      const audit = await run('audit', log);
      expect(audit, log).toMatchObject({ code: 0, stderr: '' });
    }
    const tampered = turns.findIndex(({ decisions }) =>
      decisions.some(({ type }: { type: string }) => type === 'StartOrdered'),
    );
    turns[tampered].decisions = [];
    writeFileSync(file, turns.map((turn) => `${JSON.stringify(turn)}\n`).join(''));
    const audit = await run('audit', file);
    expect(audit.code).toBe(67);
    expect(audit.stdout).toContain(`DIFFERS at turn ${tampered + 1}`);
    expect(audit.stdout).toContain('StartOrdered');
  });
});

describe('what goes wrong', built, () => {
  it('ends with a code that scripts can tell apart, and says what to do', async () => {
    const submit = (...args: string[]) => run('submit', '--cpu', '1', '--duration', '1h', ...args);
    const cases: readonly (readonly [Promise<Ended>, number, string])[] = [
      [run('show', 'Lnone'), 3, 'leasehold ls'],
      [submit('--cpu', '9'), 4, 'too small for it, even when empty; the largest node n1 has cpu 8,'],
      [submit('--at', '2020-01-01T00:00:00Z'), 2, 'the start lies in the past'],
      [submit('--at', 'the other day'), 2, 'tomorrow 9:00'],
      [submit('--duration', 'long'), 2, 'must be a duration'],
      [submit('--tz', 'Mars/Olympus'), 2, 'Europe/Paris'],
      [submit('--not-before', '+1h'), 2, '--by'],
      [run('ls', '--columns', 'id,colour'), 2, 'There are id, name, state'],
      [run('ls', '-w', '-o', 'json'), 2, 'ndjson'],
      [run('wait', 'L1', '--for', 'state=happy'), 2, 'states: waiting'],
      [run('ls', '--context', 'lab'), 3, 'leasehold context set lab'],
      [submit('--resource', 'fpga=1'), 2, 'is not a resource of this site; it has cpu, memoryMiB'],
      [submit('--memory', '4GB'), 2, '512MiB, 4GiB, 1TiB'],
      [submit('--now', '--before', '2099-01-01T00:00:00Z'), 2, 'cannot be used with'],
      [submit('--timeout', '5s'), 2, '--wait'],
      [run('submit', '--duration', '1h'), 2, 'what does each VM need?'],
      [run('submit', '--cpu', '1'), 2, '--duration'],
      [run('ls', '--nonsense'), 2, "unknown option '--nonsense'"],
      [run('nonsense'), 2, "unknown command 'nonsense'"],
      [run('ls', '--url', 'ftp://x'), 2, 'not an http or https URL'],
      [run('ls', '--url', 'http://127.0.0.1:1'), 7, 'leasehold serve'],
      [run('ls', '--token-file', '/nonexistent'), 6, 'cannot be read'],
      [run('audit', '/nonexistent'), 3, '/nonexistent'],
    ];
    for (const [running, code, text] of cases) {
      const ended = await running;
      expect(ended.stderr).toContain(text);
      expect(ended.code, ended.stderr).toBe(code);
      expect(ended.stdout).toBe('');
      expect(ended.stderr).not.toContain('    at ');
    }
  });

  it('is that the token is not the right one', async () => {
    const env = { LEASEHOLD_URL: service().url, LEASEHOLD_TOKEN: 'wrong' };
    const { code, stderr } = await leasehold(['ls'], { cwd: directory(), env });
    expect(code).toBe(6);
    expect(stderr).toContain('--token-file');
  });

  it('names the room that there would be later', async () => {
    await cancelAll();
    await submitted('--vms', '4', '--cpu', '8', '--not-preemptible', '--wait');
    const refused = await run('submit', '--cpu', '1', '--duration', '1h', '--now');
    expect(refused.code).toBe(4);
    const at = /try --at (\S+)/.exec(refused.stderr)![1]!;
    expect((await run('submit', '--cpu', '1', '--duration', '1h', '--at', at)).code).toBe(0);
    await cancelAll();
  });
});

describe('somebody who may not read the log', built, () => {
  it('waits for their lease, and follows what they see of the log', async () => {
    const foreign = await submitted();
    const made = await run('token', 'create', '--subject', 'ann', '--role', 'user', '-o', 'json');
    const env = { LEASEHOLD_URL: service().url, LEASEHOLD_TOKEN: JSON.parse(made.stdout).token as string };
    const as = (...args: string[]): Promise<Ended> => leasehold(args, { cwd: directory(), env });
    const waited = await as('submit', '--cpu', '1', '--duration', '1h', '--wait', '-o', 'json');
    expect(waited, waited.stderr).toMatchObject({ code: 0 });
    const { id, state } = JSON.parse(waited.stdout);
    expect(state).toBe('active');
    const { stdout, code } = await as('events');
    expect(code).toBe(0);
    expect(stdout).toContain(id);
    expect(stdout).not.toContain(foreign);
  });
});
