/** The past of a service that is a process of its own: read by a thread, through restarts. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';

let directory: ReturnType<typeof temporaryDirectory>;
let service: ServedProcess;
beforeEach(async () => {
  directory = temporaryDirectory();
  service = await ServedProcess.start(directory.path);
});
afterEach(async () => {
  await service.signal('SIGKILL');
  directory.remove();
});

const LARGE = { vms: 8, resources: { cpu: 8 }, duration: 'PT1H' };

async function restart(): Promise<void> {
  await service.signal('SIGTERM');
  service = await ServedProcess.start(directory.path);
}

/** What is answered, with the turn that it is about. */
async function read(path: string, accept = 'application/json'): Promise<readonly [string | null, string]> {
  const { headers, text } = await service.ask('GET', path, undefined, { accept });
  return [headers.get('x-state-turn'), text];
}

describe('the past of a service', needs('build'), () => {
  it('is what was answered, after restarts too, and where its milestones were lost', async () => {
    const answers = new Map<string, readonly [string | null, string]>();
    for (let i = 0; i < 4; i++) {
      const { id } = (await service.ask('POST', '/v1/leases', LARGE)).json();
      if (i === 1) await service.ask('DELETE', `/v1/leases/${id}`);
      for (const path of ['/v1/leases', `/v1/leases/${id}`, '/v1/nodes']) {
        const live = await read(path);
        answers.set(`${path}?asOf=${live[0]}`, live);
      }
    }
    const holds = async () => {
      for (const [path, live] of answers) expect(await read(path), path).toEqual(live);
    };
    await holds();
    await restart();
    await holds();
    await service.signal('SIGTERM');
    for (const end of ['', '-wal', '-shm']) rmSync(join(directory.path, 'data', `past.db${end}`), { force: true });
    service = await ServedProcess.start(directory.path);
    await holds();
    expect((await service.ask('GET', '/v1/leases?asOf=100000')).json().code).toBe('query-invalid');
    // What has no body holds nothing up either.
    const [, one] = [...answers.keys()];
    const tag = { 'if-none-match': (await service.ask('GET', one!)).headers.get('etag')! };
    for (let i = 0; i < 20; i++) {
      expect((await service.ask('HEAD', '/v1/leases?asOf=1')).status).toBe(200);
      expect((await service.ask('GET', one!, undefined, tag)).status).toBe(304);
    }
  });

  it('is streamed as CSV in parts, and can be left', async () => {
    const start = { kind: 'advance', at: new Date(Date.now() + 3_600_000).toISOString() };
    const series = { ...LARGE, vms: 1, start, repeat: { every: '2h', times: 300 } };
    for (let i = 0; i < 4; i++) await service.ask('POST', '/v1/leases', series);
    const [turn, text] = await read('/v1/leases', 'text/csv');
    expect(text.trim().split('\r\n')).toHaveLength(1201);
    expect((await read(`/v1/leases?asOf=${turn}`, 'text/csv'))[1]).toBe(text);
    for (let i = 0; i < 20; i++) {
      const leave = new AbortController();
      const left = service.ask('GET', '/v1/leases', undefined, { accept: 'text/csv' }, leave.signal).catch(() => null);
      setTimeout(() => leave.abort(), i);
      await left;
    }
    // On a machine with much to do those that were left are still begun; they make room.
    const again = () => read('/v1/leases', 'text/csv').then(([, now]) => now.length);
    await eventually(again).toBeGreaterThan(100_000);
  });
});
