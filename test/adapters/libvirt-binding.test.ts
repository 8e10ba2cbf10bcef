/** The process that talks to libvirt, on libvirt's own driver for tests: hosts that are made up, calls that are real. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectLibvirt } from '../../adapters/libvirt/binding/libvirt.js';
import type { Hypervisor } from '../../adapters/libvirt/hypervisor.js';
import { eventually } from '../support/eventually.js';
import { connected as connect, LIBVIRT_WORKER, lives, workersOf } from '../support/libvirt.js';
import { needs } from '../support/needs.js';

const opened: Hypervisor[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hypervisor) => hypervisor.close()));
});

async function connected() {
  const before = workersOf(process.pid);
  const connection = await connect('test:///default');
  opened.push(connection.hypervisor);
  const [pid = 0] = workersOf(process.pid).filter((worker) => !before.includes(worker));
  return { ...connection, pid };
}

describe('libvirt, through a process beside', needs('build', 'libvirt'), () => {
  test('a host is told of, and what is on it', async () => {
    const { hypervisor } = await connected();
    expect(await hypervisor.host()).toMatchObject({
      driver: 'TEST',
      memoryMiB: 3072,
      arch: 'i686',
      domainTypes: ['test'],
    });
    expect(await hypervisor.domains()).toMatchObject([
      { name: 'test', state: 'running', persistent: true, metadata: null },
    ]);
    expect(await hypervisor.domain(randomUUID())).toBeNull();
  });

  test('who is told of a domain is told of saving and going on, too', async () => {
    const { hypervisor, heard } = await connected();
    const uuid = randomUUID();
    const file = join(tmpdir(), `${uuid}.save`);
    onTestFinished(() => rmSync(file, { force: true }));
    await hypervisor.define(domainXml('web', uuid));
    await hypervisor.setMetadata(uuid, prefixed('Lweb'));
    await hypervisor.start(uuid);
    await hypervisor.save(uuid, file);
    await hypervisor.restore(file, null, true);
    expect(await hypervisor.domain(uuid)).toMatchObject({ state: 'paused', metadata: '<vm lease="Lweb"/>' });
    await hypervisor.unpause(uuid);
    await eventually(() => heard.lifecycle.map(({ event }) => event).join(' ')).toMatch(
      /^defined started stopped started.* resumed$/,
    );
  });

  test('two hundred domains, and the service goes on meanwhile', async () => {
    const { hypervisor } = await connected();
    const names = Array.from({ length: 200 }, (_, i) => `vm-${i}`);
    const uuids = names.map(() => randomUUID());
    const delay = monitorEventLoopDelay({ resolution: 2 });
    delay.enable();
    await Promise.all(names.map((name, i) => hypervisor.define(domainXml(name, uuids[i] ?? ''))));
    await Promise.all(uuids.map((uuid) => hypervisor.setMetadata(uuid, prefixed(`L${uuid}`))));
    await Promise.all(uuids.map((uuid) => hypervisor.start(uuid)));
    const listed = await hypervisor.domains();
    delay.disable();
    expect(listed.filter(({ state, metadata }) => state === 'running' && metadata !== null)).toHaveLength(200);
    for (const { uuid, metadata } of listed) expect(metadata ?? `L${uuid}`).toContain(`L${uuid}`);
    // Five times of what one request may take.
    expect(delay.max / 1e6).toBeLessThan(250);
  });

  test('of many calls at once each has its own error', async () => {
    const { hypervisor } = await connected();
    const names = Array.from({ length: 300 }, (_, i) => `pool-${i}.`);
    const ends = await Promise.allSettled(names.map((name) => hypervisor.volumes(name)));
    for (const [i, end] of ends.entries())
      expect(end).toMatchObject({
        reason: { kind: 'failed', code: 49, message: expect.stringContaining(`'pool-${i}.'`) },
      });
  });

  test('nonsense is refused, and the process lives on', async () => {
    const { hypervisor, heard } = await connected();
    for (const xml of ['', '<domain/>', '<domain type="test"><name>a/b</name></domain>', '<a>'.repeat(100_000)])
      await expect(hypervisor.define(xml)).rejects.toMatchObject({ kind: 'failed' });
    await expect(hypervisor.define('x'.repeat(5_000_000))).rejects.toThrow('more than 4194304 bytes');
    await expect(hypervisor.domain("'; DROP")).rejects.toMatchObject({ kind: 'failed' });
    await expect(hypervisor.agent(randomUUID(), { execute: 'guest-ping' }, 1)).rejects.toMatchObject({
      kind: 'failed',
    });
    expect(await hypervisor.domains()).toHaveLength(1);
    expect(heard.connection).toEqual(['connected']);
  });

  test('kill -9 of the process in the middle of calls: what became of them is unknown; it comes again', async () => {
    const { hypervisor, heard, pid } = await connected();
    process.kill(pid, 'SIGSTOP');
    const change = hypervisor.define(domainXml('lost', randomUUID()));
    const read = hypervisor.domains();
    process.kill(pid, 'SIGKILL');
    await expect(change).rejects.toMatchObject({ kind: 'unknown', message: expect.stringContaining('SIGKILL') });
    await expect(read).rejects.toMatchObject({ kind: 'unknown' });
    await expect(hypervisor.domains()).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringMatching('not connected'),
    });
    await eventually(() => heard.connection).toEqual(['connected', expect.stringContaining('SIGKILL'), 'connected']);
    expect(await hypervisor.domains()).toHaveLength(1);
  });

  test('a process that stands still is ended: what it was asked is unknown, and not done later', async () => {
    const { hypervisor, heard, pid } = await connected();
    process.kill(pid, 'SIGSTOP');
    const asked = Array.from({ length: 1030 }, (_, i) => hypervisor.define(domainXml(`late-${i}`, randomUUID())));
    const ends = await Promise.allSettled(asked);
    const kinds = ends.map((end) => (end.status === 'rejected' ? end.reason.kind : end.status));
    // The last of them found too many waiting.
    expect(kinds).toEqual([...Array(1024).fill('unknown'), ...Array(6).fill('failed')]);
    await eventually(() => heard.connection.length).toBe(3);
    expect(workersOf(process.pid)).not.toContain(pid);
    expect(await hypervisor.domains()).toHaveLength(1);
  });

  test('where nobody answers, calls fail at once with the reason', async () => {
    const uri = `qemu+unix:///system?socket=${tmpdir()}/no-such-socket`;
    const hypervisor = connectLibvirt(uri, LIBVIRT_WORKER);
    opened.push(hypervisor);
    const told: string[] = [];
    hypervisor.listen({
      lifecycle: () => {},
      connected: () => told.push('connected'),
      disconnected: (why) => told.push(why),
    });
    // The first waits for the outcome of the first attempt.
    await expect(hypervisor.define('<domain/>')).rejects.toMatchObject({ kind: 'failed' });
    await expect(hypervisor.domains()).rejects.toThrow(/not connected to .*no-such-socket.*No such file/);
    // Further attempts fail as well, and nobody is told again.
    await eventually(() => workersOf(process.pid).length).toBeGreaterThan(0);
    await eventually(() => workersOf(process.pid).length).toBe(0);
    expect(told).toEqual([expect.stringContaining('No such file')]);
  });

  test('closed is closed, and its process ends', async () => {
    const { hypervisor, pid } = await connected();
    await hypervisor.close();
    await expect(hypervisor.domains()).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('closed'),
    });
    expect(workersOf(process.pid)).not.toContain(pid);
  });

  test('the process ends with the service, however that ends', async () => {
    const module = fileURLToPath(new URL('../../dist/adapters/libvirt/binding/libvirt.js', import.meta.url));
    const code = `const { connectLibvirt } = await import(${JSON.stringify(module)});
      await connectLibvirt('test:///default').host(); console.log('ready');`;
    const service = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await said(service, 'ready');
    const workers = workersOf(service.pid ?? 0);
    expect(workers).toHaveLength(1);
    service.kill('SIGKILL');
    await eventually(() => workers.filter(lives)).toEqual([]);
  });
});

test('a URI that may not be used is refused before anything is started', () => {
  expect(() => connectLibvirt('qemu+ssh://root:hunter2@host/system')).toThrow(/contains a password/);
  expect(() => connectLibvirt('qemu+ssh://root:hunter2@host/system')).not.toThrow(/hunter2/);
});

function domainXml(name: string, uuid: string): string {
  return `<domain type='test'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory>
    <os><type>hvm</type></os></domain>`;
}

function prefixed(lease: string): string {
  return `<leasehold:vm xmlns:leasehold="urn:leasehold:domain:1" lease="${lease}"/>`;
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve) => child.stdout?.on('data', (text: Buffer) => text.includes(word) && resolve()));
}
