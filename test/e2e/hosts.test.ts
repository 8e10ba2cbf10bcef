/** Nodes that are hosts, from the command line: libvirt's driver for tests in their place. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { leasehold, ServedProcess, temporaryDirectory } from '../support/process.js';

const directory = temporaryDirectory();
afterAll(directory.remove);

describe('hosts', needs('build', 'libvirt'), () => {
  let service: ServedProcess;
  beforeAll(async () => {
    const capacity = { cpu: 4, memory: '1GiB', disk: '1GiB' };
    const nodes = [
      { capacity, names: ['good'], labels: { uri: 'test:///default' } },
      { capacity, names: ['wrong'], labels: { uri: 'qemu+ssh://h/system?command=/bin/sh' } },
      { capacity, names: ['bare'] },
      { capacity: { ...capacity, cpu: 64 }, names: ['boast'], labels: { uri: 'test:///default' } },
    ];
    writeFileSync(join(directory.path, 'site.yaml'), JSON.stringify({ nodes }));
    const args = ['--cluster', 'libvirt', '--site', 'site.yaml'];
    service = await ServedProcess.start(directory.path, args);
  }, 60_000);
  afterAll(() => service?.signal('SIGKILL'));

  const cli = (...args: string[]) =>
    leasehold(args, { env: { LEASEHOLD_URL: service.url, LEASEHOLD_TOKEN: service.token } });

  it('that cannot be reached are not up, and it is said why', async () => {
    const said = async () =>
      JSON.parse((await cli('node', 'list', '-o', 'json')).stdout).map(
        (node: { name: string; status: string; conditions: { detail: string }[] }) =>
          `${node.name} is ${node.status}${node.conditions.map(({ detail }) => `: ${detail}`).join('')}`,
      );
    await eventually(said).toEqual([
      'good is up',
      expect.stringMatching(/^wrong is unreachable: not a URI of libvirt .* parameter that is not allowed/),
      'bare is unreachable: it has no label "uri" that says where its host is',
      'boast is up: cpu is 64, and the host has 16',
    ]);
    expect((await cli('node', 'list')).stdout).toMatch(/wrong +unreachable/);
  });

  it('join by their URI', async () => {
    const added = await cli('node', 'add', '--uri', 'test:///default', '--name', 'late', '--reserve-memory', '2GiB');
    expect(added.stdout + added.stderr).toMatch(/late +(up|unreachable) +cpu 0\/16 {2}memoryMiB 0\/1024/);
    await eventually(async () => (await cli('node', 'list')).stdout).toMatch(/late +up/);
    const nobody = await cli('node', 'add', '--uri', 'qemu+unix:///system?socket=/nonexistent/socket');
    expect([nobody.code === 0, nobody.stderr]).toEqual([false, expect.stringContaining('/nonexistent/socket')]);
    expect((await cli('node', 'add')).stderr).toContain('give --uri');
  });
});
