/** VMs of a real host that count as started when they are of use. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLANK, RealSite } from '../support/machines/real-site.js';
import { needs } from '../support/needs.js';

const LONG = { timeout: 240_000 };
const BOOTS = { image: 'tiny', resources: { cpu: 1, memoryMiB: 128 } };

describe('VMs that must be ready', needs('build', 'machines'), () => {
  let site: RealSite;
  beforeAll(async () => {
    const images = { tiny: 'guest', blank: BLANK } as const;
    site = await RealSite.start({ hosts: 1, images, policy: 'order-timeout: 2m\n', args: ['--accel', 'tcg'] });
  }, 300_000);
  afterAll(() => site?.stop(), 60_000);

  it('are, when their agent answers', LONG, async () => {
    const id = await site.submit({ ...BOOTS, machine: { ready: { probe: 'agent' } } });
    await site.becomes(id, 'active');
    // It is of use at once.
    expect(await site.inside(id, 1, 1).hostname()).toMatch(/-1$/);
    await site.cancel(id);
    await site.isEmpty();
  });

  it('and have no agent that could answer, fail in time and say so', LONG, async () => {
    const id = await site.submit({ image: 'blank', machine: { ready: { probe: 'agent', timeout: 'PT2S' } } });
    await site.becomes(id, 'failed');
    expect(await site.told(id)).toMatch(/VM 1 was not ready in 2 s: its agent does not answer \(.*not connected/);
    await site.isEmpty();
  });
});
