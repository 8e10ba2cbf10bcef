/** Stopping under load: whoever was told that his lease is there finds it again, and nobody waits for ever. */

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

describe('SIGTERM under load', needs('build'), () => {
  it('loses no answer: what was taken is answered, what was answered is there', async () => {
    const service = await ServedProcess.start(directory.path, []);
    const accepted = new Set<string>();
    const others = new Map<string, number>();
    const writers = Array.from({ length: 32 }, async (_, writer) => {
      for (let i = 0; ; i++) {
        const request = { vms: 1, resources: { cpu: 1 }, duration: '1h', labels: { request: `${writer}-${i}` } };
        const reply = await service.ask('POST', '/v1/leases', request).catch(() => null);
        if (reply === null) return; // it listens no more
        if (reply.status === 201) accepted.add(reply.json().id);
        else {
          const { code } = reply.json();
          others.set(code, (others.get(code) ?? 0) + 1);
          return;
        }
      }
    });
    await eventually(() => accepted.size).toBeGreaterThan(200);
    const { code, stderr } = await service.signal('SIGTERM');
    await Promise.all(writers);
    expect(code, stderr).toBe(0);
    // Whoever was not served was told so, and not that nobody knows.
    for (const known of others.keys()) expect(known).toBe('not-ready');

    const again = await ServedProcess.start(directory.path, []);
    const stored = new Set<string>();
    for (let token = ''; ; ) {
      const page = (await again.ask('GET', `/v1/leases?page_size=1000${token}`)).json();
      for (const { id } of page.items) stored.add(id);
      if (page.nextPageToken === null) break;
      token = `&page_token=${page.nextPageToken}`;
    }
    expect([...accepted].filter((id) => !stored.has(id))).toEqual([]);
    expect([...stored].filter((id) => !accepted.has(id))).toEqual([]);
    await again.signal('SIGTERM');
    const audit = await leasehold(['audit', join(directory.path, 'data', 'leasehold.db')]);
    expect(audit.code, audit.stdout).toBe(0);
  });
});
