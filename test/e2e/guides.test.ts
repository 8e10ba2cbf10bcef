/** What the guides show is what happens: their sessions are run, command by command. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { needsService, Reader, stepsOf } from '../support/guide.js';
import { needs } from '../support/needs.js';
import { temporaryDirectory } from '../support/process.js';

/** Read on a host with libvirt and QEMU: real-vms-guide.test.ts. */
const ON_HOSTS = 'docs/from-zero-to-real-vms.md';

const GUIDES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith('.md') && path !== ON_HOSTS)
  .map((path) => ({ path, steps: stepsOf(readFileSync(path, 'utf8')) }))
  .filter(({ steps }) => steps.length > 0);

describe('the sessions of', needs('build', 'curl'), () => {
  it.each(GUIDES)('$path', { timeout: 0 }, async ({ steps }) => {
    const directory = temporaryDirectory();
    const reader = await Reader.in(directory.path);
    try {
      if (needsService(steps)) expect(await reader.begin()).toBeNull();
      for (const step of steps) expect(await reader.follow(step)).toBeNull();
    } finally {
      reader.leave();
      directory.remove();
    }
  });

  it('the README are there', () => {
    expect(GUIDES.find(({ path }) => path === 'README.md')?.steps.length).toBeGreaterThan(5);
  });
});
