/** Today's version takes over from earlier ones, with leases alive: nothing ends, nothing is lost, and the log goes on. */

import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeaseView } from '../../api/schemas/lease.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

const GOLDEN = 'test/golden/data-directories';
const versions = readdirSync(GOLDEN, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

let directory: ReturnType<typeof temporaryDirectory>;
let service: ServedProcess | null = null;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await service?.signal('SIGKILL');
  service = null;
  directory.remove();
});

describe.each(versions)('from %s', needs('build'), (version) => {
  it('goes on with its leases', async () => {
    const data = join(directory.path, 'data');
    cpSync(join(GOLDEN, version), data, { recursive: true });
    const left = JSON.parse(readFileSync(join(data, 'leases.json'), 'utf8')) as LeaseView[];
    const started = await ServedProcess.start(directory.path, []);
    service = started;
    const lease = async (name: string): Promise<LeaseView> => {
      const { id } = left.find((each) => each.name === name)!;
      return (await started.ask('GET', `/v1/leases/${id}`)).json();
    };

    // 1. What was over is over, and what went on goes on, unless its time has come meanwhile.
    const now = Date.now();
    for (const before of left) {
      if (before.until !== null && Date.parse(before.until) < now + 60_000) continue;
      expect(await lease(before.name!)).toMatchObject(before);
    }
    // 2. The machines obey: where others make room, the one that waits begins.
    for (const other of ['running', 'gang', 'reserved']) {
      const { id, ended } = await lease(other);
      if (ended === null) await started.ask('DELETE', `/v1/leases/${id}`);
    }
    await eventually(async () => (await lease('waiting')).state).toBe('active');
    // 3. And the log is one.
    expect((await leasehold(['audit', join(data, 'leasehold.db')])).code).toBe(0);
    await started.signal('SIGTERM');
    service = await ServedProcess.start(directory.path, []);
    const [first] = (await service.ask('GET', '/v1/leases?state=active')).json().items;
    expect(first.name).toBe('waiting');
  });
});
