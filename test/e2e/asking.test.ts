/** The process that answers quotes: it ends with the service, only with it, and another one follows where it fails. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';

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

/** The children of the service that are asked: one, or none. */
function asked(): number[] {
  return readdirSync(`/proc/${service.pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${service.pid}/task/${thread}/children`, 'utf8').split(' '))
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('asker-process'))
    .map(Number);
}

const quote = async () =>
  (await service.ask('POST', '/v1/quotes', { vms: 1, resources: { cpu: 1 }, duration: '1h' })).status;

describe('quotes', needs('build'), () => {
  it('go on after signals that are for the service, and end with it', async () => {
    expect(await quote()).toBe(200);
    const [pid] = asked();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(pid!, signal);
    expect(await quote()).toBe(200);
    expect(asked()).toEqual([pid]);
    await service.signal('SIGKILL');
    await eventually(() => existsSync(`/proc/${pid}`)).toBe(false);
  });

  it('are refused while their process is gone, until there is another one', async () => {
    expect(await quote()).toBe(200);
    const [pid] = asked();
    process.kill(pid!, 'SIGKILL');
    await eventually(() => service.stderr()).toContain('quotes and forecasts cannot be had');
    expect(await quote()).toBe(503);
    expect((await service.ask('POST', '/v1/leases', { vms: 1, resources: { cpu: 1 }, duration: '1h' })).status).toBe(
      201,
    );
    await eventually(quote).toBe(200);
    expect(asked()).not.toContain(pid);
    const { code, stderr } = await service.signal('SIGTERM');
    expect(code, stderr).toBe(0);
  });

  it('wait while their process stands still, and nothing else does', async () => {
    expect(await quote()).toBe(200);
    const [pid] = asked();
    process.kill(pid!, 'SIGSTOP');
    const waits = quote();
    for (let i = 0; i < 20; i++)
      expect((await service.ask('POST', '/v1/leases', { vms: 1, resources: { cpu: 1 }, duration: '1h' })).status).toBe(
        201,
      );
    process.kill(pid!, 'SIGCONT');
    expect(await waits).toBe(200);
    const after = await service.ask('POST', '/v1/quotes', { vms: 1, resources: { cpu: 1 }, duration: '1h' });
    expect(after.json().basedOn).toBeGreaterThanOrEqual(20);
  });
});
