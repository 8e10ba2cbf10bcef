/** Commands as people type them, against a service of their own: one for all the tests of a file. */

import { afterAll, beforeAll, expect } from 'vitest';
import { needs } from './needs.js';
import { type Ended, leasehold, ServedProcess, temporaryDirectory } from './process.js';

/** What tests of the compiled command line need. */
export const built = needs('build');

/** Starts a service with these nodes and settings before the tests of the file that calls this, and stops it after them. */
export function commandLine(nodes: string, ...settings: readonly string[]) {
  let directory: ReturnType<typeof temporaryDirectory>;
  let service: ServedProcess;
  beforeAll(async () => {
    if (built.skip) return;
    directory = temporaryDirectory();
    service = await ServedProcess.start(directory.path, ['--nodes', nodes, ...settings]);
  });
  afterAll(async () => {
    if (built.skip) return;
    await service.signal('SIGTERM');
    directory.remove();
  });

  const run = (...args: string[]): Promise<Ended> =>
    leasehold(args, { cwd: directory.path, env: { LEASEHOLD_URL: service.url, LEASEHOLD_TOKEN: service.token } });
  /** A lease of an hour, unless `args` say otherwise; its id. */
  const submitted = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run('submit', '--cpu', '1', '--duration', '1h', ...args, '-o', 'json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return JSON.parse(stdout).id as string;
  };
  return { run, submitted, service: () => service, directory: () => directory.path };
}
