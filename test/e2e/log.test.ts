/** `leasehold log`, as an operator uses it. */

import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

let directory: ReturnType<typeof temporaryDirectory>;
let service: ServedProcess;
beforeEach(async () => {
  directory = temporaryDirectory();
  service = await ServedProcess.start(directory.path, []);
});
afterEach(async () => {
  await service.signal('SIGKILL');
  directory.remove();
});

const at = (...names: string[]): string => join(directory.path, ...names);
const SMALL = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };

describe('the log of a service', needs('build'), () => {
  it('is shown, exported and copied while the service runs, and put back after it was lost', async () => {
    const store = at('data', 'leasehold.db');
    for (let i = 0; i < 3; i++) await service.ask('POST', '/v1/leases', SMALL);
    const stats = JSON.parse((await leasehold(['log', 'stats', store, '-o', 'json'])).stdout);
    expect(stats).toMatchObject({ epoch: 1, leases: 3 });
    const tail = (await leasehold(['log', 'tail', store, '-n', '2'])).stdout.trim().split('\n');
    expect(tail.map((line) => JSON.parse(line).number)).toEqual([stats.turns - 1, stats.turns]);

    expect((await leasehold(['log', 'export', store, at('turns.ndjson.gz')])).code).toBe(0);
    expect(
      gunzipSync(readFileSync(at('turns.ndjson.gz')))
        .toString()
        .trim()
        .split('\n').length,
    ).toBeGreaterThan(2);
    expect((await leasehold(['audit', at('turns.ndjson.gz')])).code).toBe(0);
    expect((await leasehold(['log', 'export', store, at('turns.ndjson.gz')])).code).toBe(2);

    expect((await leasehold(['log', 'backup', store, at('copy.db')])).code).toBe(0);
    expect((await leasehold(['audit', at('copy.db')])).code).toBe(0);
    await service.ask('POST', '/v1/leases', SMALL);
    await service.signal('SIGKILL');
    for (const end of ['', '-wal', '-shm']) rmSync(`${store}${end}`, { force: true });
    const refused = await leasehold(['log', 'restore', at('copy.db'), store]);
    expect(refused).toMatchObject({ code: 66, stderr: expect.stringContaining('--accept-loss') });
    const restored = await leasehold(['log', 'restore', at('copy.db'), store, '--accept-loss']);
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('are lost') });
    service = await ServedProcess.start(directory.path, []);
    expect((await service.ask('GET', '/v1/leases')).json().items).toHaveLength(3);
  });
});

describe('a project', needs('build'), () => {
  it('is forgotten while the service runs', async () => {
    await service.signal('SIGTERM');
    service = await ServedProcess.start(directory.path, ['--personal-keys', at('keys')]);
    const asked = { ...SMALL, name: 'thesis-of-ada', project: 'maths' };
    const { id } = (await service.ask('POST', '/v1/leases', asked)).json();
    const name = async () => (await service.ask('GET', `/v1/leases/${id}`)).json().name;
    expect(await name()).toBe('thesis-of-ada');
    const forget = () => leasehold(['log', 'forget', 'maths', '--personal-keys', at('keys')]);
    expect(await forget()).toMatchObject({ code: 0, stdout: '1 key destroyed\n' });
    expect(await name()).toBeNull();
    expect(await forget()).toMatchObject({ code: 3, stderr: expect.stringContaining('no key of project "maths"') });
    expect((await leasehold(['audit', at('data', 'leasehold.db')])).code).toBe(0);
  });
});

describe('the beginning of a log', needs('build'), () => {
  it('is sealed, may be kept elsewhere, and is read where it is there', async () => {
    const store = at('data', 'leasehold.db');
    for (let i = 0; i < 5; i++) await service.ask('POST', '/v1/leases', SMALL);
    await eventually(async () => (await service.ask('GET', '/v1/leases?state=active')).json().items.length).toBe(5);
    const list = (await service.ask('GET', '/v1/leases')).json();
    expect(await leasehold(['log', 'seal', store, '--before', '4'])).toMatchObject({ code: 75 });
    await service.signal('SIGTERM');
    const sealed = await leasehold(['log', 'seal', store, '--before', '4']);
    expect(sealed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^turns 1 to 4, [0-9a-f]{64}: /) });
    expect((await leasehold(['audit', store])).code).toBe(0);
    await ServedProcess.start(directory.path, []).then((again) => again.signal('SIGTERM'));
    expect((await leasehold(['log', 'seal', store, '--before', '6'])).stdout).toContain('turns 5 to 6');
    const later = at('data', 'leasehold.db.sealed', '000000000005-000000000006.ndjson.gz');
    expect((await leasehold(['audit', 'verify', later])).code).toBe(0);
    expect((await leasehold(['audit', later])).code).toBe(67);

    renameSync(`${store}.sealed`, at('elsewhere'));
    service = await ServedProcess.start(directory.path, []);
    expect((await service.ask('GET', '/v1/leases')).json()).toEqual(list);
    const audit = await leasehold(['audit', store]);
    expect(audit).toMatchObject({ code: 66, stderr: expect.stringContaining('bring it back') });
    renameSync(at('elsewhere'), `${store}.sealed`);
    expect((await leasehold(['audit', store])).code).toBe(0);
    expect(await leasehold(['log', 'seal', store, '--before', 'yesterday'])).toMatchObject({ code: 2 });
  });
});
