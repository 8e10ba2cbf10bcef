/** What was kept of a log, held against it, as those who kept it do. */

import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

const SUBMIT = ['submit', '--vms', '1', '--cpu', '1', '--duration', '1h'];

describe('a log and what was kept of it', needs('build', 'python3', 'openssl'), () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let service: ServedProcess | null = null;
  const at = (...names: string[]): string => join(directory.path, ...names);
  const store = (): string => at('data/leasehold.db');
  const kept = (): string[] => [
    '--anchors',
    at('anchor'),
    '--checkpoints',
    at('checkpoints.ndjson'),
    '--pubkey',
    at('key.pub'),
    '--receipts',
    at('receipts'),
  ];
  const start = async (): Promise<ServedProcess> => {
    service = await ServedProcess.start(directory.path, [
      '--checkpoints',
      at('checkpoints.ndjson'),
      '--checkpoint-turns',
      '2',
    ]);
    return service;
  };

  beforeAll(async () => {
    directory = temporaryDirectory();
    const first = await start();
    const env = { LEASEHOLD_URL: first.url, LEASEHOLD_TOKEN: first.token };
    for (let i = 0; i < 3; i++) {
      expect((await leasehold([...SUBMIT, '--receipts', at('receipts')], { env })).code).toBe(0);
    }
    await first.signal('SIGTERM');
    copyFileSync(at('data/checkpoint.key.pub'), at('key.pub'));
  });
  afterAll(async () => {
    await service?.signal('SIGKILL');
    directory.remove();
  });

  it('the key is for its owner only', () => {
    expect(statSync(at('data/checkpoint.key')).mode & 0o777).toBe(0o600);
  });

  it('the next start goes on where the log was: receipts of both are true', async () => {
    const again = await start();
    const reply = await again.ask('POST', '/v1/leases', { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' });
    const head = (await again.ask('GET', '/v1/audit/head')).json();
    expect(Number(/^pos=(\d+)/.exec(reply.headers.get('receipt')!)![1])).toBeLessThanOrEqual(head.position);
    const refused = await leasehold(['log', 'key', '--data-dir', at('data'), '--rotate']);
    expect(refused).toMatchObject({ code: 75, stderr: expect.stringContaining('checkpoint.key is in use') });
    await again.signal('SIGTERM');
    copyFileSync(`${store()}.anchor`, at('anchor'));
    const verified = await leasehold(['audit', 'verify', store(), ...kept(), '-o', 'json']);
    expect(verified).toMatchObject({ code: 0 });
    expect(JSON.parse(verified.stdout)).toMatchObject({ hashes: true, faults: [], compared: expect.any(Number) });
    expect(JSON.parse(verified.stdout).compared).toBeGreaterThan(5);
  });

  it('a new key is introduced by the old one: who trusts that one trusts both', async () => {
    const file = ['--checkpoints', at('checkpoints.ndjson')];
    const rotated = await leasehold(['log', 'key', '--data-dir', at('data'), ...file, '--rotate']);
    expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining('"next":"') });
    const again = await start();
    await again.ask('POST', '/v1/leases', { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' });
    await again.signal('SIGTERM');
    const lines = readFileSync(at('checkpoints.ndjson'), 'utf8').trim().split('\n');
    const signers = new Set(lines.map((line) => (JSON.parse(line) as { key: string }).key));
    expect(signers.size).toBe(2);
    expect((await leasehold(['audit', 'verify', '--replay', store(), ...kept()])).code).toBe(0);
    // The key that follows does not vouch for the one before it.
    const shown = await leasehold(['log', 'key', '--data-dir', at('data')]);
    expect(shown.stdout.match(/BEGIN PUBLIC KEY/g)).toHaveLength(2);
  });

  it('the export alone, with the public key, tells as much; to another program, too', async () => {
    const file = at('turns.ndjson.gz');
    const checkpoints = ['--checkpoints', at('checkpoints.ndjson')];
    const exported = await leasehold(['log', 'export', store(), file, ...checkpoints]);
    expect(exported.code).toBe(0);
    const verified = await leasehold(['audit', 'verify', '--replay', file, '--pubkey', at('key.pub'), '-o', 'json']);
    expect(verified.code).toBe(0);
    const found = JSON.parse(verified.stdout);
    expect(found).toMatchObject({ hashes: true, divergence: null });
    expect(found.compared).toBeGreaterThan(3);
    const python = await run('python3', ['docs/verify-log.py', file, ...kept()]);
    expect(python).toEqual({ code: 0, stdout: `${found.head.turn} ${found.head.hash}\n` });
    const forged = at('forged');
    const text = readFileSync(at('checkpoints.ndjson'), 'utf8');
    writeFileSync(
      forged,
      text.replace(/"position":(\d+)/, (_, n) => `"position":${Number(n) + 1}`),
    );
    const other = ['--checkpoints', forged, '--pubkey', at('key.pub')];
    expect((await run('python3', ['docs/verify-log.py', file, ...other])).code).toBe(68);
    expect((await leasehold(['audit', 'verify', file, ...other])).code).toBe(68);
  });

  const damaged = (name: string, sql: string): string => {
    copyFileSync(store(), at(name));
    const db = new Database(at(name));
    db.exec(sql);
    db.close();
    return at(name);
  };

  it('a log without its end: 66, and what is left is replayed', async () => {
    const cut = damaged('cut.db', 'DELETE FROM turns WHERE number > (SELECT max(number) - 2 FROM turns)');
    const audit = await leasehold(['audit', cut, '--anchor', `${store()}.anchor`]);
    expect(audit).toMatchObject({ code: 66, stdout: expect.stringContaining('TRUNCATED') });
    expect(audit.stdout).toContain('every decision is as recorded');
    expect((await leasehold(['audit', 'verify', cut, '--receipts', at('receipts')])).code).toBe(0);
  });

  it('an altered decision: 65 where the log has hashes, and the replay says which', async () => {
    const change = `UPDATE turns SET text = replace(text, '"until":', '"until":1') WHERE number = 2`;
    const audit = await leasehold(['audit', damaged('altered.db', change)]);
    expect(audit).toMatchObject({ code: 65, stdout: expect.stringContaining('BROKEN') });
    expect(audit.stdout).toContain('DIFFERS at turn 2');
    expect(audit.stdout).toContain('turn 2 was altered');
  });

  it('what cannot be done is said', async () => {
    const cases = [
      [['audit', 'verify', store(), '--checkpoints', at('checkpoints.ndjson')], 2, '--pubkey'],
      [['audit', 'verify', store(), '--replay', '--from', '3'], 2, 'exclude each other'],
      [['audit', 'verify', at('nowhere.db')], 3, 'nowhere.db'],
      [['audit', 'verify', 'http://127.0.0.1:1'], 7, 'does not answer'],
      [['audit', 'verify', 'postgresql://nobody@127.0.0.1:1/x'], 7, 'ECONNREFUSED'],
      [['audit', 'verify', store(), '--receipts', store()], 2, 'is no receipt'],
    ] as const;
    for (const [args, code, message] of cases) {
      const ended = await leasehold([...args]);
      expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
      expect(ended.stderr).not.toContain('    at ');
    }
  });
});

function run(command: string, args: readonly string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout) => resolve({ code: Number(error?.code ?? 0), stdout }));
  });
}
